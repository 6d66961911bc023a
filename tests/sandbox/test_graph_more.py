"""What Graph refuses beyond lists and cells, and what a folder of data gives the stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.data import Cell, Data, SharePointList, Workbook
from sandbox.graph import GraphTenant
from sandbox.load import load
from sandbox.server import Server

Ask = Callable[..., requests.Response]
REPORT = "Report Refresh Date,Teams\n2026-11-22,5\n"
USERS = [{"id": "1", "createdDateTime": "2026-10-01T08:00:00Z"}, {"id": "2", "createdDateTime": "2026-09-30T22:00:00Z"}]
BOOK = Workbook(name="B.xlsx", sheets={"S": {"B4": Cell(value=1)}}, names={"N": "S!B4", "S!Own": "S!B4"})
DATA = Data(
    workbooks={("d", "i"): BOOK},
    lists={
        ("s", "L"): SharePointList(
            columns={"Due": "dateOnly", "Attended": "number"},
            items=[{"Due": "2026-10-01", "Attended": 3}],
            shown={"Attended": "Attended people"},
            zone="Europe/Berlin",
            indexed=frozenset({"Due"}),
        )
    },
    users=USERS,
    groups={"g": ["1"]},
    reports=dict.fromkeys(("getTeamsTeamCounts", "getOffice365ActivationCounts", "getMicrosoft365CopilotUserCountSummary"), REPORT),
)  # fmt: skip


def asking(server: Server) -> Ask:
    form = {"grant_type": "client_credentials", "client_id": "okrsync", "client_secret": "sandbox-secret"}
    scope = {"scope": "https://graph.microsoft.com/.default"}
    token = requests.post(f"{server.url}/contoso/oauth2/v2.0/token", data={**form, **scope}, timeout=5).json()

    def ask(path: str, method: str = "GET", **headers: str) -> requests.Response:
        sent = {"Authorization": f"Bearer {token['access_token']}", **headers}
        return requests.request(method, f"{server.url}/v1.0{path}", headers=sent, timeout=5)

    return ask


@pytest.fixture(scope="module")
def tenant() -> GraphTenant:
    return GraphTenant(DATA)


@pytest.fixture(scope="module")
def ask(tenant: GraphTenant) -> Iterator[Ask]:
    with Server(tenant) as server:
        yield asking(server)


RANGE = "/drives/d/items/i/workbook/worksheets/S/range(address='{}')"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/getTeamsTeamCounts(period='D7')", 200),
        ("/reports/getTeamsTeamCounts(period='D8')", 400),
        ("/reports/getTeamsTeamCounts(period='ALL')", 400),
        ("/reports/getTeamsTeamCounts", 400),
        ("/reports/getOffice365ActivationCounts", 200),
        ("/reports/getOffice365ActivationCounts()", 200),
        ("/reports/getOffice365ActivationCounts(period='D7')", 400),
        ("/copilot/reports/getMicrosoft365CopilotUserCountSummary(period='ALL')", 200),
        ("/reports/getMicrosoft365CopilotUserCountSummary(period='D7')", 404),
        ("/copilot/reports/getTeamsTeamCounts(period='D7')", 404),
        (RANGE.format("B4"), 200),
        (RANGE.format("A:A"), 400),
        (RANGE.format("2:2"), 400),
        (RANGE.format("A1048577"), 400),
        (RANGE.format("XFE1"), 400),
        ("/drives/d/items/i/workbook/worksheets/S/names/Own/range", 200),
        ("/drives/d/items/i/workbook/names/Own/range", 404),
        ("/drives/d/items/i/workbook/worksheets/S/names/N/range", 404),
    ],
)
def test_what_is_taken_and_what_refused(ask: Ask, path: str, status: int) -> None:
    assert ask(path).status_code == status


@pytest.mark.parametrize(
    ("literal", "count"),
    [
        ("2026-10-01T00:00:00Z", 1),
        ("2026-09-30T22:00:00.000Z", 2),
        ("2026-10-01", None),
        ("5", None),
    ],
)
def test_times_of_directory_objects_are_typed(ask: Ask, literal: str, count: int | None) -> None:
    answer = ask(f"/users/$count?$filter=createdDateTime ge {literal}", ConsistencyLevel="eventual")

    if count is None:
        assert answer.status_code == 400
        assert "Edm.DateTimeOffset" in answer.json()["error"]["message"]
    else:
        assert answer.content.decode("utf-8-sig") == str(count)


def test_days_are_told_as_midnights_of_the_site(ask: Ask) -> None:
    (item,) = ask("/sites/s/lists/L/items?$expand=fields").json()["value"]
    columns = {one["name"]: one for one in ask("/sites/s/lists/L/columns").json()["value"]}

    assert item["fields"]["Due"] == "2026-09-30T22:00:00Z"
    assert columns["Due"]["dateTime"] == {"format": "dateOnly"}
    assert columns["Attended"]["displayName"] == "Attended people"
    assert ask("/sites/s/lists/L/items?$filter=fields/Due ge '2026-09-30T22:00:00Z'").json()["value"] != []
    assert ask("/sites/s/lists/L/items?$filter=fields/Due ge '2026-10-01T00:00:00Z'").json()["value"] == []


def test_a_session_that_ended_says_how(ask: Ask, tenant: GraphTenant) -> None:
    session = ask("/drives/d/items/i/workbook/createSession", "POST").json()["id"]
    assert ask(RANGE.format("B4"), **{"workbook-session-id": session}).status_code == 200
    tenant.expire_sessions()

    answer = ask(RANGE.format("B4"), **{"workbook-session-id": session})

    assert answer.json()["error"]["innerError"]["code"] == "invalidSessionReCreatable"


@pytest.mark.parametrize("status", [409, 423, 429, 500, 503, 504])
def test_workbooks_refuse_in_words_of_their_own(ask: Ask, tenant: GraphTenant, status: int) -> None:
    tenant.workbooks_refuse = status
    answer = ask(RANGE.format("B4"))
    tenant.workbooks_refuse = None

    assert answer.status_code == status
    assert answer.json()["error"]["code"] != "accessDenied"


def test_a_folder_fills_all_of_it(tmp_path: Path) -> None:
    graph = tmp_path / "graph"
    (graph / "courses").mkdir(parents=True)
    (graph / "lists" / "s").mkdir(parents=True)
    files: dict[str, Any] = {
        "users.json": USERS,
        "groups.json": {"g": ["1", "2"]},
        "analytics.json": {"s": {"access": {"actionCount": 3, "actorCount": 2}}},
        "scores.json": [{"id": "x", "currentScore": 5, "maxScore": 9}],
        "courses/lp.json": [{"id": "1", "learningContentId": "c", "status": "completed", "completionPercentage": 100}],
    }
    for name, content in files.items():
        (graph / name).write_text(json.dumps(content))
    (graph / "lists" / "s" / "L.csv").write_text("Due,At,Note\n2026-10-01,2026-10-01T08:00:00Z,a\n2026-10-02,,2026\n")

    found = load(tmp_path)

    with Server(GraphTenant(found)) as server:
        ask = asking(server)
        assert ask("/users/$count", ConsistencyLevel="eventual").content.decode("utf-8-sig") == "2"
        assert ask("/groups/g/members/$count", ConsistencyLevel="eventual").content.decode("utf-8-sig") == "2"
        assert ask("/sites/s/analytics/allTime").json()["access"]["actorCount"] == 2
        assert ask("/security/secureScores?$top=1").json()["value"][0]["currentScore"] == 5
        path = "/employeeExperience/learningProviders/lp/learningCourseActivities"
        assert ask(path).json()["value"][0]["status"] == "completed"
    assert found.lists["s", "L"].columns == {"Due": "dateOnly", "At": "dateTime", "Note": "text"}


@pytest.mark.parametrize(("name", "content"), [("groups.json", "[]"), ("users.json", "{}"), ("scores.json", "no JSON")])
def test_files_of_a_wrong_shape_are_named(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "graph").mkdir()
    (tmp_path / "graph" / name).write_text(content)

    with pytest.raises(ValueError, match=name):
        load(tmp_path)
