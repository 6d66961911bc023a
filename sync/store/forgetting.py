"""Takes a person's name and notes, or a key result, out of the store for good: the one thing that is not appended."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, tuple_

from mapping.model import Key
from mapping.records import FORGET, FORGOTTEN, Action
from sync.store.newest import of
from sync.store.people import write_actions
from sync.store.tables import (
    actions,
    candidates,
    check_ins,
    closings,
    definitions,
    editions,
    metadata,
    postings,
    publications,
    readings,
    rebuilt,
    tokens,
)
from sync.store.writing import writing

Counts = Mapping[str, int]
"""Rows by the name of their table."""
_SPOKEN = (check_ins, actions, closings)
_TOLD = (
    (actions, "details"), (definitions, "snapshot"), (candidates, "check_in"), (rebuilt, "check_in"),
    (postings, "fields"), (publications, "sent"), (publications, "trying"),
)  # fmt: skip
"""Where a name or a note stands among other data."""
_PEOPLE = ("owner", "owners", "check_in_owner", "by")


class Forgetting:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def people(self) -> set[str]:
        """Everybody whom the store names as one who did something, or as an owner."""
        with self._engine.connect() as connection:
            found = {
                by for table in _SPOKEN for by in connection.execute(select(table.c.by).distinct()).scalars() if by
            }
            found |= set(connection.execute(select(tokens.c.by)).scalars())
            for snapshot in connection.execute(select(definitions.c.snapshot)).scalars():
                for said in (snapshot, snapshot.get("objective") or {}):
                    found |= {
                        one for one in (said.get("owner"), said.get("check_in_owner"), *said.get("owners", ())) if one
                    }
        return found - {FORGOTTEN}

    def person(self, token: int, person: str, at: datetime, by: str, *, dry: bool = False) -> Counts:
        """Another name stands in place of theirs, and their notes are gone. Each key result's history says that it was
        done."""
        counts: Counter[str] = Counter()
        with _for_good(self._engine, token, dry=dry) as connection:
            notes, keys = set(_notes(connection, person)), set[Key]()
            for table in _SPOKEN:
                for row in connection.execute(select(table).where(table.c.by == person)).mappings():
                    keys.add(Key(row["key_result"], row["cycle"]))
                    counts[table.name] += 1
                    told: dict[str, Any] = {"by": FORGOTTEN}
                    if table is actions:
                        told["details"] = {n: d for n, d in row["details"].items() if n not in ("note", "system")}
                    told |= {name: None for name in ("note", "system") if name in table.c}
                    connection.execute(table.update().where(table.c.id == row["id"]).values(**told))
            for table, column in _TOLD:
                for row in connection.execute(select(table).where(table.c[column].is_not(None))).mappings():
                    known = row[column]
                    if (kept := _without(known, person, notes)) != known:
                        keys.add(Key(row["key_result"], row["cycle"]))
                        counts[table.name] += 1
                        connection.execute(table.update().where(table.c.id == row["id"]).values({column: kept}))
            counts["tokens"] += connection.execute(
                tokens.update().where(tokens.c.by == person).values(by=FORGOTTEN)
            ).rowcount
            counts["editions"] += _editions_without(connection, {person, *notes})
            _say(connection, keys, at, FORGOTTEN if by == person else by, "a person's name and notes")
        return +counts

    def key_results(self, token: int, keys: Collection[Key], at: datetime, by: str, *, dry: bool = False) -> Counts:
        """All that is recorded of them, and the answers behind it. Their histories say only that it was done."""
        counts: Counter[str] = Counter()
        with _for_good(self._engine, token, dry=dry) as connection:
            for key in keys:
                asked = set(_asked(connection, key))
                for table in metadata.sorted_tables:
                    if {"key_result", "cycle"} <= set(table.c.keys()):
                        counts[table.name] += connection.execute(delete(table).where(of(table, key))).rowcount
                for part in _parts(sorted(asked)):
                    here = tuple_(readings.c.connection, readings.c.query).in_(part)
                    counts["readings"] += connection.execute(delete(readings).where(here)).rowcount
            counts["editions"] += _editions_without(connection, {key.id for key in keys})
            _say(connection, keys, at, by, "all that was recorded")
        return +counts


class _Undone(Exception):
    """A dry run ends so."""


@contextmanager
def _for_good(engine: Engine, token: int, *, dry: bool) -> Iterator[Connection]:
    """A transaction after which nothing of what it removed is left in the file."""
    is_file = engine.dialect.name == "sqlite"
    with suppress(_Undone), writing(engine, token, counts=not dry) as connection:
        if is_file:
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
        yield connection
        if dry:
            raise _Undone
    if is_file:
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def _notes(connection: Connection, person: str) -> Iterator[str]:
    for table in (check_ins, closings):
        yield from filter(None, connection.execute(select(table.c.note).where(table.c.by == person)).scalars())
    for details in connection.execute(select(actions.c.details).where(actions.c.by == person)).scalars():
        yield from filter(None, [details.get("note")])


def _without(told: Any, person: str, notes: Collection[str]) -> Any:
    """Where a name or a note is meant as one, and no text that happens to be the same."""
    match told:
        case [str(), "text", str(said)]:  # what a place was sent
            return [*told[:2], "" if said in notes else said]
        case list():
            return [_without(one, person, notes) for one in told]
        case dict():
            return {name: _told(name, one, person, notes) for name, one in told.items()}
    return told


def _told(name: str, said: Any, person: str, notes: Collection[str]) -> Any:
    if name in _PEOPLE:
        return [_other(one, person) for one in said] if isinstance(said, list) else _other(said, person)
    if name == "note":
        return None if said in notes else said
    return _without(said, person, notes)


def _other(said: Any, person: str) -> Any:
    return FORGOTTEN if said == person else said


def _editions_without(connection: Connection, words: Collection[str]) -> int:
    """A report that names them is made anew when somebody asks for it."""
    found = connection.execute(select(editions.c.id, editions.c.report)).all()
    gone = [one for one, report in found if any(word in json.dumps(report, ensure_ascii=False) for word in words)]
    return connection.execute(delete(editions).where(editions.c.id.in_(gone))).rowcount if gone else 0


def _asked(connection: Connection, key: Key) -> Iterator[tuple[str, str]]:
    for inputs in connection.execute(select(check_ins.c.inputs).where(of(check_ins, key))).scalars():
        for used in inputs:
            yield used["evidence"]["connection"], used["evidence"]["query"]


def _parts(asked: list[tuple[str, str]], size: int = 200) -> Iterator[list[tuple[str, str]]]:
    for begin in range(0, len(asked), size):
        yield asked[begin : begin + size]


def _say(connection: Connection, keys: Collection[Key], at: datetime, by: str, what: str) -> None:
    said = [
        Action(key_result=key.id, cycle=key.cycle, at=at, by=by, action=FORGET, details={"what": what})
        for key in sorted(keys)
    ]
    write_actions(connection, said)
