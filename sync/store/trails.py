"""What was, without its evidence: values, definitions, people's words and passes, of many key results at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Engine, Select, Table, func, select

from mapping.changes import Written
from mapping.model import Key, Status
from mapping.quantity import Quantity
from mapping.records import Action
from mapping.trail import Point
from mapping.units import unit_from
from sync.store.newest import key_of, order, voided
from sync.store.people import action_of
from sync.store.tables import actions, asked, check_ins, definitions, outcomes, runs

_POINT = (
    "key_result", "cycle", "at", "asked_at", "value", "unit", "progress", "status", "aims", "by", "note", "confidence",
)  # fmt: skip
_WRITTEN = ("key_result", "cycle", "at", "snapshot", "file", "line")
ANSWERED = ("current", "pinned", "held")
_T = TypeVar("_T")


class Trails:
    """Each oldest first, `until` a moment and of some cycles where these are given."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def points(self, until: datetime | None = None, cycles: Collection[str] | None = None) -> dict[Key, list[Point]]:
        """The values that count."""
        with self._engine.connect() as connection:
            void = voided(connection)
        query = select(*(check_ins.c[name] for name in _POINT)).order_by(*order(check_ins))
        query = query if until is None else query.where(check_ins.c.asked_at <= until)
        found = self._by_key(_of(query, check_ins, cycles), _point)
        return {
            key: [one for one in points if (key, one.at) not in void] if void else points
            for key, points in found.items()
        }

    def written(self, until: datetime | None = None, cycles: Collection[str] | None = None) -> dict[Key, list[Written]]:
        """What the OKR files said, from when on."""
        query = select(*(definitions.c[name] for name in _WRITTEN)).order_by(definitions.c.id)
        query = query if until is None else query.where(definitions.c.at <= until)
        return self._by_key(_of(query, definitions, cycles), _written)

    def actions(self, until: datetime | None = None, cycles: Collection[str] | None = None) -> dict[Key, list[Action]]:
        query = select(actions).order_by(actions.c.id)
        query = query if until is None else query.where(actions.c.at <= until)
        return self._by_key(_of(query, actions, cycles), action_of)

    def passes(self, most: int, until: datetime | None = None) -> list[datetime]:
        """When the last passes began to ask."""
        query = select(runs.c.asked_at).order_by(runs.c.asked_at.desc()).limit(most)
        query = query if until is None else query.where(runs.c.asked_at <= until)
        with self._engine.connect() as connection:
            return sorted(connection.execute(query).scalars())

    def failing(self, until: datetime | None = None) -> dict[Key, datetime]:
        """Since when each key result has had no answer; its cause may have changed meanwhile."""
        well = select(outcomes.c.key_result, outcomes.c.cycle, func.max(outcomes.c.id).label("id"))
        well = well.where(outcomes.c.state.in_(ANSWERED))
        ill = select(outcomes.c.key_result, outcomes.c.cycle, func.min(outcomes.c.at))
        if until is not None:
            well, ill = well.where(outcomes.c.at <= until), ill.where(outcomes.c.at <= until)
        last = well.group_by(outcomes.c.key_result, outcomes.c.cycle).subquery()
        same = (last.c.key_result == outcomes.c.key_result) & (last.c.cycle == outcomes.c.cycle)
        query = (
            ill.select_from(outcomes.outerjoin(last, same))
            .where(outcomes.c.id > func.coalesce(last.c.id, 0))
            .group_by(outcomes.c.key_result, outcomes.c.cycle)
        )
        with self._engine.connect() as connection:
            return {Key(row[0], row[1]): row[2] for row in connection.execute(query)}

    def asked(self) -> dict[str, datetime]:
        """When each was asked last by a pass of some; "" is of all."""
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(select(asked.c.key_result, asked.c.at))}

    def _by_key(self, query: Select[Any], made: Callable[[Mapping[str, Any]], _T]) -> dict[Key, list[_T]]:
        found: dict[Key, list[_T]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query).mappings():
                found.setdefault(key_of(row), []).append(made(row))  # type: ignore[arg-type]
        return found


def _of(query: Select[Any], table: Table, cycles: Collection[str] | None) -> Select[Any]:
    """A store holds the cycles of years; what is not shown is not read."""
    return query if cycles is None else query.where(table.c.cycle.in_(cycles))


def _point(row: Mapping[str, Any]) -> Point:
    return Point(
        key_result=row["key_result"],
        cycle=row["cycle"],
        at=row["at"],
        asked_at=row["asked_at"],
        value=Quantity(row["value"], unit_from(row["unit"])),
        progress=row["progress"],
        status=Status(row["status"]),
        aims=tuple((name, Quantity(Decimal(amount), unit_from(unit))) for name, amount, unit in row["aims"]),
        by=row["by"],
        note=row["note"],
        confidence=row["confidence"],
    )


def _written(row: Mapping[str, Any]) -> Written:
    return Written(**{name: row[name] for name in _WRITTEN})
