"""The log of a command: to stderr, ours and that of the libraries below us in the same form."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from connectors.redaction import redact_event
from connectors.spared import without
from mapping.foreign import clean

with without("rich"):  # its tracebacks in colour are not ours
    import structlog

LONGEST = 20_000
"""Characters of one field of a line."""

_read_by_people: ContextVar[bool] = ContextVar("read_by_people", default=False)


@contextmanager
def read_by_people() -> Iterator[None]:
    """What is printed here is read, whether or not it is a terminal that shows it."""
    token = _read_by_people.set(True)
    try:
        yield
    finally:
        _read_by_people.reset(token)


def set_up_logging(*, everything: bool = False) -> None:
    """On a terminal what a person should see, unless it is `everything`; as JSON lines, all that was done. Lines of a
    run carry its id."""
    on_terminal = sys.stderr.isatty() or _read_by_people.get()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact_event,
        _clean_event,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.WARNING if on_terminal and not everything else logging.INFO
        ),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    _take_over_foreign(shared, renderer)


def _clean_event(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: clean(value, LONGEST, lines=True) if isinstance(value, str) else value for key, value in event.items()}


class _Foreign(logging.StreamHandler[Any]):
    """What libraries log by the standard library; its class tells it from handlers of others."""


def _take_over_foreign(shared: list[Any], renderer: Any) -> None:
    handler = _Foreign(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        )
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one, _Foreign)] + [handler]
