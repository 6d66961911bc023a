"""The command line as its users meet it, against the sandbox."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.main import cli, run
from cli.templates import examples
from sandbox.company import BOOK, DRIVE, sample_company
from sandbox.company import TODAY as THE_DAY
from sandbox.data import Data
from sandbox.graph import GraphTenant
from sandbox.jira import JiraSite
from sandbox.run import EMAIL, SECRET
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.contract import FakeTime


class Company:
    """The three stand-ins, and a folder with the examples."""

    def __init__(self, folder: Path, data: Data) -> None:
        self.folder = folder
        self.salesforce = Server(SalesforceOrg(data, client_secret=SECRET, clock=lambda: THE_DAY))
        self.jira = Server(JiraSite(data, email=EMAIL, token=SECRET, clock=lambda: THE_DAY))
        self.graph = Server(GraphTenant(data, client_secret=SECRET, clock=lambda: THE_DAY))


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    import shutil

    shutil.copytree(examples(), tmp_path, dirs_exist_ok=True)
    made = Company(tmp_path, sample_company())
    with made.salesforce, made.jira, made.graph:
        for name, server in (("SALESFORCE", made.salesforce), ("JIRA", made.jira), ("GRAPH", made.graph)):
            monkeypatch.setenv(f"{name}_URL", server.url)
        for name in ("SALESFORCE_CLIENT_SECRET", "JIRA_TOKEN", "GRAPH_CLIENT_SECRET"):
            monkeypatch.setenv(name, SECRET)
        monkeypatch.setattr("connectors.wire.time", FakeTime())
        yield made


class Ran:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def okrsync(company: Company, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str, days: int = 0) -> Ran:
        capsys.readouterr()
        code = run(["-c", str(company.folder), *arguments], clock=lambda: THE_DAY + timedelta(days=days))
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


def test_the_whole_way(okrsync: Any) -> None:
    assert okrsync("check").code == 0
    assert okrsync("check", "--connect").code == 0
    assert okrsync("plan", "--exit-code").code == 5

    first = okrsync("sync", "--json")
    assert first.code == 0
    assert {one["outcome"] for one in first.json["key_results"]} == {"changed"}

    second = okrsync("sync", "--json")
    assert second.code == 0
    assert {one["outcome"] for one in second.json["key_results"]} == {"unchanged"}
    assert okrsync("plan", "--exit-code").code == 0

    shown = okrsync("show", "--json").json
    velocity = shown["objectives"][2]["key_results"][0]
    assert shown["objectives"][0]["id"] == "revenue"
    assert velocity["id"] == "pipeline-velocity"
    assert velocity["check_in"]["unit"] == "USD"


def test_check_tells_the_calls_of_a_sync_and_the_quota(okrsync: Any) -> None:
    ran = okrsync("check", "--connect")

    assert re.search(
        r"salesforce \(salesforce\): signed in as .*, \d+ different queries in \d+ calls?, 0\.\d\d% of", ran.out
    )
    assert re.search(r"graph \(graph\): signed in as app okrsync in \S+, \d+ different queries in \d+ calls?", ran.out)


def test_connectors_are_told_with_samples(okrsync: Any) -> None:
    listed, one = okrsync("connectors"), okrsync("connectors", "jira", "--json").json

    assert all(name in listed.out for name in ("salesforce", "jira", "graph", "http", "sql", "manual"))
    assert {option["name"] for option in one["options"]} >= {"url", "token", "concurrency"}
    assert any("cycle_time" in sample for sample in one["samples"])
    assert okrsync("connectors", "jiraa").code == 2


def test_explain_leads_to_the_rows(okrsync: Any) -> None:
    okrsync("sync")

    text = okrsync("explain", "unified-data").out
    data = okrsync("explain", "tickets", "--json").json

    assert "matched / contacts = 2,100 / 2,500 = 84%" in text
    assert "SELECT COUNT(Id) rowsBehind FROM Contact WHERE Marketo_Id__c != null" in text
    evidence = data["check_in"]["inputs"][0]["evidence"]
    assert evidence["rows"] == int(data["check_in"]["value"])
    assert "/issues/?jql=project" in evidence["link"]
    assert ": behind (more than 0 is behind, more than 25 is at risk)" in data["derivation"][-1]
    assert okrsync("explain", "visits").out.count("\n  value = ") == 1


def test_a_dry_run_writes_nothing(okrsync: Any) -> None:
    assert "would be recorded" in okrsync("sync", "--dry-run").out
    assert "Nothing has been synced yet" in okrsync("show").out


def test_one_key_result_alone(okrsync: Any, company: Company) -> None:
    ran = okrsync("sync", "visits", "--json")

    assert [one["key_result"] for one in ran.json["key_results"]] == ["visits"]
    assert company.salesforce.calls == []
    assert company.jira.calls == []


def test_an_unknown_key_result(okrsync: Any) -> None:
    ran = okrsync("explain", "unified-dat")

    assert ran.code == 2
    assert "Did you mean 'unified-data'?" in ran.err


def test_a_connection_that_is_down_is_passing_trouble(okrsync: Any, company: Company) -> None:
    okrsync("sync")
    company.jira.stop()

    ran = okrsync("sync", days=1)

    assert ran.code == 3
    assert "tickets (jira): can't connect to 127.0.0.1" in ran.out
    assert "it keeps 80" in ran.out
    assert "unavailable since" in okrsync("show").out


def test_a_wrong_password(okrsync: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESFORCE_CLIENT_SECRET", "wrong-geheim")

    ran = okrsync("sync")

    assert ran.code == 4
    assert "new-sales (salesforce): Salesforce refuses the sign-in: invalid_client" in ran.out
    assert "Renew the credential of this connection" in ran.out
    assert "geheim" not in ran.out + ran.err
    assert okrsync("check", "--connect").code == 4


def test_a_missing_secret_names_the_variable(okrsync: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIRA_TOKEN")

    ran = okrsync("sync")

    assert ran.code == 2
    assert "okrsync.yaml:12: token: JIRA_TOKEN is not set; looked at the variable JIRA_TOKEN" in ran.err
    assert not (Path(ran.err.partition("okrsync.yaml")[0]) / "okrsync.sqlite").exists()


def edit(company: Company, file: str, old: str, new: str) -> None:
    path = company.folder / "okrs" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (
            "product.yaml",
            "project = SUP AND",
            "project = SUPP AND",
            "tickets (jira): Jira says: The value 'SUPP' does not exist for the field 'project'. (HTTP 400)",
        ),
        (
            "product.yaml",
            "project = SUP AND",
            "project = SUP AND AND",
            "tickets (jira): Jira says: Error in the JQL Query",
        ),
        (
            "company.yaml",
            "SUM(Amount)",
            "SUM(Betrag)",
            "new-sales (salesforce): Salesforce says INVALID_FIELD",
        ),
        (
            "company.yaml",
            "FROM Opportunity",
            "FORM Opportunity",
            "new-sales (salesforce): Salesforce says MALFORMED_QUERY",
        ),
        ("website.yaml", "name: Visits", "name: Visitors", "visits (graph): Graph says ItemNotFound"),
        (
            "product.yaml",
            "name: CheckoutSteps",
            "range: KPIs!A2",
            "checkout (graph): the cell KPIs!A2 of KPIs.xlsx contains 'Checkout steps' instead of a number",
        ),
        (
            "product.yaml",
            "range: KPIs!B3",
            "range: KPIs!B9",
            "session-time (graph): graph has no value for Excel cell KPIs!B9",
        ),
        ("product.yaml", "range: KPIs!B3", "range: KPIs!B4", "session-time: the value 318400 needs a unit of time"),
        (
            "business-operations.yaml",
            "value: matched / contacts",
            "value: matched / (contacts - contacts)",
            "unified-data: matched / (contacts - contacts) = 2,100 / (2,500 - 2,500): division by zero",
        ),
        (
            "marketing.yaml",
            "COUNT(Id) FROM Campaign",
            "Id FROM Campaign",
            "campaigns (salesforce): the query returns records, not a number",
        ),
    ],
)
def test_bad_input_is_one_clear_line(
    okrsync: Any, company: Company, file: str, old: str, new: str, expected: str
) -> None:
    edit(company, file, old, new)

    ran = okrsync("sync")

    assert ran.code == 4
    lines = [line for line in ran.out.splitlines() if line.startswith("! ")]
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"! {expected}")
    failed = expected.partition(" ")[0].rstrip(":")
    shown = [one for objective in okrsync("show", "--json").json["objectives"] for one in objective["key_results"]]
    assert [one["id"] for one in shown if one["check_in"] is None] == [failed]


def test_an_excel_error_cell(okrsync: Any, company: Company) -> None:
    from sandbox.data import Cell

    book = company.graph.application._data.workbooks[DRIVE, BOOK]  # type: ignore[attr-defined]
    book.sheets["KPIs"]["B2"] = Cell(value="#DIV/0!", error=True)

    ran = okrsync("sync")

    assert ran.code == 4
    assert "checkout (graph): the cell CheckoutSteps of KPIs.xlsx contains the error #DIV/0!" in ran.out


@pytest.mark.parametrize("kind", ["html", "truncate"])
@pytest.mark.parametrize("tool", ["salesforce", "jira", "graph"])
def test_an_answer_that_is_none(okrsync: Any, company: Company, tool: str, kind: str) -> None:
    path = {"salesforce": "/services/data", "jira": "/search/", "graph": "/v1.0"}[tool]
    getattr(company, tool).faults.fail(kind=kind, path=path, times=-1)

    ran = okrsync("sync", "--json")

    assert ran.code == 4
    troubled = [one for one in ran.json["key_results"] if one["outcome"] == "unavailable"]
    assert {(one["kind"], one["connection"]) for one in troubled} == {("BadAnswer", tool)}
    assert all(one["check_in"] is None and one["fix"] for one in troubled)


def test_help_is_quick_and_whole() -> None:
    runner = CliRunner()
    for name, command in cli.commands.items():
        assert command.help, name
        assert runner.invoke(cli, [name, "--help"]).exit_code == 0
    script = "import sys, cli.main; sys.exit(any(m in sys.modules for m in ('pydantic', 'sqlalchemy', 'rich', 'yaml', 'jira')))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_usage_errors() -> None:
    assert run(["frobnicate"]) == 2
    assert run(["show", "--nope"]) == 2
    assert run(["-c", "/nowhere/at/all", "check"]) == 2


def test_schema_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "OKR file"
