"""Values of past days as the sources tell them today: one for each key result and day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Engine, delete, select

from mapping.assess import CheckIn
from mapping.model import Key
from sync.store.newest import of
from sync.store.rows import check_in_in, check_in_json
from sync.store.tables import rebuilt
from sync.store.writing import writing


class Past:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rebuilt(self, key: Key) -> list[tuple[date, CheckIn]]:
        """Oldest day first."""
        with self._engine.connect() as connection:
            query = select(rebuilt).where(of(rebuilt, key)).order_by(rebuilt.c.day)
            found = connection.execute(query).mappings()
            return [(date.fromisoformat(row["day"]), check_in_in(dict(row))) for row in found]

    def rebuild(self, made: Sequence[tuple[date, CheckIn]]) -> int:
        """Write these, in place of what was rebuilt for the same days before. Returns how many differ from it."""
        changed = 0
        with writing(self._engine) as connection:
            for day, check_in in made:
                here = of(rebuilt, check_in.key) & (rebuilt.c.day == day.isoformat())
                before = connection.execute(select(rebuilt).where(here)).mappings().first()
                if before is not None and _keeps(check_in_in(dict(before)), check_in):
                    continue
                connection.execute(delete(rebuilt).where(here))
                connection.execute(
                    rebuilt.insert().values(
                        key_result=check_in.key_result,
                        cycle=check_in.cycle,
                        day=day.isoformat(),
                        at=check_in.at,
                        check_in=check_in_json(check_in),
                    )
                )
                changed += 1
        return changed


def _keeps(before: CheckIn, made: CheckIn) -> bool:
    """Whether what is rebuilt already stays: it is the same, or was asked later."""
    return made.says_the_same_as(before) or made.asked_at < before.asked_at
