"""What was done to a key result, by people and by its OKR file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mapping.records import FORGOTTEN, OKR_FILE, Action, Closing
from views.formats import moment
from views.language import Language, later
from views.recorded import reason

_DONE = {
    "checked in": later("{by} checked in"),
    "noted": later("{by} wrote a note"),
    "pinned": later("{by} pinned a value"),
    "resumed": later("{by} let its sources count again"),
    "accepted": later("{by} accepted the held value"),
    "rejected": later("{by} rejected the held value"),
    "adjusted": later("{by} changed what it is measured against"),
    "moved in": later("{by} moved it in from another product"),
    "moved": later("{by} names another time zone"),
    "scored": later("{by} scored it"),
    "voided": later("{by} says that a check-in was wrong"),
    "renamed": later("{by} gives it another id"),
    "forgotten": later("{by} had something forgotten"),
    "removed": later("{by} does not name it any more"),
    "named again": later("{by} names it again"),
    "reviewed": later("{by} looked back on it"),
}
_ENDED = {
    "postponed": later("{by} postponed it"),
    "cancelled": later("{by} closed it as cancelled"),
    "reopened": later("{by} opened it again"),
}
_DETAIL = {
    "value": later("value {detail}"),
    "from": later("it was {detail}"),
    "note": later("note: {detail}"),
    "of": later("of {detail}"),
    "old id": later("it was {detail}"),
    "score": later("score {detail}"),
    "confidence": later("confidence {detail} of 10"),
    "reason": later("reason: {detail}"),
    "start": later("start {detail}"),
    "target": later("target {detail}"),
    "weight": later("weight {detail}"),
    "threshold": later("threshold {detail}"),
    "low": later("lower end {detail}"),
    "high": later("upper end {detail}"),
    "risk": later("risk {detail}"),
    "time zone": later("time zone {detail}"),
    "what": later("{detail}"),
    "system": later("signed in to the system as {detail}"),
}
_BY = {OKR_FILE: later("the OKR file"), FORGOTTEN: later("a forgotten person")}


def action(done: Action, language: Language) -> str:
    """ "ada pinned a value: value 42, note: ..." """
    by = language.say(_BY[done.by]) if done.by in _BY else done.by
    text = language.say(_DONE[done.action], by=by) if done.action in _DONE else f"{by}: {done.action}"
    told = [_detail(name, detail, language) for name, detail in done.details.items() if detail is not None]
    return f"{text}: {', '.join(told)}" if told else text


def closing(done: Closing, language: Language) -> str:
    if done.outcome in _ENDED:
        text = language.say(_ENDED[done.outcome], by=done.by)
        if done.score is not None:
            text += f", {language.say(_DETAIL['score'], detail=done.score)}"
    elif done.score is None:
        text = language.say("{by} closed it", by=done.by)
    else:
        text = language.say("{by} closed it with a score of {score}", by=done.by, score=done.score)
    return f"{text}: {done.note}" if done.note else text


def _detail(name: str, detail: Any, language: Language) -> str:
    shown = reason(str(detail), language) if name == "reason" else str(detail)
    if name == "of":
        shown = moment(datetime.fromisoformat(detail), language)
    if isinstance(detail, dict) and set(detail) == {"from", "to"}:
        shown = f"{detail['from'] or '-'} → {detail['to']}"
    return language.say(_DETAIL[name], detail=shown) if name in _DETAIL else f"{name} {shown}"
