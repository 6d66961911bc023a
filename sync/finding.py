"""Looks for what a connection's tool has, for as much as a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from config.load import Connection, Workspace
from config.suggest import did_you_mean
from connectors.base import Clock, Finder, Found, Kind
from sync.connections import opened

MOST = 50


class NothingToFind(LookupError):
    """What was asked for can't be looked for; the text says why, and what can be."""


@dataclass(frozen=True, kw_only=True)
class Listed:
    found: tuple[Found, ...]
    more: bool


def connection_of(workspace: Workspace, asked: str) -> Connection:
    """A connection by its name, or the only one of a tool. Raises NothingToFind."""
    connections = workspace.connections
    of_tool = [one for one in connections.values() if one.spec.name == asked]
    if asked in connections:
        return connections[asked]
    if len(of_tool) == 1:
        return of_tool[0]
    if of_tool:
        names = ", ".join(sorted(one.name for one in of_tool))
        raise NothingToFind(f"There are several connections to {asked}. Write one of {names}.")
    raise NothingToFind(f"There is no connection {asked!r}. {did_you_mean(asked, connections)}")


def kinds_of(connection: Connection) -> tuple[Kind, ...]:
    """Raises NothingToFind where its tool lists nothing."""
    made = connection.spec.load() if connection.spec.connector else None
    if made is None or not issubclass(made, Finder):
        raise NothingToFind(f"{connection.spec.title} can't list anything.")
    return made.kinds


def find(workspace: Workspace, connection: Connection, kind: str, text: str, within: str, clock: Clock) -> Listed:
    """Raises NothingToFind and ConnectorError."""
    kinds = {one.name: one for one in kinds_of(connection)}
    if kind not in kinds:
        raise NothingToFind(f"{connection.spec.title} has no {kind!r}. {did_you_mean(kind, kinds)}")
    needed = kinds[kind].within
    if (needed is None) == bool(within):
        fix = f"Write --in {needed}." if needed else "Leave --in out."
        raise NothingToFind(f"{kind} {'are inside something' if needed else 'are listed without --in'}. {fix}")
    with opened(workspace.connections, [connection.name], clock, workspace.time_zone) as connectors:
        connector = connectors[connection.name]
        assert isinstance(connector, Finder)  # noqa: S101 - kinds_of looked
        found = tuple(islice(connector.find(kind, text, within), MOST + 1))
    return Listed(found=found[:MOST], more=len(found) > MOST)


def as_yaml(workspace: Workspace, connection: Connection, found: Found) -> str:
    """The source of a key result, on one line."""
    import yaml

    tool = connection.spec.name
    query: dict[str, Any] = {tool: dict(found.query) if isinstance(found.query, Mapping) else found.query}
    alone = sum(one.spec.name == tool for one in workspace.connections.values()) == 1
    if not alone and connection.name != tool:
        query["connection"] = connection.name
    text: str = yaml.safe_dump(query, default_flow_style=True, allow_unicode=True, sort_keys=False, width=10**6)
    return f"value: {text.strip()}"
