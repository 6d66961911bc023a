"""What the tools list for people who look for an id: what is found can be pasted, and is accepted then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors import registry
from connectors.base import Connector, Finder, Reader
from connectors.errors import BadAnswer, ConnectorError
from connectors.finding import parts, rows, words
from sandbox.company import BOOK, DRIVE, SITE, TODAY, sample_company
from sandbox.run import EMAIL, SECRET, running
from tests.connectors.contract import NOW, FakeTime

WITHIN = {
    ("salesforce", "fields"): "Opportunity",
    ("graph", "drives"): SITE,
    ("graph", "files"): DRIVE,
    ("graph", "names"): f"{DRIVE}/{BOOK}",
    ("graph", "lists"): SITE,
    ("graph", "columns"): f"{SITE}/Training",
}
TO_FILL_IN = {("jira", "fields"), ("graph", "drives"), ("graph", "files")}
NOT_IN_THE_SANDBOX = {("jira", "filters"), ("graph", "sites"), ("salesforce", "reports")}
"""Its JQL has no filters, and not every site has analytics."""
TOOLS = ("salesforce", "jira", "graph")
KINDS = [(tool, kind.name) for tool in TOOLS for kind in registry.spec(tool).load().kinds]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    data = sample_company()
    data.salesforce_reports["00O000000000001AAA"] = {"reportMetadata": {"name": "Won deals"}}
    with running(data, clock=lambda: TODAY) as made:
        yield made


@pytest.fixture
def connectors(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.setattr("connectors.wire.time", FakeTime())
    given = {
        "salesforce": {"url": environment["SALESFORCE_URL"], "client_id": "okrsync", "client_secret": SECRET},
        "jira": {"url": environment["JIRA_URL"], "email": EMAIL, "token": SECRET},
        "graph": {
            "tenant": "contoso", "client_id": "okrsync", "client_secret": SECRET,
            "url": environment["GRAPH_URL"], "login_url": environment["GRAPH_URL"],
        },
    }  # fmt: skip
    made: dict[str, Connector] = {}
    for tool, options in given.items():
        spec = registry.spec(tool)
        made[tool] = spec.load()(tool, spec.options.model_validate(options), clock=lambda: NOW)
    yield made
    for connector in made.values():
        connector.close()


@pytest.mark.parametrize(("tool", "kind"), KINDS)
def test_what_is_found_can_be_pasted(connectors: dict[str, Any], tool: str, kind: str) -> None:
    connector = connectors[tool]
    assert isinstance(connector, Finder)
    assert isinstance(connector, Reader)

    found = list(connector.find(kind, "", WITHIN.get((tool, kind), "")))

    assert found
    assert all(one.title and one.detail for one in found)
    queries = [TypeAdapter(registry.spec(tool).queries).validate_python(one.query) for one in found]
    if (tool, kind) not in TO_FILL_IN | NOT_IN_THE_SANDBOX:
        from config.placeholders import render
        from mapping.day import UTC
        from mapping.model import parse_cycle

        asked = [render(query, registry.spec(tool), parse_cycle("2026-Q4"), NOW, UTC) for query in queries]
        assert [error for _, error in connector.validate(asked) if error] == []


@pytest.mark.parametrize(("tool", "kind"), KINDS)
def test_a_text_narrows_it(connectors: dict[str, Any], tool: str, kind: str) -> None:
    within = WITHIN.get((tool, kind), "")
    found = list(connectors[tool].find(kind, "", within))
    word = found[-1].title

    narrowed = list(connectors[tool].find(kind, word.upper(), within))

    assert found[-1] in narrowed
    assert all(word.casefold() in f"{one.title} {one.detail}".casefold() for one in narrowed)
    assert list(connectors[tool].find(kind, "zzz no such thing", within)) == []


@pytest.mark.parametrize(
    ("tool", "kind", "within"),
    [
        ("salesforce", "fields", "Nope"), ("graph", "lists", "nowhere"), ("graph", "files", "b!none"),
        ("graph", "names", "b!none"), ("graph", "columns", f"{SITE}/"), ("graph", "columns", f"{SITE}/Nope"),
    ],
)  # fmt: skip
def test_what_it_is_to_lie_in_must_be_there(connectors: dict[str, Any], tool: str, kind: str, within: str) -> None:
    with pytest.raises(ConnectorError) as raised:
        list(connectors[tool].find(kind, "", within))

    assert raised.value.fix


@pytest.mark.parametrize("listed", [None, {}, "x", [1], [None]])
def test_an_answer_that_is_no_list_is_told(listed: Any) -> None:
    with pytest.raises(BadAnswer):
        rows(listed, "x")


def test_words_of_others_are_one_line() -> None:
    assert words({"a": True, "b": " x\n y "}, "a", "b", "c") == "x y"
    assert len(words({"a": "x" * 1000}, "a")) == 300
    assert parts("a/b/c", 2, "A/B", "x") == ["a", "b/c"]
