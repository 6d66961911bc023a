"""What tools were asked to tell us of, and how that went. State: one row for each resource that is wanted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Engine, delete, insert, select, update

from sync.store.tables import subscriptions
from sync.store.writing import for_writing

State = Literal["active", "pending", "refused"]


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """`remote_id` is the tool's name for it. `renew_at` is when something is to be done about it next."""

    connection: str
    resource: str
    state: State
    at: datetime
    remote_id: str | None = None
    expires_at: datetime | None = None
    renew_at: datetime | None = None
    cause: str | None = None
    fix: str | None = None


class Subscriptions:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Subscription]:
        query = select(subscriptions).order_by(subscriptions.c.connection, subscriptions.c.resource)
        with self._engine.connect() as connection:
            return [Subscription(**row) for row in connection.execute(query).mappings()]

    def put(self, one: Subscription) -> None:
        """In place of what stood there."""
        with for_writing(self._engine).begin() as connection:
            connection.execute(delete(subscriptions).where(_here(one)))
            connection.execute(insert(subscriptions).values(**vars(one)))

    def hurry(self, connection: str, remote_ids: Collection[str], now: datetime) -> None:
        """They are to be renewed now."""
        mine = (subscriptions.c.connection == connection) & subscriptions.c.remote_id.in_(remote_ids)
        with for_writing(self._engine).begin() as opened:
            opened.execute(update(subscriptions).where(mine).values(renew_at=now))

    def drop(self, one: Subscription) -> None:
        with for_writing(self._engine).begin() as connection:
            connection.execute(delete(subscriptions).where(_here(one)))

    def memory_of(self, connection: str) -> Known:
        return Known(self._engine, connection)


class Known:
    """What a bell remembers of one connection: which resource a subscription watches (`connectors.base.Memory`)."""

    def __init__(self, engine: Engine, connection: str) -> None:
        self._engine = engine
        self._connection = connection

    def get(self, key: str, *, max_age: timedelta) -> str | None:  # noqa: ARG002 - it is so until it is not
        mine = (subscriptions.c.connection == self._connection) & (
            subscriptions.c.remote_id == key.removeprefix("subscription ")
        )
        with self._engine.connect() as connection:
            found: str | None = connection.execute(select(subscriptions.c.resource).where(mine)).scalar()
        return found

    def put(self, key: str, value: str) -> None:
        """A bell writes nothing."""


def _here(one: Subscription):  # type: ignore[no-untyped-def]
    return (subscriptions.c.connection == one.connection) & (subscriptions.c.resource == one.resource)
