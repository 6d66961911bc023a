"""A request to Graph as a value, and the order in which requests may travel together. Pure.

A $batch holds twenty requests, which run either all side by side or strictly one after the other. One workbook takes
one request at a time: more meet its lock (EditModeCannotAcquireLock). So requests for a workbook that is read often go
in chains of their own, and at most one for any other workbook goes into a batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BATCH = 20
"""Requests that one $batch may hold."""
CHAIN_FROM = 3
"""Requests to one workbook from which a chain in a session is worth its making."""


@dataclass(frozen=True)
class Request:
    """A GET below /v1.0, its path encoded. `permission` is the least that it needs, for advice; `workbook` the path
    of the workbook that it locks; `as_text` is true where the answer is no JSON."""

    path: str
    permission: str
    headers: tuple[tuple[str, str], ...] = ()
    workbook: str = ""
    as_text: bool = False


def has_own_limit(path: str) -> bool:
    """Workbooks and usage reports are throttled each by itself."""
    return "/workbook/" in path or "/reports/" in path


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """`waves` follow each other; the batches of a wave may be sent at once, and a chain's batches in their order."""

    chains: tuple[tuple[str, tuple[tuple[Request, ...], ...]], ...]
    waves: tuple[tuple[tuple[Request, ...], ...], ...]

    @property
    def calls(self) -> int:
        sessions = len(self.chains)
        return sessions + sum(len(batches) for _, batches in self.chains) + sum(map(len, self.waves))


def schedule(requests: Iterable[Request]) -> Schedule:
    """Every distinct request once, in as few calls as the locks allow."""
    by_book: dict[str, list[Request]] = defaultdict(list)
    free: list[Request] = []
    for request in dict.fromkeys(requests):
        (by_book[request.workbook] if request.workbook else free).append(request)
    chains = tuple((book, _batches(asked)) for book, asked in by_book.items() if len(asked) >= CHAIN_FROM)
    light = [asked for asked in by_book.values() if len(asked) < CHAIN_FROM]
    waves: list[list[Request]] = [[], []]
    for asked in light:
        for wave, request in zip(waves, asked, strict=False):
            wave.append(request)
    # The free ones fill the last batch of the second wave first, since they may be anywhere.
    room = -len(waves[1]) % BATCH
    waves[1] += free[:room]
    waves[0] += free[room:]
    return Schedule(chains=chains, waves=tuple(_batches(wave) for wave in waves if wave))


def _batches(requests: Sequence[Request]) -> tuple[tuple[Request, ...], ...]:
    return tuple(tuple(requests[start : start + BATCH]) for start in range(0, len(requests), BATCH))
