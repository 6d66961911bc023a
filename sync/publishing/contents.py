"""What each publication is to say now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from config.load import Publication, Workspace
from mapping.day import day_of
from mapping.facts import Overview
from mapping.model import Key
from mapping.model import of_objective as key_of
from mapping.posting import Post, PostKind, Slot
from mapping.published import FRESHNESS, Content, Fields, Told, content, of_key_result, of_objective
from sync.store.store import Store


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`fields` is what a place is to say; None where nothing may be told now, and `why` says why not."""

    publication: Publication
    slot: Slot
    fields: Fields | None
    day: date
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Due:
    """What is to be brought to a place, and where it stands there."""

    wanted: Wanted
    post: Post

    @property
    def fields(self) -> Fields:
        return self.wanted.fields or ()


def wanted(workspace: Workspace, seen: Overview) -> dict[Slot, Wanted]:
    """Of every publication in the files."""
    told = dict(_told(workspace, seen))
    return {
        slot: _wanted(one, slot, told.get(one.key), workspace, seen.at)
        for one in workspace.publications
        for slot in one.slots
    }


def due(
    known: Mapping[Slot, Wanted], posts: Mapping[Slot, Post], at: datetime, only: Collection[Key] | None, *, again: bool
) -> list[Due]:
    """What a pass takes up. A place that the files name no longer is left alone."""
    return [
        Due(wanted=known[slot], post=post)
        for slot, post in posts.items()
        if slot in known and post.is_due(at, again=again) and (only is None or slot.key in only)
    ]


def slots_of(workspace: Workspace) -> dict[Key, tuple[Slot, ...]]:
    """Where what is new of a key result is published, with the objectives above it."""
    return {one.key_result.key: one.due for one in workspace.bindings.values() if one.due}


def keys_of(workspace: Workspace, only: Collection[str]) -> frozenset[Key] | None:
    """Those key results, and the objectives above them that are published; None for all."""
    if not only:
        return None
    return frozenset(slot.key for key in only for slot in workspace.bindings[key].due)


def posts_by_key(store: Store) -> dict[Key, list[Post]]:
    """Where each is published."""
    found: dict[Key, list[Post]] = {}
    for slot, post in store.outbox.posts().items():
        found.setdefault(slot.key, []).append(post)
    return found


def _told(workspace: Workspace, seen: Overview) -> Iterator[tuple[Key, Told | None]]:
    link = workspace.public_url
    for objective in seen.objectives:
        one = objective.objective
        yield key_of(one.id, one.period.name), of_objective(objective, link)
        for view in (*objective.key_results, *objective.initiatives):
            yield view.key_result.key, of_key_result(view, link)
    for view in seen.kpis:
        yield view.key_result.key, of_key_result(view, link)


def _wanted(one: Publication, slot: Slot, told: Told | None, workspace: Workspace, at: datetime) -> Wanted:
    zone = workspace.time_zone
    if told is None:
        return Wanted(publication=one, slot=slot, fields=None, day=day_of(at, zone), why="nothing is known yet")
    if slot.kind == FRESHNESS:
        day = day_of(at, zone)
        return Wanted(publication=one, slot=slot, fields=_fields(one, slot.kind, told, workspace), day=day)
    day = day_of(told.at, zone)
    if told.stale:
        return Wanted(publication=one, slot=slot, fields=None, day=day, why=told.stale)
    return Wanted(publication=one, slot=slot, fields=_fields(one, slot.kind, told, workspace), day=day)


def _fields(one: Publication, kind: PostKind, told: Told, workspace: Workspace) -> Fields:
    made = ((name, _content(one, fact, told, workspace)) for name, fact in one.facts(kind))
    return tuple((name, given) for name, given in made if given is not None)


def _content(one: Publication, fact: str, told: Told, workspace: Workspace) -> Content:
    found = content(told, fact, workspace.time_zone)
    return one.words.get(found, found) if isinstance(found, str) and fact in ("status", FRESHNESS) else found
