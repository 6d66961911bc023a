"""Korean in Latin letters, syllable by syllable as the Revised Romanization has it: 매출 성장 is maechul seongjang.
Sounds that run together from one syllable into the next are not told: an id is to be typed, not to be read aloud."""

from __future__ import annotations

import re

_FIRST = re.split(r"\s", "g kk n d tt r m b pp s ss - j jj ch k t p h")
_MIDDLE = re.split(r"\s", "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_LAST = re.split(r"\s", "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")
_SYLLABLES = range(0xAC00, 0xD7A4)


def romanised(text: str) -> str:
    """All else stays as it is."""
    return "".join(_syllable(ord(char) - _SYLLABLES[0]) if ord(char) in _SYLLABLES else char for char in text)


def _syllable(number: int) -> str:
    first, rest = divmod(number, len(_MIDDLE) * len(_LAST))
    middle, last = divmod(rest, len(_LAST))
    return (_FIRST[first] + _MIDDLE[middle] + _LAST[last]).replace("-", "")
