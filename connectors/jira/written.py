"""Contents as Jira's fields hold them, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.base import Content

OURS = "okr-"
"""The beginning of our label. All other labels stay."""
TEXT_AREA = "textarea"
RICH = ("description", "environment")
WRITABLE: Mapping[str, tuple[type, ...]] = {
    "number": (Decimal,),
    "string": (str, Decimal, datetime, date),
    "option": (str, Decimal),
    "array": (str,),
    "date": (datetime, date),
    "datetime": (datetime,),
}
"""By `schema.type`, what can stand there. Of lists those of texts alone: labels."""


def why_not(schema: Mapping[str, Any], given: Content = None) -> str | None:
    """Why a field can't be written, or can't hold this content; None if it can."""
    kind = str(schema.get("type"))
    if kind not in WRITABLE or (kind == "array" and schema.get("items") != "string"):
        return f"has the type {kind}: publish to a field of the type number, text, select, date or labels"
    if given is not None and not isinstance(given, WRITABLE[kind]):
        return f"takes a {kind}, and {given!s:.40} is not one"
    return None


def edits(name: str, schema: Mapping[str, Any], new: Content, old: Any, *, rich: bool) -> tuple[Any, list[Any] | None]:
    """What stands in `fields`, or, for labels, the operations that stand in `update`."""
    if schema.get("type") == "array":
        taken = [one for one in old or () if isinstance(one, str) and one.startswith(OURS)]
        label = f"{OURS}{str(new).replace(' ', '-')}"
        return None, [*({"remove": one} for one in taken if one != label), {"add": label}]
    match schema.get("type"):
        case "number":
            return _number(new), None
        case "option":
            return {"value": _text(new)}, None
        case "date":
            return (new.date() if isinstance(new, datetime) else new).isoformat(), None  # type: ignore[union-attr]
        case "datetime":
            return _instant(new), None
    is_rich = rich and (name in RICH or str(schema.get("custom", "")).endswith(f":{TEXT_AREA}"))
    return _document(_text(new)) if is_rich else _text(new), None


def content(schema: Mapping[str, Any], found: Any) -> Content:
    """What a field holds. Raises ValueError if the content does not fit the field's type."""
    if found is None:
        return None
    match schema.get("type"):
        case "number" if isinstance(found, int | Decimal) and not isinstance(found, bool):
            return Decimal(found)
        case "option" if isinstance(found, dict):
            return None if found.get("value") is None else str(found["value"])
        case "array" if isinstance(found, list):
            ours = [one for one in found if isinstance(one, str) and one.startswith(OURS)]
            return ", ".join(sorted(ours)).removeprefix(OURS).replace("-", " ") or None
        case "date" if isinstance(found, str):
            return date.fromisoformat(found)
        case "datetime" if isinstance(found, str):
            return datetime.fromisoformat(found).astimezone(UTC)
        case "string":
            return "\n".join(_lines(found)) if isinstance(found, dict) else str(found)
    raise ValueError(f"its content does not fit its type {schema.get('type')}")


def _number(given: Content) -> int | float:
    if not isinstance(given, Decimal):
        raise TypeError("a number is written")
    return int(given) if given == given.to_integral_value() else float(given)


def _text(given: Content) -> str:
    if isinstance(given, Decimal):
        return f"{given:f}"
    return given.isoformat() if isinstance(given, date) else str(given)


def _instant(given: Content) -> str:
    if not isinstance(given, datetime):
        raise TypeError("a time is written")
    return given.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _document(text: str) -> dict[str, Any]:
    """In Atlassian's form for texts of several lines."""
    paragraphs = [
        {"type": "paragraph", "content": [{"type": "text", "text": line}]} if line else {"type": "paragraph"}
        for line in text.splitlines() or [""]
    ]
    return {"type": "doc", "version": 1, "content": paragraphs}


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    for block in document.get("content") or ():
        parts = block.get("content") if isinstance(block, dict) else None
        yield "".join(str(part.get("text", "")) for part in parts or () if isinstance(part, dict))
