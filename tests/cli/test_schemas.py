"""What commands print for scripts is of the form that its JSON Schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from cli.schema import OUTPUTS
from tests.report.conftest import lived_through
from tests.report.lived import Lived
from views.shapes import schemas

SHAPES = Path(__file__).parent / "shapes"


def validator(kind: str) -> Draft202012Validator:
    from views.shapes import json_schema

    schema = json_schema(kind)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def test_each_output_has_a_schema() -> None:
    assert tuple(schemas()) == OUTPUTS


@pytest.mark.parametrize(
    ("name", "kind"),
    [("show", "show"), ("plan", "plan"), ("sync", "plan"), ("sync-again", "plan"), ("explain-unified-data", "explain"),
     ("explain-new-sales", "explain"), ("explain-tickets", "explain")],
)  # fmt: skip
def test_what_the_sample_company_prints_fits(name: str, kind: str) -> None:
    found = json.loads((SHAPES / f"{name}.json").read_text())

    assert [error.message for error in validator(kind).iter_errors(found)] == []


def test_what_is_not_of_the_form_is_told() -> None:
    found: Any = json.loads((SHAPES / "show.json").read_text())
    del found["objectives"][0]["key_results"][0]["freshness"]

    assert [error.message for error in validator("show").iter_errors(found)] == ["'freshness' is a required property"]


def test_reports_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lived = lived_through(Lived(tmp_path / "acme", lambda: capsys.readouterr()), "Grow", "ada")
    for kind, arguments in (("report", ()), ("report", ("--week", "now")), ("final-report", ("--final", "2026-Q4"))):
        made = lived.json("report", *arguments, "--format", "json", day=57)
        assert [error.message for error in validator(kind).iter_errors(made)] == []


def test_the_command_prints_them(capsys: pytest.CaptureFixture[str]) -> None:
    from cli.main import run

    for kind in OUTPUTS:
        assert run(["schema", kind]) == 0
        assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")
