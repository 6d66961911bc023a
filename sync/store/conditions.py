"""How it is going: state, one row for each thing, written over by whoever knows better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, delete, select

from sync.store.tables import conditions
from sync.store.writing import for_writing, insert_of

ASKED, JOB, HEALTH, FILES, WORKER = "asked", "job", "connection", "files", "worker"
"""Kinds: when all key results of a schedule were asked last; when a job of the house was done last; how a connection
is; what is wrong with files that were changed; who keeps the workspace current."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    kind: str
    name: str
    value: Any
    at: datetime


class Conditions:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, kind: str) -> dict[str, Condition]:
        query = select(conditions).where(conditions.c.kind == kind).order_by(conditions.c.name)
        with self._engine.connect() as connection:
            return {row["name"]: Condition(**row) for row in connection.execute(query).mappings()}

    def put(self, *told: Condition) -> None:
        with for_writing(self._engine).begin() as connection:
            tell(connection, told)

    def drop(self, kind: str, name: str) -> None:
        with for_writing(self._engine).begin() as connection:
            gone = (conditions.c.kind == kind) & (conditions.c.name == name)
            connection.execute(delete(conditions).where(gone))


def tell(connection: Connection, told: Iterable[Condition]) -> None:
    """Each in place of what stood there; several processes may write at once."""
    made = insert_of(connection)
    for one in sorted(told, key=lambda one: (one.kind, one.name)):
        put = made(conditions).values(**vars(one))
        over = {"value": put.excluded.value, "at": put.excluded.at}
        connection.execute(put.on_conflict_do_update(index_elements=["kind", "name"], set_=over))
