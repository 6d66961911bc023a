"""A tool that is told: messages, each delivered at most once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from connectors.base import Connector, Line, Message, Receipt, Teller
from connectors.errors import ConnectorError
from tests.connectors.sections.base import Section


class TellingSection(Section):
    """`channel` is a channel in its YAML form."""

    @pytest.fixture
    def channel(self) -> Any:
        return self.missing("is told")

    @pytest.fixture
    def arrived(self) -> Callable[[Any], list[str]]:
        """The whole text of each message that arrived and still stands, oldest first."""
        return self.missing("is told")  # type: ignore[no-any-return]

    @pytest.fixture
    def mute(self) -> Callable[[Any], None]:
        """Lets the next message arrive and its answer be lost."""
        return self.missing("is told")  # type: ignore[no-any-return]

    def test_a_channel_is_declared_by_those_that_tell(self) -> None:
        assert (self.spec.channel is not None) == (
            self.spec.connector is not None and issubclass(self.spec.load(), Teller)
        )

    def test_a_message_arrives_whole(
        self, connection: Connector, channel: Any, arrived: Callable[[Any], list[str]]
    ) -> None:
        outcome = self.tell(connection, self.message(channel))

        assert isinstance(outcome, Receipt), outcome
        (text,) = arrived(connection)
        for part in ("Weekly check-in", "Needs attention", "New sales: $13M", "https://okrs.example.com/new-sales"):
            assert part in text

    def test_a_lost_answer_is_not_sent_again(
        self, connection: Connector, channel: Any, arrived: Callable[[Any], list[str]], mute: Callable[[Any], None]
    ) -> None:
        mute(connection)

        outcome = self.tell(connection, self.message(channel))

        assert isinstance(outcome, ConnectorError), outcome
        assert outcome.uncertain
        assert len(arrived(connection)) == 1

    def test_an_earlier_message_is_replaced_where_the_tool_can(
        self, connection: Connector, channel: Any, arrived: Callable[[Any], list[str]]
    ) -> None:
        message = self.message(channel)
        first = self.tell(connection, message)

        self.tell(connection, replace(message, key="k2", title="Corrected", replaces=first.remote_id))

        assert len(arrived(connection)) == (2 if first.remote_id is None else 1)
        assert "Corrected" in arrived(connection)[-1]

    def test_a_channel_can_be_judged_without_a_word(
        self, connection: Connector, channel: Any, arrived: Callable[[Any], list[str]]
    ) -> None:
        assert isinstance(connection, Teller)
        made = TypeAdapter(self.spec.channel).validate_python(channel)

        assert dict(connection.check_channels([made, made])) == {made: None}
        assert arrived(connection) == []

    def message(self, channel: Any) -> Message[Any]:
        return Message(
            channel=TypeAdapter(self.spec.channel).validate_python(channel),
            key="k1",
            title="Weekly check-in",
            lines=(
                Line(text="Needs attention", strong=True),
                Line(text="New sales: $13M", link="https://okrs.example.com/new-sales"),
            ),
        )

    def tell(self, connection: Any, message: Message[Any]) -> Any:
        ((_, outcome),) = connection.tell([message])
        return outcome
