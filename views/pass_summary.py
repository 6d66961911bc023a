"""What a pass came to, in a sentence or two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from mapping.facts import Step
from mapping.model import Key
from views.formats import day
from views.language import Language
from views.words import outcome

MOST = 10
"""Ids that one line tells."""


def counts(steps: Iterable[Step], calls: Mapping[str, int], language: Language) -> str:
    """ "24 changed, 0 unchanged, 1 held, 0 without a value. Asked in 10 calls." """
    found = Counter(map(outcome, steps))
    told = [
        language.say("{n} changed", n=found["changed"]),
        language.say("{n} unchanged", n=found["unchanged"]),
        *([language.say("{n} held", n=found["held"])] if found["held"] else []),
        *([language.say("{n} pinned", n=found["pinned"])] if found["pinned"] else []),
        *([language.say("{n} skipped", n=found["skipped"])] if found["skipped"] else []),
        *([language.say("{n} set aside", n=found["set aside"])] if found["set aside"] else []),
        language.say("{n} without a value", n=found["no value"] + found["unavailable"]),
    ]
    asked = language.many("Asked in {n} call.", "Asked in {n} calls.", sum(calls.values()))
    return f"{', '.join(told)}. {asked}"


def left(keys: Sequence[Key], named: Collection[str], language: Language) -> tuple[str, str]:
    """Which key results are in no OKR file any more, and what to know of that. One whose id another one has is told
    with its cycle."""
    shown = [f"{key.id} ({key.cycle})" if key.id in named else key.id for key in keys[:MOST]]
    more = language.many("and {n} more", "and {n} more", len(keys) - MOST) if len(keys) > MOST else ""
    told = language.say(
        "in no OKR file any more. `okrsync history {key}` shows what is recorded. To tell why something was dropped, "
        "leave it in its file and add `cancelled:`; if it has another id now, add `was: {key}` there.",
        key=keys[0].id,
    )
    return ", ".join(shown) + (f" {more}" if more else ""), told


def nothing_running(steps: Iterable[Step], language: Language) -> str:
    """A job whose cycles are all over would stay green for ever; this tells it."""
    periods = [step.key_result.period for step in steps]
    if not periods:
        return language.say("Nothing is running: no key result has a source.")
    last = max(periods, key=lambda period: period.end)
    return language.say(
        "Nothing is running: no key result is within its days. The last cycle, {cycle}, ends on {end}. "
        "Write the key results of the next one.",
        cycle=last.name, end=day(last.end, language),
    )  # fmt: skip
