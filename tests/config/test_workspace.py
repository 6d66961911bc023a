"""What okrsync.yaml says of the workspace as a whole: its name, its days, its language, where people reach it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

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
