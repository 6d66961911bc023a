"""What a database refuses costs its own key result, and the run says so; what it has no room for costs the run."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from cli.main import run
from config.load import Workspace
from sync.holder import is_gone, this_process
from sync.store.store import Store
from tests.sync.conftest import AT, OKRS, empty, q4

VALUES = "  crm: {type: memory, values: {won: 13000000, matched: 83, contacts: 100}}\n"
IMPATIENT = "import sync.store.engine as e; e.WAIT_MS = 200; from cli.main import main; main()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "acme"
    (made / "okrs").mkdir(parents=True)
    (made / "okrsync.yaml").write_text(f"connections:\n{VALUES}  web: {{type: memory, values: {{visits: 400}}}}\n")
    (made / "okrs" / "a.yaml").write_text(OKRS)
    assert run(["-c", str(made), "migrate"], clock=lambda: AT) == 0
    return made


@pytest.mark.parametrize("table", ["check_ins", "definitions"])
def test_the_run_says_what_the_store_can_not_keep(folder: Path, table: str, capsys: pytest.CaptureFixture[str]) -> None:
    with sqlite3.connect(folder / "okrsync.sqlite") as connection:
        connection.execute(
            f"CREATE TRIGGER no BEFORE INSERT ON {table} WHEN NEW.key_result = 'visits' "
            "BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    connection.close()
    capsys.readouterr()

    assert run(["-c", str(folder), "sync", "--json"], clock=lambda: AT) == 4

    told = {one["key_result"]: one for one in json.loads(capsys.readouterr().out)["key_results"]}
    assert (told["visits"]["outcome"], told["visits"]["kind"]) == ("unavailable", "NotRecorded")
    assert "not this one" in told["visits"]["cause"]
    assert {told[name]["outcome"] for name in ("sales", "ratio", "size")} == {"changed"}
    store = Store.read(f"sqlite:///{folder}/okrsync.sqlite")
    assert set(store.last_check_ins()) == {q4("sales"), q4("ratio"), q4("size")}
    assert store.last_outcomes()[q4("visits")].kind == "NotRecorded"
    store.close()


@pytest.mark.parametrize("table", ["candidates", "actions"])
def test_candidates_and_actions_too(folder: Path, table: str) -> None:
    """A held value falls to nothing, or a target is another; what can't be written whole is not written at all."""
    assert run(["-c", str(folder), "sync"], clock=lambda: AT) == 0
    if table == "candidates":
        worker = folder / "okrsync.yaml"
        worker.write_text(
            worker.read_text().replace("visits: 400", "visits: 0").replace("contacts: 100", "contacts: 110")
        )
    else:
        file = folder / "okrs" / "a.yaml"
        file.write_text(file.read_text().replace("target: 1000", "target: 2000"))
    with sqlite3.connect(folder / "okrsync.sqlite") as connection:
        connection.execute(f"CREATE TRIGGER no BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END")
    connection.close()

    assert run(["-c", str(folder), "sync"], clock=lambda: AT.replace(hour=11)) == 4

    store = Store.read(f"sqlite:///{folder}/okrsync.sqlite")
    assert store.last_outcomes()[q4("visits")].kind == "NotRecorded"
    assert len(store.history(q4("visits"))) == 1
    assert len(store.history(q4("size"))) == (2 if table == "candidates" else 1)
    store.close()


def test_what_can_not_be_remembered_is_no_trouble_of_the_pass(store: Store, workspace: Workspace) -> None:
    first, _ = store.take_lease("{}", is_gone)
    store.take_lease(this_process(), lambda _: True)
    facts = store.remembered(lambda: AT)
    facts.of("crm").put("field", "1")

    facts.keep(first)

    assert store.remembered(lambda: AT).of("crm").get("field", max_age=AT - AT) is None


def test_a_store_says_of_whom_and_when_it_is(folder: Path) -> None:
    store = Store.read(f"sqlite:///{folder}/okrsync.sqlite")
    assert store.info.get("workspace") == "acme"
    assert store.info.get("created")
    assert store.info.get("version")
    store.close()


def okrsync(folder: Path, store: str, script: str = IMPATIENT) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", script, "-c", str(folder), "check-in", "sales", "--note", "x" * 100_000],
        env={**os.environ, "OKRSYNC_STORE": store},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "xxxx" not in done.stderr
    return done.returncode, done.stderr


def test_a_sqlite_store_in_another_writers_hands(folder: Path) -> None:
    connection = sqlite3.connect(folder / "okrsync.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")

    code, said = okrsync(folder, f"sqlite:///{folder}/okrsync.sqlite")
    connection.close()

    assert code == 3
    assert "Another process is writing to it. Run this again." in said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "okrsync", str(place)]
    if os.geteuid() != 0 or not shutil.which("mount") or subprocess.run(mount, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(folder: Path, small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(b"x" * 300_000)

    code, said = okrsync(folder, f"sqlite:///{small_disk}/s.sqlite")

    assert code == 3
    assert "The disk is full. Make room and run this again." in said


def test_a_full_disk_of_postgres(folder: Path, postgres: str) -> None:
    """A real server's own error, raised where it would be."""
    empty(postgres)
    Store.open(postgres).close()
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$"
            )
        )
        trigger = "CREATE TRIGGER full_disk BEFORE INSERT ON actions FOR EACH ROW EXECUTE FUNCTION full_disk()"
        connection.execute(text(trigger))
    engine.dispose()

    code, said = okrsync(folder, postgres)

    assert code == 3
    assert "Its disk is full" in said
