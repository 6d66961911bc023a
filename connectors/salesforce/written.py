"""Contents as Salesforce's fields hold them, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.base import Content

NUMBERS = frozenset({"double", "currency", "percent", "int", "long"})
TEXTS = frozenset({"string", "textarea", "picklist", "url", "email", "phone", "combobox", "multipicklist"})
CHANGEABLE = frozenset({*NUMBERS, *TEXTS, "date", "datetime", "boolean"})


@dataclass(frozen=True, kw_only=True)
class FieldType:
    """`scale` is how many decimals it keeps."""

    type: str
    scale: int
    updateable: bool


def types_of(description: Any) -> dict[str, FieldType]:
    """By name in lower case, of the answer to GET sobjects/NAME/describe."""
    fields = description.get("fields") if isinstance(description, dict) else None
    return {
        str(one["name"]).lower(): FieldType(
            type=str(one.get("type", "")).lower(),
            scale=one["scale"] if type(one.get("scale")) is int else 18,
            updateable=one.get("updateable") is not False,
        )
        for one in (fields if isinstance(fields, list) else ())
        if isinstance(one, dict) and isinstance(one.get("name"), str)
    }


def stored(types: Mapping[str, FieldType]) -> str:
    return json.dumps({name: [one.type, one.scale, one.updateable] for name, one in types.items()})


def restored(text: str) -> dict[str, FieldType]:
    made = json.loads(text)
    return {name: FieldType(type=one[0], scale=one[1], updateable=one[2]) for name, one in made.items()}


def why_not(kind: FieldType | None, given: Content = None) -> str | None:
    """Why a field can't be written, or can't hold this content; None if it can."""
    if kind is None:
        return "does not exist, or is hidden from the integration user"
    if kind.type not in CHANGEABLE:
        return f"has the type {kind.type}: publish to a field of the type number, text, picklist or date"
    if not kind.updateable:
        return "can't be edited by the integration user"
    fits = (
        given is None
        or (kind.type in NUMBERS and isinstance(given, Decimal))
        or (kind.type in TEXTS)
        or (kind.type in ("date", "datetime") and isinstance(given, date))
        or (kind.type == "boolean" and isinstance(given, bool))
    )
    return None if fits else f"takes a {kind.type}, and {given!s:.40} is not one"


def kept(kind: FieldType | None, given: Content) -> Content:
    """As Salesforce keeps it: with so many decimals, times to the second."""
    if kind is None:
        return given
    if kind.type in NUMBERS and isinstance(given, Decimal):
        return given.quantize(Decimal(1).scaleb(-kind.scale), ROUND_HALF_UP) if kind.scale < 18 else given
    if kind.type in TEXTS and not isinstance(given, str):
        return f"{given:f}" if isinstance(given, Decimal) else str(given)
    if kind.type == "date" and isinstance(given, datetime):
        return given.date()
    return given


def written(given: Content) -> Any:
    if isinstance(given, Decimal):
        return int(given) if given == given.to_integral_value() else float(given)
    if isinstance(given, datetime):
        return given.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return given.isoformat() if isinstance(given, date) else given


def content(kind: FieldType, found: Any) -> Content:
    """Raises ValueError where it is something else than its type says."""
    if found is None or isinstance(found, bool):
        return found
    if kind.type in NUMBERS and isinstance(found, int | Decimal):
        return Decimal(found)
    if kind.type == "date" and isinstance(found, str):
        return date.fromisoformat(found)
    if kind.type == "datetime" and isinstance(found, str):
        return datetime.fromisoformat(found).astimezone(UTC)
    if kind.type in TEXTS and isinstance(found, str):
        return found
    raise ValueError(f"its content does not fit its type {kind.type}")
