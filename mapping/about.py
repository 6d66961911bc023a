"""Who stands behind an objective or a key result, and what is said of it beside its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Rhythm(StrEnum):
    """How often a person must check in."""

    DAILY = "daily"
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    MONTHLY = "monthly"

    @property
    def days(self) -> int:
        return {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7, Rhythm.BIWEEKLY: 14, Rhythm.MONTHLY: 31}[self]


@dataclass(frozen=True, kw_only=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class About:
    """`owners` are all of them, the first one first; `check_in_owner` is who checks in, where that is another."""

    owners: tuple[str, ...] = ()
    check_in_owner: str | None = None
    teams: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    description: str | None = None
    links: tuple[Link, ...] = ()

    @property
    def owner(self) -> str | None:
        """The one who leads."""
        return next(iter(self.owners), None)

    @property
    def asked(self) -> tuple[str, ...]:
        """Who is to check in."""
        return (self.check_in_owner,) if self.check_in_owner else self.owners


NOTHING_SAID = About()
