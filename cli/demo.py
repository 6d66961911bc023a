"""`okrsync demo`"""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click

from cli import exits

THE_DAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""The sample company stands still on this day, so that the demo shows the same on any."""

STEPS = (
    (("check", "--connect"), "Is the configuration right, and do the three tools let us in?"),
    (("plan",), "What would change? Nothing is written yet."),
    (("sync",), "Record it."),
    (("show",), "What everybody sees:"),
)


@click.command()
def demo() -> int:
    """Show okrsync at work on a sample company: check, plan and sync the examples against the sandbox."""
    from cli.main import run
    from sandbox.company import sample_company
    from sandbox.run import running

    with tempfile.TemporaryDirectory(prefix="okrsync-demo-") as folder:
        shutil.copytree(examples(), folder, dirs_exist_ok=True)
        click.echo(
            f"A sample company on {THE_DAY:%d %B %Y}; its Salesforce, Jira and Microsoft 365 run on this machine."
        )
        with running(sample_company(), clock=lambda: THE_DAY) as environment:
            os.environ.update(environment)
            for arguments, why in STEPS:
                click.echo()
                click.secho(f"$ okrsync {' '.join(arguments)}", bold=True, nl=False)
                click.secho(f"    # {why}", dim=True)
                code = run(["--config", folder, *arguments], clock=lambda: THE_DAY)
                if code != exits.CURRENT:
                    return code
    click.echo()
    click.echo("Next: `okrsync explain new-sales` shows where a number comes from; README.md says how to begin.")
    return exits.CURRENT


def examples() -> Path:
    """The example OKRs: beside the packages in a checkout, inside this one where okrsync is installed."""
    installed = Path(__file__).parent / "examples"
    return installed if installed.is_dir() else Path(__file__).parent.parent / "examples"
