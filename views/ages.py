"""How old a value is, and why it is not current, in words."""

from __future__ import annotations

from datetime import timedelta

from mapping.freshness import Age, Freshness
from mapping.model import Status
from views.formats import moment
from views.language import Language, later
from views.words import status

_STATE = {
    Freshness.CURRENT: later("current"),
    Freshness.STALE: later("stale"),
    Freshness.UNAVAILABLE: later("unavailable"),
    Freshness.NO_VALUE: later("no value"),
    Freshness.UNKNOWN: later("unknown"),
    Freshness.ENDED: later("ended"),
}


def shown(found: Status | Freshness, language: Language) -> str:
    """The status that people see."""
    return status(found, language) if isinstance(found, Status) else language.say(_STATE[found])


def span(time: timedelta, language: Language) -> str:
    """As people say how old something is: "12 min", "28 h", "4 d"."""
    minutes = max(0, int(time.total_seconds() // 60))
    if minutes < 90:
        return language.say("{n} min", n=minutes)
    if minutes < 48 * 60:
        return language.say("{n} h", n=minutes // 60)
    return language.say("{n} d", n=minutes // (24 * 60))


def why(age: Age, language: Language) -> str | None:
    """Why it is not current: its source's own words, or that time went by. None where it is current."""
    if age.is_current or age.state is Freshness.UNKNOWN:
        return None
    if age.state is not Freshness.STALE:
        return age.cause or ""
    if age.confirmed_at is None or age.may_be is None:
        return ""
    return language.say(
        "it was last confirmed on {when}, and may be {limit} old",
        when=moment(age.confirmed_at, language), limit=span(age.may_be, language),
    )  # fmt: skip


_SENTENCE = {
    Freshness.STALE: later("stale since {since}: {cause}"),
    Freshness.UNAVAILABLE: later("unavailable since {since}: {cause}"),
    Freshness.NO_VALUE: later("no value since {since}: {cause}"),
}


def sentence(age: Age, language: Language) -> str | None:
    """ "unavailable since 2026-11-21 06:00 UTC: ..."; None where it is current, or was never read."""
    if age.state not in _SENTENCE or age.since is None:
        return None
    return language.say(_SENTENCE[age.state], since=moment(age.since, language), cause=why(age, language))
