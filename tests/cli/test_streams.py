"""What a command did stands whatever becomes of its output: streams that are closed, full, or of few signs, and Ctrl-C."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.main import run
from mapping.model import Key
from sync.store.store import Store

OKRSYNC = "from cli.main import main; main()"
OKRS = """
cycle: 2026
objectives:
  - id: grow
    title: Grow
    key_results:
      - {id: sales, title: "매출 → ✓ 🎯", start: 1, target: 9, value: {memory: a}}
      - {id: lost, title: Lost, start: 1, target: 9, value: {memory: none}}
"""
FULL = Path("/dev/full")
CHARSETS = {
    "cp949": {"PYTHONIOENCODING": "cp949"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "LC_ALL=C": {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
"""The name of a character set, and how a process comes to it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "acme"
    (made / "okrs").mkdir(parents=True)
    (made / "okrsync.yaml").write_text("workspace: acme\nconnections:\n  memory: {values: {a: 5}}\n")
    (made / "okrs" / "a.yaml").write_text(OKRS.replace("cycle: 2026", f"cycle: {_this_year()}"), encoding="utf-8")
    return made


def _this_year() -> str:
    from sync.clock import utc_now

    return f'"{utc_now():%Y}"'


def okrsync(
    folder: Path, *command: str, shell: str = "", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """`shell` is what a shell does with the streams."""
    line = shlex.join([sys.executable, "-c", OKRSYNC, "-c", str(folder), *command])
    done = subprocess.run(
        ["sh", "-c", f"exec {line} {shell}"],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    assert b"defect" not in done.stderr
    return done


def values(folder: Path) -> list[int]:
    store = Store.read(f"sqlite:///{folder}/okrsync.sqlite")
    found = [int(made.value.amount) for made in store.history(Key("sales", _this_year().strip('"')))]
    store.close()
    return found


@pytest.mark.parametrize("shell", ["<&- >&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_costs_nothing(folder: Path, shell: str) -> None:
    done = okrsync(folder, "sync", shell=shell)

    assert done.returncode == 4
    assert values(folder) == [5]
    assert (b"Recorded" in done.stdout) == (">&-" not in shell.replace("2>&-", ""))
    assert (b"pass recorded" in done.stderr) == ("2>&-" not in shell)


def test_what_is_wrong_is_wrong_where_nobody_is_told(folder: Path) -> None:
    (folder / "okrs" / "a.yaml").write_text("nothing: 1")

    assert okrsync(folder, "sync", shell=">&- 2>&-").returncode == 2


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("command", "code"),
    [(["check-in", "sales", "--value", "6"], 3), (["sync"], 4), (["schema"], 3)],
)
def test_what_nobody_got_is_not_called_well(folder: Path, command: list[str], code: int) -> None:
    done = okrsync(folder, *command, shell=f"> {FULL}")

    assert done.returncode == code
    assert b"Not all of the output could be written: No space left on device." in done.stderr
    assert (b"What was recorded stays recorded." in done.stderr) == (command != ["schema"])


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_full_standard_error_costs_nothing(folder: Path) -> None:
    done = okrsync(folder, "sync", shell=f"2> {FULL}")

    assert done.returncode == 4
    assert b"Recorded" in done.stdout


@pytest.mark.parametrize(("charset", "title"), [("cp949", "매출 → + ?"), ("ascii", "?? -> + ?")])
def test_a_terminal_of_few_signs_shows_what_it_can(folder: Path, charset: str, title: str) -> None:
    shown = okrsync(folder, "show", environment=CHARSETS[charset])

    assert shown.returncode == 0
    assert title in shown.stdout.decode("cp949")


@pytest.mark.parametrize("charset", ["cp949", "LC_ALL=C"])
def test_json_is_whole_in_every_character_set(folder: Path, charset: str) -> None:
    shown = okrsync(folder, "show", "--json", environment=CHARSETS[charset])

    assert shown.returncode == 0
    assert "매출 → ✓ 🎯" in json.dumps(json.loads(shown.stdout.decode("ascii")), ensure_ascii=False)


def test_data_is_never_spoiled(folder: Path) -> None:
    assert run(["-c", str(folder), "check-in", "sales", "--value", "6", "--note", "좋아요"]) == 0

    refused = okrsync(folder, "export", environment=CHARSETS["ascii"])

    assert (refused.returncode, refused.stdout) == (2, b"")
    assert b"Write them to a file with `-o FILE`" in refused.stderr


def test_only_files_are_closed_to_others(folder: Path) -> None:
    """A device, as /dev/null, belongs to everybody."""
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    assert run(["-c", str(folder), "export", "-o", str(pipe)]) == 0

    os.close(reading)
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o666


SLOW_TO_TELL = """
import cli.passes, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
def told_late(*_, **__):
    print("recorded by now", flush=True)
    time.sleep(30)
cli.passes.print_pass = told_late
from cli.main import main; main()
"""
"""What is killed is real; only the moment between recording and telling is made long."""


def test_ctrl_c_after_the_commit_says_that_it_is_recorded(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_TO_TELL, "-c", str(folder), "sync"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "recorded by now\n"
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)

    assert process.returncode == 3
    assert told.endswith("Interrupted, after it was recorded. `okrsync show` shows it.\n")
    assert "Traceback" not in told
    assert values(folder) == [5]
