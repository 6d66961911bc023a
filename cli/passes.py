"""A pass as the commands show it: with a progress bar on a terminal, and what came out printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli import style
from cli.ids import key_results as named
from cli.session import Session, print_json
from cli.table import Cell, Column, print_table
from cli.terminal import Part, out

if TYPE_CHECKING:
    from config.load import Workspace
    from mapping.assess import CheckIn
    from mapping.facts import Step
    from sync.passes import Pass
    from sync.plan import Plan
    from sync.store.store import Store


def run(session: Session, workspace: Workspace, store: Store, only: Collection[str], *, dry: bool) -> Pass:
    """A pass that somebody started, with its progress shown. Raises click.ClickException for an unknown key result."""
    from sync.passes import run_pass

    chosen = named(only, workspace)
    bindings = [binding for key, binding in workspace.bindings.items() if not only or key in chosen]
    with _progress(bindings) as on_answer:
        return run_pass(workspace, store, session.clock, reason="one-shot", only=chosen, dry=dry, on_answer=on_answer)


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


def nothing_runs(plan: Plan) -> bool:
    """Whether every key result is outside its days, or closed."""
    from mapping.assess import Skipped

    return all(isinstance(step.assessment, Skipped) for step in plan.steps)


def print_pass(made: Pass, *, as_json: bool, heading: str) -> None:
    from cli.publish import print_previews, print_troubled
    from views import asides, data, pass_summary, publishing, words
    from views.language import ENGLISH

    plan = made.plan
    if as_json:
        shape = data.plan(made.run_id, plan.at, plan.calls, plan.steps, plan.moves.left)
        shape["published"] = publishing.posts_data(made.published.posts)
        shape["would_publish"] = [publishing.preview_data(one) for one in made.previews]
        print_json(shape)
        return
    to = out()
    changed = [step for step in plan.steps if words.outcome(step) == "changed"]
    if changed:
        to.line((heading, "bold"))
        columns = [Column(title=title) for title in ("Key result", "Value", "Progress", "Status")]
        print_table(to, columns, [_change(step) for step in changed])
    to.line(pass_summary.counts(plan.steps, plan.calls, ENGLISH))
    if nothing_runs(plan):
        to.line(style.MARKS["note"], " ", pass_summary.nothing_running(plan.steps, ENGLISH), hang=2)
    if plan.moves.left:
        ids = {step.key_result.id for step in plan.steps}
        to.line(*style.marked("note", *pass_summary.left(plan.moves.left, ids, ENGLISH)), hang=2)
    for step in sorted(plan.steps, key=lambda step: words.outcome(step) in ("no value", "unavailable")):
        told = asides.of_step(step, ENGLISH)
        if told is None:
            continue
        connection = getattr(step.assessment, "connection", None)
        name = f"{step.key_result.id} ({connection})" if connection else step.key_result.id
        to.line(*style.marked(told[0], name, told[1]), hang=2)
        if fix := getattr(step.assessment, "fix", ""):
            to.line(fix, indent=4)
    if made.published.sent:
        to.line(ENGLISH.many("Published to {n} place.", "Published to {n} places.", made.published.sent))
    print_troubled(made.published.troubled)
    print_previews(made.previews, quiet=True)


def _change(step: Step) -> list[Cell]:
    made, last = step.assessment.check_in, step.last  # type: ignore[union-attr]
    new = _shown(made)
    if last is None:
        return [step.key_result.id, *new]
    cells: list[Cell] = [step.key_result.id]
    for before, after in zip(_shown(last), new, strict=True):
        cells.append([after] if before == after else [before, " → ", after])
    return cells


def _shown(made: CheckIn) -> tuple[Part, Part, Part]:
    from views import formats
    from views.language import ENGLISH

    return formats.value(made.value, ENGLISH), formats.percent(made.progress), style.status(made.status, ENGLISH)
