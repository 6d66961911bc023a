"""Reasons that were recorded in English, in the reader's language."""

from __future__ import annotations

import re
from functools import cache

from views.language import Language, later

REASONS = (
    later("the data of its source is from {day}, more than {days} days ago"),
    later("its formula, unit or queries changed since the last check-in"),
    later("it fell to zero from {old}"),
    later("it moved from {old} to {new} in one run, {share} of the way from start to target"),
    later("it moved from {old} to {new} in one run, {share} of the band"),
    later("it moved from {old} to {new} in one run, {share} of the threshold"),
    later("the progress would be {progress}, beyond -100% or 1,000%"),
)
"""All that makes a value doubtful, as `mapping.guards` words it."""


def reason(text: str, language: Language) -> str:
    """The reason of a hold; as it stands where it is none of REASONS."""
    if language.code == "en":
        return text
    for message in REASONS:
        if found := _pattern(message).fullmatch(text):
            return language.say(message, **found.groupdict())
    return text


@cache
def _pattern(message: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", message)
    return re.compile("".join(f"(?P<{part}>.+?)" if n % 2 else re.escape(part) for n, part in enumerate(parts)))
