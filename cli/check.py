"""`okrsync check`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import exits, style
from cli.session import Session, json_option, pass_session, print_json
from cli.terminal import out

if TYPE_CHECKING:
    from config.load import Workspace
    from config.problems import Problem
    from sync.judging import Refusal

MOST_USES = 5
"""Key results that one problem names in text."""
TOP_LEVEL = ("cli", "config", "connectors", "importing", "mapping", "sandbox", "sync", "views", "web")


@click.command()
@click.option("--connect", is_flag=True, help="Also sign in to each tool and let it validate every query.")
@json_option
@pass_session
def check(session: Session, connect: bool, as_json: bool) -> int:
    """Check the configuration. It writes nothing."""
    from config.problems import ConfigError

    _refuse_strangers()
    try:
        workspace = session.workspace()
    except ConfigError as error:
        if not as_json:
            raise
        print_json({"problems": [_problem(one) for one in error.problems]})
        return exits.USAGE
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


def _problem(one: Problem) -> dict[str, Any]:
    return {"file": str(one.file), "line": one.line, "message": one.message, "fix": one.fix}


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
    from cli.logs import set_up_logging
    from sync.judging import judge

    set_up_logging()
    codes = {exits.CURRENT}
    for judged in judge(workspace, session.clock):
        told = found[judged.connection]
        if judged.account is not None:
            account = judged.account
            told |= {"account": account.name, "details": dict(account.details), "quota": account.quota}
        if judged.queries is not None:
            told |= {"queries": judged.queries, "calls": judged.calls}
        if judged.destinations is not None:
            told |= {
                "destinations": judged.destinations,
                "publishing_needs": workspace.connections[judged.connection].spec.publishing_needs,
            }
        told["problems"] = [_refusal(one) for one in judged.refusals]
        codes |= {exits.TEMPORARY if one.error.temporary else exits.TROUBLED for one in judged.refusals}
    return max(codes)


def _refusal(one: Refusal) -> dict[str, Any]:
    return {
        "error": one.error.kind,
        "cause": one.error.message,
        "fix": one.fix,
        "query": one.query,
        "place": one.place,
        "key_results": [{"key_result": use.key_result, "file": str(use.file), "line": use.line} for use in one.uses],
    }


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
        if "destinations" in told:
            places = formats.count(told["destinations"], "destination")
            to.line((f"publishes to {places}; for that it needs {told['publishing_needs']}", "dim"), indent=4, hang=6)
        for problem in problems:
            to.line(f"{problem['error']}: {problem['cause']}", indent=4, hang=6)
            to.line(problem["fix"], indent=6)
            if problem["query"] is not None:
                to.whole((problem["query"], "dim"), indent=6)
            if problem["place"] is not None:
                to.whole((problem["place"], "dim"), indent=6)
            for use in problem["key_results"][:MOST_USES]:
                to.whole(f"{use['file']}:{use['line']}: {use['key_result']}", indent=6)
            if (more := len(problem["key_results"]) - MOST_USES) > 0:
                to.line(f"and {more} more; --json names all", indent=6)
