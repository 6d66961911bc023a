"""Reports of Salesforce, and what a user's zone is, in the stand-in by --data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.salesforce.pull import SalesforceConnector
from connectors.salesforce.spec import SalesforceOptions
from sandbox.load import load
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.contract import NOW
from tests.connectors.test_salesforce_queries import query
from tests.connectors.test_salesforce_reports import REAL, REPORT


def read(folder: Path, form: Any) -> Any:
    with Server(SalesforceOrg(load(folder))) as server:
        given = {"url": server.url, "client_id": "okrsync", "client_secret": "sandbox-secret"}
        connector = SalesforceConnector("crm", SalesforceOptions.model_validate(given), clock=lambda: NOW)
        assert [error for _, error in connector.validate([query(form)])] == [None]
        ((_, outcome),) = connector.read([query(form)])
        connector.close()
    return outcome


def test_a_report_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "salesforce" / "reports").mkdir(parents=True)
    body = {
        "reportMetadata": {"aggregates": ["RowCount"], "reportFormat": "TABULAR"},
        "factMap": {"T!T": {"aggregates": [{"label": "12", "value": 12}]}},
    }
    (tmp_path / "salesforce" / "reports" / f"{REPORT}.json").write_text(json.dumps(body))

    assert read(tmp_path, {"report": REPORT}).value == 12


@pytest.mark.skipif(not REAL.exists(), reason="no real report results beside this clone")
def test_a_report_as_salesforce_gave_it(tmp_path: Path) -> None:
    (tmp_path / "salesforce" / "reports").mkdir(parents=True)
    (tmp_path / "salesforce" / "reports" / f"{REPORT}.json").write_text((REAL / "summary.json").read_text())

    found = read(tmp_path, {"report": REPORT})

    assert (found.value, found.evidence.rows) == (162, 162)


def test_a_file_that_is_no_report_is_named(tmp_path: Path) -> None:
    (tmp_path / "salesforce" / "reports").mkdir(parents=True)
    (tmp_path / "salesforce" / "reports" / f"{REPORT}.json").write_text("[1]")

    with pytest.raises(ValueError, match=REPORT):
        load(tmp_path)
