"""Serves an application over HTTP, with bounds on what a caller may take."""

from __future__ import annotations

import threading

import uvicorn
from fastapi import FastAPI

MOST_AT_ONCE = 512
KEEP_ALIVE_SECONDS = 5


class Server(uvicorn.Server):
    """In a thread of its own; signals are for whoever started it."""

    def __init__(self, app: FastAPI, *, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                # A path may hold a secret, so calls are not logged here.
                access_log=False,
                log_config=None,
                server_header=False,
                limit_concurrency=MOST_AT_ONCE,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                lifespan="off",
            )
        )
        self._thread = threading.Thread(target=self.run, name=f"http {port}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Take no more calls; those under way may end for so long."""
        self.should_exit = True
        self._thread.join(seconds)
