"""What tools and people said that changed, until a pass has asked; and which calls came already.

A ring takes no lock of its own: it waits for no pass, and its rows are new ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, insert, select

from sync.store.tables import deliveries, touches
from sync.store.writing import for_writing, insert_of

OF_THE_API = ""
"""The connection of what was asked for over the API: what was touched is then a key result."""
SETTLED_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Touch:
    """`at` is from when it counts."""

    id: int
    connection: str
    what: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A call that was judged right. It is known again by any of its `ids`; without one it always counts. What it
    touched counts from each of the times in `due`."""

    connection: str
    ids: tuple[str, ...]
    touched: frozenset[str]
    at: datetime
    due: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """`later` is how many touches count only later."""

    now: int
    oldest: datetime | None
    later: int


class Inbox:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ring(self, calls: Sequence[Rung]) -> list[bool]:
        """Write down what is new, all of it or nothing. Tells of each call whether it was new."""
        with for_writing(self._engine).begin() as connection:
            fresh = _first_seen(connection, calls)
            found: dict[tuple[str, str, datetime], None] = {}
            new: list[bool] = []
            for call in calls:
                unknown = [(call.connection, one) in fresh for one in call.ids]
                fresh -= {(call.connection, one) for one in call.ids}
                new.append(all(unknown))
                if new[-1]:
                    found |= {(call.connection, what, at): None for what in call.touched for at in call.due}
            if found:
                rows = [{"connection": name, "what": what, "at": at} for name, what, at in found]
                connection.execute(insert(touches), rows)
        return new

    def ask(self, what: Collection[str], at: datetime) -> None:
        """Key results are to be asked; `*` is all of them."""
        call = Rung(connection=OF_THE_API, ids=(), touched=frozenset(what), at=at, due=(at,))
        self.ring([call])

    def waiting(self, now: datetime) -> list[Touch]:
        """Those that count by now, oldest first."""
        query = select(touches).where(touches.c.at <= now).order_by(touches.c.at, touches.c.id)
        with self._engine.connect() as connection:
            return [Touch(**row) for row in connection.execute(query).mappings()]

    def next_at(self, now: datetime) -> datetime | None:
        """When the first counts that does not yet."""
        with self._engine.connect() as connection:
            found: datetime | None = connection.execute(
                select(func.min(touches.c.at)).where(touches.c.at > now)
            ).scalar()
        return found

    def state(self, now: datetime) -> Waiting:
        by_now = touches.c.at <= now
        query = select(func.count(), func.min(touches.c.at))
        with self._engine.connect() as connection:
            count, oldest = connection.execute(query.where(by_now)).one()
            later = connection.execute(select(func.count()).select_from(touches).where(~by_now)).scalar_one()
        return Waiting(now=count, oldest=oldest, later=later)

    def last_calls(self) -> dict[str, datetime]:
        """When each connection was rung last, among the calls that are remembered."""
        query = select(deliveries.c.connection, func.max(deliveries.c.at)).group_by(deliveries.c.connection)
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def settle(self, ids: Collection[int]) -> None:
        """What nobody has to be asked for."""
        with for_writing(self._engine).begin() as connection:
            settle(connection, ids)

    def prune(self, before: datetime) -> None:
        """Forget calls that can't come again."""
        with for_writing(self._engine).begin() as connection:
            connection.execute(delete(deliveries).where(deliveries.c.at < before))


def settle(connection: Connection, ids: Collection[int]) -> None:
    """Touches that the pass which this transaction records has asked for."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), SETTLED_AT_ONCE):
        connection.execute(delete(touches).where(touches.c.id.in_(wanted[start : start + SETTLED_AT_ONCE])))


def _first_seen(connection: Connection, calls: Iterable[Rung]) -> set[tuple[str, str]]:
    """Their ids that nobody knew, which are known from now on; several processes may write at once."""
    rows = {(call.connection, one): call.at for call in calls for one in call.ids}
    if not rows:
        return set()
    made = insert_of(connection)
    given = [{"connection": name, "id": one, "at": at} for (name, one), at in sorted(rows.items())]
    statement = made(deliveries).on_conflict_do_nothing().returning(deliveries.c.connection, deliveries.c.id)
    found: set[tuple[str, str]] = set()
    for start in range(0, len(given), SETTLED_AT_ONCE):
        part = statement.values(given[start : start + SETTLED_AT_ONCE])
        found |= {(name, one) for name, one in connection.execute(part)}
    return found
