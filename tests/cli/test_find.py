"""`okrsync find`: ids for people, as the YAML to paste."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.main import run
from sandbox.company import SITE, TODAY, sample_company
from sandbox.run import running
from tests.cli.test_check import WORKER, workspace
from tests.connectors.contract import FakeTime

Find = Callable[..., tuple[int, str, str]]


@pytest.fixture
def find(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Find]:
    def ran(*options: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(["-c", str(tmp_path), "find", *options], clock=lambda: TODAY)
        told = capsys.readouterr()
        return code, told.out, told.err

    monkeypatch.setattr("connectors.wire.time", FakeTime())
    data = sample_company()
    data.salesforce |= {f"Thing{n}__c": [{"Id": "1"}] for n in range(60)}
    with running(data, clock=lambda: TODAY) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CRM_SECRET", environment["SALESFORCE_CLIENT_SECRET"])
        workspace(tmp_path, {"a": "{manual: {2026-10-01: 1}}"})
        yield ran


def test_from_a_site_to_a_column(find: Find) -> None:
    code, sites, _ = find("graph", "sites")
    _, lists, _ = find("graph", "lists", "--in", SITE)
    _, columns, _ = find("graph", "columns", "hours", "--in", f"{SITE}/Training")

    assert code == 0
    assert f"okrsync find graph drives|lists --in {SITE}" in sites
    assert f"okrsync find graph columns --in '{SITE}/Training'" in lists or f"--in {SITE}/Training" in lists
    assert (
        columns.splitlines()[1].strip() == f"value: {{graph: {{list: {{site: '{SITE}', list: Training, sum: Hours}}}}}}"
    )


def test_what_is_printed_is_a_source(find: Find, tmp_path: Path) -> None:
    _, out, _ = find("jira", "projects")

    lines = [line.strip() for line in out.splitlines() if line.strip().startswith("value: ")]
    workspace(tmp_path, {f"k{n}": line.removeprefix("value: ") for n, line in enumerate(lines)})
    assert len(lines) > 1
    assert run(["-c", str(tmp_path), "check", "--connect"], clock=lambda: TODAY) == 0


def test_no_more_than_fifty_are_shown(find: Find) -> None:
    _, text, _ = find("salesforce", "objects")
    _, out, _ = find("salesforce", "objects", "thing5", "--json")

    assert text.count("value: ") == 50
    assert "there are more" in text
    found: dict[str, Any] = json.loads(out)
    assert len(found["found"]) == 11
    assert found["more"] is False
    assert yaml.safe_load(found["found"][0]["yaml"]) == {"value": {"salesforce": "SELECT COUNT(Id) FROM Thing50__c"}}


def test_without_what_it_tells_what_there_is(find: Find) -> None:
    code, out, _ = find("graph")

    assert code == 0
    assert "okrsync find graph columns --in SITE/LIST" in out
    assert [one["name"] for one in json.loads(find("jira", "--json")[1])] == ["fields", "boards", "filters", "projects"]


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["jria", "boards"], 2, "Did you mean 'jira'?"),
        (["jira", "bords"], 2, "Did you mean 'boards'?"),
        (["graph", "lists"], 2, "Write --in SITE."),
        (["jira", "boards", "--in", "x"], 2, "Leave --in out."),
        (["manual"], 2, "can't list anything"),
        (["graph", "columns", "--in", SITE], 4, "Write --in SITE/LIST."),
        (["salesforce", "fields", "--in", "Nope"], 4, "NotFound"),
    ],
)
def test_a_wrong_question_says_what_to_write(find: Find, options: list[str], code: int, says: str) -> None:
    made, _, err = find(*options)

    assert made == code
    assert says in err


def test_a_second_connection_is_named_in_what_is_printed(find: Find, tmp_path: Path) -> None:
    twice = WORKER.replace(
        "  jira:", "  jira-b: {type: jira, url: http://127.0.0.1:1, email: a@b.c, token: '${JIRA_TOKEN}'}\n  jira-a:"
    )
    twice = twice.replace("jira-a: {", "jira-a: {type: jira, ")
    workspace(tmp_path, {"a": "{manual: {2026-10-01: 1}}"}, worker=twice)

    assert "Write one of jira-a, jira-b." in find("jira", "projects")[2]
    assert "connection: jira-a}" in find("jira-a", "projects")[1]
    code, _, err = find("jira-b", "projects")
    assert code in (3, 4)
    assert "jira-b: " in err
