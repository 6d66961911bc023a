"""`okrsync serve`"""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from cli import exits
from cli.session import Session, pass_session

if TYPE_CHECKING:
    from sync.serving import Service

SECONDS_FOR_CALLS, SECONDS_FOR_PASSES = 5.0, 20.0
"""How long what is under way may take to end, once it is told to stop."""


@click.command()
@click.argument("workspaces", nargs=-1, metavar="[WORKSPACE]...", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", envvar="OKRSYNC_HOST", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8080,
    envvar="OKRSYNC_PORT",
    show_default=True,
    help="The port for tools and people.",
)
@click.option(
    "--admin-port",
    type=click.IntRange(1, 65535),
    default=8081,
    envvar="OKRSYNC_ADMIN_PORT",
    show_default=True,
    help="The port for monitors: /healthz, /readyz, /metrics.",
)
@click.option(
    "--role", type=click.Choice(["web", "worker", "all"]), default="all", envvar="OKRSYNC_ROLE", show_default=True,
    help="With `queue:`, what this replica does: receive calls, make passes, or both.",
)  # fmt: skip
@pass_session
def serve(
    session: Session,
    workspaces: tuple[Path, ...],
    host: str,
    port: int,
    admin_port: int,
    role: Literal["web", "worker", "all"],
) -> int:
    """Keep key results current, by their schedules and on webhooks. After SIGTERM, it ends within 30 seconds.

    WORKSPACE is okrsync.yaml or its folder. You can name several; each has its own store. `serve` reads changed files
    and secrets without a restart.
    """
    from cli.logs import set_up_logging
    from sync.serving import Service

    set_up_logging(everything=True)
    told = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: told.set())
    service = Service(workspaces or (session.config,), session.clock, role)
    return _run(service, told, host, port, admin_port)


def _run(service: Service, told: threading.Event, host: str, port: int, admin_port: int) -> int:
    from web.admin import admin
    from web.app import application
    from web.server import Server

    app = application(service.keepers)
    try:
        servers = [Server(admin(service, lambda: app.state.desk.results), host=host, port=admin_port)]
        if service.role != "worker":
            servers.append(Server(app, host=host, port=port))
    except OSError as error:
        raise click.UsageError(
            f"okrsync can't listen on {host}, ports {port} and {admin_port}: {error.strerror}. "
            "Choose free ones with --port and --admin-port."
        ) from None
    for server in servers:
        server.start()
    try:
        service.start()
        while not told.wait(1):
            if service.lost.is_set() or any(server.failed for server in servers):
                return exits.TEMPORARY
    finally:
        for server in servers:
            server.stop(SECONDS_FOR_CALLS)
        app.state.desk.close()
        service.stop(SECONDS_FOR_PASSES)
    return exits.CURRENT
