"""Runs the three stand-ins together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from sandbox.data import Data
from sandbox.graph import GraphTenant
from sandbox.jira import JiraSite
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server

EMAIL = "okrsync@example.com"
SECRET = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox


def _utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def running(
    data: Data, *, latency: float = 0, port: int = 0, clock: Callable[[], datetime] = _utc_now
) -> Iterator[dict[str, str]]:
    """Serve `data` until the block is left. Gives the environment variables that lead a configuration there.

    `port` is the first of three; 0 takes any free ones. `clock` is what the stand-ins take for now.
    """
    with ExitStack() as stack:

        def serve(application: SalesforceOrg | JiraSite | GraphTenant, index: int) -> str:
            server = Server(application, latency=latency, port=port + index if port else 0)
            return stack.enter_context(server).url

        yield {
            "SALESFORCE_URL": serve(SalesforceOrg(data, client_id="okrsync", client_secret=SECRET, clock=clock), 0),
            "SALESFORCE_CLIENT_SECRET": SECRET,
            "JIRA_URL": serve(JiraSite(data, email=EMAIL, token=SECRET, clock=clock), 1),
            "JIRA_TOKEN": SECRET,
            "GRAPH_URL": serve(GraphTenant(data, client_id="okrsync", client_secret=SECRET, clock=clock), 2),
            "GRAPH_CLIENT_SECRET": SECRET,
        }
