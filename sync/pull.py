"""Asks every connection its questions, connections side by side, each bounded by its own settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog

from connectors.base import Connector, Outcome, Query
from connectors.errors import BadAnswer, ConnectorError
from connectors.parallel import each
from sync.questions import Question

CONNECTIONS_AT_ONCE = 16

log = structlog.get_logger("sync.pull")
Answers = dict[Question, Outcome]


def pull(
    questions: Mapping[str, Iterable[Query]],
    connectors: Mapping[str, Connector[Any]],
    on_answer: Callable[[], None] = lambda: None,
) -> Answers:
    """One outcome for each question. A connection that fails, even by a defect of its connector, costs its own
    questions only. `on_answer` is called at each answer, from several threads."""

    def ask(name: str) -> Answers:
        asked = list(questions[name])
        answers: Answers = {}
        try:
            for query, outcome in connectors[name].read(asked):
                answers[name, query] = outcome
                on_answer()
        except Exception as error:
            log.exception("connector failed", connection=name)
            _fill(answers, name, asked, f"the connector broke: {type(error).__name__}")
        _fill(answers, name, asked, "the connector gave no answer to this query")
        return answers

    gathered: Answers = {}
    for answers in each(questions, ask, workers=CONNECTIONS_AT_ONCE):
        gathered |= answers
    _say_what_is_lost(gathered)
    return gathered


def _fill(answers: Answers, name: str, asked: Iterable[Query], message: str) -> None:
    for query in asked:
        if (name, query) not in answers:
            answers[name, query] = BadAnswer(
                message, connection=name, fix="This is a defect of okrsync: please report it with the log."
            )


def _say_what_is_lost(answers: Answers) -> None:
    lost = {
        (error.connection, error.message): error
        for error in answers.values()
        if isinstance(error, ConnectorError) and error.scope == "connection"
    }
    for error in lost.values():
        log.warning("connection lost", connection=error.connection, error=error.kind, cause=error.message)
