"""The JSON API: for scripts and CI. A caller shows a token of the workspace; without a valid one every workspace looks
the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import ClientDisconnect

from connectors.hook_bodies import EVERYTHING
from sync.keeper import Keeper
from sync.store.errors import StoreError
from web.bounds import Bounds, Refused

MOST_KEY_RESULTS = 1000
RETRY = {"Retry-After": "5"}


class SyncRequest(BaseModel):
    """The key results to ask. An empty body, or one that names none, means all."""

    model_config = ConfigDict(extra="forbid")

    key_results: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default_factory=list, max_length=MOST_KEY_RESULTS
    )


class SyncQueued(BaseModel):
    """The next pass asks for these. An empty list means all."""

    queued: list[str]


class Problem(BaseModel):
    detail: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": what}
    for status, what in {
        400: "The body is not JSON of this form",
        401: "No valid token for this workspace, or no such workspace",
        404: "No such key result",
        408: "The body was too slow",
        413: "The body is too large",
        429: "Too many calls",
        431: "The headers are too large",
        503: "The store can't be used now; try again",
    }.items()
}
_body = {"required": False, "content": {"application/json": {"schema": SyncRequest.model_json_schema()}}}
_bearer = HTTPBearer(auto_error=False, description="A token of `okrsync token create --scope sync`")
api = APIRouter(prefix="/api/v1", tags=["API"])


@api.post("/workspaces/{workspace}/sync", status_code=202, responses=PROBLEMS, openapi_extra={"requestBody": _body})
async def sync(
    request: Request, workspace: str, shown: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> SyncQueued:
    """Ask the sources soon, in the next pass. The call does not wait: `okrsync status` shows the result."""
    bounds: Bounds = request.app.state.desk.bounds
    keepers: Mapping[str, Keeper] = request.app.state.keepers
    try:
        bounds.count(request.client.host if request.client else "")
        body = await bounds.body(request)
    except Refused as error:
        raise HTTPException(error.status, "the call exceeds a limit", RETRY) from None
    except ClientDisconnect:
        raise HTTPException(400, "the call was cut off") from None
    try:
        return await run_in_threadpool(_queue, keepers.get(workspace), shown.credentials if shown else "", body)
    except StoreError:
        raise HTTPException(503, "the store can't be used now", RETRY) from None


def _queue(keeper: Keeper | None, token: str, body: bytes) -> SyncQueued:
    if keeper is None or not token or keeper.store.tokens.find(token, "sync", keeper.clock()) is None:
        raise HTTPException(401, "no valid token for this workspace", {"WWW-Authenticate": "Bearer"})
    try:
        wanted = SyncRequest.model_validate_json(body or b"{}").key_results
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HTTPException(400, f"{place or 'the body'}: {first['msg']}") from None
    unknown = sorted(set(wanted) - keeper.workspace.bindings.keys())
    if unknown:
        raise HTTPException(404, f"no key result {unknown[0]!r} is read from a source here")
    keeper.store.inbox.ask(wanted or [EVERYTHING], keeper.clock())
    keeper.wake()
    return SyncQueued(queued=sorted(set(wanted)))
