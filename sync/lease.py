"""One pass at a time: whoever makes one holds the lease, renews it, and shows its token when recording."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import structlog

from sync.holder import is_gone, is_here, named, this_process
from sync.store.errors import StoreError
from sync.store.leasing import LASTS
from sync.store.store import Store
from sync.store.writing import LEASE, SERVE

RENEW_SECONDS = LASTS.total_seconds() / 3
LOOK_SECONDS = 0.25
"""How often somebody who waits looks again."""

log = structlog.get_logger("sync.lease")


@contextmanager
def lease(store: Store, wait: float) -> Iterator[int]:
    """Give the token, after `wait` seconds at most. Raises StoreError where another still holds the lease then."""
    token = _take(store, wait)
    with _renewed(store, token, LEASE, lambda: None):
        yield token


@contextmanager
def sole_serve(store: Store, lost: Callable[[], None]) -> Iterator[None]:
    """Be the one `serve` of a store that no queue shares out. `lost` is called where another took over meanwhile, since
    this process stood still. Raises StoreError where there is another: at once on this machine, else when it did not
    cease to renew."""
    until = time.monotonic() + LASTS.total_seconds() + RENEW_SECONDS
    while True:
        token, holder = store.take_lease(this_process(), is_gone, SERVE)
        if token is not None:
            break
        if is_here(holder) or time.monotonic() >= until:
            raise StoreError(
                f"Another `okrsync serve` keeps this store current ({named(holder)}). Stop that one, or set `queue:` "
                "in okrsync.yaml to share the work among several."
            )
        log.info("waiting for a serve of before to be gone", holder=named(holder))
        time.sleep(1)
    with _renewed(store, token, SERVE, lost):
        yield


@contextmanager
def _renewed(store: Store, token: int, name: str, lost: Callable[[], None]) -> Iterator[None]:
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(store, token, name, ended, lost), name="lease", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()
        # Where the store can't be reached, the lease runs out by itself.
        with suppress(StoreError):
            store.give_back_lease(token, name)


def _take(store: Store, wait: float) -> int:
    until, waiting = time.monotonic() + wait, False
    while True:
        token, holder = store.take_lease(this_process(), is_gone)
        if token is not None:
            return token
        if time.monotonic() >= until:
            raise StoreError(
                f"Another pass is running ({named(holder)}); nothing was asked in {wait:g} seconds of waiting. "
                "Run this again, or set a longer `deadline` in okrsync.yaml.",
                temporary=True,
            )
        if not waiting:
            log.info("waiting for another pass", holder=named(holder))
            waiting = True
        time.sleep(min(LOOK_SECONDS, max(0.0, until - time.monotonic())))


def _renew(store: Store, token: int, name: str, ended: threading.Event, lost: Callable[[], None]) -> None:
    while not ended.wait(RENEW_SECONDS):
        try:
            if not store.renew_lease(token, name):
                lost()
                return
        except StoreError as error:
            log.warning("the lease can't be renewed", cause=str(error))
