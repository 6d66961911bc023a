"""One pass at a time: whoever makes one holds the lease, renews it, and shows its token when recording."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from sync.holder import is_gone, named, this_process
from sync.store.errors import StoreError
from sync.store.leasing import LASTS
from sync.store.store import Store

RENEW_SECONDS = LASTS.total_seconds() / 3
LOOK_SECONDS = 0.25
"""How often somebody who waits looks again."""

log = structlog.get_logger("sync.lease")


@contextmanager
def lease(store: Store, wait: float) -> Iterator[int]:
    """Give the token, after `wait` seconds at most. Raises StoreError where another still holds the lease then."""
    token = _take(store, wait)
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(store, token, ended), name="lease", daemon=True)
    renewing.start()
    try:
        yield token
    finally:
        ended.set()
        renewing.join()
        # Where the store can't be reached, the lease runs out by itself.
        with suppress(StoreError):
            store.give_back_lease(token)


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


def _renew(store: Store, token: int, ended: threading.Event) -> None:
    while not ended.wait(RENEW_SECONDS):
        try:
            store.renew_lease(token)
        except StoreError as error:
            log.warning("the lease can't be renewed", cause=str(error))
