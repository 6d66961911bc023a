"""What simple-salesforce and Salesforce itself do to the unwary, by the facts we keep of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import ValidationError

from connectors.errors import AccessDenied, BadCredentials, BadQuery, ConnectorError, Throttled
from connectors.salesforce.errors import query_error, sign_in_error
from connectors.salesforce.pull import SalesforceConnector
from connectors.salesforce.queries import Soql
from connectors.salesforce.spec import SalesforceOptions
from mapping.reading import Reading
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.contract import NOW, FakeTime


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


ROWS = [{"Id": f"006{n}", "Amount": Decimal("12345678901.01"), "StageName": "Won"} for n in range(3)]


@pytest.fixture
def org() -> SalesforceOrg:
    return SalesforceOrg(Data(salesforce={"Opportunity": ROWS}))


@pytest.fixture
def server(org: SalesforceOrg) -> Iterator[Server]:
    with Server(org) as running:
        yield running


def connect(server: Server, **options: Any) -> SalesforceConnector:
    given = {"url": server.url, "client_id": "okrsync", "client_secret": "sandbox-secret", **options}
    return SalesforceConnector("crm", SalesforceOptions.model_validate(given), clock=lambda: NOW)


def ask(connector: SalesforceConnector, *texts: str) -> list[Any]:
    queries = [Soql(soql=text) for text in texts]
    found = dict(connector.read(queries))
    return [found[query] for query in queries]


def test_money_is_exact(server: Server) -> None:
    (reading,) = ask(connect(server), "SELECT SUM(Amount) FROM Opportunity")

    assert reading.value == Decimal("37037036703.03")


def test_one_sign_in_for_all_threads(server: Server, org: SalesforceOrg) -> None:
    connector = connect(server, concurrency=8)

    ask(connector, *(f"SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}" for n in range(60)))

    assert org.sign_in.count == 1


def test_an_expired_session_is_renewed_once_for_all_threads(server: Server, org: SalesforceOrg) -> None:
    connector = connect(server, concurrency=8)
    ask(connector, "SELECT COUNT(Id) FROM Opportunity")
    org.expire_sessions()

    found = ask(connector, *(f"SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}" for n in range(40)))

    assert all(isinstance(one, Reading) for one in found)
    assert org.sign_in.count == 2


@pytest.mark.parametrize(
    "body", ['{"error": "x"}', "<html>401</html>", "[]", '[{"errorCode":"INVALID_JWT_FORMAT"}]', ""]
)
def test_any_401_signs_in_again_once_and_no_more(server: Server, org: SalesforceOrg, body: str) -> None:
    server.faults.fail(path="/services/data", status=401, body=body, times=-1)

    (error,) = ask(connect(server), "SELECT COUNT(Id) FROM Opportunity")

    assert isinstance(error, BadCredentials)
    assert org.sign_in.count == 2


def test_count_without_a_field_is_the_total(server: Server) -> None:
    readings = ask(
        connect(server), "SELECT COUNT() FROM Opportunity", "select  count( ) from Opportunity where Id = 'x'"
    )

    assert [reading.value for reading in readings] == [3, 0]


def test_no_rows_are_a_true_zero_for_sums_and_counts_alone() -> None:
    rows = [*ROWS, {"Id": "0069", "Amount": None, "StageName": "New"}]
    forms = [
        f"SELECT {call} FROM Opportunity WHERE " for call in ("SUM(Amount)", "COUNT(Id)", "AVG(Amount)", "MAX(Amount)")
    ]
    with Server(SalesforceOrg(Data(salesforce={"Opportunity": rows}))) as server:
        nothing = ask(connect(server), *(f"{form}StageName = 'x'" for form in forms))
        empty = ask(connect(server), *(f"{form}StageName = 'New'" for form in forms))

    assert [reading.value for reading in nothing] == [0, 0, None, None]
    assert [reading.value for reading in empty] == [None, 1, None, None]


@pytest.mark.parametrize(
    ("call", "after", "value"),
    [
        ("SUM(Amount)", "", 0),
        ("COUNT(Id)", "", 0),
        ("AVG(Amount)", "", None),
        ("SUM(Amount)", "HAVING COUNT(Id) > 5", None),
    ],
)
def test_no_groups_are_no_rows(server: Server, call: str, after: str, value: int | None) -> None:
    (reading,) = ask(connect(server), f"SELECT {call} FROM Opportunity WHERE Id = 'x' GROUP BY StageName {after}")

    assert (reading.value, reading.evidence.rows) == (value, 0)


@pytest.mark.parametrize(
    ("soql", "words"),
    [
        ("SELECT Id FROM Opportunity", "records, not a number"),
        ("SELECT Id FROM Opportunity WHERE Id = 'x'", "0 rows"),
        ("SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName", "one row of 2 values"),
        ("SELECT MAX(StageName) FROM Opportunity", "which is not a number"),
    ],
)
def test_what_is_not_one_number_is_refused(server: Server, soql: str, words: str) -> None:
    (error,) = ask(connect(server), soql)

    assert isinstance(error, BadQuery)
    assert words in error.message
    assert "one aggregate" in error.fix


def test_more_queries_than_a_composite_request_may_hold_are_asked_one_by_one(
    server: Server, org: SalesforceOrg
) -> None:
    org._query_cap = 4

    found = ask(connect(server), *(f"SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}" for n in range(5)))

    assert all(isinstance(one, Reading) for one in found)
    assert len(server.calls) == 1 + 1 + 5


def test_a_bad_query_in_a_composite_spares_its_neighbours(server: Server) -> None:
    found = ask(
        connect(server),
        "SELECT COUNT(Id) FROM Opportunity",
        "SELECT COUNT(Id) FROM Nope",
        "SELECT COUNT(Nope) FROM Opportunity",
        "SELECT COUNT(Id) FROM Opportunity WHERE",
        "SELECT COUNT(Id) FROM Opportunity WHERE Amount > 1",
    )

    assert [type(one).__name__ for one in found] == ["Reading", "BadQuery", "BadQuery", "BadQuery", "Reading"]
    assert "field-level security" in found[2].fix


def test_a_used_up_quota_is_throttling(server: Server, org: SalesforceOrg) -> None:
    org._daily_limit = 0

    (error,) = ask(connect(server), "SELECT COUNT(Id) FROM Opportunity")

    assert isinstance(error, Throttled)
    assert error.scope == "connection"
    assert "TotalRequests Limit exceeded" in error.message


@pytest.mark.parametrize("status", [406, 420])
def test_the_edge_passes(server: Server, status: int) -> None:
    server.faults.fail(path="/services/data", status=status, body="<html>We are setting things up</html>", times=2)

    (reading,) = ask(connect(server), "SELECT COUNT(Id) FROM Opportunity")

    assert isinstance(reading, Reading)


def test_an_outage_of_the_sign_in_is_no_bad_credential(server: Server) -> None:
    server.faults.fail(path="/oauth2/token", status=503, times=-1)

    (error,) = ask(connect(server), "SELECT COUNT(Id) FROM Opportunity")

    assert error.kind == "Unreachable"
    assert error.temporary


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        ({"error": "invalid_grant", "error_description": "login rate exceeded"}, Throttled, ""),
        (
            {"error": "invalid_grant", "error_description": "no client credentials user enabled"},
            BadCredentials,
            "run-as user",
        ),
        ({"error": "invalid_grant", "error_description": "audience is invalid"}, BadCredentials, "audience"),
        ({"error": "invalid_client"}, BadCredentials, "Renew the credential"),
    ],
)
def test_refusals_of_the_token_endpoint(content: Any, kind: type[ConnectorError], words: str) -> None:
    error = sign_in_error(400, content, "crm")

    assert type(error) is kind
    assert error.scope == "connection"
    assert words in error.fix


@pytest.mark.parametrize(
    ("status", "code", "kind", "scope"),
    [
        (400, "MALFORMED_QUERY", "BadQuery", "query"),
        (400, "QUERY_TIMEOUT", "Unreachable", "query"),
        (403, "REQUEST_LIMIT_EXCEEDED", "Throttled", "connection"),
        (403, "API_DISABLED_FOR_ORG", "AccessDenied", "connection"),
        (403, "INSUFFICIENT_ACCESS", "AccessDenied", "query"),
        (403, "TXN_SECURITY_METERING_ERROR", "AccessDenied", "connection"),
        (404, "NOT_FOUND", "NotFound", "query"),
        (410, "UNSUPPORTED_API_VERSION", "BadQuery", "connection"),
        (500, "UNKNOWN_EXCEPTION", "Unreachable", "connection"),
        (503, "SERVER_UNAVAILABLE", "Unreachable", "connection"),
    ],
)
def test_error_codes(status: int, code: str, kind: str, scope: str) -> None:
    error = query_error(status, [{"errorCode": code, "message": "m"}], "crm")

    assert (error.kind, error.scope) == (kind, scope)
    assert error.fix


def test_a_retired_version(server: Server) -> None:
    (error,) = ask(connect(server, api_version="30.0"), "SELECT COUNT(Id) FROM Opportunity")

    assert "UNSUPPORTED_API_VERSION" in error.message
    assert "68.0" in error.fix


@pytest.fixture(scope="module")
def key() -> tuple[str, str]:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def by_key(server: Server, private: str, **options: Any) -> SalesforceConnector:
    return connect(server, client_secret=None, username="okrsync@example.com", private_key=private, **options)


def test_jwt_bearer(key: tuple[str, str]) -> None:
    with Server(SalesforceOrg(Data(salesforce={"Opportunity": ROWS}), public_key=key[1])) as server:
        (reading,) = ask(by_key(server, key[0]), "SELECT COUNT(Id) FROM Opportunity")

    assert reading.value == 3


def test_jwt_with_another_key_and_with_no_key(key: tuple[str, str]) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with Server(SalesforceOrg(Data(), public_key=key[1])) as server:
        (wrong,) = ask(by_key(server, other.decode()), "SELECT COUNT(Id) FROM Opportunity")
        (broken,) = ask(by_key(server, "no key"), "SELECT COUNT(Id) FROM Opportunity")

    assert "invalid assertion" in wrong.message
    assert "certificate" in wrong.fix
    assert isinstance(broken, BadCredentials)
    assert "PEM" in broken.message


@pytest.mark.parametrize(
    "options",
    [
        {"client_secret": None},
        {"username": "u"},
        {"client_secret": None, "username": "u"},
        {"username": "u", "private_key": "k"},
        {"api_version": "68"},
    ],
)
def test_exactly_one_way_of_signing_in(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SalesforceOptions.model_validate(
            {"url": "https://a.my.salesforce.com", "client_id": "x", "client_secret": "y", **options}
        )


def test_check_tells_the_usage(server: Server) -> None:
    account = connect(server).check()

    assert account.name == "okrsync@example.com"
    assert account.quota == (2, 100_000)


def test_validation_by_plan(server: Server) -> None:
    good, bad = Soql(soql="SELECT COUNT(Id) FROM Opportunity"), Soql(soql="SELECT COUNT(Id) FROM Nope")

    found = dict(connect(server).validate([good, bad]))

    assert found[good] is None
    assert isinstance(found[bad], BadQuery)


def test_two_reads_at_once_share_the_session(server: Server, org: SalesforceOrg) -> None:
    connector = connect(server)
    threads = [
        threading.Thread(target=ask, args=(connector, f"SELECT COUNT(Id) FROM Opportunity WHERE Amount > {n}"))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert org.sign_in.count == 1


def test_access_denied_names_what_to_grant(server: Server) -> None:
    server.faults.fail(path="/services/data", status=403, body='[{"errorCode":"API_DISABLED_FOR_ORG","message":"m"}]')

    (error,) = ask(connect(server), "SELECT COUNT(Id) FROM Opportunity")

    assert isinstance(error, AccessDenied)
    assert "API Enabled" in error.fix


def test_a_composite_of_an_unknown_shape_costs_nothing_but_calls(server: Server) -> None:
    server.faults.fail(path="/composite", status=200, body='{"compositeResponse": [{"body": null}]}')

    found = ask(connect(server), "SELECT COUNT(Id) FROM Opportunity", "SELECT COUNT() FROM Case")

    assert [one.value for one in found] == [3, 0]
