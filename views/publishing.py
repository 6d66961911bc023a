"""What was published and where it stands, in words and as data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mapping.format import format_quantity
from mapping.posting import Delivery, Post, Preview, Slot
from mapping.published import Content, Fields
from mapping.quantity import Quantity
from views.formats import moment
from views.language import Language, later

_STATES = {
    "waiting": later("waits to be published"),
    "sending": later("may have been published"),
    "uncertain": later("may have been published"),
    "sent": later("published"),
    "conflict": later("changed there by somebody else"),
    "failed": later("not published yet"),
    "permanent": later("refused"),
}


def state(post: Post | Delivery, language: Language) -> str:
    found = post.outcome if isinstance(post, Delivery) else post.state
    if isinstance(post, Post) and found == "sent" and post.is_open:
        found = "waiting"
    return language.say(_STATES[found])


def shown(given: Content, language: Language) -> str:
    match given:
        case None:
            return "–"
        case Decimal():
            return format_quantity(Quantity(given), locale=language.code)
        case datetime():
            return moment(given, language)
        case date():
            return given.isoformat()
    return str(given)


def fields(made: Fields, language: Language) -> str:
    """ "value 83.2, status on track" """
    return ", ".join(f"{name} {shown(given, language)}" for name, given in made)


def changes(made: Preview, language: Language) -> str:
    """ "value 81 → 83.2": what would change, with what stands there."""
    old = dict(made.old or ())
    told = []
    for name, given in made.new:
        new = shown(given, language)
        before = shown(old[name], language) if name in old else None
        told.append(f"{name} {new}" if before in (None, new) else f"{name} {before} → {new}")
    return ", ".join(told)


def place(slot: Slot) -> str:
    return f"{slot.place} ({slot.connection})"


def name(slot: Slot) -> str:
    return f"{slot.subject}, {place(slot)}"


def preview_data(made: Preview) -> dict[str, Any]:
    return _slot(made.slot) | {
        "old": None if made.old is None else _fields(made.old),
        "new": _fields(made.new),
        "conflict": made.conflict,
        "error": made.error,
        "cause": made.cause,
        "fix": made.fix,
    }


def post_data(post: Post) -> dict[str, Any]:
    return _slot(post.slot) | {
        "state": post.state if post.state != "sent" or not post.is_open else "waiting",
        "due_at": post.due_at.isoformat(),
        "attempts": post.attempts,
        "next_at": post.next_at.isoformat() if post.next_at else None,
        "sent": _fields(post.sent) if post.sent is not None else None,
        "sent_at": post.sent_at.isoformat() if post.sent_at else None,
        "link": post.link,
        "error": post.error,
        "cause": post.cause,
        "fix": post.fix,
    }


def posts_data(posts: Iterable[Post]) -> list[dict[str, Any]]:
    return [post_data(one) for one in posts]


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "key_result": slot.key_result,
        "cycle": slot.cycle,
        "connection": slot.connection,
        "place": slot.place,
        "kind": slot.kind,
    }


def _fields(made: Fields) -> dict[str, Any]:
    return {name: _text(given) for name, given in made}


def _text(given: Content) -> Any:
    if isinstance(given, Decimal):
        return str(given)
    return given.isoformat() if isinstance(given, date) else given
