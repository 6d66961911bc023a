"""A tool may have one capability alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.main import run
from config import queries
from config.load import load
from config.problems import ConfigError
from connectors import base, registry
from connectors.base import Channel, Connector, Message, Moment, Options, Outcome, Query, Reader, Receipt, Spec, Teller
from connectors.errors import ConnectorError
from connectors.memories import Forgetful
from mapping.day import UTC
from sync.connections import opened, readers
from tests.connectors.contract import NOW

OKRS = """
cycle: 2026-Q4
objectives:
  - {id: o, title: O, key_results: [{id: k, title: K, start: 0, target: 1, value: VALUE}]}
"""


class Place(Channel):
    room: str

    def text(self) -> str:
        return self.room


class Pager(Connector, Teller[Place]):
    def tell(self, messages: Collection[Message[Place]]) -> Iterator[tuple[Message[Place], Receipt | ConnectorError]]:
        for message in messages:
            yield message, Receipt()


class Word(Query):
    word: str

    def text(self) -> str:
        return self.word


class Gauge(Reader[Word]):
    def read(self, queries: Collection[Word]) -> Iterator[tuple[Word, Outcome]]:
        for query in dict.fromkeys(queries):
            yield query, base.reading(len(query.word), connection=self.name, query=query.text(), asked_at=self.clock())


PAGER = Spec(name="pager", title="Pager", options=Options, connector=f"{__name__}:Pager", channel=Place)
CHIME = Spec(name="chime", title="Chime", options=Options, bell="connectors.memory.webhook:MemoryBell")
GAUGE = Spec(
    name="gauge",
    title="Gauge",
    options=Options,
    connector=f"{__name__}:Gauge",
    queries=Word,
    write_moment=lambda at: "",
)


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    points = {spec.name: SimpleNamespace(name=spec.name, load=lambda spec=spec: spec) for spec in (PAGER, CHIME, GAUGE)}

    def entry_points(*, group: str, name: str | None = None) -> list[Any]:
        assert group == registry.GROUP
        return [point for known, point in points.items() if name in (None, known)]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    caches = (registry.names, registry.spec, queries._adapter, queries._keys)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def write(folder: Path, value: str) -> Path:
    (folder / "okrs").mkdir()
    types = ("pager", "chime", "gauge")
    (folder / "okrsync.yaml").write_text("connections:\n" + "".join(f"  {name}: {{type: {name}}}\n" for name in types))
    (folder / "okrs" / "a.yaml").write_text(OKRS.replace("VALUE", value))
    return folder


def test_a_tool_that_is_only_read_gives_its_value(tmp_path: Path) -> None:
    workspace = load(write(tmp_path, "{gauge: {word: four}}"))

    with opened(workspace.connections, workspace.connections, lambda: NOW, UTC) as connectors:
        assert set(connectors) == {"pager", "gauge"}
        assert set(readers(connectors)) == {"gauge"}
        ((_, outcome),) = readers(connectors)["gauge"].read([Word(word="four")])
        assert connectors["gauge"].check() is None
        connectors["pager"].stop()

    assert outcome.value == 4


@pytest.mark.parametrize(("tool", "can"), [("pager", "is told"), ("chime", "rings")])
def test_a_query_to_a_tool_that_can_not_be_read(tmp_path: Path, tool: str, can: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(write(tmp_path, f"{{{tool}: {{word: four}}}}"))

    (problem,) = [one for one in raised.value.problems if tool in one.message]
    assert problem.message == f"{tool} can't be read, it {can}"
    assert problem.fix == "Write one of gauge"
    assert problem.line


def test_check_and_the_lists_cope_with_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(write(tmp_path, "{gauge: {word: four}}"))

    for command in (
        ["--config", folder, "check", "--connect"],
        ["connectors"],
        ["schema", "okrs"],
        ["schema", "worker"],
    ):
        assert run(command) == 0, capsys.readouterr()

    assert "pager" in capsys.readouterr().out


@pytest.mark.parametrize(
    "declared",
    [
        {"connector": "a:B"},
        {"channel": Place},
        {"connector": "a:B", "queries": Word},
        {"connector": "a:B", "channel": Place, "write_moment": lambda at: ""},
    ],
)
def test_a_spec_that_declares_half_of_something_is_refused(declared: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="the connector half"):
        Spec(name="half", title="Half", options=Options, **declared)


def test_everything_that_is_public_is_there() -> None:
    assert base.API_VERSION == 1
    assert [name for name in base.__all__ if not hasattr(base, name)] == []
    assert Moment.__module__ == "connectors.base"


def test_a_connector_remembers_for_as_long_as_it_says() -> None:
    from datetime import timedelta

    now = [NOW]
    memory = Forgetful(lambda: now[0])
    memory.put("field", "customfield_1")
    now[0] += timedelta(hours=2)

    assert memory.get("field", max_age=timedelta(hours=2)) == "customfield_1"
    assert memory.get("field", max_age=timedelta(hours=1)) is None
    assert memory.get("other", max_age=timedelta(hours=1)) is None
    assert isinstance(Gauge("g", Options(), clock=lambda: NOW, memory=memory).memory, Forgetful)


def test_check_reports_every_connection_though_one_breaks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Pager) -> None:
        raise RuntimeError("out of its mind")

    monkeypatch.setattr(Pager, "check", broken)

    code = run(["--config", str(write(tmp_path, "{gauge: {word: four}}")), "check", "--connect"])

    said = capsys.readouterr().out
    assert code == 4
    assert "the connector broke: RuntimeError" in said
    assert "gauge (gauge)" in said
