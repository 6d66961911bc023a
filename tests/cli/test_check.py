"""`okrsync check`: every mistake is named with the key results that it costs, and where it stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from connectors.salesforce.pull import SalesforceConnector
from sandbox.company import TODAY, sample_company
from sandbox.run import running
from tests.connectors.contract import FakeTime

HEAD = """
cycle: 2026-Q4
objectives:
  - id: o
    title: Everything at once
    key_results:
"""
WORKER = """
connections:
  salesforce: {url: "${SALESFORCE_URL}", client_id: okrsync, client_secret: "${CRM_SECRET}", currency: USD}
  jira: {url: "${JIRA_URL}", email: okrsync@example.com, token: "${JIRA_TOKEN}"}
  graph: {tenant: contoso, client_id: okrsync, client_secret: "${GRAPH_CLIENT_SECRET}", url: "${GRAPH_URL}",
          login_url: "${GRAPH_URL}"}
"""
REFUSED = {
    "no-aggregate": ('{salesforce: "SELECT Amount FROM Opportunity"}', "records"),
    "no-number": ('{salesforce: "SELECT MAX(StageName) FROM Opportunity"}', "number"),
    "no-field": ('{salesforce: "SELECT SUM(Amuont) FROM Opportunity"}', "Amuont"),
    "text-field": ('{jira: {sum: summary, jql: "project = SUP"}}', "contains no numbers"),
    "no-project": ('{jira: {count: "project = NOPE"}}', "NOPE"),
    "no-board": ("{jira: {velocity: 999}}", "board"),
    "no-name": ("{graph: {excel: {drive: b!contoso-finance, item: 01CONTOSOFINANCE, name: Runwy}}}", "Runwy"),
    "no-list": ('{graph: {list: {site: "contoso.sharepoint.com,kpis", list: Uptiem, count: true}}}', "Uptiem"),
    "no-column": ('{graph: {list: {site: "contoso.sharepoint.com,kpis", list: Training, sum: Huors}}}', "Huors"),
}
Check = Callable[..., tuple[int, str]]


def workspace(folder: Path, key_results: dict[str, str], worker: str = WORKER) -> None:
    (folder / "okrs").mkdir(exist_ok=True)
    lines = [
        f"      - {{id: {name}, title: From 1 to 2, start: 1, target: 2, value: {value}}}\n"
        for name, value in key_results.items()
    ]
    (folder / "okrs" / "o.yaml").write_text(HEAD.lstrip() + "".join(lines))
    (folder / "okrsync.yaml").write_text(worker)


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Check]:
    def ran(*options: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["-c", str(tmp_path), "check", *options], clock=lambda: TODAY)
        return code, capsys.readouterr().out

    monkeypatch.setattr("connectors.wire.time", FakeTime())
    with running(sample_company(), clock=lambda: TODAY) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CRM_SECRET", environment["SALESFORCE_CLIENT_SECRET"])
        yield ran


def test_what_a_tool_refuses_names_key_result_file_and_line(tmp_path: Path, check: Check) -> None:
    workspace(tmp_path, {name: value for name, (value, _) in REFUSED.items()})
    lines = {name: number for number, name in enumerate(REFUSED, start=6)}

    code, out = check("--connect", "--json")
    _, text = check("--connect")

    problems = [one for told in json.loads(out)["connections"].values() for one in told["problems"]]
    found = {use["key_result"]: (use, one) for one in problems for use in one["key_results"]}
    assert code == 4
    assert set(found) == set(REFUSED), set(REFUSED) - set(found)
    for name, (_, says) in REFUSED.items():
        use, problem = found[name]
        assert (use["file"], use["line"]) == (str(tmp_path / "okrs" / "o.yaml"), lines[name])
        assert says in problem["cause"] + problem["fix"] + problem["query"], problem
        assert problem["fix"]
        assert f"o.yaml:{lines[name]}: {name}" in text


def test_a_query_of_many_key_results_is_refused_once(tmp_path: Path, check: Check) -> None:
    wrong = REFUSED["no-project"][0]
    workspace(tmp_path, {f"kr-{n}": wrong for n in range(7)})

    _, out = check("--connect", "--json")
    _, text = check("--connect")

    (problem,) = json.loads(out)["connections"]["jira"]["problems"]
    assert [use["line"] for use in problem["key_results"]] == list(range(6, 13))
    assert "and 2 more; --json names all" in text


def test_a_wrong_secret_names_its_variable(tmp_path: Path, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace(tmp_path, {"deals": '{salesforce: "SELECT COUNT(Id) FROM Opportunity"}'})
    monkeypatch.setenv("CRM_SECRET", "canary-geheim")

    code, out = check("--connect")

    assert code == 4
    assert "its secret comes from ${CRM_SECRET}" in out
    assert "JIRA_TOKEN" not in out
    assert "geheim" not in out


@pytest.mark.parametrize("breaks", ["__init__", "check", "validate", "close"])
def test_one_connection_that_breaks_spares_the_others(
    tmp_path: Path, check: Check, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("canary")

    workspace(
        tmp_path,
        {"deals": '{salesforce: "SELECT COUNT(Id) FROM Opportunity"}', "tickets": '{jira: {count: "project = NOPE"}}'},
    )
    monkeypatch.setattr(SalesforceConnector, breaks, broken)

    code, out = check("--connect", "--json")

    told = json.loads(out)["connections"]
    assert code == 4
    assert "the connector broke: RuntimeError" in told["salesforce"]["problems"][0]["cause"]
    assert [one["key_result"] for one in told["jira"]["problems"][0]["key_results"]] == ["tickets"]
    assert told["graph"]["account"]


def test_configuration_problems_are_data_too(tmp_path: Path, check: Check) -> None:
    workspace(tmp_path, {"a": "{jria: {count: x}}"}, worker="time_zone: Mars/Phobos\nconnections:\n  jira: {}\n")

    code, out = check("--json")

    problems = json.loads(out)["problems"]
    assert code == 2
    assert {"file", "line", "message", "fix"} == set(problems[0])
    assert (problems[0]["file"], problems[0]["line"]) == (str(tmp_path / "okrsync.yaml"), 1)
    assert any(one["file"].endswith("o.yaml") and one["line"] == 6 for one in problems)


def test_plan_makes_no_store(tmp_path: Path, check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    workspace(tmp_path, {"deals": '{salesforce: "SELECT COUNT(Id) FROM Opportunity"}'})
    before = sorted(tmp_path.rglob("*"))

    assert run(["-c", str(tmp_path), "plan"], clock=lambda: TODAY) == 4

    assert "deals: held" in capsys.readouterr().out
    assert sorted(tmp_path.rglob("*")) == before
