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

_NUMBERS = ("value", "progress", "expected")
_INSTANTS = ("at", "asked_at", "as_of")


def check_in_row(made: CheckIn) -> dict[str, Any]:
    row = {
        name: getattr(made, name)
        for name in (
            "key_result", "cycle", "at", "asked_at", "as_of", "progress", "expected", "formula", "filled", "definition",
            "recipe", "by", "note", "confidence",
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
        cycle=row["cycle"],
        at=row["at"],
        asked_at=row["asked_at"],
        as_of=row["as_of"],
        value=Quantity(row["value"], unit_from(row["unit"])),
        progress=row["progress"],
        expected=row["expected"],
        status=Status(row["status"]),
        formula=row["formula"],
        filled=row["filled"],
        definition=row["definition"],
        recipe=row["recipe"],
        inputs=tuple(_input_from_json(used) for used in row["inputs"]),
        aims=tuple((name, Quantity(Decimal(amount), unit_from(unit))) for name, amount, unit in row["aims"]),
        by=row["by"],
        note=row["note"],
        confidence=row["confidence"],
    )


def check_in_json(made: CheckIn) -> dict[str, Any]:
    """A check-in as plain JSON, for the places where it is no row of its own. Whose it is, the row says."""
    row = check_in_row(made)
    del row["key_result"], row["cycle"]
    texts = {name: None if row[name] is None else str(row[name]) for name in _NUMBERS}
    return row | texts | {name: row[name].isoformat() for name in _INSTANTS}


def check_in_in(row: Mapping[str, Any]) -> CheckIn:
    """The check-in that a row holds as JSON."""
    data = row["check_in"]
    numbers = {name: None if data[name] is None else Decimal(data[name]) for name in _NUMBERS}
    instants = {name: datetime.fromisoformat(data[name]) for name in _INSTANTS}
    return check_in_of({**data, **numbers, **instants, "key_result": row["key_result"], "cycle": row["cycle"]})


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
