"""The outbox: what is to be published and where it stands, one row for each place; and each try, appended.

A row becomes due in the transaction that records its check-in. It holds no value: whoever publishes it takes the
current one, so that an older never follows a newer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, select

from mapping.model import Key
from mapping.posting import Delivery, Post, Slot
from mapping.published import Content, Fields
from sync.store.newest import of
from sync.store.tables import postings, publications
from sync.store.writing import writing

_FIELDS = ("sent", "trying", "fields")
_DAYS = ("sent_day", "trying_day", "day")


class Outbox:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def posts(self) -> dict[Slot, Post]:
        with self._engine.connect() as connection:
            found = (_post(row) for row in map(dict, connection.execute(select(publications)).mappings()))
            return {one.slot: one for one in found}

    def deliveries(self, key: Key) -> list[Delivery]:
        """Oldest first."""
        with self._engine.connect() as connection:
            query = select(postings).where(of(postings, key)).order_by(postings.c.id)
            rows = connection.execute(query).mappings()
            return [Delivery(**_values(row, Delivery)) for row in map(dict, rows)]

    def make_due(self, slots: Collection[Slot], at: datetime) -> None:
        """For what a person wants published now, though nothing new was recorded."""
        with writing(self._engine, counts=False) as connection:
            make_due(connection, slots, at)

    def intend(self, posts: Sequence[Post], token: int | None) -> None:
        """What is about to be written, and what was read there, before the tools are asked to: who ends in between
        leaves it uncertain. Raises LeaseLost."""
        with writing(self._engine, token, counts=False) as connection:
            for one in posts:
                _update(connection, one, "state", "trying", "trying_day", "attempts", "sent", "sent_day")

    def settle(self, made: Sequence[tuple[Post, Delivery | None]], token: int | None) -> None:
        """What came of it, with the try where there was one. What is recorded meanwhile stays due. Raises LeaseLost."""
        with writing(self._engine, token, counts=False) as connection:
            for post, _ in made:
                _update(connection, post, *(name for name in _COLUMNS if name not in ("wanted", "due_at")))
            tries = [_row(one) for _, one in made if one is not None]
            if tries:
                connection.execute(postings.insert(), tries)


def make_due(connection: Connection, slots: Iterable[Slot], at: datetime) -> None:
    """In the caller's transaction, which holds the writers' lock."""
    for slot in dict.fromkeys(slots):
        here = publications.c.wanted
        done = connection.execute(
            publications.update().where(_at(publications, slot)).values(wanted=here + 1, due_at=at)
        )
        if done.rowcount == 0:
            row = {**asdict(slot), "state": "waiting", "wanted": 1, "done": 0, "attempts": 0, "due_at": at}
            connection.execute(publications.insert().values(**row))


_COLUMNS = tuple(name for name in Post.__dataclass_fields__ if name not in Slot.__dataclass_fields__)


def _update(connection: Connection, post: Post, *names: str) -> None:
    row = _row(post)
    changed = {name: row[name] for name in names}
    connection.execute(publications.update().where(_at(publications, post.slot)).values(**changed))


def _at(table: Table, slot: Slot) -> ColumnElement[bool]:
    here = (table.c.connection == slot.connection) & (table.c.place == slot.place) & (table.c.kind == slot.kind)
    return here & of(table, slot.key)


def _post(row: Mapping[str, Any]) -> Post:
    return Post(**_values(row, Post))


def _values(row: Mapping[str, Any], kind: Any) -> dict[str, Any]:
    values = {name: row[name] for name in kind.__dataclass_fields__}
    for name in values:
        if name in _FIELDS and values[name] is not None:
            values[name] = _fields_of(values[name])
        elif name in _DAYS and values[name] is not None:
            values[name] = date.fromisoformat(values[name])
    return values


def _row(made: Post | Delivery) -> dict[str, Any]:
    row = dict(vars(made))
    for name in row:
        if name in _FIELDS and row[name] is not None:
            row[name] = [[field, *_text(given)] for field, given in row[name]]
        elif name in _DAYS and row[name] is not None:
            row[name] = row[name].isoformat()
    return row


def _text(given: Content) -> tuple[str, str | None]:
    match given:
        case None:
            return "none", None
        case bool():
            return "bool", str(given)
        case Decimal():
            return "number", str(given)
        case datetime():
            return "time", given.isoformat()
        case date():
            return "day", given.isoformat()
    return "text", given


def _fields_of(stored: Iterable[Sequence[Any]]) -> Fields:
    return tuple((name, _content(kind, text)) for name, kind, text in stored)


def _content(kind: str, text: str) -> Content:
    match kind:
        case "none":
            return None
        case "bool":
            return text == "True"
        case "number":
            return Decimal(text)
        case "time":
            return datetime.fromisoformat(text)
        case "day":
            return date.fromisoformat(text)
    return text
