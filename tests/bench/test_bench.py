"""What the bench says of itself: what it counts, what it compares, and where its page goes."""

from __future__ import annotations

import ast
import json
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from bench import needed, ringing, script, topics
from bench.page import Page, Table, put_into
from bench.processes import Failed, Run, Series, once, spread
from bench.topics.hooks import change
from bench.world import TOOLS, World, write_data, write_world
from config.load import load
from connectors.base import Call, Delivery
from connectors.jira.spec import SPEC
from connectors.jira.webhook import JiraBell
from sandbox.load import load as load_data
from sandbox.run import running


def test_the_least_is_what_the_vendors_limits_allow() -> None:
    assert {tool: needed.calls(tool, 300) for tool in TOOLS} == {"salesforce": 61, "jira": 300, "graph": 16}
    assert {tool: needed.calls(tool, 1) for tool in TOOLS} == {"salesforce": 2, "jira": 1, "graph": 2}
    assert needed.seconds("jira", 100, 0.2) == pytest.approx(0.2)
    assert needed.seconds("jira", 300, 0.2) == pytest.approx(2.2)
    assert needed.seconds("graph", 300, 0.2) == pytest.approx(0.4)


def test_the_bound_knows_nothing_of_us() -> None:
    tree = ast.parse(Path(needed.__file__).read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {one.name for node in ast.walk(tree) if isinstance(node, ast.Import) for one in node.names}

    assert imported <= {"__future__", "collections.abc", "dataclasses", "math"}


def test_the_script_asks_each_question_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data(tmp_path / "data")
    write_world(tmp_path / "world", World(count=60, distinct=10))
    questions = json.loads((tmp_path / "world" / "questions.json").read_text())
    with running(load_data(tmp_path / "data")) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        found = script.main(questions)

    assert {tool: len(values) for tool, values in found.items()} == dict.fromkeys(TOOLS, 10)
    assert set(found["jira"].values()) == {5}
    assert list(found["graph"].values())[:4] == [99, 99, 99, 98]
    assert found["salesforce"]["SELECT SUM(Amount) FROM Opportunity WHERE IsWon = true AND Amount > 0"] > 0


@pytest.mark.parametrize("woven", [False, True])
def test_a_world_holds_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, woven: bool) -> None:
    for name in ("SALESFORCE_URL", "JIRA_URL", "GRAPH_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("SALESFORCE_CLIENT_SECRET", "JIRA_TOKEN", "GRAPH_CLIENT_SECRET"):
        monkeypatch.setenv(name, "secret")
    write_world(tmp_path / "world", World(count=31, distinct=4, woven=woven, files=3))

    workspace = load(tmp_path / "world")

    assert len(workspace.bindings) == 31
    assert len(list((tmp_path / "world" / "okrs").iterdir())) == 3
    asked = {metric.query for binding in workspace.bindings.values() for metric in binding.metrics.values()}
    assert len(asked) == 3 * 4


def test_a_bell_rings_with_news_of_each_issue_once(tmp_path: Path) -> None:
    """As the connector judges it, and over a change that the sandbox takes."""
    options = TypeAdapter(SPEC.options).validate_python(
        {"url": "https://acme.atlassian.net", "email": "a@acme.com", "token": "t", "hook_secret": ringing.SECRET}
    )
    rung = [JiraBell(options, memory=None).ring(call, datetime.now(UTC)) for call in (bell_call(1), bell_call(2))]
    write_data(tmp_path / "data")
    with running(load_data(tmp_path / "data")) as environment:
        change(environment, 1)

    assert all(isinstance(one, Delivery) and "project:sup" in one.touched for one in rung)
    assert len({one.id for one in rung if isinstance(one, Delivery)}) == 2


def bell_call(number: int) -> Call:
    body, headers = ringing.signed(number)
    return Call(body=body, headers={name.lower(): value for name, value in headers.items()})


def test_memory_is_that_of_the_command_alone() -> None:
    held = bytearray(200_000_000)
    made = once([sys.executable, "-c", "held = bytearray(40_000_000); print('done')"], {})

    assert made.output == "done\n"
    assert 40 < made.megabytes < 100 < len(held)
    assert 0 < made.cpu < made.seconds * 2


def test_a_command_that_fails_is_no_measurement() -> None:
    with pytest.raises(Failed, match="ended with 3"):
        once([sys.executable, "-c", "raise SystemExit(3)"], {})


def test_a_line_shows_its_runs_and_its_spread() -> None:
    runs = tuple(Run(seconds=one, cpu=0.5, megabytes=40, output="") for one in (3, 1, 2))

    assert Series(runs=runs).cells == ("3", "2.00 (1.00-3.00)", "0.50", "40")
    assert spread([1, 9], digits=0) == "5 (1-9)"


def test_the_page_goes_where_the_last_one_was(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- usual -->\n\nold\n\n<!-- end of usual -->\nafter\n")
    page = Page()
    page.say("new")
    page.table("nothing")
    page.table("what", "s").add("a|b", "1.0 (0.9-1.1)")

    put_into(readme, "usual", str(page))
    put_into(readme, "usual", str(page))

    table = "| what | s |\n| --- | ---: |\n| a\\|b | 1.0 (0.9-1.1) |"
    assert readme.read_text() == f"before\n<!-- usual -->\n\nnew\n\n{table}\n\n<!-- end of usual -->\nafter\n"
    with pytest.raises(ValueError, match="no place for full"):
        put_into(readme, "full", "")
    with pytest.raises(ValueError, match="2 cells under 1 heads"):
        Table(("one",)).add(1, 2)


@pytest.mark.parametrize("name", sorted({*topics.USUAL, *topics.FULL}))
def test_every_topic_says_what_its_table_means(name: str) -> None:
    topic = import_module(f"bench.topics.{name}")

    assert topic.TITLE
    assert len(topic.ABOUT) > 50
    assert callable(topic.run)


def test_every_topic_is_run() -> None:
    modules = {path.stem for path in Path(topics.__file__ or "").parent.glob("*.py")} - {"__init__"}

    assert modules == {*topics.USUAL, *topics.FULL}
