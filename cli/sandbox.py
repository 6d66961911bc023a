"""`okrsync sandbox`"""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.session import Session, pass_session
from sync.clock import utc_now

if TYPE_CHECKING:
    from sandbox.data import Data

FIRST_PORT = 18_801
"""Where `okrsync init --sandbox` looks for the stand-ins."""


def free_port(begin: int = FIRST_PORT) -> int:
    """The first of three free ports in a row, from `begin` on."""
    for port in range(begin, 65_000, 3):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for offset in range(3):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port + offset))
            return port
    raise click.ClickException("there are no three free ports in a row on this machine.")


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder to load instead of the sample company; its layout is in docs/sandbox.md.",
)
@click.option(
    "--latency",
    type=click.FloatRange(0, 10),
    default=0,
    show_default=True,
    help="Delay each answer by this many seconds.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65533),
    default=FIRST_PORT,
    show_default=True,
    help="The first of three ports. With 0, free ports are taken.",
)
@click.option(
    "--env-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the variables to this file when the stand-ins are ready, and not before.",
)
@pass_session
def sandbox(session: Session, data: Path | None, latency: float, port: int, env_file: Path | None) -> None:
    """Run stand-ins for Salesforce, Jira and Microsoft Graph on this machine until you stop it with Ctrl-C.

    They speak the real protocols over the sample company as it is today, or over the data of a folder. What they print
    are the environment variables that examples/okrsync.yaml asks for. `okrsync init --sandbox` writes a workspace that
    needs none.
    """
    from sandbox.company import sample_company
    from sandbox.load import load

    try:
        company = load(data) if data else sample_company(session.clock())
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    serve(company, latency=latency, port=port, env_file=env_file)


def serve(company: Data, *, port: int, latency: float = 0, env_file: Path | None = None) -> None:
    """Run the stand-ins until interrupted. Raises click.ClickException where a port is taken."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with stand_ins(company, port=port, latency=latency) as environment:
        lines = [f"export {name}={value}" for name, value in environment.items()]
        if env_file:
            _write_whole(env_file, "\n".join(lines) + "\n")
        click.echo("\n".join(lines))
        click.echo("The sandbox is running; stop it with Ctrl-C.", err=True)
        stopped.wait()


@contextlib.contextmanager
def stand_ins(
    company: Data, *, port: int, latency: float = 0, clock: Callable[[], datetime] = utc_now
) -> Iterator[dict[str, str]]:
    """Give the variables that lead to them. Raises click.ClickException where a port is taken."""
    from sandbox.run import running

    with contextlib.ExitStack() as stack:
        try:
            environment = stack.enter_context(running(company, latency=latency, port=port, clock=clock))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise click.ClickException(
                f"one of the ports {port} to {port + 2} is taken: is another sandbox running? "
                "`okrsync sandbox --port 0` takes free ones."
            ) from None
        yield environment


def _write_whole(file: Path, text: str) -> None:
    """The file appears at once and complete, so that who waits for it can read it."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
