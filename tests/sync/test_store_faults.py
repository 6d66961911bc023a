"""What is wrong with a store is told with what to do and an honest exit code; never a traceback, never what was written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from sync.store.schema import HEAD
from tests.sync.conftest import OKRS, WORKER, empty

OKRSYNC = "from cli.main import main; main()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "acme"
    (made / "okrs").mkdir(parents=True)
    (made / "okrsync.yaml").write_text(WORKER)
    (made / "okrs" / "a.yaml").write_text(OKRS)
    return made


def okrsync(folder: Path, *arguments: str, store: str | None = None, user: int | None = None) -> tuple[int, str]:
    """As another user where `user` is given: root may do everything."""
    environment = {**os.environ, **({"OKRSYNC_STORE": store} if store else {})}
    as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
    done = subprocess.run(
        [*as_user, sys.executable, "-c", OKRSYNC, "-c", str(folder), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "[parameters" not in done.stderr
    assert "[SQL" not in done.stderr
    return done.returncode, done.stderr


def note(folder: Path, **options: str) -> tuple[int, str]:
    return okrsync(folder, "check-in", "sales", "--note", "a word in confidence", "--by", "ada", **options)  # type: ignore[arg-type]


def test_the_files_are_for_their_owner_alone(folder: Path) -> None:
    old = os.umask(0)
    try:
        assert note(folder)[0] == 0
    finally:
        os.umask(old)

    file = folder / "okrsync.sqlite"
    keeper = sqlite3.connect(file)
    keeper.execute("BEGIN")
    keeper.execute("SELECT * FROM runs").fetchall()
    assert note(folder)[0] == 0
    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.glob("okrsync.sqlite*")}
    keeper.close()

    assert modes == dict.fromkeys(("okrsync.sqlite", "okrsync.sqlite-shm", "okrsync.sqlite-wal"), 0o600)


def test_files_that_others_could_read_are_closed(folder: Path) -> None:
    note(folder)
    (folder / "okrsync.sqlite").chmod(0o644)

    assert note(folder)[0] == 0
    assert stat.S_IMODE((folder / "okrsync.sqlite").stat().st_mode) == 0o600


def test_show_works_without_a_store_and_makes_none(folder: Path) -> None:
    assert okrsync(folder, "show")[0] == 0
    assert not list(folder.glob("okrsync.sqlite*"))


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs another user")
def test_show_works_where_nobody_may_write(folder: Path) -> None:
    note(folder)
    for one in (folder, *folder.rglob("*")):
        one.chmod(0o555 if one.is_dir() else 0o444)
    for above in folder.parents:
        if above.name and above.stat().st_uid == os.geteuid() and above != Path("/"):
            above.chmod(above.stat().st_mode | 0o055)

    python = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", ""], check=False
    )
    if python.returncode:
        pytest.skip("another user can't run this Python")
    code, said = okrsync(folder, "show", user=65534)
    assert (code, said) == (0, "")
    code, said = note(folder, user=65534)  # type: ignore[arg-type]
    assert code == 2
    assert "let this user write to the file and its folder" in said


def test_a_damaged_store(folder: Path) -> None:
    note(folder)
    file = folder / "okrsync.sqlite"
    file.write_bytes(b"this is no database, " * 300)

    for code, said in (okrsync(folder, "show"), note(folder)):
        assert code == 2
        assert "The file is not an SQLite database" in said


def test_a_store_with_pages_lost(folder: Path) -> None:
    note(folder)
    file = folder / "okrsync.sqlite"
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    file.write_bytes(data)

    code, said = note(folder)
    assert code == 2
    assert "damaged" in said


def test_a_database_of_something_else(folder: Path) -> None:
    with sqlite3.connect(folder / "okrsync.sqlite") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute(f"INSERT INTO alembic_version VALUES ('{HEAD}')")
    connection.close()

    for code, said in (okrsync(folder, "show"), note(folder)):
        assert code == 2
        assert "Its tables are not those of okrsync" in said


def test_another_workspace_is_refused(folder: Path) -> None:
    store = f"sqlite:///{folder}/s.sqlite"
    assert note(folder, store=store)[0] == 0
    other = folder.parent / "beta"
    shutil.copytree(folder, other)

    for code, said in (okrsync(other, "show", store=store), note(other, store=store)):
        assert code == 2
        assert "The store belongs to the workspace 'acme', and this one is 'beta'" in said
    assert okrsync(other, "migrate", "--workspace", "beta", store=store)[0] == 0
    assert note(other, store=store)[0] == 0
    assert note(folder, store=store)[0] == 2


def test_a_postgres_that_is_not_there(folder: Path) -> None:
    code, said = note(folder, store="postgresql://ada:geheim@127.0.0.1:1/okrs")
    assert code == 3
    assert "Start the database, or check the network" in said
    assert "geheim" not in said


def test_a_postgres_database_that_is_not_there(folder: Path, postgres: str) -> None:
    code, said = note(folder, store=postgres.replace("/postgres?", "/nothing?"))
    assert code == 2
    assert "Create the database" in said


def test_a_postgres_user_without_rights(folder: Path, postgres: str) -> None:
    empty(postgres)
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS reader"))
        connection.execute(text("CREATE ROLE reader LOGIN"))
    engine.dispose()

    code, said = note(folder, store=postgres.replace("postgres@", "reader@"))
    assert code == 2
    assert "right to create and write tables" in said


def test_a_postgres_in_another_writers_hands(folder: Path, postgres: str) -> None:
    empty(postgres)
    assert note(folder, store=postgres)[0] == 0
    engine = create_engine(postgres)
    with engine.begin() as connection:
        connection.execute(text("SELECT * FROM leases FOR UPDATE"))
        mark = "&" if "?" in postgres else "?"
        code, said = note(folder, store=f"{postgres}{mark}options=-c%20lock_timeout%3D200")
    engine.dispose()

    assert code == 3
    assert "Another process is writing to it" in said


@pytest.mark.parametrize(("said", "told"), [("nothing", "nothing was written"), ("something", "after it was recorded")])
def test_an_interrupt_says_what_is_recorded(
    folder: Path, said: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cli.main import run
    from sync.store.writing import WRITTEN

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(WRITTEN, "state", "nothing")
    place = "views.formats.moment" if said == "nothing" else "cli.people.out"
    monkeypatch.setattr("sync.people.check_in" if said == "nothing" else place, interrupted)

    code = run(["-c", str(folder), "check-in", "sales", "--note", "x", "--by", "ada"])

    assert code == 3
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("store", ["postgresql://[::1/okrs", "postgresql://ada:geheim@host:port/okrs"])
def test_an_address_that_is_none(folder: Path, store: str) -> None:
    code, said = note(folder, store=store)
    assert code == 2
    assert "this is not an address" in said
    assert "geheim" not in said


@pytest.mark.parametrize("option", ["nonsense=abc", "connect_timeout=abc", "sslmode=maybe"])
def test_an_option_of_the_address_that_is_wrong_is_not_waited_for(folder: Path, option: str) -> None:
    code, said = note(folder, store=f"postgresql+psycopg://u@127.0.0.1:1/db?{option}")
    assert code == 2
    assert "Correct the options" in said


@pytest.mark.parametrize("store", ["mysql://h/db", "sqlite://", "file.sqlite"])
def test_an_address_of_another_kind_is_refused_in_the_file(folder: Path, store: str) -> None:
    code, said = note(folder, store=store)
    assert code == 2
    assert "okrsync.yaml" in said or "store" in said
