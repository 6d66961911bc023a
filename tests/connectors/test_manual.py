from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from config.placeholders import render
from connectors.manual.spec import SPEC
from mapping.model import parse_cycle
from tests.connectors.contract import ConnectorContract


class TestManual(ConnectorContract):
    spec = SPEC

    @pytest.fixture
    def options(self) -> dict[str, Any]:
        return {}

    @pytest.fixture
    def good(self) -> tuple[Any, Decimal]:
        return {"2026-10-31": 120, date(2026, 11, 15): 90.5, "2026-12-24": 60}, Decimal("90.5")

    @pytest.fixture
    def bad(self) -> Any:
        pytest.skip("what is written is checked before it is asked")

    @pytest.fixture
    def empty(self) -> Any:
        return {"2026-12-24": 60}

    @pytest.fixture
    def paged(self) -> tuple[Any, Decimal]:
        return {f"2026-10-0{n}": n for n in range(5, 0, -1)}, Decimal(5)

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        return [{"2026-10-01": n} for n in range(5)], 0

    def test_03_unknown_query_key_is_refused_by_name(self, good: tuple[Any, Decimal]) -> None:
        with pytest.raises(ValidationError, match="'no_such_key' is not a day"):
            self.query({**good[0], "no_such_key": 1})

    @pytest.mark.parametrize(
        ("value", "words"),
        [(True, "true is not a value"), ([1], "not a value: write a number"), ("a lot", "not a value")],
    )
    def test_what_is_no_number_is_refused(self, value: Any, words: str) -> None:
        with pytest.raises(ValidationError, match=words):
            self.query({"2026-10-01": value})

    def test_a_past_day_gets_the_value_of_that_day(self, good: tuple[Any, Decimal]) -> None:
        connection = self.open({})
        past = render(self.query(good[0]), SPEC, parse_cycle("2026-Q4"), datetime(2026, 11, 1, 12, tzinfo=UTC), UTC)

        ((_, reading),) = connection.read([past])

        assert reading.value == 120
        assert reading.evidence.as_of == datetime(2026, 10, 31, tzinfo=UTC)

    def test_no_value_on_a_day_is_no_value(self) -> None:
        assert self.one(self.open({}), {"2026-10-01": 5, "2026-11-01": None}).value is None


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_is_refused(day: str) -> None:
    with pytest.raises(ValidationError, match="can't be the day of a value"):
        SPEC.queries.model_validate({"values": [[day, 5]]})
