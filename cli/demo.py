"""`okrsync demo`"""

from __future__ import annotations

import contextlib
import io
import shlex
import shutil
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click

from cli import exits
from cli.sandbox import free_port, serve, stand_ins
from cli.session import Session, pass_session
from cli.templates import around, head_of_worker, sample_okr_files, sandbox_worker_file, write

DAYS_BACK = range(48, 0, -4)
"""The days of the demo's history, counted back from today. Much wider steps would look like leaps, and be held."""
MARK = "# Made by `okrsync demo`; it is made anew each time.\n"

STEPS = (
    (("check", "--connect"), "Is the configuration right, and do the three tools let us in?"),
    (("plan",), "What would change? Nothing is written yet."),
    (("sync",), "Record it."),
    (("show",), "What everybody sees:"),
)
NEXT = (
    ("explain new-sales", "where a number comes from, down to the query and the rows"),
    ("history tickets", "every value, week by week"),
    ("export", "the same for a spreadsheet"),
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"))
@click.option("--serve", "keep_serving", is_flag=True, help="Keep the stand-ins running afterwards, until Ctrl-C.")
@pass_session
def demo(session: Session, folder: Path, keep_serving: bool) -> int:
    """Show okrsync at work on a sample company: check, plan and sync its OKRs against the sandbox.

    The workspace is left in FOLDER (`demo` if none is named), with weeks of history, to look at and to try things on.
    """
    from sandbox.company import sample_company

    now, port = session.clock(), free_port()
    make_workspace(folder, now, port)
    click.echo(f"A sample company on {now:%d %B %Y}; its Salesforce, Jira and Microsoft 365 run on this machine.")
    live_through(folder, [now - timedelta(days=back) for back in DAYS_BACK], port)
    with _company_on(now, port):
        code = _show_steps(folder, now)
    if code != exits.CURRENT:
        return code
    click.echo(f"\nThe workspace is {folder}/. Look around in it:")
    for command, why in NEXT:
        click.echo(f"    {program()} -c {shlex.quote(str(folder))} {command}    # {why}")
    if keep_serving:
        click.echo(f"    {program()} -c {shlex.quote(str(folder))} sync    # in another terminal")
        serve(sample_company(now), port=port)
    else:
        click.echo(
            f"`{program()} demo --serve` keeps the stand-ins running, so that plan and sync work there too. "
            "README.md says how to begin with your own OKRs."
        )
    return exits.CURRENT


def make_workspace(folder: Path, now: datetime, port: int) -> None:
    """`port` is the first of the stand-ins' three. Raises click.ClickException where something else is there."""
    from mapping.day import UTC, day_of

    worker = folder / "okrsync.yaml"
    if worker.exists() and MARK in worker.read_text(encoding="utf-8", errors="replace"):
        shutil.rmtree(folder)
    head = MARK + head_of_worker(folder, UTC)
    write(folder, around(sample_okr_files(day_of(now, UTC)), head + sandbox_worker_file(port)))


def live_through(folder: Path, days: list[datetime], port: int) -> None:
    """One sync on each day, with the sample company as it was then."""
    from cli.main import run

    for day in days:
        with _company_on(day, port), _quiet():
            run(["--config", str(folder), "sync"], clock=lambda day=day: day)  # type: ignore[misc]


def _show_steps(folder: Path, now: datetime) -> int:
    from cli.logs import read_by_people
    from cli.main import run

    for arguments, why in STEPS:
        click.echo()
        click.secho(f"$ okrsync {' '.join(arguments)}", bold=True, nl=False)
        click.secho(f"    # {why}", dim=True)
        with read_by_people():
            code = run(["--config", str(folder), *arguments], clock=lambda: now)
        if code != exits.CURRENT:
            return code
    return exits.CURRENT


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


@contextlib.contextmanager
def _company_on(day: datetime, port: int) -> Iterator[None]:
    from sandbox.company import sample_company

    with stand_ins(sample_company(day), port=port, clock=lambda: day):
        yield


def program() -> str:
    """How this command was called, so that what is printed works as it stands."""
    called = Path(sys.argv[0])
    if called.name != "okrsync" or shutil.which("okrsync") == str(called.absolute()):
        return "okrsync"
    with contextlib.suppress(ValueError):
        called = called.absolute().relative_to(Path.cwd())
    return shlex.quote(str(called))
