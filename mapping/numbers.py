"""Numbers as other countries write them: Korean units are read, forms that could mean two things are named."""

from __future__ import annotations

import re
from decimal import Decimal

KOREAN = {"천": 10**3, "만": 10**4, "백만": 10**6, "천만": 10**7, "억": 10**8, "조": 10**12}
_AMOUNT = r"\d{1,15}(?:,\d{3}){0,5}(?:\.\d{1,15})?"
_KOREAN = re.compile(rf"(-?)\s*({_AMOUNT})\s*({'|'.join(sorted(KOREAN, key=len, reverse=True))})?\s*(원)?")
_DOTTED = re.compile(r"[-+]?\d{1,3}(?:\.\d{3}){2,6}(?:,\d{1,9})?")
_COMMA = re.compile(r"([-+]?\d{1,15}),(\d{1,2}|\d{4,15})(\s*%)?")
_SPACED = re.compile(r"[-+]?\d{1,3}(?:[ \u00a0\u202f']\d{3}){1,6}")


def korean(text: str) -> tuple[Decimal, bool] | None:
    """The amount, and whether it is money: 3.5천만 is 35,000,000, 5억원 is 500,000,000 won. None for other texts."""
    match = _KOREAN.fullmatch(text[:60])
    if not match or not (match[3] or match[4]):
        return None
    amount = Decimal(match[2].replace(",", "")) * KOREAN.get(match[3] or "", 1)
    return (-amount if match[1] else amount), bool(match[4])


def meant(text: str) -> str | None:
    """What to write instead of a number in another country's form: "12.5%" for "12,5%". None for other texts."""
    text = text.strip()[:60]
    if _DOTTED.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if match := _COMMA.fullmatch(text):
        return f"{match[1]}.{match[2]}{(match[3] or '').strip()}"
    if _SPACED.fullmatch(text):
        return re.sub(r"[^-+0-9]", "", text)
    return None
