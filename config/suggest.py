"""Near misses."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(wrong: str, known: Iterable[str]) -> str | None:
    near = get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """ "Did you mean X?", or what may be written, or nothing."""
    names = sorted(set(known) - {wrong})
    near = suggest(wrong, names)
    if near:
        return f"Did you mean {near!r}?"
    if len(names) < 2:
        return f"Write {names[0]}" if names else ""
    return f"Write one of {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}"
