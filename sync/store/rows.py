"""Check-ins as rows, to and fro, exact to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from mapping.assess import CheckIn, Input
from mapping.model import Status
from mapping.quantity import Quantity
from mapping.reading import Evidence
from mapping.units import unit_from


def check_in_row(made: CheckIn) -> dict[str, Any]:
    row = {
        name: getattr(made, name)
        for name in (
            "key_result", "at", "progress", "expected", "formula", "filled", "definition", "by", "note", "confidence",
        )
    }  # fmt: skip
    return row | {
        "value": made.value.amount,
        "unit": str(made.value.unit),
        "status": made.status.value,
        "inputs": [_input_to_json(used) for used in made.inputs],
        "aims": [[name, str(end.amount), str(end.unit)] for name, end in made.aims],
    }


def check_in_of(row: Mapping[str, Any]) -> CheckIn:
    return CheckIn(
        key_result=row["key_result"],
        at=row["at"],
        value=Quantity(row["value"], unit_from(row["unit"])),
        progress=row["progress"],
        expected=row["expected"],
        status=Status(row["status"]),
        formula=row["formula"],
        filled=row["filled"],
        definition=row["definition"],
        inputs=tuple(_input_from_json(used) for used in row["inputs"]),
        aims=tuple((name, Quantity(Decimal(amount), unit_from(unit))) for name, amount, unit in row["aims"]),
        by=row["by"],
        note=row["note"],
        confidence=row["confidence"],
    )


def check_in_json(made: CheckIn) -> dict[str, Any]:
    """A check-in as plain JSON, for the places where it is no row of its own."""
    row = check_in_row(made)
    texts = {name: None if row[name] is None else str(row[name]) for name in ("value", "progress", "expected")}
    return row | texts | {"at": made.at.isoformat()}


def check_in_from_json(data: Mapping[str, Any]) -> CheckIn:
    numbers = {name: None if data[name] is None else Decimal(data[name]) for name in ("value", "progress", "expected")}
    return check_in_of({**data, **numbers, "at": datetime.fromisoformat(data["at"])})


def _input_to_json(used: Input) -> dict[str, Any]:
    evidence = asdict(used.evidence)
    evidence |= {name: evidence[name].isoformat() for name in ("asked_at", "as_of")}
    amount = str(used.quantity.amount)
    return {"name": used.name, "amount": amount, "unit": str(used.quantity.unit), "evidence": evidence}


def _input_from_json(used: Mapping[str, Any]) -> Input:
    evidence = dict(used["evidence"])
    evidence |= {name: datetime.fromisoformat(evidence[name]) for name in ("asked_at", "as_of")}
    return Input(
        name=used["name"],
        quantity=Quantity(Decimal(used["amount"]), unit_from(used["unit"])),
        evidence=Evidence(**evidence),
    )
