"""The bells of a workspace's connections."""

from __future__ import annotations

from config.load import Connection
from connectors.base import Bell
from connectors.redaction import redact
from connectors.standard_webhooks import bell_of
from sync.store.store import Store


def bell_for(connection: Connection, store: Store) -> Bell:
    redact.protect_options(connection.options)
    return bell_of(connection.spec, connection.options, store.subscriptions.memory_of(connection.name))
