"""`okrsync forget`: a person's name and notes, or a key result, are gone for good, also from the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.store.tables import metadata
from tests.cli.test_in_the_year import OKRS, Place, okrsync
from tests.sync.conftest import empty

__all__ = ["okrsync"]

NAME, NOTE = "Beatrix Lovelace-Hopper", "A secret note about the merger"
OWNED = OKRS.replace("title: Grow", f"title: Grow\n    owner: [ada, {NAME}]")


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, okrsync: Place) -> Place:
    if request.param == "postgres":
        url = request.getfixturevalue("postgres")
        empty(url)
        with (okrsync.folder / "okrsync.yaml").open("a") as file:
            file.write(f'store: "{url}"\n')
    okrsync.write(OWNED)
    okrsync("sync")
    okrsync("check-in", "sales", "--value", "82", "--note", NOTE, "--confidence", "7", "--by", NAME)
    okrsync("pin", "stores", "--value", "3", "--note", NOTE, "--by", NAME)
    okrsync("check-in", "stores", "--note", f"{NAME} is right", "--by", "ada")
    okrsync("close", "2026-Q4", "--note", f"sales={NOTE}", "--by", NAME)
    return okrsync


def everything(place: Place) -> str:
    from sqlalchemy import create_engine, select

    from config.load import load

    engine = create_engine(load(place.folder).store)
    with engine.connect() as connection:
        found = repr([connection.execute(select(table)).all() for table in metadata.sorted_tables])
    engine.dispose()
    return found


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("okrsync.sqlite*"))


def test_a_person_is_forgotten_and_the_values_stay(place: Place) -> None:
    place.write(OKRS)
    before = place("history", "sales", "--json").json
    assert place("forget", NAME, "--dry-run").code == 0
    assert place("history", "sales", "--json").json == before

    ran = place("forget", NAME, "--yes", "--by", "ada")

    assert ran.code == 0
    assert f"{NAME} is forgotten." in ran.out
    kept = everything(place)
    assert kept.count(NAME) == 1  # what ada wrote
    assert NOTE not in kept
    after = place("history", "sales", "--json").json
    assert [one["value"] for one in after if one["event"] == "check-in"] == ["80", "82"]
    assert [one["by"] for one in after if one["event"] == "closed"] == ["a forgotten person"]
    assert "ada had something forgotten: a person's name and notes" in place("history", "sales").out
    shown = place("show", "--cycle", "all", "--json").json["objectives"][0]["key_results"][0]
    assert (shown["note"], shown["confidence"]["confidence"]) == (None, 7)
    assert place("forget", NAME, "--yes").code == 2


def test_a_key_result_is_forgotten(place: Place) -> None:
    ran = place("forget", "sales", "--yes", "--by", "ada")

    assert ran.code == 0
    assert "An OKR file still names sales" in ran.out
    assert [one["event"] for one in place("history", "sales", "--json").json] == ["forgotten"]
    assert [one["event"] for one in place("history", "stores", "--json").json][-1] == "closed"
    assert "'80'" not in everything(place)
    assert place("sync", "sales", "--json").json["key_results"][0]["outcome"] == "changed"


def test_nothing_of_it_is_left_in_the_file(okrsync: Place) -> None:
    okrsync("sync")
    okrsync("check-in", "sales", "--value", "82", "--note", NOTE, "--by", NAME)
    assert NOTE.encode() in bytes_of(okrsync.folder)

    okrsync("forget", NAME, "--yes")

    assert NOTE.encode() not in bytes_of(okrsync.folder)
    assert NAME.encode() not in bytes_of(okrsync.folder)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody", "--yes"), "The store knows no person and no key result 'nobody'."),
        (("sales",), "add --yes"),
        (("sales", "--yes"), "'sales' is a person and an id"),
        (("Adb", "--yes"), "Did you mean 'Ada'?"),
    ],
)
def test_what_can_not_be_forgotten(okrsync: Place, arguments: tuple[str, ...], words: str) -> None:
    okrsync("sync")
    okrsync("check-in", "stores", "--value", "1", "--by", "sales" if len(arguments) > 1 else "Ada")
    okrsync("check-in", "stores", "--value", "2", "--by", "Ada")

    ran = okrsync("forget", *arguments)

    assert ran.code == 2
    assert words in ran.err
