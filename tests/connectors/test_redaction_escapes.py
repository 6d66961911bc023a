"""A secret that a server wrote back with some or all of its characters escaped, in whatever way."""

from __future__ import annotations

import html
import random
import time

import pytest

from connectors.redaction import MASK, Redactor
from tests.sweep import dice, sweep

SECRET = "s3cr+t&Can<ary=val'ue\"/€"


def one_way(character: str, chance: random.Random) -> str:
    number = ord(character)
    return chance.choice(
        [
            character,
            f"\\u{number:04x}",
            f"\\u{number:04X}",
            f"&#{number};",
            f"&#x{number:x};",
            f"&#X{number:X};",
            "".join(f"%{byte:02x}" for byte in character.encode()),
            "".join(f"%{byte:02X}" for byte in character.encode()),
            html.escape(character),
        ]
    )


def test_however_its_characters_are_escaped() -> None:
    redact, chance = Redactor([SECRET]), dice("escapes")
    for _ in range(sweep(500, 50_000)):
        written = "".join(one_way(character, chance) for character in SECRET)
        assert redact(f"<p>You sent {written} to us</p>") == f"<p>You sent {MASK} to us</p>", written


@pytest.mark.parametrize("text", ["100%25 of &amp; \\u0041", "s3cr%2Bu is another", "a page with &nbsp; in it"])
def test_other_escapes_stay(text: str) -> None:
    assert Redactor([SECRET])(text) == text


def test_a_long_text_costs_little() -> None:
    redact = Redactor([SECRET, "x" * 3000])
    begun = time.process_time()
    redact("%73%33" * 20_000 + "x" * 60_000 + "\\u0078" * 2_000)
    assert time.process_time() - begun < 5
