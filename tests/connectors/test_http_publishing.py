"""Events by Standard Webhooks, judged by its own library, and bodies of the operator's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from standardwebhooks import Webhook, WebhookVerificationError

from connectors.base import Receipt, Update
from connectors.errors import BadCredentials, BadQuery, Throttled
from connectors.http.publish import HttpPublisher
from connectors.http.pull import HttpConnector
from connectors.http.spec import SPEC, HttpOptions
from sandbox.board import Board
from sandbox.server import Server
from tests.connectors.contract import CANARY, NOW, FakeTime

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
EVENT = {"post": "/v1/hooks/okrs", "fields": {"value": "value", "status": "status", "note": "note", "as_of": "as_of"}}
FACTS = (("value", Decimal("83.2")), ("status", "on track"), ("as_of", NOW))


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(Board(CANARY)) as made:
        yield made


def board(server: Server) -> Board:
    assert isinstance(server.application, Board)
    return server.application


def connect(server: Server, now: datetime = NOW, **options: Any) -> HttpPublisher:
    given = {"url": server.url, "bearer": CANARY, "allow_private": True, "signing_secret": SECRET, **options}
    return HttpConnector("api", HttpOptions.model_validate(given), clock=lambda: now)


def update(form: Any = EVENT, fields: Any = FACTS, key: str = "k1") -> Update[Any]:
    place = TypeAdapter(SPEC.destination).validate_python(form)
    return Update(destination=place, fields=fields, key=key, day=date(2026, 11, 24), subject="new-sales")


def publish(connection: HttpPublisher, made: Update[Any]) -> Any:
    ((_, outcome),) = connection.publish([made])
    return outcome


def test_an_event_is_verified_by_the_library_of_the_standard(server: Server) -> None:
    now = datetime.now(NOW.tzinfo)
    assert isinstance(publish(connect(server, now), update()), Receipt)

    ((headers, body),) = board(server).events.values()
    event = Webhook(SECRET).verify(body, headers)

    assert event == {
        "type": "okr.checkin.created",
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": {
            "subject": "new-sales", "day": "2026-11-24", "value": 83.2, "status": "on track",
            "as_of": "2026-11-24T09:30:00Z",
        },
    }  # fmt: skip
    assert headers["webhook-id"] == "msg_k1"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", headers)


def test_a_retry_has_the_same_id_and_is_told_once(server: Server) -> None:
    server.faults.fail(kind="lost", method="POST")
    lost = publish(connect(server), update())
    assert lost.uncertain

    assert isinstance(publish(connect(server, NOW + timedelta(hours=1)), update()), Receipt)

    assert len(board(server).events) == 1
    assert board(server).repeated == 1


def test_what_is_not_signed_is_not_sent(server: Server) -> None:
    connection = connect(server, signing_secret=None)

    error = publish(connection, update())
    ((_, judged),) = connection.check_destinations([update().destination])

    for one in (error, judged):
        assert isinstance(one, BadQuery)
        assert "signing_secret" in one.fix
    assert server.calls == []


@pytest.mark.parametrize("secret", ["secret", "whsec_", "whsec_!!!", "whsec_c2hvcnQ=", SECRET[6:]])
def test_a_signing_secret_of_another_form(secret: str) -> None:
    with pytest.raises(ValidationError, match="24 to 64 bytes"):
        HttpOptions.model_validate({"url": "https://x.example", "signing_secret": secret})


def test_too_large_an_event_is_refused_before_it_is_sent(server: Server) -> None:
    error = publish(connect(server), update(fields=(("note", "x" * 20_000),)))

    assert isinstance(error, BadQuery)
    assert server.calls == []


def test_haste_is_waited_out_and_a_refusal_is_not(server: Server, fake_time: FakeTime) -> None:
    server.faults.fail(status=429, headers={"Retry-After": "7"}, method="POST")
    assert isinstance(publish(connect(server), update()), Receipt)
    assert 7 in fake_time.slept

    server.faults.fail(status=429, headers={"Retry-After": "7200"}, method="POST")
    error = publish(connect(server), update(key="k2"))
    assert isinstance(error, Throttled)
    assert error.retry_after == 7200

    assert isinstance(publish(connect(server, bearer="wrong"), update(key="k3")), BadCredentials)


def test_facts_keep_their_type_and_what_is_unknown_leaves_its_name_out(server: Server) -> None:
    body = {
        "kpi": {"now": "{value}", "note": "{note}"},
        "text": "{value:text} on {as_of:date}",
        "tags": ["okr", "{status}"],
    }
    facts = (
        ("value", Decimal("83.20")),
        ("value:text", "83.2%"),
        ("as_of:date", date(2026, 11, 23)),
        ("status", 'a "b"'),
    )

    assert isinstance(publish(connect(server), update({"send": "/v1/kpis/7", "body": body}, facts)), Receipt)

    assert json.loads(server.calls[-1].body) == {
        "kpi": {"now": 83.2}, "text": "83.2% on 2026-11-23", "tags": ["okr", 'a "b"'],
    }  # fmt: skip
    assert server.calls[-1].method == "PUT"


@pytest.mark.parametrize(("status", "scope"), [(422, "query"), (409, "connection"), (418, "connection")])
def test_which_refusals_are_for_good(server: Server, status: int, scope: str) -> None:
    server.faults.fail(status=status, method="PUT")

    error = publish(connect(server), update({"send": "/v1/kpis/7", "body": {"v": "{value}"}}, FACTS[:1]))

    assert error.scope == scope


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"body": {"v": "{value}", "f": "{freshness}"}}, "in a separate body"),
        ({"success": ["2xy"]}, "write 2xx or 201"),
        ({"read_back": {"get": "/x", "select": {"status": "a"}}}, "each fact of the body, and no other"),
        ({"read_back": {"get": "/x", "select": {"value": "a["}}}, "not a valid JMESPath"),
        ({"send": "v1"}, "pattern"),
    ],
)
def test_mistakes_in_a_body(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(SPEC.destination).validate_python({"send": "/v1", "body": {"v": "{value}"}, **change})
