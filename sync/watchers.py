"""Tells those who watch over okrsync from outside: a monitor that misses a call, and a file of metrics."""

from __future__ import annotations

import structlog

from config.load import Workspace
from connectors.errors import ConnectorError
from connectors.wire import HttpSession
from sync.passes import Pass
from sync.store.store import Store

PING_SECONDS = 10.0
log = structlog.get_logger("sync.watchers")


def tell_watchers(workspace: Workspace, store: Store, made: Pass) -> None:
    """After a pass that is recorded. Never raises: whoever watches must not disturb what is watched."""
    if workspace.serving.ping_url:
        _ping(workspace.serving.ping_url)
    if workspace.serving.metrics_file is not None:
        from sync.metrics import write_metrics

        try:
            write_metrics(workspace.serving.metrics_file, workspace, store, made)
        except OSError as error:
            log.error("the metrics can't be written", file=str(workspace.serving.metrics_file), cause=error.strerror)


def _ping(url: str) -> None:
    with HttpSession(connection="ping_url", timeout=PING_SECONDS, secrets=[url]) as session:
        try:
            answer = session.get(url)
        except ConnectorError as error:
            log.warning("the monitor can't be reached", cause=error.message)
            return
    if answer.status_code >= 400:
        log.warning("the monitor refuses the call", status=answer.status_code)
