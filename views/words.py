"""What a key result is measured against, how its status follows, and what was done to it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from mapping.assess import CheckIn, Failed, Held, NewCheckIn, NoValue, Pinned, Skipped, measure_of
from mapping.errors import MappingError
from mapping.facts import Step
from mapping.formula import Formula
from mapping.model import Baseline, KeyResult, Milestone, Open, StayAbove, StayBelow, Toward, Within
from mapping.records import Action
from views.formats import percent, points, value

BARS = "▁▂▃▄▅▆▇█"


def aim(key_result: KeyResult) -> str:
    """What the key result is measured against: "$12,000,000 → $15,000,000", "above 99.5%"."""
    match key_result.measure:
        case Open(start=start, target=target):
            end = target.text if isinstance(target, Formula) else value(target)
            return f"{'first' if start is None else value(start)} → {end}"
        case Within(low=low, high=high):
            return f"{value(low)} to {value(high)}"
        case Baseline():
            return "baseline"
        case Milestone():
            return "milestone"
        case Toward(start=start, target=target):
            return f"{value(start)} → {value(target)}"
        case StayAbove(threshold=threshold):
            return f"above {value(threshold)}"
        case StayBelow(threshold=threshold):
            return f"below {value(threshold)}"


def has_expectation(key_result: KeyResult) -> bool:
    """Only a way from start to target has an expected progress; a threshold holds or does not."""
    return isinstance(key_result.measure, Toward | Open)


def derivation(key_result: KeyResult, made: CheckIn) -> list[str]:
    """How progress and status follow from the value, step by step."""
    shown = value(made.value)
    try:
        measure = measure_of(key_result, made)
    except MappingError as error:
        return [f"{shown}: {made.status.value}; {error}"]
    if not isinstance(measure, Toward) or made.progress is None:
        return [f"{shown} against {aim(key_result)}: {made.status.value}"]
    start, target = value(measure.start), value(measure.target)
    period, gap = key_result.period, (made.expected - made.progress) * 100
    ranges = key_result.ranges
    return [
        f"progress ({shown} - {start}) / ({target} - {start}) = {percent(made.progress)}",
        f"expected on {made.at:%Y-%m-%d}, between {period.start} and {period.end}{_pace(key_result)}: "
        f"{percent(made.expected)}",
        f"{abs(gap):.1f} points {'short of' if gap > 0 else 'ahead of'} expected (behind above "
        f"{points(ranges.behind)}, at risk above {points(ranges.at_risk)}): {made.status.value}",
    ]


def _pace(key_result: KeyResult) -> str:
    if key_result.rate is not None:
        return f", at the end of the {key_result.rate.value}"
    if key_result.phases:
        return f", by phases ({', '.join(f'{percent(part)} on {day}' for day, part in key_result.phases)})"
    return ""


def outcome(step: Step) -> str:
    """ "changed", "unchanged", "held", "pinned", "skipped", "no value" or "unavailable"."""
    match step.assessment:
        case NewCheckIn():
            return "changed"
        case Held():
            return "held"
        case Pinned():
            return "pinned"
        case Skipped():
            return "skipped"
        case NoValue():
            return "no value"
        case Failed():
            return "unavailable"
        case _:
            return "unchanged"


def action_line(action: Action) -> str:
    """ "ada pinned it: value 42, note ..." """
    told = [f"{name} {_told(detail)}" for name, detail in action.details.items()]
    return f"{action.by} {action.action} it" + (f": {', '.join(told)}" if told else "")


def _told(detail: Any) -> str:
    if isinstance(detail, dict) and set(detail) == {"from", "to"}:
        return f"{detail['from'] or '-'} → {detail['to']}"
    return str(detail)


def sparkline(values: Sequence[Decimal]) -> str:
    """The last values as bars from the lowest to the highest."""
    shown = list(values)[-40:]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    if low == high:
        return BARS[3] * len(shown)
    return "".join(BARS[int((one - low) / (high - low) * (len(BARS) - 1))] for one in shown)
