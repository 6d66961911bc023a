"""What is remembered of an org from process to process: the calls that it saves, and when it is asked for anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.base import Outcome
from connectors.memories import Forgetful
from connectors.salesforce.pull import SalesforceConnector
from connectors.salesforce.spec import SPEC, SalesforceOptions
from mapping.reading import Reading
from mapping.units import PERCENT, money
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.contract import NOW
from tests.connectors.test_salesforce_units import DATA, SUM

COUNT = "SELECT COUNT(Id) FROM Opportunity WHERE Amount > 2"
CHANCE = "SELECT AVG(Probability) FROM Opportunity"
HIGHEST = "SELECT MAX(AnnualRevenue) FROM Account"


class Days:
    """A clock that stands still until it is set forward."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Days:
    return Days()


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(SalesforceOrg(DATA, currency="EUR")) as running:
        yield running


def process(server: Server, memory: Any, clock: Days, *soqls: str) -> tuple[list[Outcome], int]:
    """The outcomes of a process of its own, and the sub-requests and single calls that it made after its sign-in."""
    given = {"url": server.url, "client_id": "okrsync", "client_secret": "sandbox-secret"}
    connector = SalesforceConnector("crm", SalesforceOptions.model_validate(given), clock=clock, memory=memory)
    queries = [TypeAdapter(SPEC.queries).validate_python(soql) for soql in soqls]
    before = len(server.calls)
    found = dict(connector.read(queries))
    connector.close()
    made = [call for call in server.calls[before:] if "token" not in call.path]
    return [found[query] for query in queries], sum(call.body.count('"referenceId"') or 1 for call in made)


def test_a_second_process_asks_only_what_it_is_asked(server: Server, clock: Days) -> None:
    memory = Forgetful(clock)
    first, learned = process(server, memory, clock, SUM, COUNT, CHANCE)
    second, asked = process(server, memory, clock, SUM, COUNT, CHANCE)

    # Three questions over two sets of rows; the currency's two and one description beside them.
    assert (learned, asked) == (2 + 2 + 1, 2)
    assert [one.unit for one in second if isinstance(one, Reading)] == [money("EUR"), None, PERCENT]
    assert [one.value for one in second if isinstance(one, Reading)] == [
        one.value for one in first if isinstance(one, Reading)
    ]


def test_what_is_new_is_asked_for_alone(server: Server, clock: Days) -> None:
    memory = Forgetful(clock)
    process(server, memory, clock, SUM)
    (found,), asked = process(server, memory, clock, HIGHEST)

    assert isinstance(found, Reading)
    assert (found.value, found.unit) == (Decimal("900.50"), money("EUR"))
    assert asked == 1 + 1


def test_after_a_day_it_is_asked_anew(server: Server, clock: Days) -> None:
    memory = Forgetful(clock)
    process(server, memory, clock, SUM)
    clock.now += timedelta(days=1)
    _, still = process(server, memory, clock, SUM)
    clock.now += timedelta(seconds=1)
    _, anew = process(server, memory, clock, SUM)

    assert (still, anew) == (1, 1 + 2 + 1)


def test_what_an_org_did_not_say_is_asked_again(clock: Days) -> None:
    memory = Forgetful(clock)
    with Server(SalesforceOrg(DATA)) as silent:
        (found,), first = process(silent, memory, clock, SUM)
        _, second = process(silent, memory, clock, SUM)

    assert isinstance(found, Reading)
    assert found.untold is not None
    # The type of the field is remembered; the currency that nobody told is not.
    assert (first, second) == (1 + 2 + 1, 1 + 2)


def test_what_makes_no_sense_in_a_memory_is_asked_for(server: Server, clock: Days) -> None:
    memory = Forgetful(clock)
    memory.put("currency", "euros")
    (found,), asked = process(server, memory, clock, SUM)

    assert isinstance(found, Reading)
    assert found.unit == money("EUR")
    assert asked == 1 + 2 + 1
