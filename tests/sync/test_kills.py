"""A process is killed at any moment of a pass; the next ones find the store whole, nothing lost, nothing doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from sync.store.store import Store
from tests.sweep import dice, sweep
from tests.sync.conftest import OKRS, WORKER, empty, q4

SCRIPT = """
import sys
from decimal import Decimal
from itertools import count
from pathlib import Path
from config.load import load
from sync.clock import utc_now
from sync.owner import owner_of
from sync.lease import lease
from sync.plan import make_plan
from sync.record import record
from sync.standing import standing_of
from sync.store.store import Store
from tests.sync.conftest import connector
workspace = load(Path(sys.argv[1]))
store = Store.open(sys.argv[2], owner_of(workspace))
crm = {"won": Decimal(13_000_000), "matched": Decimal(83), "contacts": Decimal(100)}
print("ready", flush=True)
for n in count(int(sys.argv[3])):
    with lease(store, 10) as token:
        tools = {"crm": connector("crm", crm, utc_now), "web": connector("web", {"visits": Decimal(n)}, utc_now)}
        standing = standing_of(store, workspace.time_zone)
        plan = make_plan(workspace, tools, store.last_check_ins(), utc_now(), standing=standing)
        record(plan, store, utc_now(), token=token)
    print(n, flush=True)
"""


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_kills_lose_and_double_nothing(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "acme"
    (folder / "okrs").mkdir(parents=True)
    (folder / "okrsync.yaml").write_text(WORKER)
    (folder / "okrs" / "a.yaml").write_text(OKRS)
    url = f"sqlite:///{tmp_path}/s.sqlite"
    if database == "postgres":
        url = request.getfixturevalue("postgres")
        empty(url)
    chance, next_value, killed = dice(f"kills {database}"), 1, 0
    for _ in range(sweep(3, 350)):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder), url, str(next_value)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, 0.4))
        process.kill()
        told = [int(line) for line in process.stdout.read().split()]
        assert process.wait() == -signal.SIGKILL
        killed += 1

        store = Store.open(url)
        values = [int(made.value.amount) for made in store.history(q4("visits"))]
        store.close()
        assert len(values) == len(set(values)), "doubled"
        assert set(told) <= set(values), "lost"
        assert values == sorted(values)
        next_value = max(values, default=0) + 1
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT COUNT(*) FROM runs")).scalar() >= next_value - 1
        lone = "SELECT COUNT(*) FROM check_ins WHERE run_id NOT IN (SELECT id FROM runs)"
        assert connection.execute(text(lone)).scalar() == 0
    engine.dispose()
    print(f"{database}: {killed} processes killed, {next_value - 1} passes recorded, none lost or doubled")
