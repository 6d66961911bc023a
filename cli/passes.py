"""A pass as the commands show it: with a progress bar on a terminal, and what came out printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cli import style
from cli.session import Session, console, print_json

if TYPE_CHECKING:
    from config.load import Workspace
    from mapping.facts import Step
    from sync.passes import Pass
    from sync.plan import Plan
    from sync.store.store import Store


def run(session: Session, workspace: Workspace, store: Store, only: Collection[str], *, dry: bool) -> Pass:
    """A pass that somebody started, with its progress shown. Raises click.ClickException for an unknown key result."""
    from sync.passes import run_pass

    refuse_unknown(only, workspace.bindings)
    bindings = [binding for key, binding in workspace.bindings.items() if not only or key in only]
    with _progress(bindings) as on_answer:
        return run_pass(workspace, store, session.clock, reason="one-shot", only=only, dry=dry, on_answer=on_answer)


def refuse_unknown(asked: Collection[str], known: Collection[str]) -> None:
    from config.suggest import suggest

    for key in asked:
        if key not in known:
            near = suggest(key, known)
            hint = f" Did you mean {near!r}?" if near else ""
            raise click.ClickException(f"there is no key result {key!r} with a source.{hint}")


@contextmanager
def _progress(bindings: Collection[Any]) -> Iterator[Callable[[], None]]:
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    total = len({(m.connection, m.query) for binding in bindings for m in binding.metrics.values()})
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Asking", total=total)
        yield lambda: bar.advance(task)


def print_pass(made: Pass, *, as_json: bool, heading: str) -> None:
    from views import data, formats, words

    plan = made.plan
    if as_json:
        print_json(data.plan(made.run_id, plan.at, plan.calls, plan.steps))
        return
    from rich.table import Table

    out = console()
    changed = [step for step in plan.steps if words.outcome(step) == "changed"]
    if changed:
        table = Table(title=heading, title_justify="left", box=None, pad_edge=False, header_style="bold")
        for column in ("Key result", "Value", "Progress", "Status"):
            table.add_column(column)
        for step in changed:
            table.add_row(*_change(step))
        out.print(table)
    same = sum(words.outcome(step) == "unchanged" for step in plan.steps)
    troubled = [step for step in plan.steps if words.outcome(step) in ("no value", "unavailable")]
    others = [f"{count} {kind}" for kind in ("held", "pinned", "skipped") if (count := _count(plan, kind))]
    calls = sum(plan.calls.values())
    told = [f"{len(changed)} changed", f"{same} unchanged", *others, f"{len(troubled)} without a value"]
    out.print(f"{', '.join(told)}. Asked in about {formats.count(calls, 'call')}.")
    for step in plan.steps:
        _print_aside(out, step)
    for step in troubled:
        print_trouble(out, step)


def _count(plan: Plan, kind: str) -> int:
    from views import words

    return sum(words.outcome(step) == kind for step in plan.steps)


def _print_aside(out: Any, step: Step) -> None:
    """Why a key result is held, pinned or not asked."""
    from mapping.assess import Held, Pinned, Skipped
    from views import formats

    key, kept = step.key_result.id, f"; it keeps {formats.value(step.last.value)}" if step.last else ""
    match step.assessment:
        case Held(check_in=made, reason=reason):
            out.print(f"[yellow]![/] [bold]{key}[/] is held: {formats.value(made.value)}, but ", end="")
            out.print(f"{reason}{kept}. `okrsync accept {key}` or `reject` it.", markup=False, soft_wrap=True)
        case Pinned(check_in=made):
            out.print(f"[cyan]·[/] [bold]{key}[/] is pinned; its sources say {formats.value(made.value)}.")
        case Skipped(reason=reason):
            out.print(f"[dim]·[/] [bold]{key}[/] is not asked: {reason}.", soft_wrap=True)


def print_trouble(out: Any, step: Step) -> None:
    from views import formats

    kept = f"; it keeps {formats.value(step.last.value)}" if step.last else ""
    cause = getattr(step.assessment, "cause", "")
    connection = getattr(step.assessment, "connection", None)
    source = f" ({connection})" if connection else ""
    key = step.key_result.id
    out.print(f"[red]![/] [bold]{key}[/]{source}: ", end="")
    out.print(f"{cause}{kept}", markup=False, soft_wrap=True)
    fix = getattr(step.assessment, "fix", "")
    if fix:
        out.print(f"    {fix}", markup=False, soft_wrap=True)


def _change(step: Step) -> tuple[str, str, str, str]:
    from views import formats

    made, last = step.assessment.check_in, step.last  # type: ignore[union-attr]
    old = (formats.value(last.value), formats.percent(last.progress), style.status(last.status)) if last else ("",) * 3
    new = (formats.value(made.value), formats.percent(made.progress), style.status(made.status))
    shown = (after if before in ("", after) else f"{before} → {after}" for before, after in zip(old, new, strict=True))
    return (step.key_result.id, *shown)  # type: ignore[return-value]
