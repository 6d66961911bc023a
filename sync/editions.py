"""Weekly reports: those of weeks that are over stay as they were first made."""

from __future__ import annotations

from datetime import datetime

from config.load import Workspace
from mapping.week import Week
from sync.store.store import Store
from sync.week import last_week, week_facts
from views.language import Language
from views.report.build import report
from views.report.model import Report


def week_report(
    workspace: Workspace,
    store: Store,
    week: Week | None,
    now: datetime,
    language: Language,
    *,
    cycle: str | None = None,
) -> Report | None:
    """Of the last week that is over where none is named. None where nothing ran in it."""
    facts = week_facts(workspace, store, week or last_week(workspace, store, now), now, cycle=cycle)
    return None if facts is None else report(facts, language)
