"""Values of past days as the sources tell them today: one for each key result and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Engine, delete, select

from mapping.assess import CheckIn
from sync.store.engine import for_writing
from sync.store.rows import check_in_from_json, check_in_json
from sync.store.tables import rebuilt


class Past:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rebuilt(self, key_result: str) -> list[tuple[date, CheckIn]]:
        """Oldest day first."""
        with self._engine.connect() as connection:
            query = select(rebuilt).where(rebuilt.c.key_result == key_result).order_by(rebuilt.c.day)
            found = connection.execute(query).mappings()
            return [(date.fromisoformat(row["day"]), check_in_from_json(row["check_in"])) for row in found]

    def rebuild(self, made: Sequence[tuple[date, CheckIn]]) -> int:
        """Write these, in place of what was rebuilt for the same days before. Returns how many differ from it."""
        changed = 0
        with for_writing(self._engine).begin() as connection:
            for day, check_in in made:
                here = (rebuilt.c.key_result == check_in.key_result) & (rebuilt.c.day == day.isoformat())
                before = connection.execute(select(rebuilt).where(here)).mappings().first()
                if before is not None and check_in.says_the_same_as(check_in_from_json(before["check_in"])):
                    continue
                connection.execute(delete(rebuilt).where(here))
                connection.execute(
                    rebuilt.insert().values(
                        key_result=check_in.key_result,
                        day=day.isoformat(),
                        at=check_in.at,
                        check_in=check_in_json(check_in),
                    )
                )
                changed += 1
        return changed
