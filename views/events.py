"""A history as rows: the same columns for JSON, JSON lines and CSV."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from mapping.day import Zone
from mapping.facts import Event
from mapping.foreign import MOST, clean
from mapping.model import Key
from views import data

COLUMNS = (
    "key_result", "cycle", "at", "event", "value", "unit", "progress", "expected", "status", "by", "note", "confidence",
    "formula", "filled", "details",
)  # fmt: skip
DEFINED = ("title", "objective", "owners", "check_in_owner", "teams", "tags", "description", "links")
"""What an export tells of the key result beside each event."""


def row(key: Key, event: Event, zone: Zone) -> dict[str, Any]:
    """Times are written in the zone, with their distance from UTC."""
    made: dict[str, Any] = dict.fromkeys(COLUMNS)
    made |= {"key_result": key.id, "cycle": key.cycle, "at": event.at.astimezone(zone).isoformat()}
    if event.action is not None:
        return made | {"event": event.action.action, "by": event.action.by, "details": dict(event.action.details)}
    if event.closing is not None:
        closing = event.closing
        details = {"score": str(closing.score), "suggested": str(closing.suggested)}
        details |= {"system": closing.system} if closing.system else {}
        return made | {"event": closing.outcome, "by": closing.by, "note": closing.note, "details": details}
    told = data.check_in(event.value) if event.value else {}
    known = {name: told.get(name) for name in COLUMNS if name in told and name != "at"}
    return made | known | {"event": "rebuilt" if event.rebuilt else "void" if event.void else "check-in"}


def defined(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """What its OKR file says of a key result, or said last."""
    made: dict[str, Any] = {name: snapshot.get(name, [] if name in _LISTS else None) for name in DEFINED}
    owner, objective = snapshot.get("owner"), snapshot.get("objective")
    made["owners"] = [*([owner] if owner else []), *made["owners"]]
    return made | {"objective": objective["id"] if objective else None}


def as_csv(rows: Iterable[dict[str, Any]]) -> str:
    text = StringIO()
    writer = csv.DictWriter(text, (*COLUMNS, *DEFINED), lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    for one in rows:
        details = json.dumps(one["details"], ensure_ascii=False) if one["details"] else ""
        lists = {name: "; ".join(map(_item, one.get(name, ()))) for name in _LISTS}
        cells = {**one, **lists, "details": details}
        # What is beside each event is no longer than what tools may say.
        writer.writerow({name: _cell(value, MOST if name in DEFINED else _MOST) for name, value in cells.items()})
    return text.getvalue()


def _item(one: str | Mapping[str, str]) -> str:
    return one if isinstance(one, str) else one["url"]


def _cell(value: Any, most: int) -> Any:
    """A text that a spreadsheet would take for a formula is marked as a text. It is judged as spreadsheets read it:
    without what can't be seen before it, and a full-width sign as the sign."""
    if not isinstance(value, str):
        return value
    text = clean(value, most, lines=True)
    begins = unicodedata.normalize("NFKC", text).strip()
    return f"'{text}" if begins[:1] in _SIGNS and begins and not _NUMBER.fullmatch(text) else text


_LISTS = ("owners", "teams", "tags", "links")
_MOST = 30_000
"""Characters of a cell; spreadsheets take 32,767."""
_SIGNS = "=+-@|%"
"""What a formula or a command of an old spreadsheet begins with."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
