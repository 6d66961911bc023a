"""Exports made up for the tests, in the form of Viva Goals'. Nothing of it is anybody's."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from config.okr_file import OkrFile
from config.yaml_source import parse
from importing.model import ImportedTree
from importing.okr_yaml import write
from importing.slugs import ids_of

AS_OF = date(2025, 11, 20)
STAMP = "acme_7_Organization_acme_20251120093000.json"
Q1 = {"ID": 1, "Name": "Q1 2024"}
PERIODS = [
    {"ID": 1, "Time Period Name": "Q1 2024", "Start Date": "2024-01-01", "End Date": "2024-03-31"},
    {"ID": 2, "Time Period Name": "FY25 Q1", "Start Date": "2024-07-01", "End Date": "2024-09-30"},
]
USERS = [{"ID": 5, "Name": "Ada", "Email": "ada@contoso.com", "Manager": None}]


def outcome(unit: str = "Number", start: Any = 458, target: Any = 556, way: str = "Increase From") -> dict[str, Any]:
    kind = "Percentage" if unit == "Complete" else "Metric"
    name = "Percentage" if unit == "Complete" else unit
    return {"Outcome Type": kind, "Metric Unit": name, "Start": start, "Target": target, "Target Type": way}


def row(number: Any, kind: str = "Kpi", parent: Any = None, **other: Any) -> dict[str, Any]:
    made = {
        "ID": number,
        "Title": f"{kind} {number}",
        "Type": kind,
        "Owner": [{"ID": 5, "Name": "Ada"}],
        "Time Period": Q1,
        "Parent IDs": [] if parent is None else [parent],
        "Outcome": outcome(),
    }
    return {**made, **other}


def check_in(number: Any, of: Any, when: str, value: Any) -> dict[str, Any]:
    return {"ID": number, "OKR ID": of, "CheckIn Date": when, "Activity Date": when[:10], "Current Value": value}


def export(
    folder: Path,
    objectives: Iterable[Any],
    checkins: Iterable[Any] = (),
    other: Mapping[str, Any] | None = None,
) -> Path:
    file = folder / "export.zip"
    parts = {"objectives": [*objectives], "checkins": [*checkins], "TimePeriods": PERIODS, "Users": USERS}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, rows in {**parts, **(other or {})}.items():
            archive.writestr(f"{part}_export_file_{STAMP}", json.dumps(rows))
    return file


def reason(tree: ImportedTree, where: str) -> str:
    (found,) = [one.reason for one in tree.skipped if one.where == where]
    return found


def noted(tree: ImportedTree, where: str) -> str:
    return " | ".join(note.text for note in tree.notes if note.where == where)


def forms(tree: ImportedTree) -> dict[str, OkrFile]:
    """What was written, read back by the reader of OKR files."""
    return {
        name: OkrFile.model_validate(parse(text, Path(name)).data) for name, text in write(tree, ids_of(tree)).items()
    }
