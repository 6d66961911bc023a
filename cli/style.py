"""Colours and bars of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.terminal import Part, Span

if TYPE_CHECKING:
    from decimal import Decimal

    from mapping.freshness import Freshness
    from mapping.model import Status
    from views.language import Language

STYLES = {
    "not started": "dim",
    "in progress": "cyan",
    "overdue": "red",
    "on track": "green",
    "achieved": "bold green",
    "behind": "yellow",
    "at risk": "red",
    "closed": "dim",
    "postponed": "dim",
    "cancelled": "dim",
    "stale": "red",
    "unavailable": "red",
    "no value": "red",
    "unknown": "dim",
}
MARKS: dict[str, Span] = {
    "held": ("!", "yellow"),
    "pinned": ("·", "cyan"),
    "skipped": ("·", "dim"),
    "stale": ("!", "red"),
    "good": ("✓", "green"),
    "bad": ("✗", "red"),
    "said": ("·", "dim"),
    "note": ("·", "yellow"),
}
BAR_WIDTH = 10


def status(found: Status | None, language: Language) -> Span:
    from views import words

    return words.status(found, language), "dim" if found is None else STYLES[found.value]


def shown(found: Status | Freshness, language: Language) -> Span:
    """The status that people see; what is not current has none."""
    from views import ages

    return ages.shown(found, language), STYLES[found.value]


def bar(fraction: Decimal | None) -> list[Part]:
    filled = 0 if fraction is None else min(BAR_WIDTH, max(0, int(fraction * BAR_WIDTH)))
    return ["━" * filled, ("─" * (BAR_WIDTH - filled), "dim")]


def marked(kind: str, name: str, sentence: str) -> tuple[Part, ...]:
    """ "! tickets: held. ..." """
    return MARKS[kind], " ", (name, "bold"), f": {sentence}"
