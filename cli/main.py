"""The command `okrsync`: its sub-commands, and the one place where errors become advice and exit codes."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from cli import exits
from cli.backfill import backfill
from cli.cases import test
from cli.check import check
from cli.close import close, score
from cli.connectors import connectors
from cli.demo import demo
from cli.due import due
from cli.explain import explain
from cli.find import find
from cli.forget import forget
from cli.history import export, history
from cli.init import init
from cli.lint import lint
from cli.migrate import migrate
from cli.people import accept, check_in, pin, reject, resume, void
from cli.plan import plan
from cli.publish import publish
from cli.report import report
from cli.sandbox import sandbox
from cli.schema import schema
from cli.serve import serve
from cli.session import Session
from cli.show import show
from cli.status import status
from cli.store import store
from cli.streams import guard_streams, undelivered
from cli.sync import sync
from cli.terminal import say_error
from cli.token import token
from sync.clock import utc_now


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 all current, 1 internal error, 2 bad configuration or usage, 3 passing trouble (try "
    "again), 4 some key results failed or are held, 6 recorded but not published; `plan --exit-code` gives 5 when "
    "there are changes, `--require-active` 7 when no cycle runs.",
)
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    envvar="OKRSYNC_CONFIG",
    default=Path("okrsync.yaml"),
    show_default=True,
    help="okrsync.yaml, or the folder that holds it.",
)
@click.version_option(package_name="okrsync")
@click.pass_context
def cli(context: click.Context, config: Path) -> None:
    """Keep key results current from Salesforce, Jira and Microsoft 365."""
    clock: Callable[[], datetime] = context.obj or utc_now
    context.obj = Session(config=config, clock=clock)


COMMANDS = (
    init, check, connectors, find, lint, test, plan, sync, publish, show, due, explain, history, report, export,
    backfill, check_in, pin, resume, accept, reject, void, score, close, forget, migrate, store, token, schema, sandbox,
    demo, serve, status,
)  # fmt: skip
for command in COMMANDS:
    cli.add_command(command)


def main() -> None:
    # Hardly anything of ours is a circle, and looking for circles among so many key results takes longer than reading
    # them.
    gc.set_threshold(100_000, 20, 50)
    guard_streams()
    try:
        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # a second one, while the first was told of
        code = exits.TEMPORARY
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    code = _delivered(code)
    if any(thread is not threading.current_thread() and not thread.daemon for thread in threading.enumerate()):
        _leave(code)
    sys.exit(code)


def _delivered(code: int) -> int:
    """The code, unless it would call well what its reader did not get."""
    trouble = undelivered()
    if trouble is None:
        return code
    recorded = " What was recorded stays recorded." if _written() == "something" else ""
    say_error(f"Not all of the output could be written: {trouble.strerror}.{recorded} Make room, and run this again.")
    return exits.TEMPORARY if code in (exits.CURRENT, exits.CHANGES, exits.NOTHING_RUNNING) else code


def _leave(code: int) -> None:
    """End now. A thread that still waits for a source would hold the process until the source lets go; what came in
    time is recorded and printed."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def run(arguments: Sequence[str], clock: Callable[[], datetime] | None = None) -> int:
    """Run one command line and return its exit code. Errors are printed, never raised."""
    try:
        code = cli.main(list(arguments), prog_name="okrsync", standalone_mode=False, obj=clock)
    except click.ClickException as error:
        _show(error)
        return exits.USAGE
    except (KeyboardInterrupt, click.exceptions.Abort):
        click.echo(_interrupted(), err=True)
        return exits.TEMPORARY
    except Exception as error:
        return _explain(error)
    return code if isinstance(code, int) else exits.CURRENT


def _interrupted() -> str:
    """What is recorded is said to be recorded."""
    match _written():
        case "something":
            return "Interrupted, after it was recorded. `okrsync show` shows it."
        case "perhaps":
            return "Interrupted while it was being recorded. `okrsync show` tells whether it is."
    return "Interrupted; nothing was written."


def _written() -> str:
    writing = sys.modules.get("sync.store.writing")
    return writing.WRITTEN.state if writing else "nothing"


def _show(error: click.ClickException) -> None:
    """As click shows it, usage and all, but for what a terminal would obey."""
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
        click.echo(f"Try '{error.ctx.command_path} --help' for help.\n", err=True)
    say_error(f"Error: {error.format_message()}")


def _explain(error: Exception) -> int:
    from config.problems import ConfigError
    from sync.store.errors import StoreError

    if isinstance(error, ConfigError):
        say_error(str(error))
        return exits.USAGE
    if isinstance(error, StoreError):
        say_error(str(error))
        return exits.TEMPORARY if error.temporary else exits.USAGE
    import structlog

    from cli.logs import set_up_logging

    set_up_logging()
    structlog.get_logger("cli").error("internal error", exc_info=error)
    click.echo("This is a defect of okrsync: please report it with the lines above.", err=True)
    return exits.INTERNAL
