"""The facts of a week, as the store tells them."""

from __future__ import annotations

from datetime import datetime, timedelta

from config.load import Workspace
from mapping.attention import Known, needs, shifts
from mapping.because import Because, because
from mapping.day import day_of, start_of
from mapping.facts import Overview
from mapping.model import Key
from mapping.week import Week, WeekFacts, main_cycle, views_of, week_of
from sync.attention import known_of
from sync.overview import overview
from sync.store.store import Store
from views.selection import Selection

_DAY = timedelta(days=1)


def last_week(workspace: Workspace, store: Store, now: datetime) -> Week:
    """The last week that is over, or the running one where nothing was recorded before it."""
    running = week_of(day_of(now, workspace.time_zone), workspace.calendar)
    before = start_of(running.start, workspace.time_zone)
    if store.last_run(before) is None:
        return running
    return week_of(day_of(before, workspace.time_zone) - _DAY, workspace.calendar)


def week_facts(
    workspace: Workspace, store: Store, week: Week, now: datetime, *, cycle: str | None = None
) -> WeekFacts | None:
    """None where no key result belongs to the cycle, or to any that ran in that week."""
    begin, over = start_of(week.start, workspace.time_zone), now > week.ends_at(workspace.time_zone)
    at = week.ends_at(workspace.time_zone) if over else now
    return _facts(workspace, store, week, begin, at, over=over, cycle=cycle)


def facts_of_now(workspace: Workspace, store: Store, now: datetime, *, cycle: str | None = None) -> WeekFacts | None:
    """Of the seven days up to now."""
    today = day_of(now, workspace.time_zone)
    return _facts(
        workspace, store, Week(start=today - 7 * _DAY, end=today), now - 7 * _DAY, now, over=False, cycle=cycle
    )


def _facts(
    workspace: Workspace, store: Store, week: Week, begin: datetime, at: datetime, *, over: bool, cycle: str | None
) -> WeekFacts | None:
    zone = workspace.time_zone
    chosen = Selection(today=day_of(at, zone), cycle=cycle)
    seen = chosen.of(overview(workspace, store, at, until=at if over else None))
    before = chosen.of(overview(workspace, store, begin, until=begin))
    headline = main_cycle(seen, cycle)
    if headline is None:
        return None
    kept = {view.key_result.key for view in views_of(seen)}
    cycles = {key.cycle for key in kept}
    known = {key: one for key, one in known_of(store, at, cycles=cycles).items() if key in kept}
    changes = (change for one in known.values() for change in one.changes if change.at >= begin)
    said = (word for one in known.values() for word in one.said if word.at >= begin)
    return WeekFacts(
        workspace=workspace.name,
        week=week,
        cycle=headline,
        at=at,
        over=over,
        now=seen,
        before=before,
        needs=needs(seen, known, begin, zone),
        shifts=shifts(seen, known, begin),
        changes=sorted(changes, key=lambda one: one.at),
        said=sorted(said, key=lambda one: one.at),
        becauses=_becauses(seen, before, known, begin),
        known=known,
    )


def _becauses(seen: Overview, before: Overview, known: dict[Key, Known], begin: datetime) -> dict[Key, Because]:
    """Why each value of now is another than when the week began."""
    was = {view.key_result.key: view.check_in for view in views_of(before)}
    found = {}
    for view in views_of(seen):
        key = view.key_result.key
        old, new = was.get(key), view.check_in
        if old is None or new is None or old.value == new.value:
            continue
        changes = [one for one in known[key].changes if one.at >= begin] if key in known else []
        found[key] = because(old, new, changes)
    return found
