"""Answers that a real Salesforce gave once, read as whatever we could have asked for."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import BadCredentials, BadQuery, ConnectorError, NotFound
from connectors.salesforce.answers import only_row, rows_of
from connectors.salesforce.errors import query_error, sign_in_error
from connectors.salesforce.queries import Report
from connectors.salesforce.reports import summary
from connectors.salesforce.schema import Schema

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "salesforce" / "restforce"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no recorded answers beside this clone")


def body(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(), parse_float=Decimal)


def test_groups_are_not_one_number() -> None:
    answer = body("sobject/query_aggregate_success_response")

    assert [row["expr0"] for row in rows_of(answer, "crm")] == [300, 100, 400]
    with pytest.raises(BadQuery, match="3 rows"):
        only_row(answer, "crm")


@pytest.mark.parametrize(
    "name", ["query_paginated_first_page_response", "query_success_response", "org_query_response"]
)
def test_records_are_not_a_number(name: str) -> None:
    with pytest.raises(BadQuery, match="records, not a number"):
        only_row(body(f"sobject/{name}"), "crm")


@pytest.mark.parametrize(
    ("name", "status", "kind", "words"),
    [
        ("expired_session_response", 401, BadCredentials, "INVALID_SESSION_ID"),
        ("sobject/query_error_response", 400, BadQuery, "INVALID_FIELD"),
        ("sobject/sobject_describe_error_response", 404, NotFound, "does not exist"),
    ],
)
def test_refusals(name: str, status: int, kind: type[ConnectorError], words: str) -> None:
    error = query_error(status, body(name), "crm")

    assert type(error) is kind
    assert words in error.message


def test_a_refused_sign_in() -> None:
    error = sign_in_error(400, body("auth_error_response"), "crm")

    assert isinstance(error, BadCredentials)
    assert "Invalid Password" in error.message


def test_a_description_tells_types() -> None:
    schema = Schema()
    schema.learn("Whizbang", body("sobject/sobject_describe_success_response"))

    types = {name: getattr(schema.field("whizbang", name), "type", None) for name in ("Id", "CreatedDate", "Nowhere")}
    assert types == {"Id": "id", "CreatedDate": "datetime", "Nowhere": None}


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.json")), ids=lambda file: file.stem)
def test_any_of_them_in_any_place_is_a_number_or_our_error(file: Path) -> None:
    answer = json.loads(file.read_text() or "null", parse_float=Decimal)
    Schema().learn("Whizbang", answer)
    assert isinstance(query_error(400, answer, "crm"), ConnectorError)
    assert isinstance(sign_in_error(400, answer, "crm"), ConnectorError)
    for read in (only_row, lambda found, _: summary(Report(report="00O000000000001"), found, "crm")):
        with pytest.raises(ConnectorError):
            read(answer, "crm")
