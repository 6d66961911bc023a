"""A proxy and a certificate authority of one's own, as docs/how-to/proxy.md has them: a local server whose certificate
is from an authority that nobody knows, and a local proxy that notes where it leads."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cli.main import run

WORKER = """\
connections:
  http: {{url: "https://127.0.0.1:{port}", allow_private: true}}
"""
OKRS = """\
cycle: {name: now, start: 2026-01-01, end: 2030-12-31}
objectives:
  - id: o
    title: O
    key_results: [{id: kr, title: KR, start: 0, target: 100, value: {http: {get: /stats, select: users}}}]
"""


class Stats(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"users": 42}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        pass


class Proxy(BaseHTTPRequestHandler):
    """Joins the caller to where CONNECT asks it to, and notes that."""

    led: list[str]

    def do_CONNECT(self) -> None:
        self.led.append(self.path)
        host, port = self.path.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=10) as there:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_carry, args=(there, self.connection), daemon=True)
            back.start()
            _carry(self.connection, there)
            back.join(timeout=10)

    def log_message(self, *said: object) -> None:
        pass


def _carry(source: socket.socket, to: socket.socket) -> None:
    try:
        while piece := source.recv(65_536):
            to.sendall(piece)
        to.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def issued(folder: Path) -> tuple[Path, Path]:
    """The authority's certificate, and a server's certificate with its key, as PEM files."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of our own")])
    server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = []
    for subject, key, top in ((authority, keys[0], True), (server, keys[1], False)):
        builder = (
            x509.CertificateBuilder(authority, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=top, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        )
        made.append(builder.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    private = keys[1].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "authority.pem").write_bytes(made[0])
    (folder / "server.pem").write_bytes(private + made[1])
    return folder / "authority.pem", folder / "server.pem"


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Path]:
    """The authority of the server that the workspace in `tmp_path` asks."""
    pem, certificate = issued(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with ThreadingHTTPServer(("127.0.0.1", 0), Stats) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        (tmp_path / "okrsync.yaml").write_text(WORKER.format(port=server.server_port))
        (tmp_path / "okrs").mkdir()
        (tmp_path / "okrs" / "o.yaml").write_text(OKRS)
        yield pem
        server.shutdown()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Where the proxy of the environment was asked to lead to."""
    led: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Noting", (Proxy,), {"led": led})) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.server_port}")
        yield led
        server.shutdown()


def test_an_own_authority_is_trusted_through_a_proxy(
    authority: Path,
    proxy: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))

    assert run(["-c", str(tmp_path), "plan"]) == 0
    assert "42" in capsys.readouterr().out
    assert len(proxy) == 1


def test_no_proxy_goes_there_directly(
    authority: Path, proxy: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert run(["-c", str(tmp_path), "plan"]) == 0
    assert proxy == []


def test_an_unknown_authority_is_refused(
    authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert run(["-c", str(tmp_path), "plan"]) == 3
    assert "is not trusted" in capsys.readouterr().out
