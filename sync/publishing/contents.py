"""What each publication must say now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from config.load import Publication, Workspace
from mapping.assess import CheckIn
from mapping.day import day_of
from mapping.facts import KeyResultView, Overview
from mapping.forecast import forecast
from mapping.model import Key
from mapping.model import of_objective as key_of
from mapping.posting import Post, PostKind, Slot
from mapping.published import FORECAST, FRESHNESS, Content, Fields, Told, agree, content, of_key_result, of_objective
from mapping.quantity import Quantity
from sync.overview import NOTHING_NEW, overview
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


def wanted(
    workspace: Workspace, store: Store, at: datetime, *, new: Mapping[Key, CheckIn] = NOTHING_NEW
) -> dict[Slot, Wanted]:
    """Of every publication in the files. `new` are check-ins that are not recorded yet."""
    told = dict(_told(workspace, store, overview(workspace, store, at, new=new), new))
    return {
        slot: _wanted(one, slot, told.get(one.key), workspace, at)
        for one in workspace.publications
        for slot in one.slots
    }


def due(
    known: Mapping[Slot, Wanted], posts: Mapping[Slot, Post], at: datetime, only: Collection[Key] | None, *, again: bool
) -> list[Due]:
    """What a pass takes up. A place that the files name no longer is left alone. A value grows old by time alone."""
    return [
        Due(wanted=known[slot], post=post)
        for slot, post in posts.items()
        if slot in known and (only is None or slot.key in only)
        if post.is_due(at, again=again) or (slot.kind == FRESHNESS and _is_another(post, known[slot]))
    ]


def _is_another(post: Post, now: Wanted) -> bool:
    return post.state == "sent" and now.fields is not None and not agree(now.fields, post.sent or ())


def slots_of(workspace: Workspace) -> dict[Key, tuple[Slot, ...]]:
    """Where what is new of a key result is published, with the objectives above it."""
    return {one.key_result.key: one.due for one in workspace.bindings.values() if one.due}


def keys_of(workspace: Workspace, only: Collection[str]) -> frozenset[Key] | None:
    """Those key results, and the objectives above them that are published; None for all."""
    if not only:
        return None
    named = (workspace.bindings[key] for key in only if key in workspace.bindings)
    return frozenset(slot.key for binding in named for slot in binding.due)


def posts_by_key(store: Store) -> dict[Key, list[Post]]:
    """Where each is published."""
    found: dict[Key, list[Post]] = {}
    for slot, post in store.outbox.posts().items():
        found.setdefault(slot.key, []).append(post)
    return found


def _told(
    workspace: Workspace, store: Store, seen: Overview, new: Mapping[Key, CheckIn]
) -> Iterator[tuple[Key, Told | None]]:
    published = {one.key: one for one in workspace.publications}
    link = workspace.public_url
    for objective in seen.objectives:
        one = objective.objective
        yield key_of(one.id, one.period.name), of_objective(objective, link)
    views = [view for one in seen.objectives for view in (*one.key_results, *one.initiatives)]
    for view in (*views, *seen.kpis):
        key = view.key_result.key
        if key in published:
            ahead = _forecast(workspace, store, view, new.get(key)) if _names(workspace, key, FORECAST) else None
            yield key, of_key_result(view, link, forecast=ahead, new=key in new)


def _names(workspace: Workspace, key: Key, fact: str) -> bool:
    named = (made for one in workspace.publications if one.key == key for _, made in one.destination.facts())
    return any(made.partition(":")[0] == fact for made in named)


def _forecast(workspace: Workspace, store: Store, view: KeyResultView, new: CheckIn | None) -> Quantity | None:
    made = [*store.history(view.key_result.key), *([new] if new else [])]
    by_day = {day_of(one.at, workspace.time_zone): one.value for one in made}
    found = forecast(by_day, view.key_result.period.end)
    return found.value if found else None


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
