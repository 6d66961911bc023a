"""`okrsync close`"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits
from cli.ids import offer_cycles, offer_key_results
from cli.session import Session, json_option, lang_option, language_of, pass_session, print_json
from cli.table import Cell, Column, print_table
from cli.terminal import out
from sync.who import user

if TYPE_CHECKING:
    from config.load import Workspace
    from mapping.facts import KeyResultView, ObjectiveReport
    from mapping.records import Closing
    from sync.closing import Said
    from views.language import Language


@click.command()
@click.argument("cycle", shell_complete=offer_cycles)
@click.option(
    "--score", "scores", multiple=True, metavar="KR=0.7", help="Your score, where it is not the suggested one."
)
@click.option("--note", "notes", multiple=True, metavar="KR=TEXT", help="What is to be remembered.")
@click.option(
    "--postpone", multiple=True, metavar="KR", shell_complete=offer_key_results, help="Carry over into the next cycle."
)
@click.option(
    "--done", multiple=True, metavar="KR", shell_complete=offer_key_results, help="Close, though nothing was done."
)
@click.option("--next", "following", type=click.Path(path_type=Path), help="Where to write what is carried over.")
@click.option("--dry-run", is_flag=True, help="Show the report, write nothing.")
@click.option("--by", default=user, show_default="you", help="Who closes it.")
@lang_option
@json_option
@pass_session
def close(
    session: Session,
    cycle: str,
    scores: tuple[str, ...],
    notes: tuple[str, ...],
    postpone: tuple[str, ...],
    done: tuple[str, ...],
    following: Path | None,
    dry_run: bool,
    by: str,
    lang: str | None,
    as_json: bool,
) -> int:
    """Score and close the key results of a CYCLE, and carry over what is postponed. They are not asked any more."""
    from sync.closing import Said, carried_over
    from sync.closing import close as reports_of
    from sync.overview import overview

    workspace = session.workspace()
    said = Said(
        scores={key: _score(key, text) for key, text in _pairs(scores)},
        notes=dict(_pairs(notes)),
        postponed=frozenset(postpone),
        closed=frozenset(done),
    )
    _refuse_strangers(said, workspace, cycle)
    with session.store(workspace, writes=not dry_run) as store:
        reports = reports_of(overview(workspace, store, session.clock()), cycle, session.clock(), by, said)
        if not reports:
            raise click.ClickException(f"There is no key result in the cycle {cycle!r}.")
        fresh = [closing for report in reports for view, closing in report.views if view.closing is None]
        text = carried_over(reports, workspace) if fresh else ""
        if following is not None and following.exists():
            raise click.ClickException(f"{following} exists already. Name another file.")
        if not dry_run:
            store.people.close(fresh)
            if following is not None and text:
                following.write_text(text)
    if as_json:
        from views import data

        print_json([data.report(one) for one in reports])
    else:
        _print(reports, text, following, language_of(workspace, lang), dry_run=dry_run, fresh=len(fresh))
    return exits.CURRENT


def _pairs(given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in given]
    for key, mark, _ in pairs:
        if not mark:
            raise click.UsageError(f"{key!r}: write it as KR=...")
    return [(key, text) for key, _, text in pairs]


def _score(key: str, text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not 0 <= found <= 1:
        raise click.UsageError(f"{key}: a score is a number from 0.0 to 1.0, not {text!r}")
    return found


def _refuse_strangers(said: Said, workspace: Workspace, cycle: str) -> None:
    from cli.ids import one_key_result

    named = {*said.scores, *said.notes, *said.postponed, *said.closed}
    for key in sorted(named):
        one_key_result(key, workspace)
        period = workspace.bindings[key].key_result.period.name
        if period != cycle:
            raise click.ClickException(f"{key} belongs to the cycle {period}, not to {cycle}.")


def _print(
    reports: list[ObjectiveReport], text: str, following: Path | None, language: Language, *, dry_run: bool, fresh: int
) -> None:
    from views import words

    to = out()
    for report in reports:
        judged = "-"
        if report.score is not None and report.verdict:
            judged = f"{report.score:.2f}, {words.verdict(report.verdict, language)}"
        to.blank()
        kind = words.kind(report.objective.kind, language)
        to.line((report.objective.title, "bold"), " ", (f"({kind})", "dim"), f" {judged}")
        columns = [
            Column(title=language.say("Key result")),
            Column(title=language.say("Value"), right=True),
            Column(title=language.say("Progress"), right=True, leaves=2),
            Column(title=language.say("Suggested"), right=True, leaves=1),
            Column(title=language.say("Score"), right=True),
            Column(title=""),
            Column(title=language.say("Note"), leaves=3),
        ]
        print_table(to, columns, [_row(view, closing, language) for view, closing in report.views])
    to.blank()
    if dry_run:
        to.line(language.many("{n} key result would be closed.", "{n} key results would be closed.", fresh))
    else:
        to.line(language.many("{n} key result is closed.", "{n} key results are closed.", fresh))
    if text:
        to.blank()
        to.line(
            language.say("# Carried over, written to {file}:", file=following)
            if following and not dry_run
            else language.say("# Carried over, for the next cycle:")
        )
        to.text(text)


def _row(view: KeyResultView, closing: Closing, language: Language) -> list[Cell]:
    from views import formats

    return [
        view.key_result.title,
        formats.value(view.check_in.value if view.check_in else None, language),
        formats.percent(view.progress),
        _shown(closing.suggested),
        _shown(closing.score),
        language.say("postponed") if closing.outcome == "postponed" else language.say("closed"),
        closing.note or "",
    ]


def _shown(score: Decimal | None) -> str:
    return "-" if score is None else str(score)
