"""What a pass would publish: what stands there now, read from the tool, and what it would say. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

import structlog

from config.load import Workspace
from connectors.base import Clock, Publisher, State, Update
from connectors.errors import BadAnswer, ConnectorError
from connectors.parallel import each
from mapping.assess import CheckIn
from mapping.model import Key
from mapping.posting import Post, Preview, Slot, is_ours
from mapping.published import agree
from mapping.published import only as those_named
from sync.connections import opened
from sync.publishing.contents import Due, due, slots_of, wanted
from sync.publishing.sending import key_of
from sync.pull import CONNECTIONS_AT_ONCE, DEFECT_FIX
from sync.store.store import Store

log = structlog.get_logger("sync.publishing")


def preview(
    workspace: Workspace,
    store: Store,
    clock: Clock,
    new: Iterable[CheckIn] = (),
    *,
    only: Collection[Key] | None = None,
    again: bool = False,
    extra: Collection[Slot] = (),
) -> tuple[Preview, ...]:
    """Of what is due, of what these check-ins would make due, and of `extra`."""
    if not workspace.publications:
        return ()
    at, posts = clock(), store.outbox.posts()
    made = {one.key: one for one in new}
    routes = slots_of(workspace)
    for slot in (*(slot for key in made for slot in routes.get(key, ()) if slot.kind == "value"), *extra):
        posts[slot] = _due_again(posts.get(slot), slot, at)
    known = wanted(workspace, store, at, new=made)
    work = [one for one in due(known, posts, at, only, again=again) if one.wanted.fields is not None]
    fresh = [one for one in work if not _stands(one)]
    by_connection: dict[str, list[Due]] = {}
    for one in fresh:
        by_connection.setdefault(one.post.connection, []).append(one)
    with opened(workspace.connections, by_connection, clock, workspace.time_zone) as connectors:
        pairs = [(connectors[name], todo) for name, todo in by_connection.items()]
        found = {
            one.slot: one
            for several in each(pairs, lambda pair: list(_read(*pair)), workers=CONNECTIONS_AT_ONCE)
            for one in several
        }
    return tuple(found[one.post.slot] for one in fresh if one.post.slot in found)


def _due_again(post: Post | None, slot: Slot, at: datetime) -> Post:
    if post is None:
        return Post(**vars(slot), state="waiting", wanted=1, done=0, due_at=at)
    return Post(**{**vars(post), "wanted": post.wanted + 1, "due_at": at})


def _stands(one: Due) -> bool:
    dated = one.wanted.publication.destination.dated and one.post.sent_day != one.wanted.day
    return one.post.state == "sent" and one.post.sent is not None and not dated and agree(one.fields, one.post.sent)


def _read(connector: Any, todo: list[Due]) -> Iterator[Preview]:
    if not isinstance(connector, Publisher):
        return
    readable = [one for one in todo if one.wanted.publication.destination.readable]
    by_update = {
        Update(
            destination=one.wanted.publication.destination,
            fields=one.fields,
            key=key_of(one.post, one.fields),
            day=one.wanted.day,
            subject=one.post.subject,
        ): one
        for one in readable
    }
    try:
        for update, found in connector.current(list(by_update)):
            one = by_update.pop(update)
            yield _seen(one, found)
    except Exception as error:
        log.exception("connector failed", connection=todo[0].post.connection)
        broken = BadAnswer(
            f"the connector broke: {type(error).__name__}", connection=todo[0].post.connection, fix=DEFECT_FIX
        )
        yield from (_seen(one, broken) for one in by_update.values())
    for one in todo:
        if not one.wanted.publication.destination.readable:
            yield Preview(slot=one.post.slot, new=one.fields, old=one.post.sent)


def _seen(one: Due, found: State[Any] | ConnectorError) -> Preview:
    if isinstance(found, ConnectorError):
        return Preview(slot=one.post.slot, new=one.fields, error=found.kind, cause=found.message, fix=found.fix)
    publication, fields = one.wanted.publication, one.fields
    dated = publication.destination.dated
    ours = publication.overwrite or is_ours(one.post, fields, found.fields, one.wanted.day, dated=dated)
    named = (name for name, _ in fields)
    return Preview(slot=one.post.slot, new=fields, old=those_named(found.fields, named), conflict=not ours)
