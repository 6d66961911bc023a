"""Objectives and key results that no OKR file names any more, from what their files said last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from mapping.about import About, Link, Rhythm
from mapping.errors import MappingError
from mapping.formula import Formula
from mapping.model import (
    Baseline,
    Cycle,
    Key,
    KeyResult,
    Kind,
    Level,
    Measure,
    Milestone,
    Objective,
    Role,
    StayAbove,
    StayBelow,
    Toward,
    Within,
)  # fmt: skip
from mapping.parse import parse_quantity
from mapping.quantity import Quantity
from mapping.units import Unit, unit_from

Said = Mapping[str, Any]


def key_result(key: Key, said: Said, aims: Mapping[str, Quantity] | None = None) -> KeyResult:
    """`said` is the snapshot of its definition; `aims` are exact where a check-in was measured against them."""
    unit = unit_from(said["unit"])
    objective = said.get("objective")
    share = said.get("share")
    return KeyResult(
        id=key.id,
        title=said["title"],
        objective=objective["id"] if objective else "",
        role=Role(said["role"]),
        unit=unit,
        measure=_measure(said, unit, aims or {}),
        formula=Formula.parse(said["rule"]),
        period=_cycle(said["cycle"]),
        weight=Decimal(said["weight"]),
        share=None if share is None else Decimal(share),
        kind=Kind(said["kind"]),
        phases=tuple((date.fromisoformat(day), Decimal(part)) for day, part in said.get("phases", ())),
        about=_about(said),
        check_in=Rhythm(said["check_in"]) if said.get("check_in") else None,
        cancelled=said.get("cancelled"),
    )


def objective(said: Said, own: tuple[KeyResult, ...]) -> Objective:
    """With the key results that belonged to it; there is at least one, for it is known through them alone."""
    return Objective(
        id=said["id"],
        title=said["title"],
        level=Level(said["level"]),
        kind=own[0].kind,
        period=own[0].period,
        key_results=own,
        parent=said.get("parent"),
        about=_about(said),
    )


def _cycle(said: Said) -> Cycle:
    return Cycle(name=said["name"], start=date.fromisoformat(said["start"]), end=date.fromisoformat(said["end"]))


def _about(said: Said) -> About:
    return About(
        owners=(*([said["owner"]] if said.get("owner") else []), *said.get("owners", ())),
        check_in_owner=said.get("check_in_owner"),
        teams=tuple(said.get("teams", ())),
        tags=tuple(said.get("tags", ())),
        description=said.get("description"),
        links=tuple(Link(**link) for link in said.get("links", ())),
    )


def _measure(said: Said, unit: Unit, aims: Mapping[str, Quantity]) -> Measure:
    """What can't be told is a baseline: its values are shown, and no progress is made up."""
    known = {name: aims.get(name) or _aim(text, unit) for name, text in said["aims"].items() if text is not None}
    known |= {name: aim for name, aim in aims.items() if name in ("start", "target")}
    try:
        match said["measure"]:
            case "Toward" | "Open":
                return Toward(start=known["start"], target=known["target"])
            case "StayAbove":
                return StayAbove(threshold=known["threshold"], risk=known.get("risk"))
            case "StayBelow":
                return StayBelow(threshold=known["threshold"], risk=known.get("risk"))
            case "Within":
                return Within(low=known["low"], high=known["high"], risk=known.get("risk"))
            case "Milestone":
                return Milestone()
    except (KeyError, MappingError):
        pass
    return Baseline()


def _aim(text: str, unit: Unit) -> Quantity:
    found = parse_quantity(text, unit)
    return Quantity(found.amount, unit)
