"""`okrsync serve`"""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click

from cli import exits
from cli.session import Session, pass_session

SECONDS_TO_STOP = 5.0


@click.command(hidden=True)
@click.argument("workspaces", nargs=-1, metavar="[WORKSPACE]...", type=click.Path(path_type=Path))
@click.option("--host", default="127.0.0.1", envvar="OKRSYNC_HOST", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, envvar="OKRSYNC_PORT", show_default=True, help="The port for tools and people.")
@pass_session
def serve(session: Session, workspaces: tuple[Path, ...], host: str, port: int) -> int:
    """Keep key results current, until it is told to stop. WORKSPACE is okrsync.yaml or the folder that holds it."""
    from cli.logs import set_up_logging
    from sync.keeper import Keeper
    from web.app import application
    from web.server import Server

    set_up_logging()
    opened = [Keeper(path, session.clock) for path in workspaces or (session.config,)]
    server = Server(application({keeper.name: keeper for keeper in opened}), host=host, port=port)
    told = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: told.set())
    server.start()
    told.wait()
    server.stop(SECONDS_TO_STOP)
    for keeper in opened:
        keeper.close()
    return exits.CURRENT
