"""Weekly reports: those of weeks that are over stay as they were first made."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from config.load import Workspace
from mapping.day import day_of, start_of
from mapping.week import Week, week_of
from sync.store.errors import StoreError
from sync.store.store import Store
from sync.week import last_week, week_facts
from views.language import LANGUAGES, Language

if TYPE_CHECKING:
    from views.report.model import Report

log = structlog.get_logger("sync.editions")
EVERY = ""
"""The cycle of an edition of all that ran."""


def week_report(
    workspace: Workspace,
    store: Store,
    week: Week | None,
    now: datetime,
    language: Language,
    *,
    cycle: str | None = None,
) -> Report | None:
    """Of the last week that is over where none is named, as it was first made. None where nothing ran in it."""
    from views.report.model import Report

    week = week or last_week(workspace, store, now)
    known = store.editions.get(week.name, cycle or EVERY, language.code)
    if known is not None:
        return Report.model_validate(known)
    return _made(workspace, store, week, now, cycle).get(language.code)


def keep_edition(
    workspace: Workspace, store: Store, week: Week, now: datetime, *, cycle: str | None = None, token: int | None = None
) -> None:
    """Keep the report of a week that is over, in each language. Raises StoreError."""
    if now <= week.ends_at(workspace.time_zone) or store.editions.get(week.name, cycle or EVERY, "en"):
        return
    made = _made(workspace, store, week, now, cycle)
    told = {code: report.model_dump(mode="json") for code, report in made.items()}
    if told:
        store.editions.keep(week.name, cycle or EVERY, now, told, token)


def keep_last(workspace: Workspace, store: Store, now: datetime, token: int | None) -> None:
    """The report of the week before, at the first pass after it. What goes wrong costs no pass: a later one, or
    `okrsync report`, makes it."""
    running = week_of(day_of(now, workspace.time_zone), workspace.calendar)
    begin = start_of(running.start, workspace.time_zone)
    last = last_week(workspace, store, now)
    if last == running or store.last_run(begin) is None:
        return
    try:
        keep_edition(workspace, store, last, now, token=token)
    except StoreError:
        raise
    except Exception:
        log.exception("the weekly report could not be made", week=last.name)


def _made(workspace: Workspace, store: Store, week: Week, now: datetime, cycle: str | None) -> dict[str, Report]:
    from views.report.build import report

    facts = week_facts(workspace, store, week, now, cycle=cycle)
    if facts is None:
        return {}
    return {code: report(facts, Language(code=code, zone=workspace.time_zone)) for code in LANGUAGES}
