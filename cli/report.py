"""`okrsync report`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits
from cli.ids import offer_cycles
from cli.session import Session, lang_option, language_of, pass_session
from cli.terminal import out, say_error

if TYPE_CHECKING:
    from config.load import Workspace
    from mapping.week import Week
    from views.language import Language
    from views.report.final import FinalReport
    from views.report.model import Report


@click.command()
@click.option("--cycle", shell_complete=offer_cycles, help="Report on this cycle. Without it, on all running cycles.")
@click.option(
    "--week",
    metavar="WEEK",
    help="Report on this week: 2026-W47, one of its days, or `now`. Without it, the last week that is over.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "markdown", "text", "json"]),
    help="Write the report in this form. Without it, the ending of FILE decides; without FILE, it is text.",
)
@lang_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, which only you can read. Without it, the report is printed.",
)
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write pages of everything into this folder instead of a report, for a file share or a static host.",
)
@click.option(
    "--final",
    metavar="CYCLE",
    shell_complete=offer_cycles,
    help="Report on a cycle that is over: scores, verdicts, what was carried over and learned.",
)
@pass_session
def report(
    session: Session,
    cycle: str | None,
    week: str | None,
    form: str | None,
    lang: str | None,
    output: Path | None,
    site: Path | None,
    final: str | None,
) -> int:
    """Write the report of a week: what needs a person, what moved and why, what changed. The report of a week that is
    over stays as it was first written. It asks no source."""
    from cli.files import write_privately
    from cli.streams import fits
    from views.report.forms import in_form

    workspace = session.workspace()
    language = language_of(workspace, lang)
    if site is not None:
        if week or form or output or final:
            raise click.UsageError("--site writes all pages: leave out --week, --final, --format and -o.")
        return _write_site(session, workspace, site, cycle, language)
    if final is not None and (week or cycle):
        raise click.UsageError("--final reports on a whole cycle: leave out --week and --cycle.")
    made = _final(session, workspace, final, language) if final else _weekly(session, workspace, week, cycle, language)
    text = in_form(made, form or _form_of(output), language)
    if output is None:
        if not fits(text):
            raise click.ClickException(
                "The character set of standard output lacks some characters of this report. Write it to "
                "a file with `-o FILE`, or set PYTHONIOENCODING=utf-8."
            )
        click.echo(text, nl=False)
    else:
        write_privately(output, text)
    return exits.CURRENT


def _weekly(session: Session, workspace: Workspace, week: str | None, cycle: str | None, language: Language) -> Report:
    from sync.editions import week_report

    asked = _week(week, workspace, session)
    _keep(session, workspace, asked, cycle)
    with session.store(workspace) as store:
        made = week_report(workspace, store, asked, session.clock(), language, cycle=cycle)
    if made is None:
        raise click.ClickException(_nothing(cycle))
    return made


def _final(session: Session, workspace: Workspace, cycle: str, language: Language) -> FinalReport:
    from sync.final import final_facts
    from views.report.final import final_report

    with session.store(workspace) as store:
        facts = final_facts(workspace, store, cycle, session.clock())
    if facts is None:
        raise click.ClickException(_nothing(cycle))
    return final_report(facts, language)


def _week(asked: str | None, workspace: Workspace, session: Session) -> Week | None:
    from mapping.day import day_of
    from mapping.errors import MappingError
    from mapping.week import parse_week, week_of

    if asked is None:
        return None
    running = week_of(day_of(session.clock(), workspace.time_zone), workspace.calendar)
    if asked == "now":
        return running
    try:
        found = parse_week(asked, workspace.calendar)
    except MappingError as error:
        raise click.UsageError(f"--week: {error}") from None
    if found.start > running.end:
        raise click.UsageError(f"--week: {found.name} has not begun; the running week is {running.name}.")
    return found


def _keep(session: Session, workspace: Workspace, week: Week | None, cycle: str | None) -> None:
    """The report of a past week is kept as it is now. A store that can't be written still gives a report."""
    from sync.editions import keep_edition
    from sync.store.errors import StoreError
    from sync.week import last_week

    now = session.clock()
    with session.store(workspace) as store:
        week = week or last_week(workspace, store, now)
        if now <= week.ends_at(workspace.time_zone) or store.editions.get(week.name, cycle or "", "en"):
            return
    try:
        with session.store(workspace, writes=True) as store:
            keep_edition(workspace, store, week, now, cycle=cycle)
    except StoreError as error:
        say_error(f"The report is not kept, since the store can't be written: {error}")


def _write_site(session: Session, workspace: Workspace, folder: Path, cycle: str | None, language: Language) -> int:
    """Each page is written whole. Pages that only an earlier site had stay."""
    from cli.files import write_page
    from sync.site import site_facts
    from views.pages.site import files

    _keep(session, workspace, None, None)
    count = 0
    with session.store(workspace) as store:
        made = site_facts(workspace, store, session.clock(), language, cycle=cycle)
        if made is None:
            raise click.ClickException(_nothing(cycle))
        for name, text in files(made, language):
            write_page(folder / name, text)
            count += 1
    out().line(
        language.many("{n} file was written to {folder}.", "{n} files were written to {folder}.", count, folder=folder)
    )
    return exits.CURRENT


def _nothing(cycle: str | None) -> str:
    if cycle is None:
        return "No key result ran in that week. Name another with `--week`, or a cycle with `--cycle`."
    return f"There is no key result in the cycle {cycle!r}."


def _form_of(output: Path | None) -> str:
    suffixes = {".html": "html", ".htm": "html", ".md": "markdown", ".json": "json"}
    return suffixes.get(output.suffix.lower(), "text") if output else "text"
