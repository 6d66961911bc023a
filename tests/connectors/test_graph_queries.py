"""Each Graph query over data that anyone can add up, and how requests travel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from connectors.errors import AccessDenied, BadAnswer, BadCredentials, BadQuery, NotFound
from connectors.graph.pull import GraphConnector
from connectors.graph.queries import UsageReport
from connectors.graph.schedule import BATCH, Request, schedule
from connectors.graph.spec import SPEC, GraphOptions
from connectors.graph.usage import report_value
from mapping.reading import Reading
from mapping.units import DURATION, PERCENT
from sandbox.data import Cell, Data, SharePointList, Workbook
from sandbox.graph import GraphTenant
from sandbox.server import Server
from tests.connectors.contract import NOW, FakeTime

BOOK = {"drive": "b!x", "item": "01A"}
OTHER = {"drive": "b!x", "item": "02B"}
USAGE = (
    "Report Refresh Date,Office 365,Exchange,Report Date,Report Period\n"
    "2026-11-22,80,,2026-11-20,7\n2026-11-22,91,12,2026-11-21,7\n2026-11-22,85,3,2026-11-19,7\n"
)
REAL = Path(__file__).parents[3] / "shared" / "data" / "graph"
SALES = {
    "Amount": [Cell(value=10), Cell(value=Decimal("2.5")), Cell(value=None), Cell(value=7)],
    "Share": [Cell(value=Decimal("0.5"), number_format="0%") for _ in range(4)],
    "Note": [Cell(value="a") for _ in range(4)],
}


def task(number: int, percent: int, bucket: str = "b1") -> dict[str, Any]:
    return {"id": f"t{number}", "planId": "p1", "bucketId": bucket, "percentComplete": percent}


DATA = Data(
    workbooks={
        ("b!x", "01A"): Workbook(
            name="KPIs.xlsx",
            sheets={
                "KPIs": {
                    "B4": Cell(value=Decimal("157.25")),
                    "B5": Cell(value=timedelta(hours=3), number_format="[h]:mm:ss"),
                    "B6": Cell(value="#DIV/0!", error=True),
                    "B7": Cell(value="=1+1"),
                    "ZZ4000": Cell(value=4),
                },
                "Other": {"A1": Cell(value=1), "A2": Cell(value=Decimal("0.42"), number_format="0%")},
            },
            names={"Visits": "KPIs!$B$4"},
            tables={"Sales": SALES},
        ),
        ("b!x", "02B"): Workbook(name="Two.xlsx", sheets={"S": {"A1": Cell(value=8)}, "T": {"A1": Cell(value=9)}}),
    },
    lists={
        ("s", "Numbers"): SharePointList(
            columns={"Amount": "number", "Status": "text"},
            items=[{"Amount": Decimal(n), "Status": "Done"} for n in (4, 1, 10)] + [{"Status": "Open"}],
            indexed=frozenset({"Status"}),
        )
    },
    plans={"p1": [task(1, 100), task(2, 50), task(3, 0, "b2"), task(4, 100, "b2")], "empty": []},
    users=[{"id": f"u{n}", "accountEnabled": n != 2} for n in range(5)],
    groups={"g1": ["u1", "u2", "u3"]},
    reports={"getOffice365ActiveUserCounts": USAGE},
    analytics={
        "s": {"access": {"actionCount": 120, "actorCount": 40}, "incompleteData": {"wasThrottled": True}},
        "01A": {"access": {"actionCount": 9, "actorCount": 2}},
        "quiet": {"access": None},
    },
    courses={
        "lp": [
            {"id": "1", "learningContentId": "c1", "status": "completed", "completionPercentage": 100},
            {"id": "2", "learningContentId": "c1", "status": "inProgress", "completionPercentage": 50},
            {"id": "3", "learningContentId": "c2", "status": "notStarted", "completionPercentage": 0},
        ]
    },
    scores=[{"currentScore": Decimal("62.5"), "maxScore": 100, "createdDateTime": "2026-11-23T00:00:00Z"}],
)


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture
def graph() -> GraphTenant:
    return GraphTenant(DATA, page_size=2)


@pytest.fixture
def server(graph: GraphTenant) -> Iterator[Server]:
    with Server(graph) as running:
        yield running


def connect(server: Server, **options: Any) -> GraphConnector:
    way_in = {"tenant": "contoso", "client_id": "okrsync", "client_secret": "sandbox-secret"}
    given = {"url": server.url, "login_url": server.url, **(way_in if "tenant" not in options else {}), **options}
    given = {key: value for key, value in given.items() if value is not None}
    return GraphConnector("m365", GraphOptions.model_validate(given), clock=lambda: NOW)


def ask(connector: GraphConnector, *forms: Any) -> list[Any]:
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]
    found = dict(connector.read(queries))
    return [found[query] for query in queries]


def excel(address: str, **more: Any) -> dict[str, Any]:
    return {"excel": {**BOOK, "range": address, **more}}


def table(column: str, measure: str) -> dict[str, Any]:
    return {"excel": {**BOOK, "table": "Sales", "column": column, "measure": measure}}


def listed(**question: Any) -> dict[str, Any]:
    return {"list": {"site": "s", "list": "Numbers", **question}}


def plan(**question: Any) -> dict[str, Any]:
    return {"planner": {"plan": "p1", **question}}


def learning(**question: Any) -> dict[str, Any]:
    return {"learning": {"provider": "lp", **question}}


def usage(column: str) -> dict[str, Any]:
    return {"report": {"function": "getOffice365ActiveUserCounts", "column": column}}


@pytest.mark.parametrize(
    ("form", "value", "unit"),
    [
        (table("Amount", "sum"), "19.5", None),
        (table("Amount", "avg"), "6.5", None),
        (table("Amount", "last"), "7", None),
        (table("Amount", "count"), "3", None),
        (table("Share", "avg"), "0.5", PERCENT),
        (table("Note", "count"), "4", None),
        (excel("KPIs!ZZ4000"), "4", None),
        (listed(count=True), "4", None),
        (listed(avg="Amount"), "5", None),
        (listed(min="Amount"), "1", None),
        (listed(max="Amount", filter="fields/Status eq 'Done'"), "10", None),
        (plan(), "0.5", PERCENT),
        (plan(in_progress="50%"), "0.625", PERCENT),
        (plan(measure="done", bucket="b2"), "1", None),
        (plan(measure="open"), "2", None),
        (plan(measure="count"), "4", None),
        ({"count": "users"}, "5", None),
        ({"count": "/users", "filter": "accountEnabled eq true"}, "4", None),
        ({"count": "groups/g1/members"}, "3", None),
        ({"site_analytics": {"site": "s"}}, "40", None),
        ({"site_analytics": {**BOOK, "measure": "actions", "period": "last_seven_days"}}, "9", None),
        (learning(), "1", None),
        (learning(measure="percent_done", course="c1"), "0.5", PERCENT),
        (learning(measure="avg"), "0.5", PERCENT),
        (learning(measure="count"), "3", None),
        (usage("Office 365"), "91", None),
        ({"get": "/security/secureScores?$top=1", "select": "value[0].currentScore"}, "62.5", None),
        ({"get": "/planner/plans/p1/tasks", "select": "length(value[?percentComplete == `100`])"}, "2", None),
        ({"get": "/planner/plans/p1/tasks", "select": "length(value)", "pages": False}, "2", None),
    ],
)
def test_each_query(server: Server, form: Any, value: str, unit: Any) -> None:
    (reading,) = ask(connect(server), form)

    assert isinstance(reading, Reading), repr(reading)
    assert reading.value == Decimal(value)
    assert reading.unit == unit


def test_all_of_them_at_once_in_few_calls(server: Server) -> None:
    forms = [
        *(listed(**{name: "Amount"}) for name in ("sum", "avg", "min", "max")),
        plan(),
        plan(measure="done"),
        {"count": "users"},
        {"count": "groups/g1/members"},
        {"site_analytics": {"site": "s"}},
        {"site_analytics": {"site": "s", "measure": "actions"}},
    ]

    found = ask(connect(server), *forms)

    assert all(isinstance(one, Reading) for one in found), found
    batches = [json.loads(call.body)["requests"] for call in server.calls if call.path.endswith("$batch")]
    assert [len(one) for one in batches] == [5]


@pytest.mark.parametrize(
    "form",
    [
        {"planner": {"plan": "empty"}},
        listed(avg="Amount", filter="fields/Status eq 'Open'"),
        {"site_analytics": {"site": "quiet"}},
        learning(measure="percent_done", course="c9"),
        {"get": "/organization", "select": "value[0].seats"},
    ],
)
def test_nothing_is_no_value(server: Server, form: Any) -> None:
    (reading,) = ask(connect(server), form)

    assert isinstance(reading, Reading), repr(reading)
    assert reading.value is None


@pytest.mark.parametrize(
    ("form", "expected", "words"),
    [
        (table("Note", "sum"), BadAnswer, "holds 'a' where a number belongs"),
        (table("Cost", "sum"), NotFound, "doesn't exist"),
        (usage("Teams"), BadQuery, "no column 'Teams'"),
        ({"report": {"function": "getNothing", "column": "x"}}, NotFound, "getNothing"),
        ({"count": "devices"}, NotFound, "segment"),
        ({"get": "/users/$count", "select": "@"}, BadAnswer, "unknown form"),
        ({"get": "/organization", "select": "value[0].displayName"}, BadQuery, "to_number"),
        ({"planner": {"plan": "p2", "bucket": "b2"}}, NotFound, "not in plan p2"),
        ({"learning": {"provider": "nobody"}}, NotFound, "provider"),
    ],
)
def test_what_is_wrong_is_said(server: Server, form: Any, expected: type[Exception], words: str) -> None:
    (error,) = ask(connect(server), form)

    assert isinstance(error, expected), repr(error)
    assert words in error.message
    assert error.scope == "query"


def test_a_report_is_of_its_own_day_and_an_empty_cell_of_it_counts(server: Server) -> None:
    total, mail = ask(connect(server), usage("Office 365"), usage("Exchange"))

    assert total.evidence.as_of == datetime(2026, 11, 21, tzinfo=UTC)
    assert mail.value == 12


def test_the_token_stays_at_home(server: Server) -> None:
    ask(connect(server), usage("Office 365"))

    download = [call for call in server.calls if "/download/" in call.path]
    assert [call.status for call in download] == [200]


def test_incomplete_analytics_say_so(server: Server) -> None:
    (reading,) = ask(connect(server), {"site_analytics": {"site": "s"}})

    assert "not complete" in reading.evidence.note


@pytest.mark.skipif(not REAL.exists(), reason="no real reports beside this clone")
@pytest.mark.parametrize(
    ("file", "column", "value", "day"),
    [
        ("tenant__report__report-activeusercounts", "Office 365", None, None),
        ("viva__engage__engage-report-activitycounts", "Liked", None, None),
        ("outlook__report__report-mailactivitycounts", "Send", None, None),
    ],
)
def test_real_usage_reports(file: str, column: str, value: Any, day: Any) -> None:
    import csv

    content = (REAL / f"{file}.csv").read_bytes()
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    newest = max(rows, key=lambda row: row["Report Date"])
    asked = UsageReport(function="getSomething", column=column)

    found, at = report_value(asked, content, "m365")

    assert found == (Decimal(newest[column]) if newest[column] else None)
    assert at.date().isoformat() == newest["Report Date"]


@pytest.mark.skipif(not REAL.exists(), reason="no real reports beside this clone")
def test_a_real_report_of_details_is_refused() -> None:
    content = (REAL / "tenant__report__report-activeuserdetail.csv").read_bytes()
    column = content.decode("utf-8-sig").splitlines()[0].split(",")[-1]

    try:
        found, _ = report_value(UsageReport(function="getDetail", column=column), content, "m365")
    except BadQuery:
        return
    assert found is None or len(content.splitlines()) == 2


# -- workbooks --------------------------------------------------------------------------------------------------


def test_near_cells_are_one_range_and_far_ones_are_not(server: Server) -> None:
    forms = [excel("KPIs!B4"), excel("kpis!$A$1"), excel("KPIs!ZZ4000"), excel("Other!A2")]

    found = ask(connect(server), *forms)

    assert [one.value for one in found] == [Decimal("157.25"), None, 4, Decimal("0.42")]
    asked = [
        step["url"]
        for call in server.calls
        if call.path.endswith("$batch")
        for step in json.loads(call.body)["requests"]
    ]
    ranges = [url.partition("range(")[2].partition(")")[0] for url in asked if "range(" in url]
    assert sorted(ranges) == ["address='A1:B4'", "address='A2'", "address='ZZ4000'"]


def test_one_request_at_a_time_for_a_workbook(server: Server, graph: GraphTenant) -> None:
    forms = [
        excel("KPIs!B4"),
        excel("Other!A1"),
        {"excel": {**BOOK, "name": "Visits"}},
        *(table("Amount", measure) for measure in ("sum", "avg")),
        table("Share", "avg"),
        {"excel": {**OTHER, "range": "S!A1"}},
        {"excel": {**OTHER, "range": "T!A1"}},
    ]

    found = ask(connect(server), *forms)

    assert all(isinstance(one, Reading) for one in found), found
    assert graph.collisions == 0
    assert sum(call.path.endswith("createSession") for call in server.calls) == 1


def test_a_chain_goes_on_after_one_that_fails(server: Server) -> None:
    forms = [excel("KPIs!B4"), excel("Nowhere!A1"), excel("Other!A1"), {"excel": {**BOOK, "name": "Visits"}}]

    found = ask(connect(server), *forms)

    assert [type(one).__name__ for one in found] == ["Reading", "NotFound", "Reading", "Reading"]


@pytest.mark.parametrize("way", ["auto", "download"])
def test_the_file_is_read_where_the_workbook_api_refuses(server: Server, graph: GraphTenant, way: str) -> None:
    graph.workbooks_refuse = 403
    forms = [excel("KPIs!B4"), {"excel": {**BOOK, "name": "visits"}}, table("Amount", "sum"), excel("Other!A2")]
    forms += [excel("KPIs!B5"), excel("KPIs!C9"), excel("KPIs!B6"), excel("KPIs!B7"), excel("Nowhere!A1")]

    found = ask(connect(server, excel_by=way), *forms)

    assert [getattr(one, "value", None) for one in found[:6]] == [
        Decimal("157.25"), Decimal("157.25"), Decimal("19.5"), Decimal("0.42"), 10800, None
    ]  # fmt: skip
    assert [one.unit for one in found[3:5]] == [PERCENT, DURATION]
    assert [type(one).__name__ for one in found[6:]] == ["BadAnswer", "BadAnswer", "NotFound"]
    assert "never calculated" in found[7].message
    assert "read from the file" in found[0].evidence.note
    assert sum("/download/" in call.path for call in server.calls) == 1


def test_without_the_fallback_the_refusal_stands(server: Server, graph: GraphTenant) -> None:
    graph.workbooks_refuse = 403

    (error,) = ask(connect(server, excel_by="workbook"), excel("KPIs!B4"))

    assert isinstance(error, AccessDenied)
    assert "Files.Read.All" in error.fix


def test_what_is_no_workbook_is_said(server: Server) -> None:
    server.faults.fail(path="/download/", status=200, body="<html>sorry")

    (error,) = ask(connect(server, excel_by="download"), excel("KPIs!B4"))

    assert isinstance(error, BadAnswer)
    assert "no Excel workbook" in error.message


requests = st.builds(
    lambda number, book: Request(f"/{book}/{number}", "p", workbook=book),
    st.integers(0, 30),
    st.sampled_from(["", "", "w1", "w2", "w3"]),
)


@given(st.lists(requests, max_size=120))
def test_the_schedule_asks_all_once_and_never_two_of_a_workbook(asked: list[Request]) -> None:
    planned = schedule(asked)

    chained = [request for _, batches in planned.chains for batch in batches for request in batch]
    waved = [request for wave in planned.waves for batch in wave for request in batch]
    assert sorted(map(repr, chained + waved)) == sorted(map(repr, set(asked)))
    for wave in planned.waves:
        books = [request.workbook for batch in wave for request in batch if request.workbook]
        assert len(books) == len(set(books))
        assert all(len(batch) <= BATCH for batch in wave)
    assert not {request.workbook for request in chained} & {request.workbook for request in waved}
    free = len({request for request in asked if not request.workbook})
    if not planned.chains and len(planned.waves) == 1:
        assert planned.calls == -(-len(set(asked)) // BATCH)
    assert planned.calls <= -(-free // BATCH) + 2 + len(planned.chains) * 2 + len(chained) // BATCH


def test_calls_are_told_before_they_are_made(server: Server) -> None:
    forms = [
        listed(count=True, filter="fields/Status eq 'Open'"),
        usage("Office 365"),
        usage("Exchange"),
        *(table("Amount", "sum"), excel("KPIs!B4")),
    ]
    queries = [TypeAdapter(SPEC.queries).validate_python(form) for form in forms]

    connector = connect(server)
    told = connector.calls(queries)
    list(connector.read(queries))

    assert told == sum("/v1.0/" in call.path for call in server.calls) == 3


# -- ways in ----------------------------------------------------------------------------------------------------

USERS = {"count": "users"}


def made_certificate() -> tuple[str, str]:
    """The key and certificate in one text, and the public key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "okrsync")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode()
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return private + certificate.public_bytes(pem).decode(), public


def app(**way: Any) -> dict[str, Any]:
    return {"tenant": "contoso", "client_id": "okrsync", "client_secret": None, **way}


def test_by_certificate(server: Server, graph: GraphTenant) -> None:
    pem, graph.entra.public_key = made_certificate()
    strange, _ = made_certificate()

    (reading,) = ask(connect(server, **app(certificate=pem)), USERS)
    (refused,) = ask(connect(server, **app(certificate=strange)), USERS)
    (broken,) = ask(connect(server, **app(certificate="no key")), USERS)

    assert reading.value == 5
    assert isinstance(refused, BadCredentials)
    assert isinstance(broken, BadCredentials)
    assert "BEGIN and END" in broken.fix


def test_by_workload_identity(server: Server, graph: GraphTenant, tmp_path: Path) -> None:
    graph.entra.federated_token = "of-the-platform"
    file = tmp_path / "token"
    connector = connect(server, **app(federated_token_file=str(file)))

    (missing,) = ask(connector, USERS)
    file.write_text("of-the-platform\n")
    (reading,) = ask(connect(server, **app(federated_token_file=str(file))), USERS)

    assert isinstance(missing, BadCredentials)
    assert str(file) in missing.message
    assert reading.value == 5


@pytest.mark.parametrize(("identity", "key"), [("system", ""), ("user-assigned", "user-assigned")])
def test_by_managed_identity(
    server: Server, graph: GraphTenant, monkeypatch: pytest.MonkeyPatch, identity: str, key: str
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    graph.entra.identities[key] = "header"
    connector = connect(server, tenant=None, managed_identity=identity)

    (reading,) = ask(connector, USERS)
    (refused,) = ask(connect(server, tenant=None, managed_identity="somebody"), USERS)

    assert reading.value == 5
    assert connector.check().name == f"managed identity {identity}"
    assert isinstance(refused, BadCredentials)


@pytest.mark.parametrize(
    "options",
    [
        {"tenant": "t", "client_id": "c"},
        {"tenant": "t", "client_id": "c", "client_secret": "s", "certificate": "p"},
        {"client_id": "c", "client_secret": "s"},
        {"managed_identity": "system", "tenant": "t"},
    ],
)
def test_one_way_in(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        GraphOptions.model_validate(options)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"excel": {**BOOK, "range": "B4"}}, "names its sheet"),
        ({"excel": {**BOOK, "table": "T", "column": "C"}}, "table, column and measure"),
        ({"excel": {**BOOK, "name": "N", "range": "A!B4"}}, "one of range, name, table"),
        (listed(sum="A", avg="A"), "write one of count"),
        ({"site_analytics": {"drive": "d"}}, "site, or drive and item"),
        ({"get": "/x", "select": "a["}, "no JMESPath"),
        ({"report": {"function": "drop table", "column": "x"}}, "function"),
    ],
)
def test_a_wrong_form_is_refused_at_once(form: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        TypeAdapter(SPEC.queries).validate_python(form)
