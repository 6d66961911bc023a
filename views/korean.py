"""Korean particles, which follow the last sound of the word before: 84%를, 4개를, Jira를, Excel을."""

from __future__ import annotations

import re
import unicodedata

# After a consonant, after a vowel.
_FORMS = {"을": ("을", "를"), "이": ("이", "가"), "은": ("은", "는"), "과": ("과", "와"), "으로": ("으로", "로")}

_EITHER = {"으로": "(으)로"}

PARTICLES = frozenset(_FORMS)
"""How a text of the catalogue asks for one: `{value:을}`."""

# The sound that an ending has: none, ㄹ, or another consonant.
_NONE, _L, _OTHER = "", "ㄹ", "other"

_DIGITS = dict(zip("0123456789", (_OTHER, _L, _NONE, _OTHER, _NONE, _NONE, _OTHER, _L, _L, _NONE), strict=True))
_CURRENCIES = {"$": _NONE, "€": _NONE, "£": _NONE, "₹": _NONE, "¥": _OTHER, "₩": _OTHER}
"""달러, 유로, 파운드, 루피, 엔, 원: a sign before a number is read after it."""
_SIGNS = {"%": _NONE, "°": _NONE, "+": _NONE, "#": _OTHER, "&": _NONE, **_CURRENCIES}
_LETTERS = {"L": _L, "R": _L, "M": _OTHER, "N": _OTHER}
"""Letters by name: 엘, 알, 엠, 엔; the names of all others end in a vowel."""

_NUMBER = re.compile(r"([$€£¥₩₹])?\s*((?:\d+,)*\d+)(\.\d+)?[KMB]?$")
_LATIN = re.compile(r"[A-Za-z]+$")
_CLOSING = re.compile(r"[\s\"'”’」』》)\]}>.,!?…*_`]+$")


def with_particle(text: str, particle: str) -> str:
    """The text and the particle's form after it; both forms where its last sound can't be told. Raises KeyError for a
    particle that is none of PARTICLES."""
    consonant, vowel = _FORMS[particle]
    sound = _last_sound(_CLOSING.sub("", text) or text)
    if sound is None:
        return f"{text}{_EITHER.get(particle, f'{consonant}({vowel})')}"
    is_vowel = sound == _NONE or (sound == _L and particle == "으로")
    return f"{text}{vowel if is_vowel else consonant}"


def _last_sound(text: str) -> str | None:
    last = text[-1:]
    if "가" <= last <= "힣":
        return (_NONE, *(_OTHER,) * 7, _L, *(_OTHER,) * 19)[(ord(last) - ord("가")) % 28]
    if last in _SIGNS:
        return _SIGNS[last]
    number = _NUMBER.search(text)
    if number and (number[1] or last.isdigit()):
        return _of_number(*number.groups())
    word = _LATIN.search(unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode())
    return _of_word(word[0]) if word and last.isalpha() else None


def _of_number(currency: str | None, whole: str, fraction: str | None) -> str:
    if currency:
        return _CURRENCIES[currency]
    if fraction:
        return _DIGITS[fraction[-1]]
    digits = whole.replace(",", "").lstrip("0") or "0"
    zeros = len(digits) - len(digits.rstrip("0"))
    if digits == "0" or not zeros:
        return _DIGITS[digits[-1]]
    # 십, 백, 천, 만, 억, 경 end in a consonant, 조 does not.
    return _NONE if 12 <= zeros < 16 else _OTHER


def _of_word(word: str) -> str:
    """As Korean writes a foreign word: 메일, 타임, 북, but 차트, 사이트, 보드."""
    if word.isupper() or len(word) == 1:
        return _LETTERS.get(word[-1].upper(), _NONE)
    low = word.lower()
    if re.search(r"[aeiouy]le?$|[^aeiou]le$|ll$|l$", low):
        return _L
    if re.search(r"[mn]e?$|ng$", low) and not re.search(r"[mn]ee$", low):
        return _OTHER
    # A short vowel before p, t, k, b or c closes the syllable: 팁, 넷, 북, 웹, 메트릭.
    short = re.search(r"(?:^|[^aeiou])(?:[aeiouy]|oo)(?:[ptkbc]|ck)$", low)
    return _OTHER if short else _NONE
