"""What the OKR files said of key results, also of those that no file names any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select, union

from mapping.model import Key, OfKeyResult
from sync.store.newest import newest
from sync.store.tables import actions, check_ins, closings, definitions


@dataclass(frozen=True, kw_only=True)
class Defined(OfKeyResult):
    """As it was written last, and in which file."""

    snapshot: Mapping[str, Any]
    file: str


class Definitions:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def named(self) -> list[Key]:
        """Of all that a file ever named."""
        with self._engine.connect() as connection:
            query = select(definitions.c.key_result, definitions.c.cycle).distinct()
            return sorted(Key(*row) for row in connection.execute(query))

    def last(self, keys: Iterable[Key] | None = None) -> dict[Key, Defined]:
        wanted = None if keys is None else frozenset(keys)
        with self._engine.connect() as connection:
            return {
                key: Defined(key_result=key.id, cycle=key.cycle, snapshot=row["snapshot"], file=row["file"])
                for key, row in newest(connection, definitions, wanted).items()
                if wanted is None or key in wanted
            }

    def hashes(self) -> dict[Key, str]:
        """Of what was written last."""
        with self._engine.connect() as connection:
            return {key: row["hash"] for key, row in newest(connection, definitions).items()}

    def recorded(self) -> list[Key]:
        """All of which anything is recorded."""
        tables = (definitions, check_ins, actions, closings)
        query = union(*(select(table.c.key_result, table.c.cycle) for table in tables))
        with self._engine.connect() as connection:
            return sorted(Key(*row) for row in connection.execute(query))
