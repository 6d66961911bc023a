"""Opens the connections that a pass needs, and closes them all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from config.load import Connection
from connectors.base import Clock, Connector
from mapping.day import Zone


@contextmanager
def opened(
    connections: Mapping[str, Connection], names: Iterable[str], clock: Clock, zone: Zone
) -> Iterator[dict[str, Connector[Any]]]:
    with ExitStack() as stack:
        made = {}
        for name in names:
            wanted = connections[name]
            connector = wanted.spec.load()(name, wanted.options, clock=clock, zone=zone)
            stack.callback(connector.close)
            made[name] = connector
        yield made
