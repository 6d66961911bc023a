"""The commands of a person: bring every place up to date, or try again what failed."""

from __future__ import annotations

from collections.abc import Collection

from config.load import Workspace
from connectors.base import Clock
from mapping.model import Key
from mapping.posting import Preview, Slot
from mapping.published import agree
from sync.lease import lease
from sync.publishing.contents import wanted
from sync.publishing.previewing import preview
from sync.publishing.sending import Published, publish
from sync.store.store import Store


def missing(workspace: Workspace, store: Store, clock: Clock, only: Collection[Key] | None) -> list[Slot]:
    """Places that do not say what they should, though nothing is due there: never published to, or the files name
    another field now. What was refused for good stays so."""
    posts = store.outbox.posts()
    found = wanted(workspace, store, clock())
    return [
        slot
        for slot, one in found.items()
        if one.fields and (only is None or slot.key in only)
        if (post := posts.get(slot)) is None or (not post.is_open and not agree(one.fields, post.sent or ()))
    ]


def publish_all(workspace: Workspace, store: Store, clock: Clock, only: Collection[Key] | None) -> Published:
    """Also what never was. Raises StoreError."""
    with lease(store, workspace.deadline) as token:
        store.outbox.make_due(missing(workspace, store, clock, only), clock())
        remembered = store.remembered(clock)
        made = publish(workspace, store, clock, token, only=only, memory_of=remembered.of)
        remembered.keep(token)
    return made


def publish_again(workspace: Workspace, store: Store, clock: Clock, only: Collection[Key] | None) -> Published:
    """What waits or was refused, for good too, with the value of now. Raises StoreError."""
    with lease(store, workspace.deadline) as token:
        remembered = store.remembered(clock)
        made = publish(workspace, store, clock, token, only=only, again=True, memory_of=remembered.of)
        remembered.keep(token)
    return made


def preview_all(
    workspace: Workspace, store: Store, clock: Clock, only: Collection[Key] | None, *, again: bool
) -> tuple[Preview, ...]:
    extra = () if again else missing(workspace, store, clock, only)
    return preview(workspace, store, clock, only=only, again=again, extra=extra)
