"""Up to so many requests at once, results as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def each(items: Iterable[T], work: Callable[[T], R], *, workers: int) -> Iterator[R]:
    """Yield `work(item)` for each item in the order of completion. Work not begun is dropped when the caller
    stops early or `work` raises. The workers see the caller's context, so that their log lines name its run."""
    todo = list(items)
    if len(todo) <= 1 or workers == 1:
        yield from map(work, todo)
        return
    pool = ThreadPoolExecutor(max_workers=min(workers, len(todo)))
    try:
        for done in as_completed([pool.submit(copy_context().run, work, item) for item in todo]):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)
