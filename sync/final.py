"""The facts of a cycle that is over, or is to be closed."""

from __future__ import annotations

from datetime import datetime

from config.load import Workspace
from mapping.records import REVIEW, SCORE
from mapping.week import main_cycle
from sync.closing import Said, close
from sync.overview import overview
from sync.store.store import Store
from views.report.final import FinalFacts


def final_facts(workspace: Workspace, store: Store, cycle: str, now: datetime) -> FinalFacts | None:
    """As of the last closing where all is closed, so that it stays as it is. None where nothing belongs to the
    cycle."""
    seen = overview(workspace, store, now)
    said = Said(scored=store.people.last(SCORE), reviewed=store.people.last(REVIEW))
    period = main_cycle(seen, cycle)
    reports = close(seen, cycle, now, "", said)
    if period is None or not reports:
        return None
    closed = [view.closing for one in reports for view, _ in one.views]
    ended = [closing.at for closing in closed if closing is not None]
    is_open = closed.count(None)
    return FinalFacts(
        workspace=workspace.name, cycle=period, at=now if is_open else max(ended), reports=reports, open=is_open
    )
