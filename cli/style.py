"""Colours and bars of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from mapping.model import KeyResult, Status

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
}
BAR_WIDTH = 10


def status(found: Status | None) -> str:
    return "[dim]unknown[/]" if found is None else f"[{STYLES[found.value]}]{found.value}[/]"


def bar(fraction: Decimal | None) -> str:
    filled = 0 if fraction is None else min(BAR_WIDTH, max(0, int(fraction * BAR_WIDTH)))
    return "━" * filled + f"[dim]{'─' * (BAR_WIDTH - filled)}[/]"


def title(key_result: KeyResult) -> str:
    from mapping.model import Role

    mark = "[dim]initiative:[/] " if key_result.role is Role.INITIATIVE else ""
    return f"{mark}{key_result.title}"
