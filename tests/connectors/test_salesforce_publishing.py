"""Two hundred records a request, each for itself, and numbers as Salesforce keeps them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.base import Receipt, State, Update
from connectors.errors import AccessDenied, BadQuery, Conflict, NotFound, Unreachable
from connectors.memories import Forgetful
from connectors.salesforce.pull import SalesforceConnector
from connectors.salesforce.spec import SPEC, SalesforceOptions
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.contract import CANARY, NOW, FakeTime
from tests.connectors.test_salesforce import org, org_of


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(org()) as made:
        yield made


class Kept(Forgetful):
    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.facts: dict[str, str] = {}

    def get(self, key: str, *, max_age: timedelta) -> str | None:
        return self.facts.get(key)

    def put(self, key: str, value: str) -> None:
        self.facts[key] = value


def connect(server: Server, memory: Any = None) -> SalesforceConnector:
    given = {"url": server.url, "client_id": "okrsync", "client_secret": CANARY}
    return SalesforceConnector("crm", SalesforceOptions.model_validate(given), clock=lambda: NOW, memory=memory)


def update(number: int, fields: dict[str, Any], **more: Any) -> Update[Any]:
    form = {"object": "Key_Result__c", "key": {"Key__c": f"kr-{number}"}, "fields": dict.fromkeys(fields, "value")}
    place = TypeAdapter(SPEC.destination).validate_python(form)
    return Update(destination=place, fields=tuple(fields.items()), key=f"k{number}", day=date(2026, 11, 24), **more)


def publish(connection: SalesforceConnector, *made: Update[Any]) -> list[Any]:
    found = dict(connection.publish(made))
    return [found[one] for one in made]


def test_two_hundred_records_cost_one_read_and_one_write() -> None:
    rows = [{"Id": f"a01{n:012d}AAA", "Key__c": f"kr-{n}", "Current__c": Decimal(-1)} for n in range(450)]
    with Server(SalesforceOrg(Data(salesforce={"Key_Result__c": rows}), client_secret=CANARY)) as server:
        memory = Kept(lambda: NOW)
        outcomes = publish(connect(server, memory), *(update(n, {"Current__c": Decimal(n)}) for n in range(450)))
        first = Counter(call.method for call in server.calls if "/services/data/" in call.path)
        again = publish(connect(server, memory), *(update(n, {"Current__c": Decimal(n)}) for n in range(450)))
        both = Counter(call.method for call in server.calls if "/services/data/" in call.path)

    assert all(isinstance(one, Receipt) and one.changed for one in outcomes)
    assert first == {"GET": 1 + 3, "PATCH": 3}, "the object's description once, three reads, three writes"
    assert all(isinstance(one, Receipt) and not one.changed for one in again)
    assert both - first == {"GET": 3}


def test_each_record_fares_by_itself(server: Server) -> None:
    edits = org_of(server).edits
    edits.locked["a01000000000001AAA"] = 9
    edits.rules["a01000000000002AAA"] = "Current must not fall"

    outcomes = publish(connect(server), *(update(n, {"Current__c": Decimal(50 + n)}) for n in (0, 1, 2, 9)))

    assert isinstance(outcomes[0], Receipt)
    assert isinstance(outcomes[1], Unreachable)
    assert outcomes[1].scope == "query"
    assert isinstance(outcomes[2], BadQuery)
    assert "Current must not fall (Current__c)" in outcomes[2].message
    assert isinstance(outcomes[3], NotFound)
    assert edits.made == ["a01000000000000AAA"]


def test_a_number_is_told_as_the_field_keeps_it(server: Server) -> None:
    org_of(server).edits.scales["Current__c"] = 2
    connection = connect(server)
    (made,) = connection.kept([update(1, {"Current__c": Decimal("83.23456")})])
    assert made.fields == (("Current__c", Decimal("83.23")),)

    assert isinstance(publish(connection, made)[0], Receipt)
    ((_, state),) = connection.current([made])

    assert isinstance(state, State)
    assert made.stands_in(state)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Current__c", Decimal("0.5")),
        ("Status__c", "at risk"),
        ("Note__c", "it's \\ 한국어"),
        ("Day__c", date(2026, 11, 23)),
        ("Time__c", NOW),
    ],
)
def test_each_type_of_field_reads_back_as_it_was_written(server: Server, name: str, given: Any) -> None:
    connection, made = connect(server), update(1, {name: given})

    assert isinstance(publish(connection, made)[0], Receipt)
    ((_, state),) = connection.current([made])

    assert isinstance(state, State)
    assert dict(state.fields) == {name: given}


def test_several_key_results_write_one_record_once(server: Server) -> None:
    one, other = update(1, {"Current__c": Decimal(7)}), update(1, {"Status__c": "behind"})

    outcomes = publish(connect(server), one, other)

    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    assert org_of(server).edits.made == ["a01000000000001AAA"]


def test_ones_conflict_is_not_the_others(server: Server) -> None:
    one = update(1, {"Current__c": Decimal(7)}, expect=State(fields=(("Current__c", Decimal(5)),)))
    other = update(2, {"Current__c": Decimal(7)}, expect=State(fields=(("Current__c", Decimal(2)),)))

    conflict, receipt = publish(connect(server), one, other)

    assert isinstance(conflict, Conflict)
    assert isinstance(receipt, Receipt)


def test_a_field_that_is_not_ours_to_edit(server: Server) -> None:
    org_of(server).edits.read_only.add("Current__c")
    made, good = update(1, {"Current__c": Decimal(7)}), update(1, {"Status__c": "behind"})
    connection = connect(server)

    refused, receipt = publish(connection, made, good)
    judged = dict(connection.check_destinations([made.destination, good.destination]))

    assert isinstance(refused, BadQuery)
    assert "edit access" in refused.fix
    assert isinstance(receipt, Receipt)
    assert isinstance(judged[made.destination], BadQuery)
    assert judged[good.destination] is None


def test_a_field_that_was_closed_since_it_was_described(server: Server) -> None:
    memory = Kept(lambda: NOW)
    publish(connect(server, memory), update(1, {"Current__c": Decimal(7)}))
    org_of(server).edits.read_only.add("Current__c")

    (refused,) = publish(connect(server, memory), update(1, {"Current__c": Decimal(8)}))

    assert isinstance(refused, AccessDenied)
    assert "edit access" in refused.fix


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"key": {}}, "write id"),
        ({"id": "a01000000000001AAA"}, "write id"),
        ({"fields": {"Current__c, Id FROM X": "value"}}, "not the API name"),
        ({"object": "Key Result"}, "pattern"),
    ],
)
def test_mistakes_in_a_record(change: dict[str, Any], words: str) -> None:
    form = {"object": "Key_Result__c", "key": {"Key__c": "kr-1"}, "fields": {"Current__c": "value"}, **change}
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(SPEC.destination).validate_python(form)
