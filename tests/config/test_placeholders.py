"""Dates in queries: a day and an instant in each tool's own form, in the workspace's zone; and what is refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from config.load import load
from config.placeholders import names_as_of, render
from config.problems import ConfigError
from connectors.base import Query
from connectors.registry import spec
from mapping.day import UTC, Zone, zone_of
from mapping.model import parse_cycle

Q4 = parse_cycle("2026-Q4")
AT = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)
SEOUL, NEW_YORK, ST_JOHNS = zone_of("Asia/Seoul"), zone_of("America/New_York"), zone_of("America/St_Johns")


def query(tool: str, given: Any) -> Query:
    made: Query = TypeAdapter(spec(tool).queries).validate_python(given)
    return made


def written(tool: str, given: Any, zone: Zone) -> str:
    return render(query(tool, given), spec(tool), Q4, AT, zone).text()


@pytest.mark.parametrize(
    ("tool", "given", "zone", "text"),
    [
        ("jira", {"count": "due >= {cycle.start:date}"}, SEOUL, 'count of: due >= "2026-10-01"'),
        ("jira", {"count": "due <= {cycle.end:date}"}, NEW_YORK, 'count of: due <= "2026-12-31"'),
        ("jira", {"count": "due <= {as_of:date}"}, SEOUL, 'count of: due <= "2026-11-25"'),
        # 2026-09-30T15:00Z and 2026-12-31T14:59:59.999Z; 2026-10-01T04:00Z; 2026-10-01T02:30Z.
        ("jira", {"count": "created >= {cycle.start}"}, SEOUL, "count of: created >= 1790780400000"),
        ("jira", {"count": "created <= {cycle.end:time}"}, SEOUL, "count of: created <= 1798729199999"),
        ("jira", {"count": "created >= {cycle.start:time}"}, NEW_YORK, "count of: created >= 1790827200000"),
        ("jira", {"count": "created >= {cycle.start}"}, ST_JOHNS, "count of: created >= 1790821800000"),
        ("jira", {"count": "updated < {as_of}"}, SEOUL, "count of: updated < 1795552200000"),
        ("salesforce", "SELECT COUNT(Id) FROM Lead WHERE D <= {cycle.end}", SEOUL, "D <= 2026-12-31"),
        ("salesforce", "SELECT COUNT(Id) FROM Lead WHERE D <= {as_of}", SEOUL, "D <= 2026-11-25"),
        ("salesforce", "SELECT COUNT(Id) FROM Lead WHERE D <= {as_of}", NEW_YORK, "D <= 2026-11-24"),
        ("salesforce", "SELECT COUNT(Id) FROM Lead WHERE T > {cycle.start:time}", SEOUL, "T > 2026-09-30T15:00:00Z"),
        ("salesforce", "SELECT COUNT(Id) FROM Lead WHERE T < {as_of:time}", SEOUL, "T < 2026-11-24T20:30:00Z"),
        (
            "salesforce",
            {"report": "00O000000000001", "filters": [{"column": "D", "value": "{cycle.start}"}]},
            SEOUL,
            "where D equals 2026-10-01",
        ),
        ("http", {"get": "/v1?since={cycle.start}", "select": "n"}, SEOUL, "n of GET /v1?since=2026-10-01"),
        ("http", {"get": "/v1?to={as_of:time}", "select": "n"}, SEOUL, "GET /v1?to=2026-11-24T20:30:00Z"),
        ("graph", {"count": "users", "filter": "createdDateTime ge {cycle.start}"}, SEOUL, "ge 2026-09-30T15:00:00Z"),
        ("graph", {"count": "users", "filter": "hireDate ge {cycle.start:date}"}, SEOUL, "hireDate ge 2026-10-01"),
        ("sql", "SELECT 1 FROM d WHERE closed >= {cycle.start}", SEOUL, "closed >= '2026-10-01'"),
        ("sql", "SELECT 1 FROM d WHERE closed >= '{cycle.start}'", SEOUL, "closed >= '2026-10-01'"),
        ("sql", "SELECT 1 FROM d WHERE at >= {cycle.start:time}", SEOUL, "at >= '2026-09-30T15:00:00+00:00'"),
        ("memory", "{as_of}", SEOUL, "2026-11-25"),
    ],
)
def test_dates_are_written_in_each_tools_form(tool: str, given: Any, zone: Zone, text: str) -> None:
    assert written(tool, given, zone).endswith(text)


def test_a_query_without_dates_stays_as_it_is() -> None:
    plain = query("jira", {"count": "project = A"})

    assert render(plain, spec("jira"), Q4, AT, SEOUL) is plain


def test_braces_of_an_expression_are_its_own() -> None:
    found = query("http", {"get": "/v1?at={as_of}", "select": "max_by(items[].{as_of: n}, &as_of).as_of"})

    assert render(found, spec("http"), Q4, AT, UTC).text() == (
        "max_by(items[].{as_of: n}, &as_of).as_of of GET /v1?at=2026-11-24"
    )
    assert names_as_of(found)
    assert not names_as_of(query("http", {"get": "/v1", "select": "items[0].{as_of: n}.as_of"}))


HEAD = """connections:
  jira: {url: https://acme.atlassian.net, email: a@acme.com, token: "${TOKEN}"}
  salesforce: {client_id: x, client_secret: "${TOKEN}", url: https://acme.my.salesforce.com}
  sql: {url: "${TOKEN}"}
  http: {url: https://api.acme.com}
  memory: {}
"""


def problems(folder: Path, value: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TOKEN", "sqlite:////x.sqlite")
    (folder / "okrs").mkdir()
    (folder / "okrsync.yaml").write_text(HEAD)
    (folder / "okrs" / "a.yaml").write_text(
        "cycle: 2026-Q4\nobjectives:\n- id: o\n  title: O\n  key_results:\n"
        f"  - {{id: a, title: A, start: 1, target: 2, value: {value}}}\n"
    )
    try:
        load(folder)
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            """{jira: {count: 'created >= "{cycle.start}"'}}""",
            "{cycle.start} is in quotes, so Jira reads it as a text and not as a date. Write {cycle.start} without the quotes",
        ),
        ('{jira: {count: "created >= \'{cycle.start:date}\'"}}', "is in quotes"),
        ('{jira: {count: "summary ~ \\"since {as_of}\\""}}', "{as_of} is in quotes"),
        ('{jira: {avg: x, jql: "a = \\"b \\\\\\" c\\" AND created >= \\"{as_of}\\""}}', "{as_of} is in quotes"),
        (
            """{salesforce: "SELECT COUNT(Id) FROM Lead WHERE CreatedDate >= '{cycle.start}'"}""",
            "is in quotes, so Salesforce reads it as a text",
        ),
        ("""{salesforce: {object: Lead, count: true, where: "D > '{as_of}'"}}""", "is in quotes"),
        (
            """{sql: "SELECT 1 FROM d WHERE at > '{cycle.start} 09:00'"}""",
            "a date must not be inside the text '{cycle.start} 09:00'",
        ),
        ("""{sql: 'SELECT 1 FROM "d_{as_of:date}"'}""", "{as_of:date} is in quotes, so SQL database reads"),
        ("{jira: {count: 'created >= {{cycle.start}}'}}", "{{cycle.start}} has too many braces: one on each side is enough. Write {cycle.start}"),
        ("{jira: {count: 'created >= {{ cycle.start }}'}}", "has too many braces: one on each side is enough. Write {cycle.start}"),
        ("{jira: {count: 'created >= {{cycle.begin}}'}}", "too many braces"),
        ("{jira: {count: 'created >= ${cycle.start}'}}", "${cycle.start} can't be used here: variables work in okrsync.yaml only. Write {cycle.start}"),
        ("{jira: {count: 'project = ${PROJECT}'}}", "${PROJECT} can't be used here: variables work in okrsync.yaml only. Write the value itself"),
        ("{http: {get: '/v1/${ID}', select: n}}", "${ID} can't be used here"),
        ("{http: {get: /v1, params: {since: '{cycle_start}'}, select: n}}", "{cycle_start} is not a date. Write {cycle.start}, {cycle.end}, {as_of}"),
        ("{jira: {count: 'created >= {cycle.begin}'}}", "{cycle.begin} is not a date"),
        ("{jira: {count: 'created >= {today}'}}", "{today} is not a date. Write {cycle.start}, {cycle.end}, {as_of}, with :date or :time"),
        ("{jira: {count: 'created >= {as_of - 7d}'}}", "{as_of - 7d} is not a date"),
        ("{jira: {count: 'created >= {cycle.start:day}'}}", "{cycle.start:day} is not a form of a date. Write {cycle.start:date} for the day, {cycle.start:time} for an instant"),
    ],
)  # fmt: skip
def test_what_is_refused_at_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, words: str) -> None:
    found = problems(tmp_path, value, monkeypatch)

    assert f"{tmp_path / 'okrs' / 'a.yaml'}:6: " in found
    assert words in found


@pytest.mark.parametrize(
    "value",
    [
        """{jira: {count: 'summary ~ "a" AND created >= {cycle.start} AND text ~ "b"'}}""",
        """{salesforce: "SELECT COUNT(Id) FROM Lead WHERE Name = 'O\\\\'Hara' AND D >= {cycle.start}"}""",
        """{sql: "SELECT 1 FROM d WHERE at > '{ cycle.start }' AND x = 'a''b' -- {cycle.start}'s"}""",
        """{sql: "SELECT 1 FROM d WHERE at > {cycle.start} AND tags = '{1,2}'"}""",
        "{http: {get: '/v1?q={as_of}', select: 'items[].{a: b}[0].a'}}",
        """{memory: "it's {as_of}"}""",
    ],
)
def test_what_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    assert problems(tmp_path, value, monkeypatch) == ""
