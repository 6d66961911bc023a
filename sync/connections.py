"""Opens the connections that a pass needs, and closes them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from config.load import Connection
from connectors.base import Clock, Connector, Memory, Reader
from mapping.day import Zone


@contextmanager
def opened(
    connections: Mapping[str, Connection],
    names: Iterable[str],
    clock: Clock,
    zone: Zone,
    memory_of: Callable[[str], Memory | None] = lambda _: None,
) -> Iterator[dict[str, Connector]]:
    """`memory_of` gives what a connection remembers; by itself it remembers for as long as it is open."""
    with ExitStack() as stack:
        made: dict[str, Connector] = {}
        for name in names:
            wanted = connections[name]
            if wanted.spec.connector is None:
                continue
            connector = wanted.spec.load()(name, wanted.options, clock=clock, zone=zone, memory=memory_of(name))
            stack.callback(connector.close)
            made[name] = connector
        yield made


def readers(connectors: Mapping[str, Connector]) -> dict[str, Reader[Any]]:
    """Those that can be read."""
    return {name: connector for name, connector in connectors.items() if isinstance(connector, Reader)}
