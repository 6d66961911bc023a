"""A tool that is published to: 24 to 28."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.base import Connector, Content, Publisher, Receipt, State, Update
from connectors.errors import Conflict, ConnectorError
from sandbox.server import Server
from tests.connectors.sections.base import CANARY, NOW, Section
from tests.connectors.sections.faults import FAULTS

Fields = tuple[tuple[str, Content], ...]


class PublishingSection(Section):
    """`place` is a destination in its YAML form, `one` and `other` different contents for all of its fields."""

    @pytest.fixture
    def place(self) -> tuple[Any, Fields, Fields]:
        return self.missing("is published to")  # type: ignore[no-any-return]

    @pytest.fixture
    def lose_answer(self) -> Callable[[Any], None]:
        """Lets the next write of a connection take effect and its answer be lost."""
        return self.missing("is published to")  # type: ignore[no-any-return]

    @pytest.fixture
    def written(self) -> Callable[[Any], int]:
        """How many writes the tool has seen."""
        return self.missing("is published to")  # type: ignore[no-any-return]

    @pytest.fixture
    def meddle(self) -> Callable[[Any], Any]:
        """Lets a person change what `place` names, and something beside it; returns what to look at what is beside by."""
        return self.missing("is published to")  # type: ignore[no-any-return]

    @pytest.fixture
    def missing_place(self) -> Any:
        """A destination of the same fields, in its YAML form, that is not there."""
        return self.missing("is published to")

    def test_02_a_destination_is_declared_by_those_that_publish(self) -> None:
        assert (self.spec.destination is not None) == (
            self.spec.connector is not None and issubclass(self.spec.load(), Publisher)
        )

    def test_24_what_is_published_is_current(self, connection: Connector, place: tuple[Any, Fields, Fields]) -> None:
        update = self.update(place, place[1])

        receipt = self.publish(connection, update)

        assert isinstance(receipt, Receipt), receipt
        assert receipt.changed
        assert dict(self.current(connection, update).fields) == dict(place[1])

    def test_25_twice_is_once(
        self,
        connection: Connector,
        place: tuple[Any, Fields, Fields],
        written: Callable[[Any], int],
    ) -> None:
        update = self.update(place, place[1])
        self.publish(connection, update)
        before = written(connection)

        again = self.publish(connection, update)

        assert isinstance(again, Receipt), again
        assert not again.changed
        assert written(connection) == before
        assert dict(self.current(connection, update).fields) == dict(place[1])

    def test_26_a_changed_place_is_a_conflict(
        self,
        connection: Connector,
        place: tuple[Any, Fields, Fields],
        written: Callable[[Any], int],
        meddle: Callable[[Any], Any],
    ) -> None:
        self.publish(connection, self.update(place, place[1]))
        update = self.update(place, place[2], key="second")
        planned = replace(update, expect=self.current(connection, update))
        meddle(connection)
        theirs = self.current(connection, update)
        before = written(connection)

        outcome = self.publish(connection, planned)

        assert isinstance(outcome, Conflict), outcome
        assert outcome.scope == "query"
        assert written(connection) == before
        assert dict(self.current(connection, update).fields) == dict(theirs.fields)

    def test_27_a_lost_answer_can_be_told_by_looking(
        self,
        connection: Connector,
        place: tuple[Any, Fields, Fields],
        lose_answer: Callable[[Any], None],
    ) -> None:
        update = self.update(place, place[1])
        lose_answer(connection)

        outcome = self.publish(connection, update)

        assert isinstance(outcome, ConnectorError), outcome
        assert outcome.uncertain
        assert outcome.temporary
        assert dict(self.current(connection, update).fields) == dict(place[1])

    def test_28_only_the_named_fields_are_touched(
        self,
        connection: Connector,
        place: tuple[Any, Fields, Fields],
        meddle: Callable[[Any], Any],
    ) -> None:
        look = meddle(connection)
        before = look()

        receipt = self.publish(connection, self.update(place, place[2]))

        assert isinstance(receipt, Receipt), receipt
        assert look() == before

    def test_28_some_of_its_fields_can_be_written_alone(
        self, connection: Connector, place: tuple[Any, Fields, Fields]
    ) -> None:
        self.publish(connection, self.update(place, place[1]))
        update = self.update(place, place[2], key="second")
        part = replace(update, fields=place[2][:1], expect=State(fields=place[1][:1]))

        receipt = self.publish(connection, part)

        assert isinstance(receipt, Receipt), receipt
        assert dict(self.current(connection, update).fields) == {**dict(place[1]), **dict(place[2][:1])}

    @pytest.mark.parametrize(("fault", "expected", "scope"), FAULTS)
    def test_21_faults_of_publishing(
        self,
        options: dict[str, Any],
        fake: Server | None,
        place: tuple[Any, Fields, Fields],
        written: Callable[[Any], int],
        caplog: pytest.LogCaptureFixture,
        fault: dict[str, Any],
        expected: type[ConnectorError],
        scope: str | None,
    ) -> None:
        self.need_network()
        assert fake is not None
        if self.spec.any_shape and fault.get("status") == 200:
            pytest.skip("the spec says that any JSON may be a right answer")
        caplog.set_level(logging.DEBUG)
        connection = self.open({**options, "timeout": 0.3} if "delay" in fault else options)
        update = self.update(place, place[1])
        before = written(connection)
        fake.faults.fail(path=self.publish_path or self.data_path, **fault)

        outcome = self.publish(connection, update)
        ((_, found),) = connection.current([update])  # type: ignore[attr-defined]

        for one in (outcome, found):
            assert isinstance(one, expected), repr(one)
            assert scope is None or one.scope == scope
            assert one.fix
            assert CANARY not in str(one) + repr(one) + one.fix + caplog.text
        assert written(connection) == before
        connection.close()

    def test_21_a_web_page_is_no_success(
        self,
        connection: Connector,
        fake: Server | None,
        place: tuple[Any, Fields, Fields],
        written: Callable[[Any], int],
        lose_answer: Callable[[Any], None],
    ) -> None:
        self.need_network()
        assert fake is not None
        update = self.update(place, place[1])
        before = written(connection)
        lose_answer(connection)
        fake.faults.become(kind="html")

        outcome = self.publish(connection, update)

        assert isinstance(outcome, ConnectorError), outcome
        assert outcome.uncertain
        assert written(connection) == before

    def test_21_several_places_cost_each_their_own(
        self, connection: Connector, place: tuple[Any, Fields, Fields], missing_place: Any
    ) -> None:
        good = self.update(place, place[1])
        bad = self.update((missing_place, *place[1:]), place[1], key="bad")

        outcomes = dict(connection.publish([good, bad]))  # type: ignore[attr-defined]

        assert isinstance(outcomes[good], Receipt), outcomes[good]
        assert isinstance(outcomes[bad], ConnectorError), outcomes[bad]
        assert outcomes[bad].scope == "query"
        assert list(connection.publish([])) == []  # type: ignore[attr-defined]

    def test_a_destination_can_be_judged_without_writing(
        self, connection: Connector, place: tuple[Any, Fields, Fields], written: Callable[[Any], int]
    ) -> None:
        assert isinstance(connection, Publisher)
        update = self.update(place, place[1])
        before = written(connection)

        judged = dict(connection.check_destinations([update.destination] * 2))

        assert judged == {update.destination: None}
        assert written(connection) == before

    def update(self, place: tuple[Any, Fields, Fields], fields: Fields, key: str = "first") -> Update[Any]:
        destination = TypeAdapter(self.spec.destination).validate_python(place[0])
        assert {name for name, _ in destination.facts()} == {name for name, _ in fields}
        return Update(destination=destination, fields=fields, key=key, day=date(NOW.year, NOW.month, NOW.day))

    def current(self, connection: Any, update: Update[Any]) -> State[Any]:
        ((_, state),) = connection.current([update])
        assert isinstance(state, State), state
        return state

    def publish(self, connection: Any, update: Update[Any]) -> Any:
        ((_, outcome),) = connection.publish([update])
        return outcome
