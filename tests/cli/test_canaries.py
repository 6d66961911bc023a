"""Secrets as canaries: every secret option, every command, every failure. None sings in what is printed, logged or
stored, in whatever form a server gives it back."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from cli.main import run
from connectors import registry
from tests.connectors.contract import FakeTime
from tests.sweep import TORTURE, dice, sweep

CANARY = 'c4n@ry/9+f3kq"7Zx=ä%&w'
MULTILINE = f"{CANARY}\n{CANARY[::-1]}"


@dataclass(frozen=True, kw_only=True)
class Way:
    """One secret option in use. `$URL` is the server that answers."""

    tool: str
    option: str
    options: str
    query: str


SOQL, JQL = '{salesforce: "SELECT COUNT(Id) FROM Account"}', "{jira: {count: 'project = A'}}"
LIST, GET = "{graph: {get: /users/$count, select: '@'}}", "{http: {get: /n, select: n}}"
ENTRA = "url: $URL, login_url: $URL, tenant: contoso, client_id: c"
WAYS = (
    Way(tool="salesforce", option="client_secret", options="url: $URL, client_id: c, client_secret: $", query=SOQL),
    Way(tool="salesforce", option="private_key", options="url: $URL, client_id: c, username: u, private_key: $", query=SOQL),
    Way(tool="salesforce", option="session_id", options="url: $URL, session_id: $", query=SOQL),
    Way(tool="salesforce", option="password", options="url: $URL, username: u, password: $", query=SOQL),
    Way(tool="salesforce", option="security_token", options="url: $URL, username: u, password: $, security_token: $", query=SOQL),
    Way(tool="jira", option="token", options="url: $URL, email: a@acme.com, token: $", query=JQL),
    Way(tool="jira", option="client_secret", options="url: $URL/ex/jira/x, site: $URL, login_url: $URL, client_id: c, client_secret: $", query=JQL),
    Way(tool="graph", option="client_secret", options=f"{ENTRA}, client_secret: $", query=LIST),
    Way(tool="graph", option="certificate", options=f"{ENTRA}, certificate: $", query=LIST),
    Way(tool="graph", option="certificate_passphrase", options=f"{ENTRA}, certificate: $, certificate_passphrase: $", query=LIST),
    Way(tool="http", option="secret", options="url: $URL, allow_private: true, header: X-Key, secret: $", query=GET),
    Way(tool="http", option="bearer", options="url: $URL, allow_private: true, bearer: $", query=GET),
    Way(tool="http", option="password", options="url: $URL, allow_private: true, username: u, password: $", query=GET),
    Way(tool="http", option="client_secret", options="url: $URL, allow_private: true, token_url: $URL/token, client_id: c, client_secret: $", query=GET),
    Way(tool="http", option="signing_secret", options="url: $URL, allow_private: true, signing_secret: $", query=GET),
    Way(tool="http", option="params", options="url: $URL, allow_private: true, params: {key: $}", query=GET),
    Way(tool="sql", option="url", options="url: $", query="{sql: 'SELECT 1'}"),
)  # fmt: skip
COMMANDS = (
    ("check",), ("check", "--json"), ("check", "--connect"), ("check", "--connect", "--json"), ("plan",), ("plan", "--json"),
    ("sync",), ("sync", "--json"), ("show",), ("show", "--json"), ("show", "a"), ("explain", "a"), ("explain", "a", "--json"),
    ("history", "a"), ("history", "a", "--json"), ("export", "--format", "csv"), ("lint",), ("test",), ("schema",),
    ("backfill", "a", "--since", "2026-10-01"), ("connectors", "--json"),
)  # fmt: skip
FAILURES = (
    "200",
    "400",
    "401",
    "403",
    "404",
    "429",
    "500",
    "web page",
    "redirect",
    "token",
    "refused",
    "line break",
    "not a url",
)


def forms(secret: str) -> dict[str, str]:
    raw = secret.encode()
    made = {
        "plain": secret,
        "base64": base64.b64encode(raw).decode(),
        "base64 of user:secret": base64.b64encode(b"a@acme.com:" + raw).decode(),
        "base64 for addresses": base64.urlsafe_b64encode(raw).decode(),
        "escaped for addresses": quote(secret, safe=""),
        "escaped for forms": quote_plus(secret),
        "escaped for JSON": json.dumps(secret)[1:-1],
        "escaped for JSON, in UTF-8": json.dumps(secret, ensure_ascii=False)[1:-1],
        "as Python writes it": repr(secret)[1:-1],
    }
    return {name: form for name, form in made.items() if form}


class Echo(BaseHTTPRequestHandler):
    """Gives back all that it is sent, and the canary in every form, as each tool words its errors."""

    failure = "400"

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        said = " ".join([self.path, str(self.headers).replace("\n", " "), sent, *forms(CANARY).values()])
        body: Any = {
            "error": {"code": said, "message": said, "innerError": {"message": said}},
            "errorMessages": [said], "message": said, "n": said, "total": said, "errorCode": said,
        }  # fmt: skip
        status, headers = 200, {}
        if self.failure.isdecimal():
            status = int(self.failure)
        if "token" in self.path or "Soap" in self.path:
            body |= {"error": said, "error_description": said}
            if self.failure == "token":
                body = {
                    "access_token": CANARY[::-1] + CANARY,
                    "instance_url": f"http://{self.headers['Host']}",
                    "expires_in": 600,
                    "token_type": "Bearer",
                }
        elif "/services/" in self.path:
            body = [{"message": said, "errorCode": said}]
        text = f"<html>{said}</html>" if self.failure == "web page" else json.dumps(body)
        if self.failure == "redirect":
            status, headers = 307, {"Location": f"http://127.0.0.1:9/?{quote(said)}"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(text.encode())

    do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = _answer

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_every_secret_option_is_tried() -> None:
    known = {
        (name, option)
        for name in registry.names()
        for option, field in registry.spec(name).options.model_fields.items()
        if "SecretStr" in str(field.annotation) and not option.startswith("hook_")
    }

    assert {(way.tool, way.option) for way in WAYS} == known


def workspace(folder: Path, way: Way, failure: str, url: str) -> Path:
    (folder / "okrs").mkdir(parents=True)
    address = {"refused": "http://127.0.0.1:9", "not a url": "${CANARY}"}.get(failure, url)
    options = way.options.replace("$URL", address).replace(": $", ": '${CANARY}'")
    (folder / "okrsync.yaml").write_text(f"connections:\n  {way.tool}: {{{options}}}\n")
    (folder / "okrs" / "a.yaml").write_text(
        "cycle: 2026-Q4\nobjectives:\n  - id: o\n    title: O\n    key_results:\n"
        f"      - {{id: a, title: A, start: 0, target: 9, value: {way.query}}}\n"
    )
    return folder


def secret_of(way: Way, failure: str) -> str:
    if way.tool == "sql":
        return f"postgresql://okr:{quote(CANARY, safe='')}@127.0.0.1:9/x?password={quote(CANARY, safe='')}"
    return MULTILINE if failure == "line break" else CANARY


def test_no_canary_sings(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("connectors.wire.time", FakeTime())
    monkeypatch.setattr("cli.check._refuse_strangers", lambda: None)
    chance = dice("canaries")
    tried, codes = 0, dict[int, int]()
    for number, way in enumerate(WAYS):
        for failure in sweep([chance.choice(FAILURES)], list(FAILURES)):
            monkeypatch.setattr(Echo, "failure", failure)
            monkeypatch.setenv("CANARY", secret_of(way, failure))
            folder = workspace(tmp_path / f"{number}-{failure}", way, failure, url)
            commands = [("check",), ("sync",), *chance.sample(COMMANDS, 2)]
            for command in sweep(commands, list(COMMANDS)):
                capsys.readouterr()
                code = run(["-c", str(folder), *command])
                printed = capsys.readouterr()
                tried, codes[code] = tried + 1, codes.get(code, 0) + 1
                silent(f"{way.tool}.{way.option}, {failure}, {command}", printed.out + printed.err)
                assert code != 1, (way, failure, command, printed.err)
                # The files are right: what goes wrong goes wrong at the tool. Only a key that signs has a form.
                right = failure not in ("line break", "not a url") and way.option != "signing_secret"
                assert command != ("check",) or not right or code == 0, printed.err
            for file in folder.glob("*sqlite*"):
                silent(f"{way.tool}.{way.option}, {failure}, {file.name}", file.read_bytes().decode(errors="replace"))
    with capsys.disabled():
        if TORTURE:
            print(f"canaries: {tried} commands tried, by exit code {codes}")


def silent(where: str, text: str) -> None:
    for secret in (CANARY, CANARY[::-1]):
        for form, written in forms(secret).items():
            at = text.find(written)
            assert at < 0, f"{where}: {form}: ...{text[max(0, at - 200) : at + 80]}"
