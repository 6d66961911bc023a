"""`okrsync backfill`"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from cli import exits, style
from cli.ids import key_results as named
from cli.ids import offer_both
from cli.session import Session, json_option, pass_session, print_json
from cli.terminal import out


@click.command()
@click.argument("key_results", nargs=-1, metavar="[ID]...", shell_complete=offer_both)
@click.option("--all", "all_of_them", is_flag=True, help="Take every key result whose queries name {as_of}.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Begin with this day.")
@click.option("--every", type=click.Choice(["day", "week", "month"]), default="week", show_default=True)
@click.option("--dry-run", is_flag=True, help="Ask the sources and show the result, but write nothing.")
@json_option
@pass_session
def backfill(
    session: Session,
    key_results: tuple[str, ...],
    all_of_them: bool,
    since: datetime,
    every: Any,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Rebuild past values where the sources can answer for a past day. They are marked, and recorded values stay."""
    from cli.logs import set_up_logging
    from sync.backfill import rebuild, write
    from sync.connections import opened

    if bool(key_results) == all_of_them:
        raise click.UsageError("Name key results, or write --all.")
    set_up_logging()
    workspace = session.workspace()
    chosen = set(named(key_results, workspace))
    bindings = [binding for key, binding in workspace.bindings.items() if all_of_them or key in chosen]
    needed = sorted({metric.connection for binding in bindings for metric in binding.metrics.values()})
    opening = opened(workspace.connections, needed, session.clock, workspace.time_zone)
    with session.store(workspace, writes=not dry_run) as store, opening as connectors:
        made = rebuild(workspace, bindings, connectors, since.date(), session.clock(), every)
        changed = 0 if dry_run else write(made, store)
    if as_json:
        print_json(_data(made, changed))
    else:
        _print(made, changed, all_of_them=all_of_them)
    return exits.TROUBLED if made.missing or (made.refused and not all_of_them) else exits.CURRENT


def _print(made: Any, changed: int, *, all_of_them: bool) -> None:
    from views import formats

    to = out()
    for key, pairs in made.values.items():
        first, last = pairs[0][0], pairs[-1][0]
        to.line(*style.marked("good", key, f"{formats.count(len(pairs), 'value')} from {first} to {last}"), hang=2)
    for key, days in made.missing.items():
        none = f"no value for {formats.count(len(days), 'day')}: {next(iter(days.values()))}"
        to.line(*style.marked("stale", key, none), hang=2)
    for key, reason in made.refused.items():
        if not all_of_them:
            to.line(*style.marked("stale", key, reason), hang=2)
    if all_of_them and made.refused:
        to.line((f"{formats.count(len(made.refused), 'key result')} can't be asked for a past day.", "dim"))
    calls = formats.count(sum(made.calls.values()), "call")
    to.line(f"{formats.count(changed, 'value')} written. Asked in {calls}.")


def _data(made: Any, changed: int) -> dict[str, Any]:
    return {
        "written": changed,
        "calls": dict(made.calls),
        "values": {
            key: [{"day": day.isoformat(), "value": str(one.value.amount)} for day, one in pairs]
            for key, pairs in made.values.items()
        },
        "missing": {key: {day.isoformat(): why for day, why in days.items()} for key, days in made.missing.items()},
        "refused": dict(made.refused),
    }
