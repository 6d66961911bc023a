"""Asks every connection its questions, connections side by side, each bounded by its own settings."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from threading import Thread
from typing import Any

import structlog

from connectors.base import Connector, Outcome, Query, Reader
from connectors.errors import BadAnswer, ConnectorError, Unreachable
from connectors.wire import DEADLINE_FIX
from sync.questions import Question

CONNECTIONS_AT_ONCE = 16
SECONDS_TO_STOP = 2

DEFECT_FIX = "This is a defect of okrsync: please report it with the log."

log = structlog.get_logger("sync.pull")
Answers = dict[Question, Outcome]


def pull(
    questions: Mapping[str, Iterable[Query]],
    connectors: Mapping[str, Reader[Any]],
    on_answer: Callable[[], None] = lambda: None,
    deadline: float | None = None,
) -> Answers:
    """One outcome for each question. A connection that fails, even by a defect of its connector, costs its own
    questions only. What has no answer after `deadline` seconds is unreachable. `on_answer` is called at each answer,
    from several threads."""
    found: dict[str, Answers] = {name: {} for name in questions}

    def ask(name: str) -> None:
        asked = list(questions[name])
        try:
            for query, outcome in connectors[name].read(asked):
                found[name][name, query] = outcome.alone() if isinstance(outcome, ConnectorError) else outcome
                on_answer()
        except Exception as error:
            log.exception("connector failed", connection=name)
            _fill(found[name], name, asked, f"the connector broke: {type(error).__name__}")
        _fill(found[name], name, asked, "the connector gave no answer to this query")

    pool = ThreadPoolExecutor(max_workers=CONNECTIONS_AT_ONCE)
    try:
        running = {pool.submit(copy_context().run, ask, name): name for name in questions}
        done, late = wait(running, timeout=deadline)
        slow = [running[future] for future in late]
        # A copy, since a late connector goes on answering until it is stopped.
        gathered = {question: one for answers in list(found.values()) for question, one in dict(answers).items()}
    except BaseException:
        slow = list(questions)
        raise
    finally:
        stop_all({name: connectors[name] for name in slow})
        pool.shutdown(wait=False, cancel_futures=True)
    for name in slow:
        _give_up(gathered, name, questions[name], deadline or 0)
    for future in done:
        future.result()
    return gathered


def sent(connectors: Mapping[str, Reader[Any]], questions: Mapping[str, Collection[Query]]) -> dict[str, int]:
    """How many calls each connection was sent; about how many, where its connector does not count them."""
    made = {name: connectors[name].sent for name in questions}
    return {name: connectors[name].calls(questions[name]) if one is None else one for name, one in made.items()}


def stop_all(connectors: Mapping[str, Connector]) -> None:
    """Each from a thread of its own, and not for long: whoever hangs while it is stopped must not hold the pass."""

    def stop(name: str) -> None:
        try:
            connectors[name].stop()
        except Exception:
            log.exception("connector failed to stop", connection=name)

    until = time.monotonic() + SECONDS_TO_STOP
    threads = [Thread(target=copy_context().run, args=(stop, name), daemon=True) for name in connectors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


def _give_up(answers: Answers, name: str, asked: Iterable[Query], deadline: float) -> None:
    for query in asked:
        if (name, query) not in answers:
            message = f"the run's deadline of {deadline:g} seconds passed before an answer came"
            answers[name, query] = Unreachable(message, connection=name, fix=DEADLINE_FIX)


def _fill(answers: Answers, name: str, asked: Iterable[Query], message: str) -> None:
    for query in asked:
        if (name, query) not in answers:
            answers[name, query] = BadAnswer(message, connection=name, fix=DEFECT_FIX)
