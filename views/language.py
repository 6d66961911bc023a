"""Whom something is shown to: their language and time zone.

English texts stand in the code, as `language.say("{count} of {total}", ...)`; what they are in another language stands
in locale/<code>/LC_MESSAGES/okrsync.po. In Korean a placeholder may ask for its particle: `{value:을}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter
from typing import Any

from mapping.day import UTC, Zone
from views.korean import with_particle

LANGUAGES = ("en", "ko")
LOCALE = Path(__file__).parent / "locale"


@dataclass(frozen=True, kw_only=True)
class Language:
    """`code` is one of LANGUAGES. Times are shown in `zone`."""

    code: str = "en"
    zone: Zone = UTC

    def say(self, message: str, /, **fields: object) -> str:
        """The text in this language, its placeholders filled in."""
        text = _texts(self.code).gettext(message)
        return _FILLER.vformat(text, (), fields) if "{" in text else text

    def many(self, one: str, other: str, number: int, /, **fields: object) -> str:
        """The text in its form for that number, which `{n}` shows."""
        text = _texts(self.code).ngettext(one, other, number)
        return _FILLER.vformat(text, (), {"n": f"{number:,}", **fields})


def later(message: str) -> str:
    """Marks a text of a table for the catalogue; `say` is called where it is shown."""
    return message


ENGLISH = Language()


class _Filler(Formatter):
    def format_field(self, value: Any, spec: str) -> str:
        return with_particle(str(value), spec) if spec else str(value)


_FILLER = _Filler()


@cache
def _texts(code: str) -> NullTranslations:
    """Read once for each process; English needs no reading."""
    if code == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (LOCALE / code / "LC_MESSAGES" / "okrsync.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
