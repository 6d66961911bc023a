"""Statuses, levels, cycles and what a key result is measured against, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from mapping.assess import Failed, Held, NewCheckIn, NoValue, Pinned, SetAside, Skipped
from mapping.facts import Step
from mapping.formula import Formula
from mapping.model import (
    Baseline,
    Cycle,
    KeyResult,
    Kind,
    Level,
    Milestone,
    Open,
    Status,
    StayAbove,
    StayBelow,
    Toward,
    Within,
)  # fmt: skip
from mapping.progress import Verdict
from mapping.reading import Evidence
from views.formats import moment, value
from views.language import Language, later

BARS = "▁▂▃▄▅▆▇█"

_STATUS = {
    Status.NOT_STARTED: later("not started"),
    Status.IN_PROGRESS: later("in progress"),
    Status.ON_TRACK: later("on track"),
    Status.BEHIND: later("behind"),
    Status.AT_RISK: later("at risk"),
    Status.ACHIEVED: later("achieved"),
    Status.OVERDUE: later("overdue"),
    Status.CLOSED: later("closed"),
    Status.POSTPONED: later("postponed"),
    Status.CANCELLED: later("cancelled"),
}
_LEVEL = {Level.COMPANY: later("company"), Level.TEAM: later("team"), Level.INDIVIDUAL: later("individual")}
_KIND = {Kind.COMMITTED: later("committed"), Kind.ASPIRATIONAL: later("aspirational")}
_VERDICT = {
    Verdict.SUCCESS: later("success"),
    Verdict.MISSED: later("missed"),
    Verdict.TOO_EASY: later("reached in full: was it ambitious enough?"),
}
_ENDED = {"closed": later("closed"), "postponed": later("postponed"), "cancelled": later("cancelled")}
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_HALF = re.compile(r"(\d{4})-H([12])")


def status(found: Status | None, language: Language) -> str:
    return language.say("unknown") if found is None else language.say(_STATUS[found])


def level(found: Level, language: Language) -> str:
    return language.say(_LEVEL[found])


def kind(found: Kind, language: Language) -> str:
    return language.say(_KIND[found])


def verdict(found: Verdict, language: Language) -> str:
    return language.say(_VERDICT[found])


def ended(outcome: str, language: Language) -> str:
    """How a key result ended."""
    return language.say(_ENDED[outcome])


def cycle(period: Cycle, language: Language) -> str:
    """Its name; those that every company uses in the words of the language: "2026-Q4", "2026년 4분기"."""
    if quarter := _QUARTER.fullmatch(period.name):
        return language.say("{year}-Q{quarter}", year=quarter[1], quarter=quarter[2])
    if half := _HALF.fullmatch(period.name):
        first, second = language.say("{year}-H1", year=half[1]), language.say("{year}-H2", year=half[1])
        return first if half[2] == "1" else second
    if period.name.isdigit() and len(period.name) == 4:
        return language.say("{year}", year=period.name)
    return period.name


def aim(key_result: KeyResult, language: Language) -> str:
    """What the key result is measured against: "$12,000,000 → $15,000,000", "above 99.5%"."""
    match key_result.measure:
        case Open(start=start, target=target):
            end = target.text if isinstance(target, Formula) else value(target, language)
            begin = language.say("first value") if start is None else value(start, language)
            return f"{begin} → {end}"
        case Within(low=low, high=high):
            return language.say("{low} to {high}", low=value(low, language), high=value(high, language))
        case Baseline():
            return language.say("baseline")
        case Milestone():
            return language.say("milestone")
        case Toward(start=start, target=target):
            return f"{value(start, language)} → {value(target, language)}"
        case StayAbove(threshold=threshold):
            return language.say("above {value}", value=value(threshold, language))
        case StayBelow(threshold=threshold):
            return language.say("below {value}", value=value(threshold, language))


def asked(seen: Evidence, language: Language) -> str:
    """ "at 2026-11-24 09:00 UTC, 2,100 rows behind it"; the time that the source speaks of, where it is another."""
    told = [language.say("at {when}", when=moment(seen.asked_at, language))]
    if seen.as_of != seen.asked_at:
        told.append(language.say("as of {when}", when=moment(seen.as_of, language)))
    if seen.rows is not None:
        told.append(language.many("{n} row behind it", "{n} rows behind it", seen.rows))
    return ", ".join(told)


def has_expectation(key_result: KeyResult) -> bool:
    """Only a way from start to target has an expected progress; a threshold holds or does not."""
    return isinstance(key_result.measure, Toward | Open)


def outcome(step: Step) -> str:
    """ "changed", "unchanged", "held", "pinned", "skipped", "set aside", "no value" or "unavailable"."""
    match step.assessment:
        case NewCheckIn():
            return "changed"
        case Held():
            return "held"
        case Pinned():
            return "pinned"
        case Skipped():
            return "skipped"
        case SetAside():
            return "set aside"
        case NoValue():
            return "no value"
        case Failed():
            return "unavailable"
        case _:
            return "unchanged"


def sparkline(values: Sequence[Decimal]) -> str:
    """The last values as bars from the lowest to the highest."""
    shown = list(values)[-40:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    if low == high:
        return BARS[3] * len(shown)
    return "".join(BARS[int((one - low) / (high - low) * (len(BARS) - 1))] for one in shown)
