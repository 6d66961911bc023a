"""Reads and writes the store in the words of the rest: check-ins, readings, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, Engine, select

from mapping.assess import CheckIn
from mapping.model import Key
from mapping.records import KeyResultOutcome, LastRun
from sync.store.conditions import Conditions
from sync.store.defined import Definitions
from sync.store.editions import Editions
from sync.store.errors import StoreError
from sync.store.forgetting import Forgetting
from sync.store.inbox import Inbox
from sync.store.info import Info
from sync.store.leasing import give_back, renew, take
from sync.store.newest import newest, of, order, rows_of, voided
from sync.store.opening import Owner, open_for_reading, open_for_writing
from sync.store.outbox import Outbox
from sync.store.past import Past
from sync.store.people import People
from sync.store.recording import Recorded, RunRecord, Seen, last_said, outcome_of, record, recorded
from sync.store.remembered import Remembered
from sync.store.rows import CHECK_IN, check_in_of
from sync.store.subscribed import Subscriptions
from sync.store.tables import check_ins, outcomes, runs
from sync.store.thinning import Thinning
from sync.store.tokens import Tokens
from sync.store.trails import Trails
from sync.store.writing import LEASE, writing

__all__ = ["Owner", "Recorded", "RunRecord", "Store"]


class Store:
    """The append-only record. Safe to use from several processes; each write is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.info = Info(engine)
        self.people = People(engine)
        self.past = Past(engine)
        self.outbox = Outbox(engine)
        self.defined = Definitions(engine)
        self.inbox = Inbox(engine)
        self.subscriptions = Subscriptions(engine)
        self.tokens = Tokens(engine)
        self.trails = Trails(engine)
        self.conditions = Conditions(engine)
        self.thinning = Thinning(engine)
        self.editions = Editions(engine)
        self.forgetting = Forgetting(engine)

    @classmethod
    def open(cls, url: str, owner: Owner | None = None) -> Self:
        """For writing: it is made and migrated where it must, and the `owner`'s from then on. Raises StoreError."""
        return cls(open_for_writing(url, owner))

    @classmethod
    def read(cls, url: str, owner: Owner | None = None) -> Self:
        """For reading alone: nothing is written, and a store that is not there yet is empty. Raises StoreError."""
        return cls(open_for_reading(url, owner))

    def remembered(self, clock: Callable[[], datetime]) -> Remembered:
        """What connectors remember, for one pass."""
        return Remembered(self._engine, clock)

    def release(self) -> None:
        """Let go of connections that nobody uses: many workspaces on one PostgreSQL would use up what it allows."""
        self._engine.dispose()

    def close(self) -> None:
        self._engine.dispose()

    def last_check_ins(self, keys: Collection[Key] | None = None, until: datetime | None = None) -> dict[Key, CheckIn]:
        """The newest check-in of each key result that has one, `until` that moment."""
        with self._engine.connect() as connection:
            found = newest(connection, check_ins, keys, until, columns=CHECK_IN)
            return {key: check_in_of(row) for key, row in found.items()}

    def last_outcomes(self, until: datetime | None = None) -> dict[Key, KeyResultOutcome]:
        with self._engine.connect() as connection:
            return {key: outcome_of(row) for key, row in newest(connection, outcomes, until=until).items()}

    def history(self, key: Key) -> list[CheckIn]:
        """The check-ins of one key result that count, oldest first."""
        void = self.voided(key)
        return [made for made in self.all_check_ins(key) if made.at not in void]

    def voided(self, key: Key) -> set[datetime]:
        """The moments of its check-ins that a person says were wrong."""
        with self._engine.connect() as connection:
            return {at for one, at in voided(connection) if one == key}

    def all_check_ins(self, key: Key) -> list[CheckIn]:
        """Oldest first."""
        with self._engine.connect() as connection:
            query = select(*CHECK_IN).where(of(check_ins, key)).order_by(*order(check_ins))
            return list(map(check_in_of, rows_of(connection.execute(query))))

    def last_run(self, until: datetime | None = None) -> LastRun | None:
        query = select(runs).order_by(runs.c.asked_at.desc(), runs.c.id.desc()).limit(1)
        query = query if until is None else query.where(runs.c.asked_at <= until)
        with self._engine.connect() as connection:
            found = connection.execute(query).mappings().first()
        return None if found is None else LastRun(**{name: found[name] for name in LastRun.__dataclass_fields__})

    def seen(self) -> Seen:
        """How far people's words are read. What they say later, a pass that read this knows nothing of."""
        with self._engine.connect() as connection:
            return last_said(connection)

    def record(
        self, run: RunRecord, token: int | None = None, beside: Callable[[Connection], None] = lambda _: None
    ) -> Recorded:
        """Write a pass, all of it or nothing but for what the store can't keep; `beside` writes in the same
        transaction. Raises LeaseLost where another pass took the lease whose `token` this one was given. A connection
        that is lost is made anew, once."""
        try:
            return self._record(run, token, beside)
        except StoreError as error:
            if not error.disconnected:
                raise
            return self._record(run, token, beside)

    def _record(self, run: RunRecord, token: int | None, beside: Callable[[Connection], None]) -> Recorded:
        with writing(self._engine, token) as connection:
            known = recorded(connection, run)
            if known is None:
                beside(connection)
            return record(connection, run) if known is None else known

    def take_lease(self, holder: str, is_gone: Callable[[str], bool], name: str = LEASE) -> tuple[int | None, str]:
        """The token, or None and who holds it."""
        return take(self._engine, holder, is_gone, name)

    def renew_lease(self, token: int, name: str = LEASE) -> bool:
        """Whether it is still held by that token."""
        return renew(self._engine, token, name)

    def give_back_lease(self, token: int, name: str = LEASE) -> None:
        give_back(self._engine, token, name)
