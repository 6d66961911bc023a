"""Writes to Graph: one by itself, or twenty as the steps of a batch, each on a version that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.errors import BadAnswer, ConnectorError
from connectors.graph import batch
from connectors.graph.client import GraphClient
from connectors.graph.errors import refusal
from connectors.graph.schedule import Request
from connectors.pauses import retry_after
from connectors.writes import PERHAPS

ROUNDS = 3
NOT_BEGUN = frozenset({429, 503})


@dataclass(frozen=True, kw_only=True)
class Write:
    path: str
    body: dict[str, Any]
    etag: str
    permission: str

    @property
    def asked(self) -> Request:
        return Request(self.path, self.permission)


def write_many(client: GraphClient, writes: Sequence[Write], connection: str) -> list[ConnectorError | None]:
    """What came of each, None where it was written. At most as many as a batch holds."""
    if len(writes) == 1:
        return [_alone(client, writes[0])]
    outcomes: dict[int, ConnectorError | None] = {}
    left = list(range(len(writes)))
    for last in range(ROUNDS):
        steps = [_step(index, writes[index]) for index in left]
        try:
            answer = client.patch_many(steps)
            parts = batch.parts_by_id(answer, connection)
        except ConnectorError as error:
            return [error if n in left else outcomes[n] for n in range(len(writes))]
        again: list[int] = []
        pause = 0.0
        for index in left:
            part = parts.get(str(index))
            status = batch.status_of(part)
            if part is not None and status in NOT_BEGUN and last + 1 < ROUNDS:
                again.append(index)
                pause = max(pause, batch.pause_of(part))
            outcomes[index] = _outcome(writes[index], part, connection)
        left = again
        if not left or pause > client.http.retry.longest_wait:
            break
        client.http.pause(pause)
    return [outcomes[index] for index in range(len(writes))]


def _alone(client: GraphClient, write: Write) -> ConnectorError | None:
    try:
        client.patch(write.asked, write.body, {"If-Match": write.etag})
    except ConnectorError as error:
        return error
    return None


def _step(index: int, write: Write) -> dict[str, Any]:
    headers = {"Content-Type": "application/json", "If-Match": write.etag}
    return {"id": str(index), "method": "PATCH", "url": write.path, "headers": headers, "body": write.body}


def _outcome(write: Write, part: Any, connection: str) -> ConnectorError | None:
    status = batch.status_of(part)
    if status is None:
        return BadAnswer("Graph did not answer this write of a batch", connection=connection, uncertain=True)
    if 200 <= status < 300:
        return None
    error = refusal(status, part.get("body"), connection, write.asked, retry_after(batch.headers_of(part)))
    error.uncertain = status in PERHAPS
    if status != batch.CHALLENGED:
        error.scope = "query"
    return error
