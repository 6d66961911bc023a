"""Doorbells that tools call when something changed. A call is checked, recorded and answered; a pass comes later.

A caller without the right secret gets the same answer whether the address exists or not. Paths may hold a secret, and
are never logged.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from config.load import Workspace
from connectors.base import Answer, Bell, Call, Delivery, Forged
from connectors.graph.webhook import handshake_of
from connectors.signatures import digest, named
from sync.bells import bell_for
from sync.keeper import Keeper
from sync.receiving import Overloaded, Receiver
from sync.store.errors import StoreError
from sync.store.inbox import Rung
from web.bounds import Bounds, Refused

SECONDS_TO_WRITE = 8.0
"""Graph waits for ten."""
SMALL = 65_536
"""Bytes of a body that is judged at once; a larger one takes long enough to let others pass."""
LATER = {"Retry-After": "5"}
ALWAYS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
STATUSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "Accepted, received before, or a handshake"},
    202: {"description": "Taken"},
    401: {"description": "Not signed, wrongly signed, too old, or no such address"},
    408: {"description": "The body was too slow"},
    413: {"description": "The body is too large"},
    429: {"description": "Too many calls"},
    431: {"description": "The headers are too large"},
    503: {"description": "The call can't be recorded now. Send it again."},
}
TOLD_AGAIN_SECONDS = 60.0

log = structlog.get_logger("web.hooks")
hooks = APIRouter(tags=["webhooks"])


@dataclass
class Desk:
    """Where calls of one process are taken."""

    bounds: Bounds = field(default_factory=lambda: Bounds(time.monotonic))
    results: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """The number of calls by workspace, connection and result; "" for unknown addresses."""
    _receivers: dict[str, Receiver] = field(default_factory=dict)
    _told: dict[tuple[str, str], float] = field(default_factory=dict)

    def receiver(self, keeper: Keeper) -> Receiver:
        if keeper.name not in self._receivers:
            # A keeper's `wake` may be another by the time that it is called.
            self._receivers[keeper.name] = Receiver(keeper.store, lambda: keeper.wake())
        return self._receivers[keeper.name]

    def tell(self, workspace: str, connection: str, result: str, cause: str = "") -> None:
        """Counts it, and logs what was refused, once a minute for each connection."""
        key = (workspace, connection)
        self.results[*key, result] = self.results.get((*key, result), 0) + 1
        now = time.monotonic()
        if cause and now - self._told.get(key, -TOLD_AGAIN_SECONDS) >= TOLD_AGAIN_SECONDS:
            self._told[key] = now
            log.warning("webhook refused", workspace=workspace, connection=connection, cause=cause)

    def close(self) -> None:
        for receiver in self._receivers.values():
            receiver.close()


@hooks.post("/hooks/{workspace}/{connection}", responses=STATUSES, response_class=Response)
async def ring(request: Request, workspace: str, connection: str) -> Response:
    """A tool reports that something changed. The tool decides the form of the body and of the signature."""
    return await _take(request, workspace, connection, "")


@hooks.post("/hooks/{workspace}/{connection}/{secret}", responses=STATUSES, response_class=Response)
async def ring_at_secret(request: Request, workspace: str, connection: str, secret: str) -> Response:
    """The same, for tools that can neither sign nor send a header: the address ends with a secret."""
    return await _take(request, workspace, connection, secret)


async def _take(request: Request, workspace: str, connection: str, secret: str) -> Response:
    desk: Desk = request.app.state.desk
    keepers: Mapping[str, Keeper] = request.app.state.keepers
    peer = request.client.host if request.client else ""
    try:
        desk.bounds.count(peer)
        body = await desk.bounds.body(request)
    except Refused as error:
        return _answered(Answer(status=error.status), LATER if error.status == 429 else {})
    except ClientDisconnect:
        return _answered(Answer(status=400))
    call = Call(
        body=body,
        rest=secret,
        query=dict(request.query_params),
        headers={name.lower(): value for name, value in request.headers.items()},
    )
    handshake = handshake_of(call)
    if handshake is not None:
        return _answered(handshake)
    keeper = keepers.get(workspace)
    known = keeper is not None and connection in keeper.workspace.connections
    if keeper is None or not known:
        digest(b"nobody's secret", call.body)  # takes as long as for one that is
        desk.tell("", "", "unknown")
        return _answered(Answer(status=401))
    return await _judged(desk, keeper, connection, call, peer)


async def _judged(desk: Desk, keeper: Keeper, connection: str, call: Call, peer: str) -> Response:
    now = keeper.clock()
    name = keeper.name
    bell = bell_for(keeper.workspace.connections[connection], keeper.store)
    told = replace(call, certificate=_certificate(keeper.workspace, call, peer))
    try:
        if len(call.body) <= SMALL and not bell.reads_memory:
            found = _judge(bell, connection, told, now)
        else:
            found = await run_in_threadpool(_judge, bell, connection, told, now)
        if isinstance(found, Delivery) and found.renew:
            await run_in_threadpool(keeper.store.subscriptions.hurry, connection, found.renew, now)
    except Forged as error:
        desk.tell(name, connection, "refused", str(error))
        return _answered(Answer(status=401))
    except StoreError as error:
        desk.tell(name, connection, "failed", str(error))
        return _answered(Answer(status=503), LATER)
    if isinstance(found, Answer):
        return _answered(found)
    due = (now,) if bell.asks_again is None else (now, now + bell.asks_again)
    ids = () if found.repeats else tuple(named(one) for one in (found.id, *found.others))
    rung = Rung(connection=connection, ids=ids, touched=found.touched, at=now, due=due)
    try:
        written = desk.receiver(keeper).take(rung)
        new = await asyncio.wait_for(asyncio.wrap_future(written), SECONDS_TO_WRITE)
    except (StoreError, Overloaded, TimeoutError) as error:
        desk.tell(name, connection, "failed", str(error) or "the store took too long")
        return _answered(Answer(status=503), LATER)
    desk.tell(name, connection, "taken" if new else "repeated")
    return _answered(found.answer)


def _judge(bell: Bell, connection: str, call: Call, now: datetime) -> Delivery | Answer:
    """What it is. Raises Forged and StoreError."""
    try:
        return bell.ring(call, now)
    except (Forged, StoreError):
        raise
    except Exception as error:
        # A body that breaks a bell is nobody's number, and no reason to fail.
        log.error("a bell broke", connection=connection, error=type(error).__name__)
        raise Forged(f"the connector broke on it: {type(error).__name__}") from None


def _certificate(workspace: Workspace, call: Call, peer: str) -> str:
    """What a proxy says of the caller's certificate, where the operator trusts that proxy."""
    settings = workspace.webhooks
    try:
        trusted = any(ip_address(peer) in network for network in settings.proxies)
    except ValueError:
        return ""
    return call.headers.get(settings.certificate_header.lower(), "") if trusted else ""


def _answered(answer: Answer, more: Mapping[str, str] | None = None) -> Response:
    headers = {**ALWAYS, **(more or {})}
    content_type = answer.content_type if answer.content else None
    return Response(answer.content, answer.status, headers=headers, media_type=content_type)
