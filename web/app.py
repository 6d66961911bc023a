"""The application that the network reaches: what tools and people call. Each part brings a router of its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.responses import PlainTextResponse

from sync.keeper import Keeper
from web.api import api
from web.hooks import Desk, hooks

health = APIRouter()


def application(keepers: Mapping[str, Keeper]) -> FastAPI:
    """`keepers` are the workspaces by name; a router finds them as `request.app.state.keepers`."""
    app = FastAPI(
        title="okrsync",
        version=version("okrsync"),
        openapi_url="/api/v1/openapi.json",
        # Their pages load scripts from other hosts.
        docs_url=None,
        redoc_url=None,
    )
    app.state.keepers = keepers
    app.state.desk = Desk()
    app.include_router(health)
    app.include_router(hooks)
    app.include_router(api)
    return app


@health.get("/healthz", include_in_schema=False)
async def healthz() -> PlainTextResponse:
    """The process answers, even if nothing else works."""
    return PlainTextResponse("ok\n")
