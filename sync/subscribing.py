"""Keeps the subscriptions of tools that ring only where they were asked to: makes them, renews them at half their life,
makes them anew where they are gone, and ends those that no key result needs.

Polling stays the truth: what can't be had is told in the store, and costs time alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import structlog

from config.load import Workspace
from connectors.base import Subscriber, Watch
from connectors.errors import ConnectorError, NotFound
from sync.connections import opened
from sync.questions import questions_for
from sync.store.store import Store
from sync.store.subscribed import Subscription

AGAIN = timedelta(minutes=10)
"""When to try again after passing trouble."""
REFUSED_AGAIN = timedelta(hours=6)
"""When to try again after a refusal that somebody must act on."""
RECONCILE = timedelta(days=1)
"""How often to look at what the tool has, beside each start."""
NO_ADDRESS = "okrsync.yaml has no address that the tool can call"
NAME_ADDRESS = "Write the address of `okrsync serve` in okrsync.yaml, such as public_url: https://okrs.example.com."

log = structlog.get_logger("sync.subscribing")


class Tender:
    """Of one workspace, for as long as `serve` runs. One process at a time may tend a workspace."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._kept = store.subscriptions
        self._clock = clock
        self._looked: dict[str, datetime] = {}

    def tend(self, workspace: Workspace) -> None:
        """Do what is due; nothing is asked where nothing is. The tool calls back while it is asked. Raises
        StoreError."""
        now = self._clock()
        rows = self._kept.all()
        names = [name for name, one in workspace.connections.items() if getattr(one.options, "subscribe", False)]
        for row in rows:
            if row.connection not in workspace.connections:
                self._kept.drop(row)
        had = {row.connection for row in rows} & workspace.connections.keys()
        for name in sorted({*names, *had}):
            with opened(workspace.connections, [name], self._clock, workspace.time_zone) as connectors:
                connector = connectors.get(name)
                if isinstance(connector, Subscriber):
                    self._tend_one(workspace, name, connector, [row for row in rows if row.connection == name], now)

    def _tend_one(
        self, workspace: Workspace, name: str, connector: Subscriber, rows: list[Subscription], now: datetime
    ) -> None:
        address = address_of(workspace, name)
        known = {row.resource: row for row in rows}
        wanted = {
            resource: known.get(resource) or Subscription(connection=name, resource=resource, state="pending", at=now)
            for resource in sorted(_wanted(workspace, name, connector, now))
        }
        try:
            if address is not None and now - self._looked.get(name, datetime.min.replace(tzinfo=UTC)) >= RECONCILE:
                wanted = self._reconciled(connector, wanted, address)
                self._looked[name] = now
            for row in rows:
                if row.resource not in wanted:
                    if row.remote_id is not None:
                        connector.unwatch(row.remote_id)
                    self._kept.drop(row)
        except ConnectorError as error:
            log.warning("subscriptions can't be looked at", connection=name, cause=error.message, fix=error.fix)
        for row in wanted.values():
            if row.renew_at is None or row.renew_at <= now:
                self._kept.put(_without_address(row, now) if address is None else _tended(connector, row, address, now))

    def _reconciled(
        self, connector: Subscriber, wanted: dict[str, Subscription], address: str
    ) -> dict[str, Subscription]:
        """What the tool has against what is wanted: others that call us are ended, and what is gone is due."""
        ids = {row.remote_id for row in wanted.values() if row.remote_id is not None}
        there: set[str] = set()
        for watch in connector.watches():
            if watch.address != address:
                continue
            if watch.remote_id in ids and not connector.changes_secret:
                there.add(watch.remote_id)
            else:
                connector.unwatch(watch.remote_id)
        return {
            resource: row if row.remote_id is None or row.remote_id in there else _due(row)
            for resource, row in wanted.items()
        }


def address_of(workspace: Workspace, connection: str) -> str | None:
    """Where a tool reaches a connection's bell; None where nobody says where we are."""
    if workspace.public_url is None:
        return None
    return f"{workspace.public_url}/hooks/{quote(workspace.name, safe='')}/{quote(connection, safe='')}"


def _wanted(workspace: Workspace, name: str, connector: Subscriber, at: datetime) -> set[str]:
    if not connector.wants_calls:
        return set()
    queries = questions_for(workspace, workspace.bindings.values(), at).by_connection.get(name, ())
    return {resource for query in queries if (resource := connector.resource_of(query)) is not None}


def _due(row: Subscription) -> Subscription:
    return replace(row, remote_id=None, expires_at=None, renew_at=None, state="pending")


def _without_address(row: Subscription, now: datetime) -> Subscription:
    return replace(row, state="refused", at=now, renew_at=now + AGAIN, cause=NO_ADDRESS, fix=NAME_ADDRESS)


def _tended(connector: Subscriber, row: Subscription, address: str, now: datetime) -> Subscription:
    """Renewed, or made anew where it is gone; what went wrong stands in it, and it lives on until it expires."""
    try:
        watch = _renewed(connector, row, address) or connector.watch(row.resource, address)
    except ConnectorError as error:
        log.warning("no subscription", connection=row.connection, what=row.resource, cause=error.message, fix=error.fix)
        alive = row.remote_id is not None and row.expires_at is not None and row.expires_at > now
        kept = row if alive else _due(replace(row, state="pending"))
        state = kept.state if alive or error.temporary else "refused"
        again = now + (AGAIN if error.temporary else REFUSED_AGAIN)
        return replace(kept, state=state, at=now, renew_at=again, cause=error.message, fix=error.fix)
    log.info("subscribed", connection=row.connection, what=row.resource, until=watch.expires_at.isoformat())
    return Subscription(
        connection=row.connection,
        resource=row.resource,
        state="active",
        at=now,
        remote_id=watch.remote_id,
        expires_at=watch.expires_at,
        renew_at=now + (watch.expires_at - now) / 2,
    )


def _renewed(connector: Subscriber, row: Subscription, address: str) -> Watch | None:
    """None where there is none, or no more."""
    if row.remote_id is None or row.expires_at is None:
        return None
    known = Watch(remote_id=row.remote_id, resource=row.resource, address=address, expires_at=row.expires_at)
    try:
        return connector.renew(known)
    except NotFound:
        return None
