"""Serves one stand-in over real HTTP on loopback, with a call log, a latency and a fault switchboard.

Besides the stand-in's own paths it answers two of its own, for tests and benches in another process:
`GET /__sandbox/calls` (the log) and `POST /__sandbox/faults` (a JSON object with the fields of `Fault`).
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, Self
from urllib.parse import parse_qs, parse_qsl, urlsplit

from sandbox.faults import Fault, Switchboard
from sandbox.hostile import HOSTILE, stream

LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One HTTP request. `path` is without the query, percent-encoded as sent; header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.body or b"null")

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True, kw_only=True)
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Self:
        """A JSON answer."""
        kind = {"Content-Type": "application/json;charset=UTF-8"}
        return cls(status=status, body=exact_json(data).encode(), headers={**kind, **(headers or {})})


_EXACT = re.compile(r'"\\u0000(-?[0-9.]+)\\u0000"')


def exact_json(data: Any) -> str:
    """JSON in which each Decimal stands to its last digit."""
    text = json.dumps(data, default=lambda value: f"\0{value:f}\0")
    return _EXACT.sub(r"\1", text) if "\\u0000" in text else text


class Application(Protocol):
    """A stand-in: answers requests from its own state. Called from several threads at once."""

    def answer(self, request: Request) -> Response: ...


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as logged. Credentials are not kept. `at` is when it was answered, in seconds of a clock that only
    goes on."""

    method: str
    path: str
    query: dict[str, str]
    body: str
    status: int
    at: float


class Server:
    """A stand-in at `url` (http://127.0.0.1:PORT). Use as a context manager or call `start` and `stop`."""

    def __init__(self, application: Application, *, port: int = 0, latency: float = 0) -> None:
        self.application = application
        self.latency = latency
        self.faults = Switchboard()
        self.calls: list[Call] = []
        self.is_stopped = False
        self._http = _HttpServer(("127.0.0.1", port), self)
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        self.is_stopped = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self.is_stopped = True
        if self._thread is not None:
            self._http.shutdown()
            self._thread.join()
            self._thread = None
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: Server) -> None:
        self.owner = owner
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not news."""


def _echo(request: Request, target: str) -> dict[str, Any]:
    """In the places where the tools' own refusals have their words."""
    said = f"refused: {target} {json.dumps(request.headers)} {request.body.decode(errors='replace')}"
    one = {"message": said, "code": "echo", "errorCode": "ECHO", "innerError": {"code": said}}
    return {
        "error": one if "/v1.0" in target else said,
        "error_description": said,
        "errorMessages": [said],
        "errors": {"field": said},
        "message": said,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _HttpServer

    def log_message(self, *_: object) -> None:
        """The call log is enough."""

    def _serve(self) -> None:
        owner = self.server.owner
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(
            method=self.command,
            path=parts.path,
            query={key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()},
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        if parts.path.startswith("/__sandbox/"):
            self._send(self._control(request))
            return
        if owner.latency:
            time.sleep(owner.latency)
        fault = owner.faults.take(parts.path, self.command)
        if fault is None:
            response = owner.application.answer(request)
            self._log(request, response.status)
            self._send(response)
        else:
            self._fail(request, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve

    def _log(self, request: Request, status: int) -> None:
        self.server.owner.calls.append(
            Call(
                method=request.method,
                path=request.path,
                query=request.query,
                body="" if "token" in request.path else request.body.decode(errors="replace"),
                status=status,
                at=time.monotonic(),
            )
        )

    def _control(self, request: Request) -> Response:
        owner = self.server.owner
        if request.path == "/__sandbox/calls":
            return Response.of([asdict(call) for call in owner.calls])
        if request.path == "/__sandbox/faults" and request.method == "POST":
            owner.faults.fail(**request.json())
            return Response.of({})
        return Response.of({"error": "unknown control"}, status=404)

    def _fail(self, request: Request, fault: Fault) -> None:
        time.sleep(fault.delay)
        if fault.kind == "status":
            self._log(request, fault.status)
            content_type = "application/json" if fault.body.startswith(("{", "[")) else "text/plain"
            named = {name: value.replace("{target}", self.path) for name, value in fault.headers.items()}
            headers = {"Content-Type": content_type, **named}
            self._send(Response(status=fault.status, body=fault.body.encode(), headers=headers))
        elif fault.kind == "html":
            self._log(request, 200)
            self._send(Response(body=LOGIN_PAGE.encode(), headers={"Content-Type": "text/html"}))
        elif fault.kind == "echo":
            self._log(request, fault.status)
            self._send(Response.of(_echo(request, self.path), status=fault.status))
        elif fault.kind in HOSTILE:
            self._log(request, 0)
            self.close_connection = True
            self._stream(fault.kind)
        elif fault.kind == "truncate":
            answer = self.server.owner.application.answer(request)
            self._log(request, answer.status)
            half = answer.body[: len(answer.body) // 2]
            self._send(Response(status=answer.status, body=half, headers=answer.headers))
        else:
            if fault.kind == "lost":
                self.server.owner.application.answer(request)
            self._log(request, 0)
            if fault.kind == "reset":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4096\r\n\r\n{")
                self.wfile.flush()
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
                self.connection.close()

    def _stream(self, kind: Any) -> None:
        """Until the client goes, or the server is stopped."""
        with contextlib.suppress(OSError):
            for piece in stream(kind):
                if self.server.owner.is_stopped:
                    return
                self.wfile.write(piece)
                self.wfile.flush()

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in (204, 304):
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()
