"""A process that keeps a workspace current is killed amid bursts of touches: none is lost, no check-in doubled."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from sync.clock import utc_now
from sync.store.store import Store
from tests.sweep import dice, sweep
from tests.sync.conftest import OKRS, WORKER, empty, q4

SCRIPT = """
import sys
from itertools import count
from pathlib import Path
from connectors.memory.pull import MemoryConnector
from sync.clock import utc_now
from sync.keeper import Keeper
honest, step = MemoryConnector.read, [int(sys.argv[2])]
def read(self, queries):
    self.values.update({"won": 13_000_000, "matched": 83, "contacts": 100, "visits": step[0]})
    yield from honest(self, queries)
MemoryConnector.read = read
keeper = Keeper(Path(sys.argv[1]), utc_now)
print("ready", flush=True)
for n in count(int(sys.argv[2])):
    step[0] = n
    for _ in range(5):
        keeper.store.inbox.ask(["visits"], utc_now())
    print("rung", n, flush=True)
    made = keeper.keep()
    assert keeper.trouble is None, keeper.trouble
    print("recorded", n, flush=True)
"""


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_no_touch_is_lost(
    database: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text(WORKER + "workspace: acme\n")
    (tmp_path / "okrs" / "a.yaml").write_text(OKRS)
    url = f"sqlite:///{tmp_path}/s.sqlite"
    if database == "postgres":
        url = request.getfixturevalue("postgres")
        empty(url)
    monkeypatch.setenv("OKRSYNC_STORE", url)
    chance, first, killed = dice(f"bursts {database}"), 1, 0
    for _ in range(sweep(2, 150)):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(tmp_path), str(first)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, 0.4))
        process.kill()
        said = process.stdout.read()
        assert process.wait() == -signal.SIGKILL
        killed += 1
        rung, recorded = (
            [int(number) for number in re.findall(rf"^{word} (\d+)$", said, re.MULTILINE)]
            for word in ("rung", "recorded")
        )

        store = Store.open(url)
        values = [int(made.value.amount) for made in store.history(q4("visits"))]
        waiting = store.inbox.waiting(utc_now())
        store.close()
        assert len(values) == len(set(values)), "doubled"
        assert set(recorded) <= set(values), "lost"
        if rung and rung[-1] not in values:
            assert waiting, "a touch is lost"
        first = max([*values, *rung], default=0) + 1
    engine = create_engine(url)
    with engine.connect() as connection:
        lone = "SELECT COUNT(*) FROM check_ins WHERE run_id NOT IN (SELECT id FROM runs)"
        assert connection.execute(text(lone)).scalar() == 0
        if database == "sqlite":
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    engine.dispose()
    print(f"{database}: {killed} processes killed amid bursts, {first - 1} bursts, none lost, nothing doubled")
