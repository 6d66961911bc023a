"""When a burst of webhooks is over, and whom it concerns; how they are written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sync.receiving import Overloaded, Receiver
from sync.store.errors import StoreError
from sync.store.inbox import Rung, Touch, settle
from sync.store.store import Store
from sync.store.subscribed import Subscription
from sync.store.writing import writing
from sync.touched import over_at
from tests.connectors.contract import NOW
from tests.sweep import dice

SECOND = timedelta(seconds=1)


def touch(seconds: float, connection: str = "jira") -> Touch:
    return Touch(id=1, connection=connection, what="*", at=NOW + seconds * SECOND)


def rung(*ids: str, touched: str = "a", connection: str = "numbers") -> Rung:
    return Rung(connection=connection, ids=ids, touched=frozenset(touched), at=NOW, due=(NOW,))


@pytest.mark.parametrize(
    ("at", "over"),
    [([0], 2), ([0, 1], 3), ([0, 1, 2.5, 4], 6), ([0, 5, 10, 15, 19], 20), ([0, 30], 20)],
)
def test_a_burst_is_over_after_some_quiet_or_when_it_is_long(at: list[float], over: float) -> None:
    assert over_at([touch(seconds) for seconds in at], 2) == NOW + over * SECOND


def test_what_a_script_asks_for_does_not_wait() -> None:
    assert over_at([touch(0), touch(1, "")], 2) == NOW


def test_calls_are_known_by_each_of_their_ids(store: Store) -> None:
    assert store.inbox.ring([rung("1", "body"), rung("1"), rung("2", "body"), rung("3")]) == [True, False, False, True]
    assert store.inbox.ring([rung("2"), rung("4"), rung("4", connection="other"), rung(), rung()]) == [
        False, True, True, True, True,
    ]  # fmt: skip
    assert [one.what for one in store.inbox.waiting(NOW)] == ["a"] * 3


def test_calls_are_forgotten_when_they_can_not_come_again(store: Store) -> None:
    store.inbox.ring([rung("1")])
    store.inbox.prune(NOW)
    assert store.inbox.ring([rung("1")]) == [False]
    store.inbox.prune(NOW + SECOND)
    assert store.inbox.ring([rung("1")]) == [True]


def test_what_was_asked_is_settled_and_what_came_meanwhile_is_not(store: Store) -> None:
    store.inbox.ring([rung("1", touched="abc")])
    taken = store.inbox.waiting(NOW)
    store.inbox.ring([rung("2", touched="a")])
    with writing(store._engine) as connection:
        settle(connection, [one.id for one in taken])

    assert [one.what for one in store.inbox.waiting(NOW)] == ["a"]
    assert store.inbox.state(NOW).now == 1


def test_many_calls_are_written_in_few_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, woken = [], []
    ring = store.inbox.ring

    def slow(calls: Any) -> Any:
        sizes.append(len(calls))
        return ring(calls)

    monkeypatch.setattr(store.inbox, "ring", slow)
    receiver = Receiver(store, lambda: woken.append(1))
    written = [receiver.take(rung(str(number % 500))) for number in range(1000)]

    assert sum(one.result(10) for one in written) == 500
    assert sum(sizes) == 1000
    assert len(woken) <= len(sizes) < 500
    receiver.close()


def test_replicas_that_hear_the_same_call_count_it_once(store: Store) -> None:
    """Each has a receiver of its own on the same store."""
    replicas = [Receiver(store, lambda: None) for _ in range(3)]
    order = list(range(300))
    written = []
    for replica in replicas:
        dice("replicas").shuffle(order)
        written += [replica.take(rung(str(number), f"body {number}")) for number in order]

    assert sum(one.result(30) for one in written) == 300
    for replica in replicas:
        replica.close()


def test_more_than_can_be_written_is_not_taken(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.receiving.MOST_WAITING", 0)

    with pytest.raises(Overloaded):
        Receiver(store, lambda: None).take(rung("1"))


def test_a_store_that_fails_fails_each_call_and_the_next_is_taken(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = store.inbox.ring
    failing = [True]

    def sometimes(calls: Any) -> Any:
        if failing.pop() if failing else False:
            raise StoreError("gone", temporary=True)
        return ring(calls)

    monkeypatch.setattr(store.inbox, "ring", sometimes)
    receiver = Receiver(store, lambda: None)

    with pytest.raises(StoreError):
        receiver.take(rung("1")).result(10)
    assert receiver.take(rung("1")).result(10) is True
    receiver.close()


def test_tokens_are_found_until_they_are_revoked(store: Store) -> None:
    made, secret = store.tokens.create(name="ci", scope="sync", by="ada", at=NOW, expires_at=NOW + SECOND)

    assert store.tokens.find(secret, "sync", NOW) == made
    assert store.tokens.find(secret, "sync", NOW + SECOND) is None
    assert store.tokens.revoke(made.id, NOW) is True
    assert store.tokens.revoke(made.id, NOW) is False
    assert store.tokens.find(secret, "sync", NOW) is None


def test_subscriptions_are_kept_and_found_by_their_ids(store: Store) -> None:
    one = Subscription(
        connection="graph", resource="/users", state="active", at=NOW, remote_id="1", renew_at=NOW + SECOND
    )
    store.subscriptions.put(one)
    store.subscriptions.put(one)
    store.subscriptions.hurry("graph", {"1", "2"}, NOW)

    assert [row.renew_at for row in store.subscriptions.all()] == [NOW]
    known = store.subscriptions.memory_of("graph")
    assert known.get("subscription 1", max_age=SECOND) == "/users"
    assert store.subscriptions.memory_of("other").get("subscription 1", max_age=SECOND) is None
    store.subscriptions.drop(one)
    assert known.get("subscription 1", max_age=SECOND) is None
