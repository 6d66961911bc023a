"""Where each publication stands, and what to do about it: pure, so that every order of faults can be tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from mapping.model import OF_OBJECTIVE, OfKeyResult
from mapping.published import Fields, agree, same

PostState = Literal["waiting", "sending", "uncertain", "sent", "conflict", "failed", "permanent"]
PostKind = Literal["value", "freshness"]
UNSETTLED = ("sending", "uncertain")
"""Nobody knows whether it stands there. A process that ended in the middle leaves `sending`."""


@dataclass(frozen=True, kw_only=True)
class Slot(OfKeyResult):
    """One thing that okrsync keeps current at one place: a key result's value, or whether it is fresh."""

    connection: str
    place: str
    kind: PostKind = "value"

    @property
    def subject(self) -> str:
        """The id of the key result, or of the objective."""
        return self.key_result.removeprefix(OF_OBJECTIVE)


@dataclass(frozen=True, kw_only=True)
class Post(Slot):
    """`wanted` counts what was recorded for the place, `done` how far that is settled. `sent` is what we wrote last,
    `trying` what may have been written since, as long as nobody knows."""

    state: PostState
    wanted: int
    done: int
    due_at: datetime
    attempts: int = 0
    next_at: datetime | None = None
    sent: Fields | None = None
    sent_day: date | None = None
    sent_at: datetime | None = None
    trying: Fields | None = None
    trying_day: date | None = None
    remote_id: str | None = None
    link: str | None = None
    error: str | None = None
    cause: str | None = None
    fix: str | None = None

    @property
    def slot(self) -> Slot:
        return Slot(
            key_result=self.key_result, cycle=self.cycle, connection=self.connection, place=self.place, kind=self.kind
        )

    @property
    def is_open(self) -> bool:
        return self.state != "sent" or self.done < self.wanted

    def is_due(self, at: datetime, *, again: bool = False) -> bool:
        """Whether a pass takes it up now. What a tool refused for good waits for something new to be recorded, or for a
        person who says `again`."""
        if self.next_at is not None and at < self.next_at and not again:
            return False
        return self.is_open and (again or self.state != "permanent" or self.done < self.wanted)


@dataclass(frozen=True, kw_only=True)
class Delivery(OfKeyResult):
    """One try, as it is kept: what was written over what, and what came of it."""

    at: datetime
    connection: str
    place: str
    kind: PostKind
    outcome: PostState
    fields: Fields
    day: date | None = None
    remote_id: str | None = None
    link: str | None = None
    error: str | None = None
    cause: str | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be published. `old` is what stands there, None where that can't be read; `conflict` where somebody
    else wrote there, so that nothing would be written. `error` is why it could not be looked at."""

    slot: Slot
    new: Fields
    old: Fields | None = None
    conflict: bool = False
    error: str | None = None
    cause: str | None = None
    fix: str | None = None

    @property
    def changes(self) -> bool:
        return self.old is None or not agree(self.new, self.old)


def expected(post: Post, wanted: Fields, day: date, *, dated: bool) -> Fields | None:
    """What stands there if nobody else has written. None if okrsync never wrote there, so anything may stand there.
    At a place that keeps a value for each day nothing stands yet on a new one."""
    if post.sent is None:
        return None
    if dated and post.sent_day != day:
        return ()
    known = dict(post.sent)
    return tuple((name, known[name]) for name, _ in wanted if name in known)


def is_ours(post: Post, wanted: Fields, found: Fields, day: date, *, dated: bool) -> bool:
    """Whether what stands there is what we wrote, or may have written, field by field: a write may have taken effect in
    part."""
    if agree(wanted, found):
        return True
    before = expected(post, wanted, day, dated=dated)
    if before is None:
        return True
    tried = dict(post.trying or ()) if not dated or post.trying_day == day else {}
    if not before and not tried:
        return not any(given is not None for _, given in found)
    known, new = dict(before), dict(wanted)
    return all(
        any(name in one and same(given, one[name]) for one in (known, tried, new))
        for name, given in found
        if name in known or name in tried
    )
