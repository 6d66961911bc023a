"""Keeps secrets out of every text: of errors, evidence and logs.

Each connection's secrets are known here from the moment it is opened, and each token from the moment it is given. They
are found in every form that they travel in: as they are, in base64 (also as a part of `user:secret`), and escaped for
addresses, forms, JSON, HTML or Python. The same goes for a secret that was cut off at the end of a text.
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, SecretStr

MASK = "***"
SHORTEST = 4
"""A shorter secret would be found in every word."""
SHORTEST_PART = 8
"""Characters of a secret that is cut off by the end of a text."""
MOST_SECRETS = 2000
"""Tokens that ended are forgotten, oldest first, so that a service does not grow."""


class Redactor:
    """Knows secrets and what looks like one. Threads may share it."""

    _shapes = re.compile(
        r"(?i)(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}"
        r"|((?:access_token|refresh_token|client_secret|client_assertion|assertion|password|passwd|api_?key|sig|token)"
        r"(?:=|\"\s*:\s*\"))[^&\"\s]+"
    )

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._forms: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._longest_first: tuple[str, ...] | None = None
        for secret in secrets:
            self.protect(secret)

    def protect(self, secret: str) -> None:
        if len(secret) < SHORTEST:
            return
        with self._lock:
            if secret in self._forms:
                self._forms.move_to_end(secret)
                return
            self._forms[secret] = _forms(secret)
            self._longest_first = None
            while len(self._forms) > MOST_SECRETS:
                gone, _ = self._forms.popitem(last=False)
                self._patterns.pop(gone, None)

    def forget_all(self) -> None:
        with self._lock:
            self._forms.clear()
            self._patterns.clear()
            self._longest_first = None

    def protect_options(self, options: Any) -> None:
        """Every secret in a connection's options, however deep."""
        if isinstance(options, SecretStr):
            self.protect(options.get_secret_value())
        elif isinstance(options, BaseModel):
            self.protect_options(dict(options))
        elif isinstance(options, Mapping):
            self.protect_options(list(options.values()))
        elif isinstance(options, list | tuple | set | frozenset):
            for part in options:
                self.protect_options(part)

    def __call__(self, text: str) -> str:
        forms = self._known()
        for form in forms:
            if form in text:
                text = text.replace(form, MASK)
        if _ESCAPES.search(text):
            for pattern in self._escaped_ones():
                text = pattern.sub(MASK, text)
        text = self._shapes.sub(lambda match: f"{match.group(1) or match.group(2)}{MASK}", text)
        return _without_cut_secret(text, forms)

    def _escaped_ones(self) -> list[re.Pattern[str]]:
        """Made when a text first has escapes in it, which is seldom."""
        with self._lock:
            for secret in self._forms:
                if secret not in self._patterns:
                    self._patterns[secret] = _any_escapes(secret)
            return list(self._patterns.values())

    def _known(self) -> tuple[str, ...]:
        with self._lock:
            if self._longest_first is None:
                forms = {form for known in self._forms.values() for form in known}
                self._longest_first = tuple(sorted(forms, key=len, reverse=True))
            return self._longest_first


_ESCAPES = re.compile(r"%[0-9A-Fa-f]{2}|\\[ux][0-9A-Fa-f]{2}|&(?:#|\w+;)")


def _any_escapes(secret: str) -> re.Pattern[str]:
    """The secret with any of its characters escaped, each in any way: nobody knows what a server escapes."""
    return re.compile("".join(map(_one_escaped, secret.strip())))


def _one_escaped(character: str) -> str:
    number = ord(character)
    ways = [re.escape(character), rf"(?i:&#x0*{number:x};)", f"&#0*{number};", rf"(?i:\\{{1,2}}u{number:04x})"]
    ways += [rf"(?i:\\{{1,2}}x{number:02x})"] if number < 256 else []
    ways += ["(?i:" + "".join(f"%{byte:02x}" for byte in character.encode(errors="replace")) + ")"]
    named = html.escape(character)
    ways += [re.escape(named)] if named != character else []
    ways += [r"\\{1,2}" + re.escape(character)] if character in "\"'/\\" else []
    return f"(?:{'|'.join(ways)})"


def _forms(secret: str) -> tuple[str, ...]:
    """The ways in which a secret may be written, and its lines where it has several, as a private key has."""
    pieces = {secret, secret.strip(), *(line.strip() for line in secret.splitlines() if len(line.strip()) >= 16)}
    made = {form for piece in pieces if len(piece) >= SHORTEST for form in (*_escaped(piece), *_encoded(piece))}
    return tuple(form for form in made if len(form) >= SHORTEST)


def _escaped(secret: str) -> set[str]:
    made = {secret, quote(secret, safe="", errors="replace"), quote(secret, errors="replace")}
    made |= {quote_plus(secret, errors="replace"), html.escape(secret), html.escape(secret, quote=False)}
    for ascii_only in (True, False):
        once = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        made |= {once, once.replace("/", r"\/"), json.dumps(once, ensure_ascii=ascii_only)[1:-1]}
    made |= {re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), form) for form in made}
    return made | {repr(secret)[1:-1], repr(secret.encode(errors="replace"))[2:-1]}


def _encoded(secret: str) -> set[str]:
    """Base64 of the secret, and what of it stays the same wherever it begins inside a longer text."""
    raw = secret.encode(errors="replace")
    made = {base64.b64encode(raw).decode()}
    if len(raw) > SHORTEST_PART:
        for before in range(3):
            whole = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
            first = (before * 8 + 5) // 6
            last = (before + len(raw)) * 8 // 6
            made.add(whole[first:last])
    return made | {form.replace("+", "-").replace("/", "_") for form in made} | {quote(form, safe="") for form in made}


def _without_cut_secret(text: str, forms: Iterable[str]) -> str:
    end = text.rstrip(".…'\" ")
    for form in forms:
        at = end.rfind(form[:SHORTEST_PART])
        if at >= 0 and len(end) - at >= SHORTEST_PART and form.startswith(end[at:]):
            return f"{end[:at]}{MASK}{text[len(end) :]}"
    return text


redact = Redactor()
"""The one that errors, evidence and logs of this process go through."""


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: no text of a log line holds a secret. It comes after the one that writes tracebacks."""
    for key, value in event.items():
        event[key] = _redacted(value)
    return event


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _redacted(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(part) for part in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))
