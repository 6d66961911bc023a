"""A week of a company, and what is known of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from mapping.attention import Known, Need, Shift
from mapping.because import Because
from mapping.changes import Change
from mapping.cycles import Calendar
from mapping.day import Zone, end_of
from mapping.errors import MappingError
from mapping.facts import KeyResultView, Overview
from mapping.model import Baseline, Cycle, Key
from mapping.rollup import Part, RollUp, roll_up
from mapping.trail import Said

_NAME = re.compile(r"(\d{4})-?W(\d{2})")


@dataclass(frozen=True, kw_only=True)
class Week:
    """Seven days; both ends belong to it. Its number is the ISO week's that its middle is in."""

    start: date
    end: date

    @property
    def name(self) -> str:
        year, number, _ = (self.start + timedelta(days=3)).isocalendar()
        return f"{year}-W{number:02}"

    def ends_at(self, zone: Zone) -> datetime:
        return end_of(self.end, zone)

    @property
    def number(self) -> int:
        return (self.start + timedelta(days=3)).isocalendar().week


def week_of(day: date, calendar: Calendar) -> Week:
    end = calendar.end_of_week(day)
    return Week(start=end - timedelta(days=6), end=end)


def parse_week(text: str, calendar: Calendar) -> Week:
    """ "2026-W47", or any day of the week. Raises MappingError."""
    try:
        if found := _NAME.fullmatch(text.strip()):
            return week_of(date.fromisocalendar(int(found[1]), int(found[2]), 4), calendar)
        return week_of(date.fromisoformat(text.strip()), calendar)
    except ValueError:
        raise MappingError(f"{text!r} is no week: write it as 2026-W47, or one of its days as 2026-11-18") from None


@dataclass(frozen=True, kw_only=True)
class WeekFacts:
    """What is known at `at` of a week that is `over` or still runs. `cycle` is the one that the headline is of;
    `before` is what was known when the week began, measured as now."""

    workspace: str
    week: Week
    cycle: Cycle
    at: datetime
    over: bool
    now: Overview
    before: Overview
    needs: Sequence[Need] = ()
    shifts: Sequence[Shift] = ()
    changes: Sequence[Change] = ()
    said: Sequence[Said] = ()
    becauses: Mapping[Key, Because] = field(default_factory=dict)
    known: Mapping[Key, Known] = field(default_factory=dict)


def views_of(seen: Overview) -> list[KeyResultView]:
    """All that is kept current, in the order of the files."""
    found = [view for one in seen.objectives for view in (*one.key_results, *one.initiatives)]
    return [*found, *seen.kpis]


def mean_of_cycle(seen: Overview, cycle: str) -> RollUp:
    """The plain mean of the key results of one cycle; initiatives, KPIs and baselines have no part in it."""
    return roll_up(
        [
            Part(
                weight=Decimal(1),
                progress=view.progress if view.age.counts else None,
                expected=view.expected,
                status=view.status,
            )
            for one in seen.objectives
            for view in one.key_results
            if view.key_result.period.name == cycle
            and not isinstance(view.key_result.measure, Baseline)
            and not view.key_result.cancelled
        ]
    )


def main_cycle(seen: Overview, wanted: str | None = None) -> Cycle | None:
    """The cycle of that name, else the one with most key results; of several with as many the shortest."""
    counts: dict[Cycle, int] = {}
    for one in seen.objectives:
        for view in one.key_results:
            if wanted in (None, view.key_result.period.name):
                counts[view.key_result.period] = counts.get(view.key_result.period, 0) + 1
    return max(counts, key=lambda cycle: (counts[cycle], cycle.start - cycle.end, cycle.name), default=None)
