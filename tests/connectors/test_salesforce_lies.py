"""One lie in one answer costs at most the query it was told to, and never becomes anything but our own error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.errors import ConnectorError
from connectors.salesforce.pull import SalesforceConnector
from connectors.salesforce.spec import SPEC, SalesforceOptions
from mapping.reading import Reading
from mapping.units import money
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Request, Server
from tests.connectors.contract import NOW
from tests.connectors.lies import Liar, Lie, lies
from tests.connectors.test_salesforce_queries import fake_time
from tests.connectors.test_salesforce_reports import REPORT, result
from tests.sweep import dice, sweep

__all__ = ["fake_time"]
DEALS = [
    {"Id": f"006{n}", "Amount": Decimal(n), "CloseDate": f"2026-10-{n + 1:02d}", "CreatedDate": f"2026-10-{n + 1:02d}T01:00:00Z"}
    for n in range(9)
]  # fmt: skip
SUM = {"object": "Opportunity", "sum": "Amount", "where": "Amount > 1"}
COUNT = "SELECT COUNT() FROM Opportunity"
OTHERS = [f"SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}" for n in range(5, 8)]
DAYS = [f"SELECT SUM(Amount) FROM Opportunity WHERE CloseDate <= 2026-10-{day:02d}" for day in (2, 4, 6)]
ZONED = [f"SELECT COUNT(Id) FROM Opportunity WHERE CreatedDate < 2026-10-{day:02d}T15:00:00Z" for day in (2, 4, 6)]
REPORTED = [{"report": REPORT, "aggregate": "s!AMOUNT"}, {"report": REPORT, "group": "Won"}]
CASES: dict[str, tuple[str, list[Any], list[Any]]] = {
    "composite": ("/composite", [SUM, COUNT], OTHERS),
    "a query alone": ("/query/", [COUNT], []),
    "days": ("/composite", DAYS, OTHERS),
    "report": (f"/reports/{REPORT}", REPORTED, OTHERS),
    "who we are": ("/userinfo", ZONED, OTHERS),
    "token": ("/oauth2/token", [COUNT], []),
}
MOST = sweep(30, 10_000)


@contextmanager
def lying(path: str) -> Iterator[tuple[Liar, SalesforceConnector]]:
    org = SalesforceOrg(Data(salesforce={"Opportunity": DEALS}), currency="EUR", zone="Asia/Seoul")
    org.reports[REPORT] = result()

    def concerns(request: Request) -> bool:
        return request.path.rstrip("/").endswith(path.rstrip("/"))

    liar = Liar(org, concerns)
    with Server(liar) as server:
        given = {"url": server.url, "client_id": "okrsync", "client_secret": "sandbox-secret", "timeout": 5}
        made = SalesforceConnector("crm", SalesforceOptions.model_validate(given), clock=lambda: NOW)
        with closing(made) as connector:
            yield liar, connector


def fresh(connector: SalesforceConnector) -> SalesforceConnector:
    """Another one of the same options, which has learned nothing yet."""
    return SalesforceConnector("crm", connector.options, clock=lambda: NOW)


def ask(connector: SalesforceConnector, forms: list[Any]) -> list[Any]:
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]
    found = list(connector.read(queries))
    assert len(found) == len(queries)
    return [dict(found)[query] for query in queries]


@pytest.mark.parametrize("case", CASES)
def test_a_lie_costs_its_own_query_at_most(case: str) -> None:
    path, forms, others = CASES[case]
    with lying(path) as (liar, connector):
        truth = ask(connector, [*forms, *others])
        assert all(isinstance(one, Reading) for one in truth), truth
        assert liar.seen is not None

        for lie in lies(liar.seen, dice(f"lies/{case}"), MOST):
            liar.lie = lie
            with closing(fresh(connector)) as deceived:
                found = ask(deceived, [*forms, *others])

            assert all(isinstance(one, Reading | ConnectorError) for one in found), lie
            for one, true in zip(found[len(forms) :], truth[len(forms) :], strict=True):
                assert isinstance(one, Reading), (lie, one)
                assert one.value == true.value or liar.told, lie
            assert_sane(found, lie)
        assert liar.told


def assert_sane(found: list[Any], lie: Lie) -> None:
    for one in found:
        if isinstance(one, ConnectorError):
            assert one.fix, (lie, one)
        else:
            assert one.value is None or (one.value.is_finite() and one.value >= -1), (lie, one)
            assert one.evidence.rows is None or 0 <= one.evidence.rows < 2**63, (lie, one)
            assert one.unit in (None, money("EUR")) or one.unit.currency, (lie, one)


@pytest.mark.parametrize("path", ["/userinfo", "/limits", "/oauth2/token"])
def test_who_we_are_survives_lies(path: str) -> None:
    with lying(path) as (liar, connector):
        connector.check()

        for lie in lies(liar.seen, dice(f"check{path}"), MOST):
            liar.lie = lie
            with closing(fresh(connector)) as deceived, suppress(ConnectorError):
                assert deceived.check().name


@pytest.mark.parametrize("path", ["/composite", "/describe", "/query"])
def test_judging_survives_lies(path: str) -> None:
    forms = ["SELECT COUNT(Id) FROM Opportunity WHERE CreatedDate > 2026-10-01", COUNT, {"report": REPORT}]
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]
    with lying(path) as (liar, connector):
        assert len(list(connector.validate(queries))) == 3

        for lie in lies(liar.seen, dice(f"judge{path}"), MOST) if liar.seen else []:
            liar.lie = lie
            with closing(fresh(connector)) as deceived:
                assert len(list(deceived.validate(queries))) == 3


@pytest.mark.parametrize(
    "usage", ["api-usage=0/0", f"api-usage={'9' * 5000}/1", "api-usage=-1/5", "per-app-api-usage=5/1", "x" * 5000]
)
def test_a_header_that_lies_about_the_allowance(usage: str) -> None:
    with lying("/nowhere") as (liar, connector):
        truthful = liar.truthful

        class Header:
            def answer(self, request: Request) -> Any:
                answer = truthful.answer(request)
                answer.headers["Sforce-Limit-Info"] = usage
                return answer

        liar.truthful = Header()

        assert isinstance(ask(connector, [COUNT])[0], Reading)
        assert isinstance(ask(connector, [COUNT])[0], Reading)


@pytest.mark.parametrize("count", [-1, 2**63, True, Decimal("0.5"), "5", None, [5]])
def test_a_count_that_is_none_is_no_answer(count: Any) -> None:
    with lying("/composite") as (liar, connector):
        truth = ask(connector, [SUM, *OTHERS])
        for name in ("rowsBehind",):
            liar.lie = Lie(("compositeResponse", 0, "body", "records", 0, name), _what(count))
            found = ask(connector, [SUM, *OTHERS])

            assert isinstance(found[0], ConnectorError), found[0]
            assert (found[0].kind, found[0].scope) == ("BadAnswer", "query")
            assert [one.value for one in found[1:]] == [one.value for one in truth[1:]]


def _what(count: Any) -> str:
    names = {-1: "minus one", 2**63: "2^63", Decimal("0.5"): "a fraction", "5": "text", None: "null"}
    if count is True:
        return "true"
    return "list of a number" if isinstance(count, list) else names[count]
