"""What okrsync.yaml says of the workspace as a whole: its name, its days, its language, where people reach it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cli.main import run
from config.load import Workspace, load
from config.problems import ConfigError


def read(folder: Path, said: str) -> Workspace:
    (folder / "okrs").mkdir(exist_ok=True)
    (folder / "okrs" / "okrs.yaml").write_text("cycle: 2026-Q4\n")
    (folder / "okrsync.yaml").write_text(f"connections: {{}}\n{said}")
    return load(folder)


def test_what_is_not_said(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    found = read(tmp_path / "acme", "")

    assert (found.name, found.time_zone.key, found.language, found.public_url) == ("acme", "UTC", "en", None)


def test_what_is_said(tmp_path: Path) -> None:
    said = "workspace: Acme Corp\ntime_zone: Asia/Seoul\nlanguage: ko\npublic_url: https://okrs.acme.com/\n"
    found = read(tmp_path, said)

    assert (found.name, found.time_zone, found.language, found.public_url) == (
        "Acme Corp",
        ZoneInfo("Asia/Seoul"),
        "ko",
        "https://okrs.acme.com",
    )


def test_the_environment_overrides_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKRSYNC_TIME_ZONE", "Europe/Berlin")

    assert read(tmp_path, "time_zone: Asia/Seoul\n").time_zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("time_zone: Soul", "time_zone: 'Soul' is not a time zone: write its IANA name, such as Europe/Berlin"),
        ("time_zone: Asia/Soul", "Did you mean Asia/Seoul?"),
        ("time_zone: +09:00", "'+09:00' is not a time zone"),
        ("time_zone: localtime", "'localtime' is not a time zone"),
        ("time_zone: 9", "time_zone:"),
        ("language: kr", "language can't be 'kr'. Write en or ko"),
        ("workspace: ''", "workspace is empty"),
        ('workspace: "a\\nb"', "workspace: a name is one line of text"),
        ("public_url: okrs.acme.com", "public_url: 'okrs.acme.com' is not an address: write https://okrs.example.com"),
        ("public_url: https://me:pw@okrs.acme.com", "an address must not contain credentials"),
        ("timezone: UTC", "Did you mean 'time_zone'?"),
    ],
)
def test_what_is_refused(tmp_path: Path, said: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, said)

    assert f"{tmp_path / 'okrsync.yaml'}:2: " in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"), [("STORE", "file.sqlite"), ("DEADLINE", "soon"), ("TIME_ZONE", "Nowhere"), ("LANGUAGE", "xx")]
)
def test_a_variable_that_is_wrong_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrs" / "a.yaml").write_text("cycle: 2026-Q4\n")
    (tmp_path / "okrsync.yaml").write_text("connections: {}\n")
    monkeypatch.setenv(f"OKRSYNC_{name}", value)

    with pytest.raises(ConfigError, match=f"the variable OKRSYNC_{name} is set"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("okrs", "told"),
    [("/", "this is the root of the file system"), ("x" * 5000, "this path can't be used: file name too long")],
)
def test_what_can_not_be_a_folder_of_okr_files(tmp_path: Path, okrs: str, told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(tmp_path, f"okrs: {okrs}\n")

    (problem,) = raised.value.problems
    assert (problem.message, problem.fix) == (told, "Set `okrs:` in okrsync.yaml to the folder of the OKR files")
    assert len(str(problem)) < 400


def test_a_folder_of_other_things_is_not_walked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.load.MOST_ENTRIES", 3)
    for name in ("a", "b", "c"):
        (tmp_path / "okrs" / name).mkdir(parents=True)

    with pytest.raises(ConfigError, match="this folder contains more than 3 files and folders"):
        read(tmp_path, "")


def test_what_kubernetes_keeps_beside_a_mounted_file_is_no_second_file(tmp_path: Path) -> None:
    hidden = tmp_path / "okrs" / "..2026_11_24"
    hidden.mkdir(parents=True)
    (hidden / "a.yaml").write_text("cycle: 2026-Q4\nobjectives: [{id: o, title: O}]\n")
    (tmp_path / "okrs" / "..data").symlink_to("..2026_11_24")
    (tmp_path / "okrs" / "a.yaml").symlink_to("..data/a.yaml")

    assert [one.id for one in read(tmp_path, "").objectives] == ["o"]


def test_a_path_that_is_too_long_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-c", "x" * 5000, "check"]) == 2

    told = capsys.readouterr().err
    assert "this path can't be used: file name too long. Name okrsync.yaml or its folder with --config" in told
    assert len(told) < 400


@pytest.mark.parametrize("line", ["deadline: true", "fiscal_year_start: true", "thin_after: false"])
def test_a_truth_value_is_no_number(tmp_path: Path, line: str) -> None:
    name, _, value = line.partition(": ")

    with pytest.raises(ConfigError, match=f"{name} must be a number, not {value}"):
        read(tmp_path, f"{line}\n")
