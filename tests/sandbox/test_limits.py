"""What the stand-ins refuse because it came too fast or too often, as the vendors do."""

from __future__ import annotations

import pytest
import requests

from sandbox.data import Data
from sandbox.graph import GraphTenant
from sandbox.jira import JiraSite
from sandbox.limits import Bucket
from sandbox.server import Server


class Ticks:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def test_a_bucket_fills_by_itself(ticks: Ticks) -> None:
    bucket = Bucket(2, 10, ticks)

    assert [bucket.take() for _ in range(3)] == [0, 0, 5]
    ticks.now = 5
    assert [bucket.take() for _ in range(2)] == [0, 5]
    ticks.now = 1000
    assert [bucket.take() for _ in range(3)] == [0, 0, 5]


def asked(server: Server, method: str, path: str, times: int) -> list[requests.Response]:
    with requests.Session() as session:
        session.auth = ("okrsync@example.com", "sandbox-token")
        return [
            session.request(method, f"{server.url}/rest/api/3/{path}", json={"jql": "project = A"})
            for _ in range(times)
        ]


def test_jira_lets_a_hundred_a_second_through_at_each_endpoint(ticks: Ticks) -> None:
    with Server(JiraSite(Data(), ticks=ticks)) as server:
        answers = asked(server, "POST", "search/jql", 103)
        estimates = asked(server, "POST", "search/approximate-count", 150)
        ticks.now = 1
        later = asked(server, "POST", "search/jql", 1)

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 3
    assert refused[0].headers["Retry-After"] == "1"
    assert refused[0].headers["RateLimit-Reason"] == "jira-burst-based"
    assert 429 not in {answer.status_code for answer in [*estimates, *later]}


def test_jira_counts_an_endpoint_and_not_the_issue(ticks: Ticks) -> None:
    with Server(JiraSite(Data(), ticks=ticks, share=0.02)) as server:
        answers = [asked(server, "GET", f"issue/A-{n}", 1)[0].status_code for n in range(4)]

    assert answers == [404, 404, 404, 429]


def test_a_companys_own_jira_has_no_such_limit(ticks: Ticks) -> None:
    with Server(JiraSite(Data(), ticks=ticks, deployment="datacenter")) as server, requests.Session() as session:
        session.headers["Authorization"] = "Bearer sandbox-token"
        answers = {session.get(f"{server.url}/rest/api/2/myself").status_code for _ in range(110)}

    assert answers == {200}


def test_graph_gives_one_report_fourteen_times_in_ten_minutes(ticks: Ticks) -> None:
    reports = dict.fromkeys(("getA", "getB"), "Report Refresh Date,A\n2026-11-22,1\n")
    with Server(GraphTenant(Data(reports=reports), ticks=ticks)) as server, requests.Session() as session:
        form = {"client_id": "okrsync", "client_secret": "sandbox-secret", "grant_type": "client_credentials"}
        form["scope"] = f"{server.url}/.default"
        token = session.post(f"{server.url}/contoso/oauth2/v2.0/token", data=form).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"

        def report(name: str) -> requests.Response:
            return session.get(f"{server.url}/v1.0/reports/{name}(period='D7')", allow_redirects=False)

        answers = [report("getA") for _ in range(15)]
        other = report("getB")
        ticks.now = 43
        later = report("getA")

    assert [answer.status_code for answer in answers] == [302] * 14 + [429]
    assert answers[-1].headers["Retry-After"] == "43"
    assert (other.status_code, later.status_code) == (302, 302)
