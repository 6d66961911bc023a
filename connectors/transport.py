"""Connections that can be cut: when a request's time is up, and from another thread.

A timeout of `requests` bounds the wait for each piece of an answer. A server that sends a byte a second, or never ends
its headers, keeps to it for ever. So each request under way is watched by the clock, and its socket is shut down when
its time is up; whoever waits there is woken by that, wherever inside the libraries it waits.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError

Cut = Literal["late", "stopped"]


class Exchange:
    """One request under way, and the sockets that it goes through. `cut` says why it was ended, if it was."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.cut: Cut | None = None
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def goes_through(self, opened: socket.socket) -> None:
        with self._lock:
            self._sockets.append(opened)
            if self.cut is not None:
                _shut(opened)

    def end(self, why: Cut) -> None:
        with self._lock:
            self.cut = self.cut or why
            for opened in self._sockets:
                _shut(opened)


def _shut(opened: socket.socket) -> None:
    # Not the method of an SSL socket, which would take its TLS state away from the thread that reads.
    with contextlib.suppress(OSError, ValueError):
        socket.socket.shutdown(opened, socket.SHUT_RDWR)


class _Watchdog:
    """Ends exchanges whose time is up. One thread for all of them, while there are any."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: set[Exchange] = set()
        self._thread: threading.Thread | None = None
        self._wakes_at = 0.0

    @contextlib.contextmanager
    def over(self, exchange: Exchange) -> Iterator[None]:
        with self._changed:
            self._watched.add(exchange)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="okrsync watchdog", daemon=True)
                self._wakes_at = 0.0
                self._thread.start()
            elif exchange.until < self._wakes_at:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._watched.discard(exchange)

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for late in [one for one in self._watched if one.until <= now]:
                    self._watched.discard(late)
                    late.end("late")
                self._wakes_at = min((one.until for one in self._watched), default=now + 60)
                self._changed.wait(self._wakes_at - now)


_watchdog = _Watchdog()
_here = threading.local()


@contextlib.contextmanager
def under_way(exchange: Exchange) -> Iterator[None]:
    """What this thread sends inside belongs to the exchange."""
    before = getattr(_here, "exchange", None)
    _here.exchange = exchange
    try:
        with _watchdog.over(exchange):
            yield
    finally:
        _here.exchange = before


def _note(opened: socket.socket | None) -> None:
    exchange: Exchange | None = getattr(_here, "exchange", None)
    if exchange is not None and opened is not None:
        exchange.goes_through(opened)


def _no_longer_than_is_left(waits: Any) -> Any:
    exchange: Exchange | None = getattr(_here, "exchange", None)
    if exchange is None or not isinstance(waits, int | float):
        return waits
    return max(0.001, min(waits, exchange.until - time.monotonic()))


class Cuttable(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        """A connection to the first of the name's addresses that takes it, all tries together within the time."""
        name, waits = self._dns_host, self.timeout
        failed: HTTPError = NewConnectionError(self, "the name has no address")
        try:
            for address in self.addresses(name):
                self._dns_host, self.timeout = address, _no_longer_than_is_left(waits)
                try:
                    opened = super()._new_conn()
                except (NewConnectionError, ConnectTimeoutError) as error:
                    failed = error
                    continue
                _note(opened)
                return opened
            raise failed
        finally:
            self._dns_host, self.timeout = name, waits

    def addresses(self, name: str) -> list[str]:
        try:
            infos = socket.getaddrinfo(name.strip("[]"), self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            known = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(name, self, known) from None
        return list(dict.fromkeys(str(info[4][0]) for info in infos))

    def connect(self) -> None:
        super().connect()
        _note(self.sock)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _note(self.sock)
        super().request(*args, **kwargs)


class SecureCuttable(Cuttable, HTTPSConnection):
    """The socket is noted before the TLS handshake, and again as what it has become after it."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = Cuttable


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = SecureCuttable


class CuttableAdapter(HTTPAdapter):
    pools: dict[str, Any] = {"http": _Pool, "https": _SecurePool}  # noqa: RUF012 - never changed

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self.pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = CuttableAdapter.pools
        return manager


class PlainAdapter(CuttableAdapter):
    """Sends what is addressed to https over plain http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = urlunsplit(urlsplit(request.url or "")._replace(scheme="http"))
        return super().send(request, *args, **kwargs)
