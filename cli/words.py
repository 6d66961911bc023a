"""How values, progress and status are put on a terminal."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mapping.assess import CheckIn
    from mapping.facts import Step
    from mapping.model import KeyResult, Status
    from mapping.quantity import Quantity

STYLES = {
    "not started": "dim",
    "in progress": "cyan",
    "overdue": "red",
    "on track": "green",
    "achieved": "bold green",
    "behind": "yellow",
    "at risk": "red",
    "closed": "dim",
    "postponed": "dim",
}
BAR_WIDTH = 10


def value(quantity: Quantity | None) -> str:
    from mapping.format import format_quantity

    return "-" if quantity is None else format_quantity(quantity)


def percent(fraction: Decimal | None) -> str:
    """Whole points, halves away from zero: 0.835 is 84%."""
    if fraction is None:
        return "-"
    from decimal import ROUND_HALF_UP

    return f"{(fraction * 100).quantize(Decimal(1), ROUND_HALF_UP)}%"


def status(found: Status | None) -> str:
    return "[dim]unknown[/]" if found is None else f"[{STYLES[found.value]}]{found.value}[/]"


def bar(fraction: Decimal | None) -> str:
    filled = 0 if fraction is None else min(BAR_WIDTH, max(0, int(fraction * BAR_WIDTH)))
    return "━" * filled + f"[dim]{'─' * (BAR_WIDTH - filled)}[/]"


def title(key_result: KeyResult) -> str:
    from mapping.model import Role

    mark = "[dim]initiative:[/] " if key_result.role is Role.INITIATIVE else ""
    return f"{mark}{key_result.title}"


def aim(key_result: KeyResult) -> str:
    """What the key result is measured against: "$12,000,000 → $15,000,000", "above 99.5%"."""
    from mapping.formula import Formula
    from mapping.model import Baseline, Milestone, Open, StayAbove, StayBelow, Toward, Within

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
        case _:
            return "-"


def has_expectation(key_result: KeyResult) -> bool:
    """Only a way from start to target has an expected progress; a threshold holds or does not."""
    from mapping.model import Open, Toward

    return isinstance(key_result.measure, Toward | Open)


def derivation(key_result: KeyResult, made: CheckIn) -> list[str]:
    """How progress and status follow from the value, step by step."""
    from mapping.assess import measure_of
    from mapping.errors import MappingError
    from mapping.model import Toward

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
        f"{_points(ranges.behind)}, at risk above {_points(ranges.at_risk)}): {made.status.value}",
    ]


def count(number: int, thing: str) -> str:
    """ "1 call", "1,200 calls"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _points(fraction: Decimal) -> str:
    return f"{(fraction * 100).normalize():f}"


def _pace(key_result: KeyResult) -> str:
    if key_result.rate is not None:
        return f", at the end of the {key_result.rate.value}"
    if key_result.phases:
        return f", by phases ({', '.join(f'{percent(part)} on {day}' for day, part in key_result.phases)})"
    return ""


def when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def outcome(step: Step) -> str:
    """ "changed", "unchanged", "held", "pinned", "skipped", "no value" or "unavailable"."""
    from mapping.assess import Failed, Held, NewCheckIn, NoValue, Pinned, Skipped

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


def check_in_data(made: CheckIn) -> dict[str, Any]:
    """A check-in for scripts: exact decimal texts in base units (percentages and progress as fractions, durations
    in seconds)."""
    return {
        "at": made.at.isoformat(),
        "value": str(made.value.amount),
        "unit": str(made.value.unit),
        "progress": None if made.progress is None else str(made.progress),
        "expected": str(made.expected),
        "status": made.status.value,
        "formula": made.formula,
        "filled": made.filled,
        "aims": {name: str(end.amount) for name, end in made.aims},
        "by": made.by,
        "note": made.note,
        "confidence": made.confidence,
    }
