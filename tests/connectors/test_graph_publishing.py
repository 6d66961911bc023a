"""Twenty items a batch, each on the version that was read, and tasks of Planner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.base import Receipt, State, Update
from connectors.errors import BadQuery, Conflict, NotFound, Throttled
from connectors.graph.pull import GraphConnector
from connectors.graph.spec import SPEC, GraphOptions
from sandbox.graph.lists import change
from sandbox.server import Server
from tests.connectors.contract import CANARY, NOW, FakeTime
from tests.connectors.test_graph import tenant, tenant_of


@pytest.fixture(autouse=True)
def fake_time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    fake = FakeTime()
    monkeypatch.setattr("connectors.wire.time", fake)
    return fake


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(tenant()) as made:
        yield made


def connect(server: Server) -> GraphConnector:
    app = {"tenant": "contoso", "client_id": "okrsync", "client_secret": CANARY}
    options = GraphOptions.model_validate({**app, "url": server.url, "login_url": server.url})
    return GraphConnector("m365", options, clock=lambda: NOW)


def place_of(form: Any) -> Any:
    return TypeAdapter(SPEC.destination).validate_python(form)


def item(number: int, fields: dict[str, Any], **more: Any) -> Update[Any]:
    form = {"list": "OKRs", "site": "s", "key": {"KR": f"kr-{number}"}, "fields": dict.fromkeys(fields, "value")}
    return Update(
        destination=place_of(form), fields=tuple(fields.items()), key=f"k{number}", day=date(2026, 11, 24), **more
    )


def task(percent: Decimal, **more: Any) -> Update[Any]:
    place = place_of({"task": "task-1", "percent": "progress"})
    return Update(destination=place, fields=(("percentComplete", percent),), key="t", day=date(2026, 11, 24), **more)


def publish(connection: GraphConnector, *made: Update[Any]) -> list[Any]:
    found = dict(connection.publish(made))
    return [found[one] for one in made]


def data_calls(server: Server) -> list[tuple[str, str]]:
    return [(call.method, call.path) for call in server.calls if call.path.startswith("/v1.0/")]


def test_twenty_items_are_read_by_one_batch_and_written_by_one(server: Server) -> None:
    outcomes = publish(connect(server), *(item(n, {"Value": Decimal(n + 100)}) for n in range(1, 46)))

    assert all(isinstance(one, Receipt) and one.changed for one in outcomes)
    assert data_calls(server) == [("POST", "/v1.0/$batch")] * 6, "three batches of reads, three of writes"
    assert [row["Value"] for row in tenant_of(server).items_of("s", "OKRs")] == list(range(101, 146))


def test_another_column_that_somebody_wrote_meanwhile_is_no_conflict(server: Server) -> None:
    connection = connect(server)
    row = tenant_of(server).items_of("s", "OKRs")[0]
    read, first = connection._read, True

    def read_and_be_overtaken(updates: Any) -> Any:
        nonlocal first
        found = list(read(updates))
        if first:
            change(row, {"Remark": "theirs"})
        first = False
        return iter(found)

    connection._read = read_and_be_overtaken  # type: ignore[method-assign]
    (outcome,) = publish(connection, item(1, {"Value": Decimal(7)}, expect=State(fields=(("Value", Decimal(1)),))))

    assert isinstance(outcome, Receipt)
    assert (row["Value"], row["Remark"]) == (7, "theirs")
    assert [status.status for status in server.calls if status.method == "PATCH"] == [412, 200]


def test_our_column_that_somebody_wrote_meanwhile_is_one(server: Server) -> None:
    connection = connect(server)
    row = tenant_of(server).items_of("s", "OKRs")[0]
    read = connection._read

    def read_and_be_overtaken(updates: Any) -> Any:
        found = list(read(updates))
        change(row, {"Value": 77})
        return iter(found)

    connection._read = read_and_be_overtaken  # type: ignore[method-assign]
    (outcome,) = publish(connection, item(1, {"Value": Decimal(7)}, expect=State(fields=(("Value", Decimal(1)),))))

    assert isinstance(outcome, Conflict)
    assert row["Value"] == 77


def test_what_one_of_a_batch_is_asked_to_wait_for_is_waited_out(server: Server, fake_time: FakeTime) -> None:
    tenant_of(server).item_faults = [("/items/2/fields", 429, {"Retry-After": "3"})]

    outcomes = publish(connect(server), *(item(n, {"Value": Decimal(50)}) for n in (1, 2, 3)))

    assert all(isinstance(one, Receipt) for one in outcomes)
    assert 3 in fake_time.slept
    assert Counter(path.split("/")[-2] for path, _ in tenant_of(server).written) == {"1": 1, "2": 1, "3": 1}


def test_one_that_stays_throttled_costs_itself(server: Server) -> None:
    tenant_of(server).item_faults = [("/items/2/fields", 429, {"Retry-After": "7200"})]

    outcomes = publish(connect(server), *(item(n, {"Value": Decimal(50)}) for n in (1, 2)))

    assert isinstance(outcomes[0], Receipt)
    assert isinstance(outcomes[1], Throttled)
    assert outcomes[1].scope == "query"


def test_a_lost_batch_of_writes_is_not_sent_again(server: Server) -> None:
    connection, made = connect(server), [item(n, {"Value": Decimal(50)}) for n in (1, 2)]
    list(connection.current(made))
    send = connection._client.patch_many

    def lose(steps: Any) -> Any:
        server.faults.fail(kind="lost", path="$batch")
        return send(steps)

    connection._client.patch_many = lose  # type: ignore[method-assign]
    outcomes = publish(connection, *made)

    assert all(one.uncertain for one in outcomes)
    assert [one.fields for one in dict(connection.current(made)).values()] == [(("Value", Decimal(50)),)] * 2
    assert len(tenant_of(server).written) == 2


def test_a_time_reads_back_as_it_was_written(server: Server) -> None:
    connection, made = connect(server), item(1, {"At": NOW, "State": "at risk"})

    assert isinstance(publish(connection, made)[0], Receipt)
    ((_, state),) = connection.current([made])

    assert dict(state.fields) == {"At": NOW, "State": "at risk"}


def test_a_task_of_planner(server: Server) -> None:
    connection = connect(server)
    (made,) = connection.kept([task(Decimal("41.6667"))])
    assert made.fields == (("percentComplete", Decimal(42)),)
    assert connection.kept([task(Decimal(130))])[0].fields == (("percentComplete", Decimal(100)),)

    assert isinstance(publish(connection, made)[0], Receipt)
    tenant_of(server).change_task("task-1", percentComplete=5)
    (conflict,) = publish(connection, task(Decimal(50), expect=State(fields=made.fields)))

    assert isinstance(conflict, Conflict)
    assert tenant_of(server).written == [("/v1.0/planner/tasks/task-1", {"percentComplete": 42})]


def test_items_that_are_not_one(server: Server) -> None:
    tenant_of(server).items_of("s", "OKRs")[1]["KR"] = "kr-1"

    two, none = publish(connect(server), item(1, {"Value": Decimal(7)}), item(99, {"Value": Decimal(7)}))

    assert isinstance(two, BadQuery)
    assert isinstance(none, NotFound)
    assert tenant_of(server).written == []


@pytest.mark.parametrize(
    ("change_", "words"),
    [({"key": {}}, "write id: 7"), ({"id": "7"}, "write id: 7"), ({"fields": {"My Column": "value"}}, "internal name")],
)
def test_mistakes_in_an_item(change_: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        place_of({"list": "OKRs", "site": "s", "key": {"KR": "a"}, "fields": {"Value": "value"}, **change_})
