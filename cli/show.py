"""`okrsync show`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import exits, style
from cli.ids import offer_both, offer_cycles, offer_objectives, offer_owners
from cli.session import Session, json_option, lang_option, language_of, pass_session, print_json
from cli.table import Cell, Column, print_table
from cli.terminal import Part, out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.load import Workspace
    from mapping.attention import Need
    from mapping.facts import KeyResultView, ObjectiveView, Overview
    from sync.gone import Gone
    from sync.store.store import Store
    from views.language import Language
    from views.selection import Selection


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...", shell_complete=offer_both)
@click.option(
    "--cycle", shell_complete=offer_cycles, help="Show this cycle, or `all`. Without it, what runs today is shown."
)
@click.option("--owner", shell_complete=offer_owners, help="Show what this person owns. `ada` also finds ada@acme.com.")
@click.option("--level", type=click.Choice(["company", "team", "individual"]), help="Show objectives of this level.")
@click.option("--objective", shell_complete=offer_objectives, help="Show one objective.")
@lang_option
@json_option
@pass_session
def show(
    session: Session,
    ids: tuple[str, ...],
    cycle: str | None,
    owner: str | None,
    level: str | None,
    objective: str | None,
    lang: str | None,
    as_json: bool,
) -> int:
    """Show objectives and key results as they were last recorded. It asks no source. Without an ID it shows everything
    that runs today."""
    from mapping.day import day_of
    from mapping.model import Level
    from sync.attention import attention, known_of
    from sync.gone import NOTHING_GONE, gone
    from sync.overview import overview
    from views import data
    from views.selection import EVERY_CYCLE, Selection

    workspace = session.workspace()
    chosen = Selection(
        today=day_of(session.clock(), workspace.time_zone),
        ids=frozenset(ids),
        cycle=cycle,
        owner=owner,
        level=Level(level) if level else None,
        objective=objective,
    )
    with session.store(workspace) as store:
        lost = NOTHING_GONE if cycle is None else gone(workspace, store, None if cycle == EVERY_CYCLE else cycle)
        _refuse_unknown(workspace, store, lost, chosen)
        seen = overview(workspace, store, session.clock(), lost)
        shown = chosen.of(seen)
        needs = () if as_json else attention(workspace, shown, known_of(store, trails=False, cycles=_cycles(shown)))
    if as_json:
        print_json(data.overview(shown))
    else:
        _print(shown, seen, chosen, needs, language_of(workspace, lang))
    return exits.CURRENT


def _cycles(shown: Overview) -> set[str]:
    from mapping.week import views_of

    return {view.key_result.period.name for view in views_of(shown)}


def _refuse_unknown(workspace: Workspace, store: Store, lost: Gone, chosen: Selection) -> None:
    from cli.ids import key_results
    from config.suggest import did_you_mean
    from sync.gone import gone_keys
    from views.selection import EVERY_CYCLE

    objectives = [one.id for one in (*workspace.objectives, *lost.objectives)]
    if chosen.objective is not None and chosen.objective not in objectives:
        hint = did_you_mean(chosen.objective, objectives)
        raise click.ClickException(f"No objective has the id {chosen.objective!r}. {hint}")
    known = {one.id for one in lost.objectives} | {one.id for one in lost.kpis}
    known |= {made.id for one in lost.objectives for made in one.key_results}
    key_results(chosen.ids - known, workspace)
    periods = [one.period for one in workspace.objectives] + [one.period for one in workspace.kpis]
    periods += [made.period for one in workspace.objectives for made in one.key_results]
    cycles = {one.name for one in periods}
    if chosen.cycle not in (None, EVERY_CYCLE, *cycles):
        cycles |= {key.cycle for key in gone_keys(workspace, store)}
        if chosen.cycle not in cycles:
            raise click.ClickException(
                f"There is no cycle {chosen.cycle!r}. {did_you_mean(str(chosen.cycle), sorted(cycles))}"
            )


def _print(shown: Overview, seen: Overview, chosen: Selection, needs: Iterable[Need], language: Language) -> None:
    from mapping.attention import Why
    from views import asides, formats, summary
    from views.needs import told as told_of

    to = out()
    for objective in shown.objectives:
        to.blank()
        _print_heading(objective, language)
        _print_rows([*objective.key_results, *objective.initiatives], language)
    if shown.kpis:
        to.blank()
        to.line((language.say("KPIs"), "bold"))
        _print_rows(shown.kpis, language)
    views = [view for one in shown.objectives for view in (*one.key_results, *one.initiatives)]
    told = [(view, told) for view in (*views, *shown.kpis) for told in asides.of_view(view, language)]
    marked = [need for need in needs if need.why in (Why.CONFIDENCE, Why.NO_OWNER, Why.CHANGED)]
    if told or marked:
        to.blank()
    for view, (kind, text) in told:
        to.line(*style.marked(kind, view.key_result.id, text), hang=2)
    for need in marked:
        to.line(*style.marked("note", need.key.id, told_of(need, language)), hang=2)
    to.blank()
    if not (shown.objectives or shown.kpis):
        to.line(summary.nothing(seen, chosen, language))
    last = seen.last_run
    to.line(
        (language.say("Last sync: {when}.", when=formats.moment(last.finished_at, language)), "dim")
        if last
        else (language.say("Nothing has been synced yet. Run `okrsync sync`."), "dim")
    )


def _print_heading(view: ObjectiveView, language: Language) -> None:
    from views import formats, summary

    to, rolled = out(), view.roll_up
    to.line((view.objective.title, "bold"), " ", (f"({summary.about(view.objective, language)})", "dim"))
    details = summary.details(view, language)
    to.line(
        *style.bar(rolled.progress),
        f" {formats.percent(rolled.progress)} ",
        style.shown(view.shown_status, language),
        (f"  {', '.join(details)}" if details else "", "dim"),
    )


def _print_rows(views: list[KeyResultView] | tuple[KeyResultView, ...], language: Language) -> None:
    columns = [
        Column(title=language.say("Key result")),
        Column(title=language.say("From → to"), leaves=1),
        Column(title=language.say("Now"), right=True),
        Column(title="", leaves=2),
        Column(title=language.say("Progress"), right=True),
        Column(title=language.say("Expected"), right=True, leaves=3),
        Column(title=language.say("Status")),
    ]
    print_table(out(), columns, [_row(view, language) for view in views])


def _row(view: KeyResultView, language: Language) -> list[Cell]:
    from mapping.model import Role
    from views import formats, words

    title: list[Part] = [view.key_result.title]
    if view.key_result.role is Role.INITIATIVE:
        title = [(language.say("initiative:"), "dim"), " ", *title]
    made = view.check_in
    return [
        title,
        words.aim(view.key_result, language),
        [formats.value(made.value if made else None, language), *_mark(view, language)],
        style.bar(view.progress),
        formats.percent(view.progress),
        formats.percent(view.expected) if words.has_expectation(view.key_result) else formats.NOTHING,
        style.shown(view.shown_status, language),
    ]


def _mark(view: KeyResultView, language: Language) -> list[Part]:
    if view.pinned:
        return [" ", (language.say("pinned"), "cyan")]
    if view.beside and view.beside.state == "held":
        return [" ", (language.say("held"), "yellow")]
    return []
