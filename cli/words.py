"""How values, progress and status are put on a terminal."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mapping.assess import CheckIn
    from mapping.model import KeyResult, Status
    from mapping.quantity import Quantity
    from sync.plan import Step

STYLES = {
    "not started": "dim",
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
    from mapping.model import StayAbove, StayBelow, Toward

    match key_result.measure:
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
    from mapping.model import Toward

    return isinstance(key_result.measure, Toward)


def derivation(key_result: KeyResult, made: CheckIn) -> list[str]:
    """How progress and status follow from the value, step by step."""
    from mapping.model import Toward

    shown = value(made.value)
    if not isinstance(key_result.measure, Toward):
        return [f"{shown} against {aim(key_result)}: {made.status.value}"]
    start, target = value(key_result.measure.start), value(key_result.measure.target)
    period = key_result.period
    gap = (made.expected - made.progress) * 100
    return [
        f"progress ({shown} - {start}) / ({target} - {start}) = {percent(made.progress)}",
        f"expected on {made.at:%Y-%m-%d}, between {period.start} and {period.end}: {percent(made.expected)}",
        f"{abs(gap):.1f} points {'short of' if gap > 0 else 'ahead of'} expected: {made.status.value}",
    ]


def when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def outcome(step: Step) -> str:
    """ "changed", "unchanged", "no value" or "unavailable"."""
    from mapping.assess import Failed, NewCheckIn, NoValue

    match step.assessment:
        case NewCheckIn():
            return "changed"
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
        "progress": str(made.progress),
        "expected": str(made.expected),
        "status": made.status.value,
        "formula": made.formula,
        "filled": made.filled,
    }
