"""A row of any export, before it has a place in the tree. Values are as they stood, so that one place judges them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from importing.model import Ending, Period
from mapping.about import NOTHING_SAID, About
from mapping.model import Kind, Level


class Type(StrEnum):
    OBJECTIVE = "objective"
    KEY_RESULT = "key result"
    INITIATIVE = "initiative"
    CHECK_IN = "check-in"


class Way(StrEnum):
    TOWARD = "toward"
    STAY_ABOVE = "stay above"
    STAY_BELOW = "stay below"
    BASELINE = "find a baseline"


@dataclass(frozen=True, kw_only=True)
class Record:
    """`parents` are keys, the one that counts first; `lost_parent` says of one that was named why there is none.
    `phased` are values that were expected by a day; `is_share_of_work` says that it was measured by percent done."""

    where: str
    key: str
    type: Type
    title: str
    about: About = NOTHING_SAID
    level: Level | None = None
    kind: Kind = Kind.COMMITTED
    period: Period | None = None
    parents: tuple[str, ...] = ()
    lost_parent: str = ""
    way: Way = Way.TOWARD
    unit: str = ""
    start: object = None
    target: object = None
    current: object = None
    current_on: date | None = None
    weight: object = None
    wanted: str = ""
    phased: tuple[tuple[date, object], ...] = ()
    ending: Ending | None = None
    is_share_of_work: bool = False


@dataclass(frozen=True, kw_only=True)
class CheckInRecord:
    where: str
    of: str
    at: datetime
    value: object
    by: str | None = None
    note: str | None = None


Say = Callable[[str, str], None]
"""Takes a place and what is to be said of it."""
