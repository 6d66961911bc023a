"""`okrsync close` and `okrsync score`"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import exits
from cli.closing_report import print_report
from cli.files import write_whole
from cli.ids import offer_cycles, offer_key_results
from cli.session import Session, json_option, lang_option, language_of, pass_session, print_json
from cli.terminal import out
from sync.who import user

if TYPE_CHECKING:
    from config.load import Workspace
    from mapping.records import Closing
    from sync.closing import Said


@click.command()
@click.argument("cycle", shell_complete=offer_cycles)
@click.option(
    "--score",
    "scores",
    multiple=True,
    metavar="KR=0.7",
    help="Give this score in place of the suggested one. A key result with `none` does not count.",
)
@click.option(
    "--note",
    "notes",
    multiple=True,
    metavar="ID=TEXT",
    help="Add a note to a key result, or look back on an objective.",
)
@click.option(
    "--postpone",
    multiple=True,
    metavar="KR",
    shell_complete=offer_key_results,
    help="Carry this key result over into the next cycle.",
)
@click.option(
    "--done",
    multiple=True,
    metavar="KR",
    shell_complete=offer_key_results,
    help="Close this key result although nothing was done.",
)
@click.option(
    "--reopen",
    multiple=True,
    metavar="KR",
    shell_complete=offer_key_results,
    help="Open this key result again and close nothing. Say why by --note KR=TEXT.",
)
@click.option(
    "--next",
    "following",
    type=click.Path(path_type=Path),
    help="Write what is carried over to this file, or into this folder.",
)
@click.option("--dry-run", is_flag=True, help="Show the result, but write nothing.")
@click.option("--yes", is_flag=True, help="Don't ask for a confirmation.")
@click.option("--by", default=user, show_default="you", help="Who closes it.")
@lang_option
@json_option
@pass_session
def close(session: Session, /, cycle: str, reopen: tuple[str, ...], lang: str | None, **given: Any) -> int:
    """Score and close the key results of a CYCLE, and carry over what is postponed. Their sources are not asked
    any more. If it was interrupted, run it again: it completes what is missing."""
    from sync.closing import Said

    workspace = session.workspace()
    said = Said(
        scores={key: _score(key, text) for key, text in _pairs(given["scores"])},
        notes=dict(_pairs(given["notes"])),
        postponed=frozenset(given["postpone"]),
        closed=frozenset(given["done"]),
    )
    _refuse_strangers({*said.scores, *said.postponed, *said.closed, *reopen}, said.notes, workspace, cycle)
    if reopen:
        return _reopen(session, workspace, list(reopen), said, given["by"], lang)
    return _close(session, workspace, cycle, said, lang, **given)


def _close(
    session: Session, workspace: Workspace, cycle: str, said: Said, lang: str | None, /, *, by: str, dry_run: bool,
    yes: bool, as_json: bool, following: Path | None, **_: Any,
) -> int:  # fmt: skip
    from mapping.records import REVIEW, SCORE
    from sync.carrying import carried_over
    from sync.closing import close as reports_of
    from sync.closing import reviews
    from sync.overview import overview
    from sync.publishing.contents import slots_of

    language = language_of(workspace, lang)
    with session.store(workspace, writes=not dry_run) as store:
        said = replace(said, scored=store.people.last(SCORE), reviewed=store.people.last(REVIEW))
        at = session.clock()
        reports = reports_of(overview(workspace, store, at), cycle, at, by, said)
        if not reports:
            raise click.ClickException(f"There is no key result in the cycle {cycle!r}.")
        _refuse_other_words(
            {closing.key_result: closing for report in reports for view, closing in report.views if view.closing}, said
        )
        fresh = [closing for report in reports for view, closing in report.views if view.closing is None]
        files = _places(following, carried_over(reports, workspace))
        if as_json:
            from views import data

            print_json([data.report(one) for one in reports])
        else:
            print_report(reports, files, language, named=following is not None)
        if not dry_run:
            if fresh and not yes and sys.stdin.isatty() and sys.stdout.isatty():
                question = language.many("Close {n} key result?", "Close {n} key results?", len(fresh))
                click.confirm(question, abort=True, err=True)
            # The file comes first: what is closed is not closed a second time.
            for file, text in files.items():
                if following is not None:
                    write_whole(file, text)
            store.people.close(fresh, reviews(reports, said, cycle, at, by), due=slots_of(workspace))
    if not as_json:
        told = language.many("{n} key result is closed.", "{n} key results are closed.", len(fresh))
        if dry_run:
            told = language.many("{n} key result would be closed.", "{n} key results would be closed.", len(fresh))
        out().line(told)
    return exits.CURRENT


def _places(following: Path | None, made: Mapping[str, str]) -> dict[Path, str]:
    """Where each file goes. One that is there already with the same text is left as it is."""
    if following is None:
        return {Path(name): text for name, text in made.items()}
    if following.suffix not in (".yaml", ".yml") or following.is_dir():
        places = {following / name: text for name, text in made.items()}
    elif len(made) > 1:
        names = ", ".join(made)
        raise click.ClickException(f"These are {len(made)} files ({names}). Name a folder: --next {following.parent}/")
    else:
        places = dict(zip([following], made.values(), strict=False))
    for file, text in places.items():
        if file.exists() and file.read_text(encoding="utf-8") != text:
            raise click.ClickException(f"{file} exists already. Name another file.")
    return places


def _reopen(session: Session, workspace: Workspace, keys: list[str], said: Said, by: str, lang: str | None) -> int:
    from sync.closing import reopened

    if said.scores or said.postponed or said.closed:
        raise click.UsageError("--reopen closes nothing: leave out --score, --postpone and --done.")
    language = language_of(workspace, lang)
    with session.store(workspace, writes=True) as store:
        missing = reopened(workspace, store, keys, session.clock(), by, said.notes)
        if missing:
            raise click.ClickException(f"{', '.join(missing)}: not closed, so there is nothing to open again.")
    for key in keys:
        out().line(language.say("{key} is open again. The next sync asks for it.", key=key))
    return exits.CURRENT


@click.command()
@click.argument("key_result", metavar="KR", shell_complete=offer_key_results)
@click.argument("given", metavar="SCORE")
@click.option("--note", help="Why.")
@click.option("--by", default=user, show_default="you", help="Who says so.")
@lang_option
@pass_session
def score(session: Session, key_result: str, given: str, note: str | None, by: str, lang: str | None) -> int:
    """Score a key result from 0.0 to 1.0 before its cycle is closed. With `none` it does not count."""
    from cli.ids import one_key_result
    from mapping.facts import find
    from sync.closing import scored
    from sync.overview import overview

    workspace = session.workspace()
    one_key_result(key_result, workspace)
    found, language = _score(key_result, given), language_of(workspace, lang)
    with session.store(workspace, writes=True) as store:
        view = find(overview(workspace, store, session.clock()), key_result)
        if view.closing is not None:
            cycle = view.key_result.period.name
            raise click.ClickException(
                f"{key_result} is closed already. Run `okrsync close {cycle} --reopen {key_result}` first."
            )
        store.people.act(scored(view, found, session.clock(), by, note))
    if found is None:
        out().line(language.say("{key}: it will not count when its cycle is closed.", key=key_result))
    else:
        out().line(language.say("{key}: a score of {score} is recorded for its closing.", key=key_result, score=found))
    return exits.CURRENT


def _pairs(given: tuple[str, ...]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in given]
    for key, mark, _ in pairs:
        if not mark:
            raise click.UsageError(f"{key!r}: write it as KR=...")
    return [(key, text) for key, _, text in pairs]


def _score(key: str, text: str) -> Decimal | None:
    if text.strip().lower() == "none":
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 <= found <= 1:
        raise click.UsageError(f"{key}: a score is a number from 0.0 to 1.0, or none, not {text!r}")
    return found


def _refuse_strangers(named: set[str], notes: Mapping[str, str], workspace: Workspace, cycle: str) -> None:
    from cli.ids import one_key_result

    objectives = {one.id for one in workspace.objectives} - workspace.bindings.keys()
    for key in sorted({*named, *(notes.keys() - objectives)}):
        one_key_result(key, workspace)
        period = workspace.bindings[key].key_result.period.name
        if period != cycle:
            raise click.ClickException(f"{key} belongs to the cycle {period}, not to {cycle}.")


def _refuse_other_words(closed: Mapping[str, Closing], said: Said) -> None:
    """Nothing is said in vain: what is closed stays so until it is opened again."""
    for key, closing in sorted(closed.items()):
        other = (
            said.scores.get(key, closing.score) != closing.score
            or said.notes.get(key, closing.note) != closing.note
            or (key in said.postponed and closing.outcome != "postponed")
            or (key in said.closed and closing.outcome != "closed")
        )
        if other:
            fix = f"Run `okrsync close {closing.cycle} --reopen {key}` first"
            raise click.ClickException(f"{key} is closed already, with other words. {fix}.")
