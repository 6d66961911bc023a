"""Rows of long ago, to be thinned: read and dropped a part at a time, so that nobody waits for long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Engine, delete, select

from sync.store.tables import outcomes, readings, runs
from sync.store.writing import for_writing

Thinned = Literal["readings", "outcomes"]
_TABLES = {"readings": readings, "outcomes": outcomes}
PART = 5_000
DROPPED_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Row:
    """`of` is whose it is: a query of a connection, or a key result."""

    id: int
    of: tuple[str, str]
    at: datetime


class Thinning:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def older(self, table: Thinned, after: int, before: datetime) -> list[Row]:
        """The next part of the rows after that number and before that moment, oldest first."""
        if table == "readings":
            query = select(readings.c.id, readings.c.connection, readings.c.query, runs.c.asked_at)
            query = query.join(runs, readings.c.run_id == runs.c.id).where(runs.c.asked_at < before)
        else:
            query = select(outcomes.c.id, outcomes.c.key_result, outcomes.c.cycle, outcomes.c.at)
            query = query.where(outcomes.c.at < before)
        of = _TABLES[table].c.id
        with self._engine.connect() as connection:
            found = connection.execute(query.where(of > after).order_by(of).limit(PART))
            return [Row(id=ident, of=(one, two), at=at) for ident, one, two, at in found]

    def drop(self, table: Thinned, ids: Sequence[int]) -> None:
        for start in range(0, len(ids), DROPPED_AT_ONCE):
            part = ids[start : start + DROPPED_AT_ONCE]
            with for_writing(self._engine).begin() as connection:
                connection.execute(delete(_TABLES[table]).where(_TABLES[table].c.id.in_(part)))
