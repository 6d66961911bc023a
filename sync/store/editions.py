"""Weekly reports as they were first made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from sync.store.tables import editions
from sync.store.writing import writing


class Editions:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, week: str, cycle: str, language: str) -> dict[str, Any] | None:
        here = (editions.c.week == week) & (editions.c.cycle == cycle) & (editions.c.language == language)
        with self._engine.connect() as connection:
            found = connection.execute(select(editions.c.report).where(here)).scalar()
        return None if found is None else dict(found)

    def names(self) -> list[tuple[str, str]]:
        """The week and the cycle of each, newest first."""
        query = select(editions.c.week, editions.c.cycle).distinct()
        with self._engine.connect() as connection:
            return sorted(((row[0], row[1]) for row in connection.execute(query)), reverse=True)

    def keep(
        self, week: str, cycle: str, at: datetime, made: Mapping[str, Mapping[str, Any]], token: int | None = None
    ) -> None:
        """In each language. What is there already stays as it is."""
        here = (editions.c.week == week) & (editions.c.cycle == cycle)
        with writing(self._engine, token, counts=False) as connection:
            there = set(connection.execute(select(editions.c.language).where(here)).scalars())
            rows = [
                {"week": week, "cycle": cycle, "language": language, "at": at, "report": dict(report)}
                for language, report in made.items()
                if language not in there
            ]
            if rows:
                connection.execute(editions.insert(), rows)
