"""What needs a person, one sentence each: what, since when, why."""

from __future__ import annotations

from collections.abc import Sequence

from mapping.attention import Need, Why
from mapping.changes import Change, What
from mapping.facts import KeyResultView
from mapping.records import Candidate
from views import ages
from views.formats import moment, percent, short_day_at, value
from views.language import Language, later
from views.recorded import reason
from views.words import aim, has_expectation

_WHY = {
    Why.HELD: later("held"),
    Why.UNAVAILABLE: later("unavailable"),
    Why.NO_VALUE: later("no value"),
    Why.STALE: later("stale"),
    Why.OVERDUE: later("overdue"),
    Why.AT_RISK: later("at risk"),
    Why.BEHIND: later("behind"),
    Why.CONFIDENCE: later("confidence fell"),
    Why.CHANGED: later("changed"),
    Why.NO_OWNER: later("no owner"),
}
_WHAT = {
    What.RULE: later("rule"),
    What.SCOPE: later("query {name}"),
    What.TARGET: later("target"),
    What.START: later("start"),
    What.LIMIT: later("limit {name}"),
    What.WEIGHT: later("weight"),
    What.UNIT: later("unit"),
    What.PACE: later("expected progress"),
    What.OWNER: later("owner"),
}


def word(why: Why, language: Language) -> str:
    return language.say(_WHY[why])


def told(need: Need, language: Language) -> str:
    """Its word, and all that is to be said of it."""
    return language.say("{word} {text}", word=word(need.why, language), text=sentence(need, language))


def sentence(need: Need, language: Language) -> str:
    """What follows on its word: "since 21 November, at 55% where 57% was expected."."""
    view = need.view
    match need.why:
        case Why.HELD if view.beside is not None:
            return held(view, view.beside, language)
        case Why.UNAVAILABLE | Why.NO_VALUE | Why.STALE:
            return _not_current(view, language)
        case Why.CONFIDENCE:
            first, second, third = (one.confidence for one in need.confidences)
            return language.say("twice, from {first} to {second} to {third}.", first=first, second=second, third=third)
        case Why.CHANGED:
            return f"{change_list(need.changes, language)}."
        case Why.NO_OWNER:
            return language.say("so far: name one in its OKR file.")
    return _short(need, language)


def held(view: KeyResultView, beside: Candidate, language: Language) -> str:
    told = {"new": value(beside.check_in.value, language), "reason": reason(beside.reason or "", language)}
    since = moment(beside.at, language)
    if view.check_in is None:
        return language.say("since {since}: the sources say {new}, but {reason}.", since=since, **told)
    return language.say(
        "since {since}: {old} stands; the sources say {new}, but {reason}.",
        since=since, old=_value(view, language), **told,
    )  # fmt: skip


def _not_current(view: KeyResultView, language: Language) -> str:
    since = moment(view.age.since, language) if view.age.since else ""
    cause = (ages.why(view.age, language) or "").rstrip(".")
    if view.check_in is None:
        return language.say("since {since}: {cause}.", since=since, cause=cause)
    known = _value(view, language)
    return language.say("since {since}: {cause}. Last known: {value}.", since=since, cause=cause, value=known)


def change_list(changes: Sequence[Change], language: Language) -> str:
    return "; ".join(f"{what(one, language)} {one.before or '-'} → {one.after or '-'}" for one in changes)


def what(change: Change, language: Language) -> str:
    return language.say(_WHAT[change.what], name=change.name or "")


def _short(need: Need, language: Language) -> str:
    view, key_result = need.view, need.view.key_result
    told = {"value": _value(view, language)}
    since = short_day_at(need.since, language) if need.since else None
    if not has_expectation(key_result):
        told["aim"] = aim(key_result, language)
        if since is None:
            return language.say("at {value}; wanted is {aim}.", **told)
        return language.say("since {since}, at {value}; wanted is {aim}.", since=since, **told)
    told |= {"progress": percent(view.progress), "expected": percent(view.expected)}
    if since is None:
        return language.say("at {progress} where {expected} was expected.", **told)
    return language.say("since {since}, at {progress} where {expected} was expected.", since=since, **told)


def _value(view: KeyResultView, language: Language) -> str:
    return value(view.check_in.value if view.check_in else None, language)
