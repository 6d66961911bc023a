"""What a pass came to, in a sentence or two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from mapping.facts import Step
from views.formats import day
from views.language import Language
from views.words import outcome


def counts(steps: Iterable[Step], calls: Mapping[str, int], language: Language) -> str:
    """ "24 changed, 0 unchanged, 1 held, 0 without a value. Asked in about 10 calls." """
    found = Counter(map(outcome, steps))
    told = [
        language.say("{n} changed", n=found["changed"]),
        language.say("{n} unchanged", n=found["unchanged"]),
        *([language.say("{n} held", n=found["held"])] if found["held"] else []),
        *([language.say("{n} pinned", n=found["pinned"])] if found["pinned"] else []),
        *([language.say("{n} skipped", n=found["skipped"])] if found["skipped"] else []),
        language.say("{n} without a value", n=found["no value"] + found["unavailable"]),
    ]
    asked = language.many("Asked in about {n} call.", "Asked in about {n} calls.", sum(calls.values()))
    return f"{', '.join(told)}. {asked}"


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
