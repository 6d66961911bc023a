"""Files that mean harm, and mistakes of every kind: exit 2 with file and line, never a crash, never a foreign line."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from cli import exits
from cli.main import run
from config.problems import ConfigError
from config.yaml_source import MAX_BYTES, parse, read
from tests.sweep import TORTURE, dice, sweep

WORKER = """\
workspace: acme
time_zone: Europe/Berlin
store: sqlite:///okrsync.sqlite
deadline: 60
connections:
  memory: {values: {won: 12, lost: 3}}
  shop: {type: http, url: 'https://shop.example.com', bearer: '${SHOP_TOKEN}'}
  dwh: {type: sql, url: 'postgresql+psycopg://okr:${DWH_PASSWORD}@dwh.example.com/x'}
"""
OKRS = """\
cycle: 2026-Q4
metrics:
  won: {memory: won, unit: USD}
  visits: {connection: shop, http: {get: /visits, select: total}}
objectives:
  - id: grow
    title: Grow
    level: team
    owner: ada@example.com
    kind: committed
    key_results:
      - {id: sales, title: Sales, start: 10, target: 20, unit: USD, value: won, weight: 2}
      - {id: ratio, title: Ratio, start: 80%, target: 90%, value: won / 10, guards: {leap: 50%}}
      - {id: up, title: Up, stay_above: 99.5%, value: {memory: lost}}
      - {id: deals, title: Deals, start: 0, target: 9, value: {connection: dwh, sql: "SELECT count(*) FROM deals"}}
      - id: band
        title: Band
        within: [1, 5]
        value: visits
        tests: [{at: 2026-11-01, given: {visits: 3}, expect: {value: 3}}]
    initiatives:
      - {title: Do it, value: {memory: lost}}
kpis:
  - {id: kpi, title: KPI, stay_below: 5, value: won}
"""
CANARY = "root:$6$canary$hash:19000:0:99999:7:::"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [
        name for name in os.environ if name.startswith("OKRSYNC_") and name not in ("OKRSYNC_SEED", "OKRSYNC_TORTURE")
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SHOP_TOKEN", "a-token-of-the-shop")
    monkeypatch.setenv("DWH_PASSWORD", "a-password-of-the-warehouse")


def write(folder: Path, *, worker: str = WORKER, okrs: str = OKRS) -> Path:
    (folder / "okrs").mkdir(exist_ok=True)
    (folder / "okrsync.yaml").write_bytes(worker.encode(errors="surrogatepass"))
    (folder / "okrs" / "a.yaml").write_bytes(okrs.encode(errors="surrogatepass"))
    return folder


def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    code = run(["-c", str(folder), "check"])
    said = capsys.readouterr().err
    assert code == exits.USAGE, said
    return said


def test_the_files_are_right_as_they_are(tmp_path: Path) -> None:
    assert run(["-c", str(write(tmp_path)), "check"]) == exits.CURRENT


@pytest.mark.parametrize(
    "sign", ["[", "{a: ", "- ", "? ", "- - ", "a:\n ", "'", '"', "!!set {", "&a [", "#", ">\n", "*a "]
)
@pytest.mark.parametrize("times", sweep([500, 50_000], [50, 500, 5_000, 50_000, 1_000_000]))
def test_depth_is_refused_before_it_hurts(tmp_path: Path, sign: str, times: int) -> None:
    with suppress(ConfigError):
        parse(f"a: 1\nb: {sign * times}", tmp_path / "a.yaml")


def test_brackets_do_not_end_the_process(tmp_path: Path) -> None:
    write(tmp_path, okrs="[" * 50_000)

    ran = subprocess.run(
        [sys.executable, "-c", "from cli.main import main; main()", "-c", tmp_path, "check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == exits.USAGE, ran.stderr
    assert f"{tmp_path}/okrs/a.yaml:1: this is nested too deeply" in ran.stderr


@pytest.mark.parametrize("place", ["okrsync.yaml", "okrs/a.yaml"])
@pytest.mark.parametrize(
    "kind", ["fifo", "zero", "folder", "outside", "loop", "large", "many", "binary", "nul", "utf-16"]
)
def test_what_is_no_file_of_ours_is_refused_unread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str, kind: str
) -> None:
    folder = write(tmp_path / "acme" if (tmp_path / "acme").mkdir() is None else tmp_path)
    (tmp_path / "shadow").write_text(f"{CANARY}\nnext: {CANARY}\n")
    file = folder / place
    file.unlink()
    make = {
        "fifo": lambda: os.mkfifo(file),
        "zero": lambda: file.symlink_to("/dev/zero"),
        "folder": file.mkdir,
        "outside": lambda: file.symlink_to(tmp_path / "shadow"),
        "loop": lambda: file.symlink_to(file),
        "large": lambda: file.write_bytes(b"a" * (MAX_BYTES + 1)),
        "many": lambda: file.write_text("- a\n" * 300_001),
        "binary": lambda: file.write_bytes(bytes(range(256))),
        "nul": lambda: file.write_text("a: 1\nb: x\0y\n"),
        "utf-16": lambda: file.write_text("a: 1\n", encoding="utf-16"),
    }
    make[kind]()
    begun = time.monotonic()

    said = refused(folder, capsys)

    assert time.monotonic() - begun < 20
    assert str(file) in said or kind == "loop"
    assert "canary" not in said


def test_a_link_inside_the_folder_is_how_kubernetes_mounts_it(tmp_path: Path) -> None:
    write(tmp_path)
    data = tmp_path / "okrs" / "..data"
    data.mkdir()
    (tmp_path / "okrs" / "a.yaml").rename(data / "a.yaml")
    (tmp_path / "okrs" / "a.yaml").symlink_to("..data/a.yaml")

    assert read(tmp_path / "okrs" / "a.yaml", tmp_path / "okrs").data["cycle"] == "2026-Q4"


@pytest.mark.parametrize(
    ("worker", "place"),
    [
        (WORKER.replace("type: http", "type: null"), "okrsync.yaml:7"),
        (WORKER.replace("type: http", "type: 5"), "okrsync.yaml:7"),
        (WORKER.replace("type: http", "type: [http]"), "okrsync.yaml:7"),
        (WORKER.replace("sqlite:///okrsync.sqlite", '"sqlite:///a\\0b"'), "okrsync.yaml:3"),
        (WORKER.replace("sqlite:///okrsync.sqlite", "null"), "okrsync.yaml:3"),
        (WORKER.replace("sqlite:///okrsync.sqlite", "nothing"), "okrsync.yaml:3"),
        (WORKER.replace("deadline: 60", "deadline: .nan"), "okrsync.yaml:4"),
        (WORKER.replace("deadline: 60", "deadline: 1e400"), "okrsync.yaml:4"),
        (WORKER.replace("deadline: 60", "deadline: 9" + "9" * 5000), "okrsync.yaml:4"),
        (WORKER.replace("time_zone: Europe/Berlin", "time_zone: ../../etc/passwd"), "okrsync.yaml:2"),
        (WORKER.replace("deadline: 60", "okrs: ${SHOP_TOKEN}"), "okrsync.yaml:4"),
        (WORKER.replace("deadline: 60", '"\\ud800": 1'), "okrsync.yaml"),
    ],
)  # fmt: skip
def test_mistakes_in_the_worker_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], worker: str, place: str
) -> None:
    said = refused(write(tmp_path, worker=worker), capsys)

    assert f"{tmp_path}/{place}" in said
    assert "a-token-of-the-shop" not in said


@pytest.mark.parametrize(
    "cycle",
    [
        "9999-Q4",
        "0001-Q1",
        "{name: x, start: 9999-01-01, end: 9999-12-31}",
        "{name: x, start: 0001-01-01, end: 2026-01-01}",
    ],
)
def test_years_that_no_calendar_reaches(tmp_path: Path, capsys: pytest.CaptureFixture[str], cycle: str) -> None:
    said = refused(write(tmp_path, okrs=OKRS.replace("2026-Q4", cycle)), capsys)

    assert f"{tmp_path}/okrs/a.yaml:1" in said


ODD: tuple[str, ...] = (
    "null", "~", "''", "true", "5", "-1", "1e999", ".inf", "[]", "{}", "[[]]", "{a: {b: {c: d}}}", "x" * 3000, "${NOT_SET}",
    "'\u202e'", "'\\'", "*a", "&a b", "!!python/object:os.system x", "2026-13-45", "9999-12-31", "0x10", "1_000", "%", "%%s",
    "{cycle.end}", "{", "}", "[", "]", "'", '"', "|", ">", "@", "`", "\t", "---", "...", "- a", "a: b: c", "<<: {a: 1}",
    "won / 0", "won +", "((((((won))))))", "1" * 400, "0.1e-400", "100000000000000000000%", "é" * 100, "🎯", "no", "0777",
)  # fmt: skip


def broken(chance: random.Random) -> tuple[str, str]:
    """Both files, one of them with a mistake in it."""
    texts = [WORKER, OKRS]
    which = chance.randrange(2)
    lines = texts[which].splitlines()
    at = chance.randrange(len(lines))
    line = lines[at]
    match chance.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, line)
        case 2:
            lines[at] = " " * chance.randrange(9) + line.strip()
        case 3:
            cut = chance.randrange(len(line) + 1)
            lines[at] = line[:cut] + chance.choice(ODD) + line[cut:]
        case 4:
            head, mark, _ = line.partition(": ")
            lines[at] = f"{head}{mark}{chance.choice(ODD)}" if mark else chance.choice(ODD)
        case _:
            start = chance.randrange(len(line) + 1)
            lines[at] = line[:start] + line[start + chance.randrange(1, 9) :]
    texts[which] = "\n".join(lines)
    return texts[0], texts[1]


def broken_ones() -> Iterator[tuple[str, str]]:
    chance = dice("broken configurations")
    return (broken(chance) for _ in range(sweep(24, 20_000)))


def test_no_mistake_is_a_defect_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 2 with the file, or 0 where the change was none; never 1."""
    monkeypatch.setattr("cli.check._refuse_strangers", lambda: None)
    seen: dict[int, int] = {}
    for worker, okrs in broken_ones():
        folder = write(tmp_path, worker=worker, okrs=okrs)
        capsys.readouterr()

        code: Any = run(["-c", str(folder), "check"])

        said = capsys.readouterr().err
        seen[code] = seen.get(code, 0) + 1
        assert code in (exits.CURRENT, exits.USAGE), f"{said}\n{worker}\n---\n{okrs}"
        if code == exits.USAGE:
            assert any(line.startswith(f"{folder}/") for line in said.splitlines()), said
        assert "a-token-of-the-shop" not in said
        assert "a-password" not in said
    with capsys.disabled():
        if TORTURE:
            print(f"broken configurations: {sum(seen.values())} tried, by exit code {seen}")


@pytest.mark.parametrize("weight", ["1e400", "9e999999999", "1E-999999", ".inf", "-1"])
def test_a_weight_beyond_all_bounds(tmp_path: Path, weight: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text("connections:\n  memory: {values: {won: 12}}\n")
    (tmp_path / "okrs" / "a.yaml").write_text(
        "cycle: 2026-Q4\nobjectives:\n  - id: o\n    title: O\n    key_results:\n"
        f"      - {{id: k, title: K, start: 0, target: 9, value: {{memory: won}}, weight: {weight}}}\n"
    )
    assert run(["-c", str(tmp_path), "check"]) == exits.USAGE
    said = capsys.readouterr().err
    assert "a.yaml:6" in said
    assert "weight" in said
