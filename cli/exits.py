"""The exit codes, for scripts and schedulers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mapping.assess import Failed, Held, NoValue
    from mapping.posting import Post

CURRENT = 0
"""Every key result is current."""
INTERNAL = 1
"""A defect of okrsync."""
USAGE = 2
"""Bad configuration or usage; nothing was asked and nothing written."""
TEMPORARY = 3
"""Passing trouble kept some key results from being read: try again."""
TROUBLED = 4
"""Some key results failed or are held, and stay so until somebody acts."""
CHANGES = 5
"""`plan --exit-code`: there are changes."""
UNPUBLISHED = 6
"""All is recorded, but something could not be published or told."""
NOTHING_RUNNING = 7
"""`--require-active`: no key result is within its days, so nothing was asked."""


def for_posts(troubled: Collection[Post]) -> int:
    return UNPUBLISHED if troubled else CURRENT


def for_trouble(troubles: Iterable[Failed | NoValue | Held]) -> int:
    """The code for the key results that are not current: lasting trouble outweighs passing trouble."""
    codes = {TEMPORARY if getattr(trouble, "temporary", False) else TROUBLED for trouble in troubles}
    return max(codes, default=CURRENT)
