"""How progress and status follow from a value, step by step."""

from __future__ import annotations

from mapping.assess import CheckIn, measure_of
from mapping.day import day_of
from mapping.errors import MappingError
from mapping.model import KeyResult, Rate, Toward
from views.formats import percent, points, value
from views.language import Language, later
from views.words import aim, status

_RATE = {
    Rate.WEEK: later(", at the end of the week"),
    Rate.MONTH: later(", at the end of the month"),
    Rate.QUARTER: later(", at the end of the quarter"),
}


def derivation(key_result: KeyResult, made: CheckIn, language: Language) -> list[str]:
    shown, found = value(made.value, language), status(made.status, language)
    try:
        measure = measure_of(key_result, made)
    except MappingError as error:
        return [f"{shown}: {found}; {error}"]
    if not isinstance(measure, Toward) or made.progress is None:
        against = aim(key_result, language)
        return [language.say("{value} against {aim}: {status}", value=shown, aim=against, status=found)]
    period, gap = key_result.period, (made.expected - made.progress) * 100
    ends = {"start": value(measure.start, language), "target": value(measure.target, language)}
    ranges = key_result.ranges
    compared = {
        "gap": f"{abs(gap):.1f}",
        "behind": points(ranges.behind),
        "at_risk": points(ranges.at_risk),
        "status": found,
    }
    return [
        language.say(
            "progress ({value} - {start}) / ({target} - {start}) = {progress}",
            value=shown, progress=percent(made.progress), **ends,
        ),
        language.say(
            "expected on {day}, between {first} and {last}{pace}: {expected}",
            day=day_of(made.at, language.zone), first=period.start, last=period.end,
            pace=_pace(key_result, language), expected=percent(made.expected),
        ),
        language.say(
            "{gap} points below the expected progress: {status} (more than {behind} is behind, "
            "more than {at_risk} is at risk)", **compared
        )
        if gap > 0
        else language.say(
            "{gap} points above the expected progress: {status} (more than {behind} below it is behind, "
            "more than {at_risk} is at risk)", **compared
        ),
    ]  # fmt: skip


def _pace(key_result: KeyResult, language: Language) -> str:
    if key_result.rate is not None:
        return language.say(_RATE[key_result.rate])
    if key_result.phases:
        told = (language.say("{part} on {day}", part=percent(part), day=day) for day, part in key_result.phases)
        return language.say(", by phases ({phases})", phases=", ".join(told))
    return ""
