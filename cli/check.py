"""`okrsync check`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import exits, style
from cli.session import Session, json_option, pass_session, print_json
from cli.terminal import out

if TYPE_CHECKING:
    from collections.abc import Collection

    from config.load import Workspace
    from connectors.base import Account, Connector, Query
    from connectors.errors import ConnectorError

TOP_LEVEL = ("cli", "config", "connectors", "importing", "mapping", "sandbox", "sync", "views")


@click.command()
@click.option("--connect", is_flag=True, help="Also sign in everywhere and let the tools validate every query.")
@json_option
@pass_session
def check(session: Session, connect: bool, as_json: bool) -> int:
    """Check the configuration; nothing is written."""
    _refuse_strangers()
    workspace = session.workspace()
    found: dict[str, Any] = {
        "files": [str(file) for file in workspace.files],
        "workspace": workspace.name,
        "time_zone": workspace.time_zone.key,
        "connections": {name: {"type": made.spec.name} for name, made in workspace.connections.items()},
        "objectives": len(workspace.objectives),
        "key_results": len(workspace.bindings),
    }
    code = _connect(session, workspace, found["connections"]) if connect else exits.CURRENT
    if as_json:
        print_json(found)
    else:
        _print(found)
    return code


def _refuse_strangers() -> None:
    """Our top-level names are short; a package of another project that brings the same name overwrites files of
    ours without a word."""
    from importlib.metadata import packages_distributions

    owners = packages_distributions()
    strangers = sorted({owner for name in TOP_LEVEL for owner in owners.get(name, ())} - {"okrsync"})
    if strangers:
        raise click.ClickException(
            f"{', '.join(strangers)} is installed beside okrsync and overwrites files of it. "
            "Install okrsync into an environment of its own."
        )


def _connect(session: Session, workspace: Workspace, found: dict[str, Any]) -> int:
    import structlog

    from cli.logs import set_up_logging
    from connectors.errors import BadAnswer, ConnectorError
    from sync.connections import opened
    from sync.pull import DEFECT_FIX
    from sync.questions import questions_for

    set_up_logging()
    questions = questions_for(workspace, workspace.bindings.values(), session.clock()).by_connection
    codes = {exits.CURRENT}
    with opened(workspace.connections, workspace.connections, session.clock, workspace.time_zone) as connectors:
        for name, connector in connectors.items():
            told = found[name]
            try:
                account = connector.check()
                told |= _account(account)
                problems = _queries(connector, questions.get(name, ()), told)
            except ConnectorError as error:
                problems = [error]
            except Exception as error:
                structlog.get_logger("cli.check").exception("connector failed", connection=name)
                problems = [BadAnswer(f"the connector broke: {type(error).__name__}", connection=name, fix=DEFECT_FIX)]
            told["problems"] = [{"error": e.kind, "cause": e.message, "fix": e.fix} for e in problems]
            codes |= {exits.TEMPORARY if error.temporary else exits.TROUBLED for error in problems}
    return max(codes)


def _account(account: Account | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"account": account.name, "details": dict(account.details), "quota": account.quota}


def _queries(connector: Connector, asked: Collection[Query], told: dict[str, Any]) -> list[ConnectorError]:
    from connectors.base import Reader

    if not isinstance(connector, Reader):
        return []
    told |= {"queries": len(asked), "calls": connector.calls(asked)}
    return [error for _, error in connector.validate(asked) if error]


def _calls(told: dict[str, Any]) -> str:
    """The calls of one sync, and what they are of the tool's quota."""
    from views import formats

    calls = told["calls"]
    shown: str = formats.count(calls, "call")
    if told.get("quota") is None:
        return shown
    used, allowed = told["quota"]
    return f"{shown}, {calls / allowed:.2%} of the {allowed:,} of 24 hours ({used:,} used)"


def _queries_told(number: int) -> str:
    return "1 query" if number == 1 else f"{number:,} different queries"


def _print(found: dict[str, Any]) -> None:
    from views import formats

    to = out()
    to.line(
        style.MARKS["good"],
        f" {formats.count(len(found['files']), 'file')}, {formats.count(found['objectives'], 'objective')}, "
        f"{found['key_results']} key results, initiatives and KPIs with a source",
        hang=2,
    )
    to.line(style.MARKS["good"], f" {found['workspace']}: a day is a day of {found['time_zone']}", hang=2)
    for name, told in found["connections"].items():
        problems = told.get("problems", [])
        signed_in = f": signed in as {told['account']}" if "account" in told else ""
        asked = f", {_queries_told(told['queries'])} in {_calls(told)}" if "queries" in told else ""
        to.line(style.MARKS["bad" if problems else "good"], f" {name} ({told['type']}){signed_in}{asked}", hang=2)
        for label, value in told.get("details", {}).items():
            to.line((f"{label}: {value}", "dim"), indent=4)
        for problem in problems:
            to.line(f"{problem['error']}: {problem['cause']}", indent=4, hang=6)
            to.line(problem["fix"], indent=4, hang=6)
