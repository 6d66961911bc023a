"""A tool that is read: 10 to 20."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from connectors.base import Reader
from connectors.errors import ConnectorError
from mapping.reading import Reading
from sandbox.server import Server
from tests.connectors.sections.base import NOW, Section


class ReadingSection(Section):
    def test_10_each_query_gets_one_outcome(self, connection: Reader[Any], good: tuple[Any, Decimal], bad: Any) -> None:
        queries = [self.query(good[0]), self.query(bad), self.query(good[0])]

        outcomes = list(connection.read(queries))

        assert sorted(q.text() for q, _ in outcomes) == sorted({q.text() for q in queries})

    def test_11_no_queries_no_call(self, connection: Reader[Any], fake: Server | None) -> None:
        assert list(connection.read([])) == []
        assert fake is None or fake.calls == []

    def test_12_known_answer_with_its_evidence(self, connection: Reader[Any], good: tuple[Any, Decimal]) -> None:
        reading = self.one(connection, good[0])

        assert isinstance(reading, Reading), reading
        assert reading.value == good[1]
        assert isinstance(reading.value, Decimal)
        assert reading.evidence.connection == "under-test"
        assert reading.evidence.query
        assert reading.evidence.asked_at == NOW
        assert reading.evidence.as_of.tzinfo is not None

    def test_13_all_pages(self, connection: Reader[Any], paged: tuple[Any, Decimal]) -> None:
        reading = self.one(connection, paged[0])

        assert isinstance(reading, Reading), reading
        assert reading.value == paged[1]

    def test_15_none_is_not_zero(self, connection: Reader[Any], empty: Any) -> None:
        reading = self.one(connection, empty)

        assert isinstance(reading, Reading), reading
        assert reading.value is None

    def test_16_a_bad_query_spares_the_rest(self, connection: Reader[Any], good: tuple[Any, Decimal], bad: Any) -> None:
        outcomes = dict(connection.read([self.query(bad), self.query(good[0])]))

        error, reading = outcomes[self.query(bad)], outcomes[self.query(good[0])]
        assert isinstance(error, ConnectorError)
        assert error.scope == "query"
        assert error.fix
        assert isinstance(reading, Reading)
        assert reading.value == good[1]

    def test_17_reads_write_nothing(
        self, connection: Reader[Any], fake: Server | None, batch: tuple[list[Any], int]
    ) -> None:
        connection.check()
        list(connection.read([self.query(form) for form in batch[0]]))

        assert fake is None or {call.method for call in fake.calls} <= {"GET", "POST"}

    def test_18_same_world_same_answer(self, connection: Reader[Any], batch: tuple[list[Any], int]) -> None:
        queries = [self.query(form) for form in batch[0]]

        assert dict(connection.read(queries)) == dict(connection.read(queries))

    def test_19_no_more_calls_than_the_batching_needs(
        self, connection: Reader[Any], fake: Server | None, batch: tuple[list[Any], int]
    ) -> None:
        forms, least = batch
        connection.check()
        before = self.data_calls(fake) if fake else 0

        outcomes = dict(connection.read([self.query(form) for form in forms] * 2))

        assert all(isinstance(outcome, Reading) for outcome in outcomes.values()), outcomes
        assert fake is None or self.data_calls(fake) - before <= least
        assert fake is None or connection.sent == len(fake.calls)

    def test_20_link_is_on_the_configured_host(
        self, connection: Reader[Any], fake: Server | None, good: tuple[Any, Decimal]
    ) -> None:
        reading = self.one(connection, good[0])

        assert isinstance(reading, Reading)
        link = reading.evidence.link
        assert link is None or (fake is not None and urlsplit(link).netloc == urlsplit(fake.url).netloc)
