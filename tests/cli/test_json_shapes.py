"""What scripts read stays as it is: the data of the sample company's commands holds all that it held, equal; new fields
may join. `OKRSYNC_WRITE_SHAPES=1 pytest tests/cli/test_json_shapes.py` writes the files anew."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_commands import company, edit, okrsync

__all__ = ["company", "okrsync"]

SHAPES = Path(__file__).parent / "shapes"
KEYS = ("new-sales", "unified-data", "tickets", "visits", "session-time", "enterprise-deals")


def test_data_for_scripts_keeps_its_shape(okrsync: Any, company: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.people.system_user", lambda: "ada@laptop")
    differences: list[str] = []
    for name, made in _lived(okrsync, company):
        file = SHAPES / f"{name}.json"
        text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:1", json.dumps(made, ensure_ascii=False))
        shown = json.loads(re.sub(r"(\d{8}T\d{12}-)[0-9a-f]{8}", r"\g<1>0", text))
        if os.environ.get("OKRSYNC_WRITE_SHAPES"):
            file.write_text(json.dumps(shown, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        differences += [f"{name}{path}" for path in _missing(json.loads(file.read_text()), shown)]

    assert differences == []


def _lived(okrsync: Any, company: Any) -> Iterator[tuple[str, Any]]:
    """Two days: values, a check-in, a pin, a source that is down, a value that is held, and a cycle about to close."""
    yield "plan", okrsync("plan", "--json").json
    yield "sync", okrsync("sync", "--json").json
    okrsync("check-in", "tickets", "--value", "70", "--note", "counted twice", "--confidence", "6", "--by", "ada")
    okrsync("pin", "visits", "--value", "400000", "--by", "ada")
    company.jira.stop()
    edit(company, "company.yaml", "Type = 'New Product'", "Type = 'New Business'")
    yield "sync-again", okrsync("sync", "--json", days=1).json
    yield "show", okrsync("show", "--json", days=2).json
    for key in KEYS:
        yield f"explain-{key}", okrsync("explain", key, "--json", days=2).json
        yield f"history-{key}", okrsync("history", key, "--json", days=2).json
    yield "export", [json.loads(line) for line in okrsync("export", "--format", "jsonl", days=2).out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(okrsync("export", days=2).out)))
    yield "export-csv", [row | {"details": row["details"] and json.loads(row["details"])} for row in rows]
    yield "close", okrsync("close", "2026-Q4", "--dry-run", "--by", "ada", "--json", days=2).json


def _missing(expected: Any, found: Any, path: str = "") -> Iterator[str]:
    """Where `found` lacks or differs from what is expected."""
    pairs: list[tuple[str, Any, Any]] = []
    if isinstance(expected, dict) and isinstance(found, dict):
        pairs = [(f"{path}.{key}", value, found.get(key, _NOTHING)) for key, value in expected.items()]
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = [(f"{path}[{n}]", *both) for n, both in enumerate(zip(expected, found, strict=True))]
    elif expected != found:
        yield f"{path}: {found!r}, not {expected!r}"
    for where, one, other in pairs:
        yield from _missing(one, other, where)


_NOTHING = object()
