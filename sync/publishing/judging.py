"""Lets a connection check its destinations. It writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from config.load import Workspace
from connectors.base import Clock, Connector, Publisher
from connectors.errors import BadAnswer, ConnectorError
from sync.connections import opened
from sync.pull import DEFECT_FIX

log = structlog.get_logger("sync.publishing")


@dataclass(frozen=True, kw_only=True)
class JudgedPlace:
    """A destination, where it stands in the files, and what keeps it from being written to, if anything."""

    place: str
    key: str
    file: Path
    line: int
    error: ConnectorError | None


def judged(workspace: Workspace, name: str, clock: Clock) -> Iterator[JudgedPlace]:
    with opened(workspace.connections, [name], clock, workspace.time_zone) as connectors:
        yield from judged_by(workspace, connectors[name])


def judged_by(workspace: Workspace, connector: Connector) -> Iterator[JudgedPlace]:
    own = [one for one in workspace.publications if one.connection == connector.name]
    if not own or not isinstance(connector, Publisher):
        return
    found: dict[object, ConnectorError | None] = {}
    try:
        found.update(connector.check_destinations([one.destination for one in own]))
    except Exception as error:
        log.exception("connector failed", connection=connector.name)
        broken = BadAnswer(f"the connector broke: {type(error).__name__}", connection=connector.name, fix=DEFECT_FIX)
        found = {one.destination: found.get(one.destination, broken) for one in own}
    for one in own:
        yield JudgedPlace(
            place=one.destination.text(),
            key=one.key.id,
            file=one.file,
            line=one.line,
            error=found.get(one.destination),
        )
