"""The next state of a row of the outbox after each outcome. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from connectors.base import Receipt
from connectors.errors import Conflict, ConnectorError
from mapping.posting import Delivery, Post, PostState
from mapping.published import Fields
from sync.publishing.contents import Due

CONFLICT_FIX = "Restore the old content, or write `on_conflict: overwrite` in the destination."


def begun(one: Due) -> Post:
    return replace(
        one.post, state="sending", trying=one.fields, trying_day=one.wanted.day, attempts=one.post.attempts + 1
    )


def told_by(one: Due, found: Fields) -> Post:
    """What we wrote there last, now that it was read."""
    post = one.post
    ours = {name for name, _ in (*(post.sent or ()), *(post.trying or ()), *one.fields)}
    read = tuple((name, given) for name, given in found if name in ours)
    known = replace(post, state="waiting", trying=None, trying_day=None)
    return replace(known, sent=read, sent_day=one.wanted.day) if read else known


def sent(one: Due, receipt: Receipt, at: datetime) -> Post:
    post, day = one.post, one.wanted.day
    dated = one.wanted.publication.destination.dated
    before = {} if dated and post.sent_day != day else dict(post.sent or ())
    written = replace(
        post,
        sent=tuple({**before, **dict(one.fields)}.items()),
        sent_day=day,
        sent_at=at,
        remote_id=receipt.remote_id or post.remote_id,
        link=receipt.link or post.link,
    )
    return done(written)


def done(post: Post) -> Post:
    return replace(
        post,
        state="sent",
        done=post.wanted,
        attempts=0,
        next_at=None,
        trying=None,
        trying_day=None,
        error=None,
        cause=None,
        fix=None,
    )


def failed(post: Post, error: ConnectorError, at: datetime, *, unknown: bool) -> Post:
    """`unknown` is whether it is so still what came of an earlier try."""
    state = _state(error)
    fix = CONFLICT_FIX if state == "conflict" else error.fix
    told = replace(post, state=state, error=error.kind, cause=error.message, fix=fix, next_at=None)
    if error.retry_after:
        told = replace(told, next_at=at + timedelta(seconds=error.retry_after))
    if state != "uncertain" and not unknown:
        told = replace(told, trying=None, trying_day=None)
    return replace(told, done=post.wanted) if state == "permanent" else told


def _state(error: ConnectorError) -> PostState:
    if error.uncertain:
        return "uncertain"
    if isinstance(error, Conflict):
        return "conflict"
    return "failed" if error.temporary or error.scope == "connection" else "permanent"


def delivery(one: Due, post: Post, at: datetime) -> Delivery:
    return Delivery(
        key_result=post.key_result,
        cycle=post.cycle,
        at=at,
        connection=post.connection,
        place=post.place,
        kind=post.kind,
        outcome=post.state,
        fields=one.fields,
        day=one.wanted.day,
        remote_id=post.remote_id,
        link=post.link,
        error=post.error,
        cause=post.cause,
    )


def changed_by_another(post: Post) -> Conflict:
    return Conflict(
        f"somebody else changed {post.place} after okrsync wrote there",
        connection=post.connection,
        fix=CONFLICT_FIX,
    )
