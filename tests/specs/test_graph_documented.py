"""Answers that Microsoft's own pages show, read as the connector reads them."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.graph.batch import answer_of, parts_by_id
from connectors.graph.cells import cells_of
from connectors.graph.queries import UsageReport
from connectors.graph.schedule import Request
from connectors.graph.usage import DAY, REFRESHED, report_value

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "graph"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no ../shared/data/graph here")


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(), parse_float=Decimal)


def test_a_batch_out_of_order() -> None:
    parts = parts_by_id(load("batch_response.json"), "m365")

    made = {key: answer_of(Request("/x", "P"), part, "m365") for key, part in parts.items()}

    assert {key: type(answer).__name__ for key, answer in made.items()} == {
        "1": "dict", "2": "AccessDenied", "4": "BadQuery", "5": "dict"
    }  # fmt: skip
    assert "You do not have the required permissions" in str(made["2"])
    assert "93b6f17e-c05d-4f45-ad2a-6665c708d8a0" in str(made["2"])
    assert all(answer.scope == "query" for answer in made.values() if isinstance(answer, ConnectorError))


@pytest.mark.parametrize("name", ["workbook_range_empty.json", "workbook_range_strings.json"])
def test_ranges(name: str) -> None:
    """One page leaves the number formats out, which we ask for."""
    answer = load(name)
    formats = [["General"] * len(row) for row in answer["values"]]

    (cell,) = cells_of({"numberFormat": formats, **answer}, (0, 0), "the cell", "m365")

    assert cell.value == answer["values"][0][0]
    with pytest.raises(BadAnswer):
        cells_of({**answer, "numberFormat": formats[:-1]}, (0, 0), "the cell", "m365")


def reports() -> list[Path]:
    return sorted(FOLDER.glob("*__report__*.csv")) + sorted(FOLDER.glob("*engage-report*.csv"))


@pytest.mark.parametrize("file", reports(), ids=lambda file: file.stem)
def test_every_column_of_every_usage_report(file: Path) -> None:
    content = file.read_bytes()
    (row, *more) = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    if REFRESHED not in row or None in row:
        pytest.skip("the page's example is no report, or does not fit its own header")
    assert more == []

    for column, text in row.items():
        asked = UsageReport(function="getReport", column=column)
        if text and not text.isdecimal():
            with pytest.raises(BadQuery, match="instead of a number"):
                report_value(asked, content, "m365")
        else:
            value, day = report_value(asked, content, "m365")
            assert value == (Decimal(text) if text else None)
            assert str(day) == (row.get(DAY) or row[REFRESHED])
