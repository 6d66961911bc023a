"""One query's trouble costs one query: slow ones, passing ones, long ones, limits, and several numbers of a report."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import BadCredentials, ConnectorError, Throttled, Unreachable
from connectors.salesforce.errors import query_error
from mapping.reading import Reading
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.salesforce.errors import Refused
from sandbox.server import Server
from tests.connectors.contract import FakeTime
from tests.connectors.test_salesforce_queries import ask, connect, fake_time
from tests.connectors.test_salesforce_reports import REPORT, result

__all__ = ["fake_time"]
ROWS = [{"Id": f"006{n}", "Amount": Decimal(n), "StageName": "Won"} for n in range(8)]
FIVE = [f"SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}" for n in range(5)]


@pytest.fixture
def org() -> SalesforceOrg:
    return SalesforceOrg(Data(salesforce={"Opportunity": ROWS}), currency="EUR")


@pytest.fixture
def server(org: SalesforceOrg) -> Iterator[Server]:
    with Server(org) as running:
        yield running


def test_five_slow_queries_get_the_time_of_five(server: Server, org: SalesforceOrg) -> None:
    org.delays = {"Opportunity": 0.3}

    found = ask(connect(server, timeout=1.2), *FIVE)

    assert [one.value for one in found] == [7, 6, 5, 4, 3]
    assert len(org.asked) == 5


def test_what_takes_too_long_is_asked_alone_and_once(server: Server, org: SalesforceOrg) -> None:
    org.delays = {"Amount > 0": 4.0}

    found = ask(connect(server, timeout=0.7), *FIVE[:3])

    slow, *quick = found
    assert [one.value for one in quick] == [6, 5]
    assert isinstance(slow, Unreachable)
    assert (slow.scope, slow.timed_out) == ("query", True)
    assert "indexed field" in slow.fix
    assert sum("Amount > 0" in soql for soql in org.asked) == 2
    assert len(org.asked) <= 6


@pytest.mark.parametrize(
    "refusal",
    [
        Refused("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", 400),
        Refused("UNKNOWN_EXCEPTION", "An unexpected error occurred", 500),
        Refused("SERVER_UNAVAILABLE", "The server is busy", 503),
        Refused("QUERY_TIMEOUT", "Your query request was running for too long.", 400),
        Refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", 403),
        Refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.", 403),
        Refused("INVALID_SESSION_ID", "Session expired or invalid", 401),
    ],
    ids=lambda refusal: f"{refusal.code} {str(refusal)[:20]}",
)
def test_what_passes_inside_a_composite_is_asked_again_alone(
    server: Server, org: SalesforceOrg, refusal: Refused
) -> None:
    org.troubles = {"Amount > 2": [refusal]}

    found = ask(connect(server), *FIVE)

    assert [one.value for one in found] == [7, 6, 5, 4, 3]
    assert len(org.asked) == 6


@pytest.mark.parametrize("code", ["UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED"])
def test_what_is_over_in_seconds_is_waited_for(
    server: Server, org: SalesforceOrg, code: str, fake_time: FakeTime
) -> None:
    org.troubles = {"COUNT": [Refused(code, "Concurrent something", 403)] * 2}

    (found,) = ask(connect(server), FIVE[0])

    assert found.value == 7
    assert sum(fake_time.slept) >= 3


def test_what_does_not_pass_is_not_asked_for_ever(server: Server, org: SalesforceOrg) -> None:
    org.troubles = {"COUNT": [Refused("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests Limit exceeded.", 403)] * 99}

    (found,) = ask(connect(server), FIVE[0])

    assert isinstance(found, Throttled)
    assert "concurrency" in found.fix
    assert len(org.asked) == 4


def test_the_days_limit_ends_the_asking(server: Server, org: SalesforceOrg) -> None:
    daily = Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
    org.troubles = {"COUNT": [daily] * 99}
    connector = connect(server, concurrency=1)

    found = ask(connector, *(f"SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}" for n in range(5)))

    assert {type(one) for one in found} == {Throttled}
    assert len(org.asked) == 5
    org.troubles = {}
    assert ask(connector, FIVE[0])[0].value == 7


def test_a_share_of_the_allowance_that_is_used_up_is_asked_about_anew_in_the_next_pass() -> None:
    with Server(SalesforceOrg(Data(salesforce={"Opportunity": ROWS}), daily_limit=10)) as server:
        org = server.application
        connector = connect(server, quota_share=0.5, concurrency=1)
        ask(connector, *(f"SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}" for n in range(40)))
        assert isinstance(org, SalesforceOrg)
        before = len(server.calls)
        assert isinstance(ask(connector, FIVE[0])[0], Throttled)
        assert len(server.calls) == before + 1
        org.used = 0

        (found,) = ask(connector, FIVE[0])

    assert found.value == 7


def test_several_numbers_of_a_report_are_one_run(server: Server, org: SalesforceOrg) -> None:
    org.reports[REPORT] = result()
    forms = [{"report": REPORT, "aggregate": "s!AMOUNT"}, {"report": REPORT}, {"report": REPORT, "group": "Won"}]
    connector = connect(server)

    found = ask(connector, *forms, {"report": REPORT, "filters": [{"column": "A", "value": "1"}]})

    assert all(isinstance(one, Reading) for one in found)
    assert sum("analytics" in call.path for call in server.calls) == 2


def test_a_long_query_alone_goes_where_it_has_room(server: Server, org: SalesforceOrg) -> None:
    names = ", ".join(f"'stage {n}'" for n in range(1500))

    (found,) = ask(connect(server), f"SELECT COUNT(Id) FROM Opportunity WHERE StageName IN ('Won', {names})")

    assert found.value == 8
    assert [call.path.rpartition("/")[2] for call in server.calls[1:]] == ["composite"]


def test_a_long_query_is_judged_too(server: Server) -> None:
    from tests.connectors.test_salesforce_queries import query

    names = ", ".join(f"'stage {n}'" for n in range(1500))
    asked = query(f"SELECT COUNT(Id) FROM Opportunity WHERE Stage IN ({names})")

    ((_, error),) = connect(server).validate([asked])

    assert isinstance(error, ConnectorError)
    assert "INVALID_FIELD" in error.message


def test_an_expired_session_inside_a_composite_is_opened_anew(server: Server, org: SalesforceOrg) -> None:
    org.troubles = {"COUNT": [Refused("INVALID_SESSION_ID", "Session expired or invalid", 401)] * 99}

    found = ask(connect(server), *FIVE)

    assert {type(one) for one in found} == {BadCredentials}
    assert org.sign_in.count <= 7


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ([{"errorCode": ["x"], "message": {}}], 400),
        ({"errorCode": None}, [500]),
        ([[]], {}),
        ("\ud800\x00", 500),
        (None, None),
        ([{"errorCode": "A" * 10_000, "message": "b" * 100_000}], 2**70),
        ([5], "400"),
    ],
)
def test_a_refusal_of_any_form_is_one_of_ours(content: Any, status: Any) -> None:
    error = query_error(status, content, "crm")

    assert isinstance(error, ConnectorError)
    assert len(error.message) < 3000
