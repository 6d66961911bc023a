"""Serves an application over HTTP, with bounds on what a caller may take."""

from __future__ import annotations

import socket
import threading

import uvicorn
from fastapi import FastAPI

MOST_AT_ONCE = 512
KEEP_ALIVE_SECONDS = 5


class Server:
    """In a thread of its own; signals are for whoever started it."""

    def __init__(self, app: FastAPI, *, host: str, port: int) -> None:
        """Takes the port. Raises OSError where it can't be had."""
        self._socket = _listening(host, port)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                # A path may hold a secret, so calls are not logged here.
                access_log=False,
                log_config=None,
                server_header=False,
                # Who calls is told by the connection; a proxy is trusted only where okrsync.yaml names it.
                proxy_headers=False,
                limit_concurrency=MOST_AT_ONCE,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=KEEP_ALIVE_SECONDS,
                lifespan="off",
            )
        )
        self._thread = threading.Thread(target=self._run, name=f"http {port}", daemon=True)

    @property
    def failed(self) -> bool:
        """Whether it ended by itself."""
        return self._thread.ident is not None and not self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Take no more calls; those under way may end for so long."""
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(seconds)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made
