"""`okrsync sandbox`"""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder to load instead of the sample company; its layout is in docs/sandbox.md.",
)
@click.option("--latency", type=click.FloatRange(0, 10), default=0, show_default=True, help="Seconds an answer takes.")
@click.option("--port", type=click.IntRange(0, 65533), default=0, help="The first of three ports; any free ones if 0.")
def sandbox(data: Path | None, latency: float, port: int) -> None:
    """Run stand-ins for Salesforce, Jira and Microsoft Graph on this machine, until interrupted.

    They speak the real protocols over the sample company or the data of a folder. What they print are the
    environment variables that examples/okrsync.yaml asks for.
    """
    from sandbox.company import sample_company
    from sandbox.load import load
    from sandbox.run import running

    try:
        company = load(data) if data else sample_company()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with running(company, latency=latency, port=port) as environment:
        for name, value in environment.items():
            click.echo(f"export {name}={value}")
        click.echo("The sandbox is running; stop it with Ctrl-C.", err=True)
        stopped.wait()
