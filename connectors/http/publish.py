"""Publishes by HTTP: events by Standard Webhooks, and bodies of the operator's own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors import extract
from connectors.base import Clock, Content, Publisher, Receipt, State, Update
from connectors.errors import BadQuery, Conflict, ConnectorError
from connectors.http.client import HttpClient
from connectors.http.destinations import HttpBody, HttpEvent
from connectors.parallel import each

Place = HttpEvent | HttpBody
MOST_BYTES = 20_000
CREATED = "okr.checkin.created"


class HttpPublisher(Publisher[Place]):
    name: str
    options: Any
    clock: Clock
    _client: HttpClient

    def current(
        self, updates: Collection[Update[Place]]
    ) -> Iterator[tuple[Update[Place], State[Place] | ConnectorError]]:
        yield from each(list(updates), lambda one: (one, self._found(one)), workers=self.options.concurrency)

    def publish(self, updates: Collection[Update[Place]]) -> Iterator[tuple[Update[Place], Receipt | ConnectorError]]:
        yield from each(list(updates), lambda one: (one, self._written(one)), workers=self.options.concurrency)

    def check_destinations(self, destinations: Collection[Place]) -> Iterator[tuple[Place, ConnectorError | None]]:
        """A place that can't be read is not tried: the receiver may take a test for an event."""
        for one in dict.fromkeys(destinations):
            if isinstance(one, HttpEvent):
                yield one, self._unsigned()
                continue
            found = self._read(one) if one.readable else None
            yield one, found if isinstance(found, ConnectorError) else None

    def _found(self, update: Update[Place]) -> State[Place] | ConnectorError:
        found = self._read(update.destination)
        return replace(found, fields=_as(found.fields, update)) if isinstance(found, State) else found

    def _read(self, place: Place) -> State[Place] | ConnectorError:
        if isinstance(place, HttpEvent) or place.read_back is None:
            return State()
        try:
            with self._client.http.one_answer():
                body = self._client.get(place.read_back.get)
            found = ((name, _content(extract.search(path, body))) for name, path in place.read_back.select)
            return State(fields=tuple(found))
        except ConnectorError as error:
            return error
        except extract.NotANumber as error:
            return BadQuery(str(error), connection=self.name, fix="Correct `select` of `read_back`.")

    def _written(self, update: Update[Place]) -> Receipt | ConnectorError:
        place = update.destination
        if place.readable:
            found = self._found(update)
            if isinstance(found, ConnectorError):
                return found
            if update.stands_in(found):
                return Receipt(changed=False)
            if update.is_unexpected(found):
                return Conflict(f"{place.text()} was changed after okrsync wrote there", connection=self.name)
        try:
            return self._event(place, update) if isinstance(place, HttpEvent) else self._body(place, update)
        except ConnectorError as error:
            return error

    def _event(self, place: HttpEvent, update: Update[Place]) -> Receipt:
        unsigned = self._unsigned()
        if unsigned is not None:
            raise unsigned
        now = self.clock()
        data = {"subject": update.subject, "day": update.day.isoformat()}
        data |= {name: _json(given) for name, given in update.fields}
        content = json.dumps({"type": CREATED, "timestamp": _instant(now), "data": data}, ensure_ascii=False).encode()
        answer = self._client.send(
            "POST", place.post, self._bounded(content), self._signature(update.key, now, content)
        )
        if not answer.ok:
            raise self._client.refusal(answer)
        return Receipt()

    def _body(self, place: HttpBody, update: Update[Place]) -> Receipt:
        made = place.filled(dict(update.fields), _json)
        content = self._bounded(json.dumps(made, ensure_ascii=False).encode())
        answer = self._client.send(place.method, place.send, content, {"Idempotency-Key": update.key})
        if place.is_success(answer.status_code):
            return Receipt()
        error = self._client.refusal(answer)
        if not error.temporary:
            # What is not for good is tried again by the next pass, as trouble of the connection is.
            error.scope = "query" if answer.status_code in place.permanent else "connection"
        raise error

    def _bounded(self, content: bytes) -> bytes:
        if len(content) > MOST_BYTES:
            message = f"the body to send has {len(content):,} bytes, more than {MOST_BYTES:,}"
            raise BadQuery(message, connection=self.name, fix="Publish fewer facts there.")
        return content

    def _unsigned(self) -> BadQuery | None:
        if self.options.signing_secret is not None:
            return None
        fix = "Write the secret that the receiver shows: `signing_secret: ${...}` in the connection."
        return BadQuery(
            "an event must be signed, but the connection has no signing_secret", connection=self.name, fix=fix
        )

    def _signature(self, key: str, now: datetime, content: bytes) -> dict[str, str]:
        """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""
        identity, stamp = f"msg_{key}", str(int(now.timestamp()))
        secret = base64.b64decode(self.options.signing_secret.get_secret_value().removeprefix("whsec_"))
        made = hmac.new(secret, f"{identity}.{stamp}.".encode() + content, hashlib.sha256).digest()
        signature = f"v1,{base64.b64encode(made).decode()}"
        return {"webhook-id": identity, "webhook-timestamp": stamp, "webhook-signature": signature}


def _content(found: Any) -> Content:
    if isinstance(found, bool) or found is None or isinstance(found, str | Decimal):
        return found
    return Decimal(found) if isinstance(found, int) else json.dumps(found, default=str)


def _as(fields: tuple[tuple[str, Content], ...], update: Update[Place]) -> tuple[tuple[str, Content], ...]:
    """What was read, of the types that are written: JSON has texts for times."""
    wanted = dict(update.fields)
    return tuple((name, _typed(given, wanted.get(name))) for name, given in fields)


def _typed(given: Content, like: Content) -> Content:
    if not isinstance(given, str):
        return given
    try:
        if isinstance(like, datetime):
            read = datetime.fromisoformat(given)
            return read if read.tzinfo else read.replace(tzinfo=UTC)
        if isinstance(like, date):
            return date.fromisoformat(given[:10])
        if isinstance(like, Decimal):
            return Decimal(given)
    except (ValueError, ArithmeticError):
        return given
    return given


def _json(given: Content) -> Any:
    """A number of up to fifteen digits is the same as a double."""
    if isinstance(given, Decimal):
        return int(given) if given == given.to_integral_value() else float(given)
    if isinstance(given, datetime):
        return _instant(given)
    return given.isoformat() if isinstance(given, date) else given


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")
