"""Publishes what is due: read back what is uncertain, say what will be written, write it, keep what came of it.

Each step is a transaction of its own that shows the lease's token, so that a process may end between any two of them:
what it had begun is found as `sending`, and settled by reading before anything else is written there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from typing import Any

import structlog

from config.load import Workspace
from connectors.base import Clock, Memory, Publisher, Receipt, State, Update
from connectors.errors import BadAnswer, ConnectorError
from connectors.parallel import each
from mapping.model import Key
from mapping.posting import UNSETTLED, Delivery, Post, expected, is_ours
from mapping.published import Fields, agree
from sync.connections import opened
from sync.publishing.contents import Due, due, wanted
from sync.publishing.settling import begun, changed_by_another, delivery, done, failed, sent, told_by
from sync.pull import CONNECTIONS_AT_ONCE, DEFECT_FIX
from sync.store.store import Store
from sync.store.writing import LeaseLost

AT_ONCE = 200
"""The number of outcomes that one transaction keeps."""

log = structlog.get_logger("sync.publishing")
Settled = tuple[Post, Delivery | None]
Outcome = Receipt | ConnectorError


@dataclass(frozen=True, kw_only=True)
class Published:
    """`posts` are those that were taken up or wait for a person, as they stand now; `sent` is how many were written."""

    posts: tuple[Post, ...] = ()
    sent: int = 0

    @property
    def troubled(self) -> list[Post]:
        return [one for one in self.posts if one.is_open and one.error is not None]


def publish(
    workspace: Workspace,
    store: Store,
    clock: Clock,
    token: int | None,
    *,
    only: Collection[Key] | None = None,
    again: bool = False,
    memory_of: Callable[[str], Memory | None] = lambda _: None,
) -> Published:
    """Bring what is due to where it goes. What a tool does wrong is kept with its row and raises nothing; `again` takes
    up what was refused for good too. Raises StoreError."""
    if not workspace.publications:
        return Published()
    posts = store.outbox.posts()
    known = wanted(workspace, store, clock())
    work = due(known, posts, clock(), only, again=again)
    sender = _Sender(workspace, store, clock, token)
    try:
        todo = sender.without_calls(work)
        by_connection: dict[str, list[Due]] = {}
        for one in todo:
            by_connection.setdefault(one.post.connection, []).append(one)
        sender.send(by_connection, memory_of)
    except LeaseLost:
        log.warning("another pass took over while this one published; it publishes the rest")
    after = store.outbox.posts()
    chosen = [one for slot, one in after.items() if slot in known and (only is None or slot.key in only)]
    taken = {one.post.slot for one in work}
    return Published(posts=tuple(one for one in chosen if one.slot in taken or one.is_open), sent=sender.written)


class _Sender:
    def __init__(self, workspace: Workspace, store: Store, clock: Clock, token: int | None) -> None:
        self._workspace, self._store, self._clock, self._token = workspace, store, clock, token
        self._lock = threading.Lock()
        self.written = 0

    def without_calls(self, work: Iterable[Due]) -> list[Due]:
        """What is left, once all is settled that needs no call: what stands there already, and what may not be told."""
        settled: list[Settled] = []
        left: list[Due] = []
        for one in work:
            if one.wanted.fields is None:
                # What is stale waits for its source; what nothing is known of has nothing to wait for.
                continue
            if one.post.state in ("sending", "uncertain", "conflict") or not self._stands(one):
                left.append(one)
            else:
                settled.append((done(one.post), None))
        self._keep(settled)
        return left

    def send(self, by_connection: Mapping[str, list[Due]], memory_of: Callable[[str], Memory | None]) -> None:
        if not by_connection:
            return
        space = self._workspace
        with opened(space.connections, by_connection, self._clock, space.time_zone, memory_of) as connectors:

            def stop() -> None:
                for connector in connectors.values():
                    connector.stop()

            timer = threading.Timer(space.deadline, stop)
            timer.daemon = True
            timer.start()
            try:
                work = [(connectors[name], todo) for name, todo in by_connection.items()]
                for _ in each(work, lambda pair: self._send_to(*pair), workers=CONNECTIONS_AT_ONCE):
                    pass
            finally:
                timer.cancel()

    def _send_to(self, connector: Any, todo: list[Due]) -> None:
        if not isinstance(connector, Publisher):
            return
        as_kept = connector.kept([self._update(one) for one in todo])
        todo = [
            replace(one, wanted=replace(one.wanted, fields=update.fields))
            for one, update in zip(todo, as_kept, strict=True)
        ]
        ready = [one for one in todo if not _must_read(one)]
        ready += self._read_back(connector, [one for one in todo if _must_read(one)])
        if not ready:
            return
        trying = [replace(one, post=begun(one)) for one in ready]
        self._store.outbox.intend([one.post for one in trying], self._token)
        by_update = {self._update(before): one for one, before in zip(trying, ready, strict=True)}
        outcomes = _guarded(by_update, connector.publish(list(by_update)))
        while chunk := list(islice(outcomes, AT_ONCE)):
            self._keep([self._settled(by_update[update], outcome) for update, outcome in chunk])

    def _read_back(self, connector: Publisher[Any], todo: list[Due]) -> Iterator[Due]:
        """Those that are still to be written, once it is known what came of the last try."""
        if not todo:
            return
        by_update = {self._update(one): one for one in todo}
        settled: list[Settled] = []
        for update, found in _guarded(by_update, connector.current(list(by_update))):
            one = by_update[update]
            dated = update.destination.dated
            if isinstance(found, ConnectorError):
                settled.append(self._settled(one, _still_uncertain(found)))
            elif agree(one.fields, found.fields):
                settled.append(self._settled(one, Receipt(remote_id=one.post.remote_id, link=one.post.link)))
            elif one.wanted.publication.overwrite or is_ours(
                one.post, one.fields, found.fields, update.day, dated=dated
            ):
                yield replace(one, post=told_by(one, found.fields))
            else:
                settled.append(self._settled(one, changed_by_another(one.post), unknown=True))
        self._keep(settled)

    def _update(self, one: Due) -> Update[Any]:
        destination, day = one.wanted.publication.destination, one.wanted.day
        held = expected(one.post, one.fields, day, dated=destination.dated)
        free = held is None or one.wanted.publication.overwrite or not destination.readable
        return Update(
            destination=destination,
            fields=one.fields,
            key=key_of(one.post, one.fields),
            day=day,
            subject=one.post.subject,
            expect=None if free else State(fields=held or ()),
        )

    def _stands(self, one: Due) -> bool:
        post, destination = one.post, one.wanted.publication.destination
        if post.sent is None or (destination.dated and post.sent_day != one.wanted.day):
            return False
        return agree(one.fields, post.sent)

    def _settled(self, one: Due, outcome: Outcome, *, unknown: bool = False) -> Settled:
        """A try that changed nothing leaves no trace in the ledger."""
        at = self._clock()
        if isinstance(outcome, Receipt):
            if outcome.changed:
                with self._lock:
                    self.written += 1
            post = sent(one, outcome, at)
            return post, delivery(one, post, at) if outcome.changed else None
        post = failed(one.post, outcome, at, unknown=unknown)
        log.warning(
            "not published",
            connection=post.connection, place=post.place, key_result=post.key_result, state=post.state,
            error=post.error, cause=post.cause,
        )  # fmt: skip
        return post, delivery(one, post, at)

    def _keep(self, settled: list[Settled]) -> None:
        if settled:
            self._store.outbox.settle(settled, self._token)


def key_of(post: Post, fields: Fields) -> str:
    """The same for each try of the same write, and different for any other."""
    told = (post.key_result, post.cycle, post.connection, post.place, post.kind, post.wanted, fields)
    return sha256(repr(told).encode()).hexdigest()[:32]


def _must_read(one: Due) -> bool:
    unknown = one.post.state in UNSETTLED or one.post.trying is not None
    return unknown and one.wanted.publication.destination.readable


def _still_uncertain(error: ConnectorError) -> ConnectorError:
    error.uncertain = True
    return error


def _guarded(
    by_update: Mapping[Update[Any], Due], found: Iterable[tuple[Update[Any], Any]]
) -> Iterator[tuple[Any, Any]]:
    left = dict.fromkeys(by_update)
    connection = next(iter(by_update.values())).post.connection
    broken = "the connector gave no answer to this"
    try:
        for update, outcome in found:
            if update in left:
                del left[update]
                yield update, outcome.alone() if isinstance(outcome, ConnectorError) else outcome
    except LeaseLost:
        raise
    except Exception as error:
        log.exception("connector failed", connection=connection)
        broken = f"the connector broke: {type(error).__name__}"
    for update in left:
        yield update, BadAnswer(broken, connection=connection, fix=DEFECT_FIX, uncertain=True)
