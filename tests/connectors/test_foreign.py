"""What others wrote: cleaned, of bounded length, without secrets; and numbers, times and links within bounds."""

from __future__ import annotations

import base64
import html
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from pydantic import SecretStr

from connectors.base import Options, reading
from connectors.errors import BadAnswer, Unreachable, safe_text
from connectors.redaction import MASK, Redactor, redact, redact_event
from mapping.errors import BadEvidence
from mapping.foreign import MOST, clean
from mapping.reading import Evidence

AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SECRET = 'c4n4ry/+="ü&<\\\n-9f21'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("größer 15 % 하나 日本 👍", "größer 15 % 하나 日本 👍"),
        ("a\x1b[31mred\x07\x9b", "a[31mred"),
        ("a\x00b", "ab"),
        ("one\r\ntwo\n\n three\tfour\u2028five", "one two  three four five"),
        ("\u202eevil\u2066\u200f", "evil"),
        ("pay\u200bpal\ufeff\u00ad", "paypal"),
        ("half \ud800 here", "half \ufffd here"),
        ("\U000e0041tag\ufffe", "tag"),
    ],
)
def test_texts_are_cleaned(text: str, shown: str) -> None:
    assert clean(text) == shown
    assert str(Unreachable(text, connection="x")) == shown


def test_lines_stay_where_they_are_meant_to() -> None:
    assert clean("SELECT 1,\r\n\t2\rFROM x\x00", lines=True) == "SELECT 1,\n\t2\nFROM x"


def test_texts_are_of_a_bounded_length() -> None:
    assert clean("a" * MOST) == "a" * MOST
    assert clean("a" * (MOST + 1)) == "a" * (MOST - 1) + "…"
    assert len(str(Unreachable("b\x00" * 10_000_000, connection="x"))) == MOST


def forms(secret: str) -> dict[str, str]:
    raw = secret.encode()
    return {
        "plain": secret,
        "base64": base64.b64encode(raw).decode(),
        "base64 for addresses": base64.urlsafe_b64encode(raw).decode(),
        **{f"basic {n}": base64.b64encode(b"u" * n + b":" + raw + b"tail").decode() for n in range(3)},
        "path": quote(secret),
        "parameter": quote(secret, safe=""),
        "parameter in lower case": "".join(
            f"%{byte:02x}" if byte > 127 or byte in b'/+="&<\\\n' else chr(byte) for byte in raw
        ),
        "form": quote_plus(secret),
        "json": json.dumps(secret),
        "json of letters": json.dumps(secret, ensure_ascii=False),
        "json of json": json.dumps(json.dumps(secret)),
        "json with slashes": json.dumps(secret).replace("/", "\\/"),
        "html": html.escape(secret),
        "python": repr(secret),
        "bytes": repr(raw),
    }


@pytest.mark.parametrize("form", forms(SECRET))
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    seen = Redactor([SECRET])(f"it said: {forms(SECRET)[form]} !")

    assert MASK in seen
    for piece in ("c4n4ry", "9f21", base64.b64encode(b"c4n4ry/+").decode()[2:]):
        assert piece not in seen, seen


def test_a_secret_that_is_cut_off_is_masked() -> None:
    token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.payload"

    assert Redactor([token])(f"invalid: {token[:20]}…") == f"invalid: {MASK}…"
    assert Redactor([token])(f"invalid: {token[:20]}") == f"invalid: {MASK}"
    assert Redactor([token])("the word eye") == "the word eye"


def test_a_key_of_several_lines_is_masked_by_its_lines() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n"

    seen = Redactor([key])("could not read 'MIIEvQIBADANBgkqhkiG9w0' QEFAASCBKcwggSjAgEAAoIB")

    assert "MIIEv" not in seen
    assert "QEFAA" not in seen


def test_options_are_protected_however_deep() -> None:
    class Deep(Options):
        inner: dict[str, tuple[SecretStr, ...]]

    redact.protect_options(Deep.model_validate({"inner": {"a": ["canary-deep-71f0"]}}))

    assert "canary-deep" not in str(Unreachable("said canary-deep-71f0", connection="x", fix="see canary-deep-71f0"))


def test_old_tokens_are_forgotten_so_that_a_service_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.redaction.MOST_SECRETS", 3)
    known = Redactor(f"token-{n}-abcdef" for n in range(5))

    assert known("token-1-abcdef") == "token-1-abcdef"
    assert known("token-4-abcdef") == MASK


def test_log_lines_hold_no_secret() -> None:
    redact.protect("canary-log-55aa")

    event = redact_event(
        None,
        "info",
        {"event": "got canary-log-55aa", "n": 3, "all": [{"x": "canary-log-55aa"}], "e": ValueError("canary-log-55aa")},
    )

    assert "canary" not in repr(event)
    assert event["n"] == 3


def test_a_bound_of_its_own_keeps_no_part_of_a_secret() -> None:
    redact.protect("canary-bound-0123456789")

    assert safe_text("x" * 20 + "canary-bound-0123456789" + "y" * 90, 60).startswith("x" * 20 + MASK)


def asked(**given: Any) -> Any:
    return {"connection": "crm", "query": "q", "asked_at": AT, "as_of": AT, **given}


@pytest.mark.parametrize(
    "given",
    [
        {"rows": 2**63},
        {"rows": -1},
        {"rows": "soon"},
        {"rows": True},
        {"rows": Decimal(1)},
        {"link": 7},
        {"link": "javascript:alert(1)"},
        {"link": "https://[x"},
        {"link": "https://x/" + "a" * 20_000},
        {"as_of": "soon"},
        {"as_of": datetime(1, 1, 1, tzinfo=UTC)},
        {"as_of": datetime(9999, 1, 1, tzinfo=UTC)},
        {"as_of": datetime(2026, 1, 1)},  # noqa: DTZ001
    ],
)
def test_evidence_of_a_wrong_type_or_range_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadEvidence):
        Evidence(**asked(**given))
    with pytest.raises(BadAnswer) as raised:
        reading(Decimal(1), **asked(**given))
    assert raised.value.scope == "query"


@pytest.mark.parametrize(
    "value",
    [
        True,
        "1",
        1.5,
        Decimal("NaN"),
        Decimal("-Infinity"),
        Decimal("1e400"),
        Decimal("1E-999999"),
        Decimal("0." + "3" * 5000),
        10**400,
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_number_out_of_bounds_is_no_value(value: Any) -> None:
    with pytest.raises(BadAnswer):
        reading(value, **asked())


def test_evidence_is_clean_and_without_secrets() -> None:
    redact.protect("canary-evidence-1")

    made = reading(
        5,
        **asked(
            query="SELECT\x00 'canary-evidence-1'\n\ud800",
            note="\u202enote canary-evidence-1",
            link="https://x/?k=canary-evidence-1",
        ),
    ).evidence

    assert made.query == f"SELECT '{MASK}'\n\ufffd"
    assert made.note == f"note {MASK}"
    assert made.link == f"https://x/?k={MASK}"
