"""Who owes a check-in, from what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from config.by_hand import hand_made
from config.load import Workspace
from mapping.day import day_of
from mapping.due import Last, Owed, owed
from mapping.facts import KeyResultView
from sync.overview import overview
from sync.store.store import Store


@dataclass(frozen=True, kw_only=True)
class Due:
    """What is owed, the latest first. `without_rhythm` are ids of what people give by hand, while no file says how
    often."""

    today: date
    owed: tuple[Owed, ...]
    without_rhythm: tuple[str, ...]


def due(workspace: Workspace, store: Store, at: datetime) -> Due:
    zone, today = workspace.time_zone, day_of(at, workspace.time_zone)
    manual, words = hand_made(workspace), store.people.said()
    found: list[Owed] = []
    unsaid: list[str] = []
    for view, above in _open(workspace, store, at):
        key_result, word = view.key_result, words.get(view.key_result.key)
        by_hand = view.pinned is not None or key_result.id in manual
        made = view.check_in
        days = [day_of(moment, zone) for moment in (made.as_of if made else None, _pinned_at(view)) if moment]
        last = Last(
            value=max(days, default=None),
            word=day_of(word.at, zone) if word else None,
            confidence=day_of(view.confidence.at, zone) if view.confidence else None,
        )
        if key_result.check_in is None and by_hand:
            unsaid += [key_result.id] if key_result.period.start <= today <= key_result.last_day else []
        if (one := owed(key_result, last, today, by_hand=by_hand, above=above)) is not None:
            found.append(one)
    return Due(today=today, owed=tuple(sorted(found, key=lambda one: one.due)), without_rhythm=tuple(unsaid))


def _open(workspace: Workspace, store: Store, at: datetime) -> Iterator[tuple[KeyResultView, tuple[str, ...]]]:
    """What goes on, each with those who check in for its objective."""
    seen = overview(workspace, store, at)
    views = [
        (view, one.objective.about.asked) for one in seen.objectives for view in (*one.key_results, *one.initiatives)
    ]
    for view, above in (*views, *((view, ()) for view in seen.kpis)):
        if view.closing is None and not view.key_result.cancelled:
            yield view, above


def _pinned_at(view: KeyResultView) -> datetime | None:
    return view.pinned.at if view.pinned else None
