"""What the OKR files say of a key result, kept so that its history outlives them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mapping.about import About
from mapping.format import format_quantity
from mapping.formula import Formula
from mapping.model import KeyResult, Objective, OfKeyResult
from mapping.quantity import Quantity

_text = json.JSONEncoder(sort_keys=True).encode


@dataclass(frozen=True, kw_only=True)
class Definition(OfKeyResult):
    """`snapshot` is all that matters to people, as plain data; beside it, where that stands. `meaning` is what its
    values mean, as written by `recipe`."""

    snapshot: Mapping[str, Any]
    meaning: str
    recipe: int
    file: str
    line: int

    @property
    def hash(self) -> str:
        """The same for two definitions that say the same, wherever they stand."""
        return hashlib.sha256(_text(self.snapshot).encode()).hexdigest()[:16]


def snapshot(key_result: KeyResult, objective: Objective | None, questions: Mapping[str, str]) -> dict[str, Any]:
    """`questions` are its metrics' queries as the operator wrote them."""
    period = key_result.period
    return {
        "title": key_result.title,
        "owner": key_result.owner,
        "role": key_result.role.value,
        "kind": key_result.kind.value,
        "objective": _objective(objective),
        "cycle": {"name": period.name, "start": period.start.isoformat(), "end": period.end.isoformat()},
        "unit": str(key_result.unit),
        "measure": type(key_result.measure).__name__,
        "aims": {name: _plain(aim) for name, aim in vars(key_result.measure).items()},
        "weight": str(key_result.weight),
        "share": None if key_result.share is None else str(key_result.share),
        "phases": [[_plain(day), str(part)] for day, part in key_result.phases],
        "rule": key_result.formula.text,
        "questions": dict(questions),
        **_beside(key_result),
    }


def _beside(key_result: KeyResult) -> dict[str, Any]:
    """What is only there where somebody wrote it."""
    said = {"check_in": key_result.check_in, "cancelled": key_result.cancelled}
    return {**_about(key_result.about), **{name: value for name, value in said.items() if value}}


def _about(about: About) -> dict[str, Any]:
    said = vars(about) | {"owners": about.owners[1:], "links": [vars(link) for link in about.links]}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items() if value}


def _objective(objective: Objective | None) -> dict[str, Any] | None:
    if objective is None:
        return None
    return {
        "id": objective.id,
        "title": objective.title,
        "owner": objective.owner,
        "level": objective.level.value,
        "parent": objective.parent,
        **_about(objective.about),
    }


def _plain(value: Any) -> str | None:
    match value:
        case Quantity():
            return format_quantity(value)
        case Formula():
            return value.text
        case date():
            return value.isoformat()
    return None if value is None else str(value)
