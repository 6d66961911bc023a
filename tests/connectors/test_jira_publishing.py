"""What Jira's fields take, and what stays as people left it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.base import Receipt, State, Update
from connectors.errors import AccessDenied, BadQuery, Conflict, NotFound
from connectors.jira.pull import JiraConnector
from connectors.jira.spec import SPEC, JiraOptions
from sandbox.server import Server
from tests.connectors.contract import CANARY, NOW, FakeTime
from tests.connectors.test_jira import site, site_of


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture(params=["cloud", "datacenter"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with Server(site(deployment=request.param)) as made:
        made.deployment = request.param  # type: ignore[attr-defined]
        yield made


def connect(server: Server) -> JiraConnector:
    kind = getattr(server, "deployment", "cloud")
    who = {"email": "okrsync@example.com"} if kind == "cloud" else {}
    given = {"url": server.url, "token": CANARY, "deployment": kind, **who}
    return JiraConnector("jira", JiraOptions.model_validate(given), clock=lambda: NOW)


def update(fields: dict[str, Any], issue: str = "SUP-1", key: str = "k1", **more: Any) -> Update[Any]:
    form = {"issue": issue, "fields": dict.fromkeys(fields, "value")}
    place = TypeAdapter(SPEC.destination).validate_python(form)
    return Update(destination=place, fields=tuple(fields.items()), key=key, day=date(2026, 11, 24), **more)


def publish(connection: JiraConnector, *made: Update[Any]) -> list[Any]:
    found = dict(connection.publish(made))
    return [found[one] for one in made]


@pytest.mark.parametrize(
    ("name", "given", "ident"),
    [
        ("KR value", Decimal("83.2"), 20001),
        ("KR status", "at risk", 20002),
        ("KR note", "two\n\nparagraphs", 20003),
        ("KR day", date(2026, 11, 23), 20004),
        ("KR time", NOW, 20005),
        ("KR labels", "at risk", 20006),
        ("KR text", "on track", 20007),
    ],
)
def test_each_type_of_field_reads_back_as_it_was_written(server: Server, name: str, given: Any, ident: int) -> None:
    if name == "KR note" and server.deployment == "datacenter":  # type: ignore[attr-defined]
        given = "one line"
    connection, made = connect(server), update({name: given})

    (outcome,) = publish(connection, made)
    ((_, state),) = connection.current([made])

    assert isinstance(outcome, Receipt), outcome
    assert outcome.link == f"{server.url}/browse/SUP-1"
    assert isinstance(state, State)
    assert dict(state.fields) == {name: given}
    assert state.key == "k1", "the mark lies in the same request"
    assert site_of(server).field("SUP-1", f"customfield_{ident}") is not None


def test_other_labels_stay(server: Server) -> None:
    site_of(server).change("SUP-1", {"customfield_20006": ["okr-behind", "keep"]})

    publish(connect(server), update({"KR labels": "at risk"}))

    assert site_of(server).field("SUP-1", "customfield_20006") == ["keep", "okr-at-risk"]


def test_an_issue_is_read_once_and_written_once(server: Server) -> None:
    one, other = update({"KR value": Decimal(1)}), update({"KR text": "on track"}, key="k2")

    outcomes = publish(connect(server), one, other)

    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    calls = [(call.method, call.path.rpartition("/")[2]) for call in server.calls]
    assert calls == [("GET", "myself"), ("GET", "field"), ("GET", "SUP-1"), ("PUT", "SUP-1")]
    assert json.loads(server.calls[-1].body)["properties"][0]["value"]["ids"] == ["k1", "k2"]


def test_ones_conflict_is_not_the_others(server: Server) -> None:
    site_of(server).change("SUP-1", {"customfield_20001": 77})
    one = update({"KR value": Decimal(1)}, expect=State(fields=(("KR value", Decimal(5)),)))
    other = update({"KR text": "on track"}, key="k2")

    conflict, receipt = publish(connect(server), one, other)

    assert isinstance(conflict, Conflict)
    assert isinstance(receipt, Receipt)
    assert site_of(server).field("SUP-1", "customfield_20001") == 77


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"KR value": "on track"}, "takes a number"),
        ({"KR owner": "ada"}, "publish to a field of the type number, text"),
        ({"KR valeu": Decimal(1)}, "no field 'KR valeu'"),
        ({"KR status": "green"}, "Option value 'green' is not valid"),
    ],
)
def test_what_a_field_can_not_hold(server: Server, fields: dict[str, Any], words: str) -> None:
    (error,) = publish(connect(server), update(fields))

    assert isinstance(error, BadQuery), error
    assert words in error.message
    assert site_of(server).edits == []


def test_who_may_not_edit_is_told_which_permission(server: Server) -> None:
    site_of(server).forbid_edits()
    made = update({"KR value": Decimal(1)})

    (error,) = publish(connect(server), made)
    ((_, judged),) = connect(server).check_destinations([made.destination])

    assert isinstance(error, AccessDenied)
    assert isinstance(judged, NotFound)
    for one in (error, judged):
        assert "Edit issues" in one.fix
