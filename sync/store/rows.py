"""Check-ins as rows, to and fro, exact to the last digit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, overload

from sqlalchemy import Text, cast

from mapping.assess import CheckIn, Input
from mapping.model import Status
from mapping.quantity import Quantity
from mapping.reading import Evidence
from mapping.units import unit_from
from sync.store.tables import check_ins

_NUMBERS = ("value", "progress", "expected")
_INSTANTS = ("at", "asked_at", "as_of")
CHECK_IN = [cast(check_ins.c.inputs, Text).label("inputs") if one.name == "inputs" else one for one in check_ins.c]
"""What a check-in is read of. Its inputs are left as they are written until somebody looks at them."""


class Inputs(Sequence[Input]):
    """Those of a recorded check-in, made of their text when they are first looked at: of most only the value is."""

    __slots__ = ("_made", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._made: tuple[Input, ...] | None = None

    @property
    def all(self) -> tuple[Input, ...]:
        if self._made is None:
            self._made = tuple(map(_input_from_json, json.loads(self._text)))
        return self._made

    def __len__(self) -> int:
        return len(self.all)

    @overload
    def __getitem__(self, at: int) -> Input: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Input]: ...
    def __getitem__(self, at: int | slice) -> Input | Sequence[Input]:
        return self.all[at]

    def __eq__(self, other: object) -> bool:
        return self.all == (other.all if isinstance(other, Inputs) else other)

    def __hash__(self) -> int:
        return hash(self.all)

    def __repr__(self) -> str:
        return repr(self.all)


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
        inputs=Inputs(given) if isinstance(given := row["inputs"], str) else tuple(map(_input_from_json, given)),
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
    seen = used.evidence
    evidence: dict[str, Any] = {
        "connection": seen.connection,
        "query": seen.query,
        "asked_at": seen.asked_at.isoformat(),
        "as_of": seen.as_of.isoformat(),
    }
    told = {"rows": seen.rows, "link": seen.link, "note": seen.note}
    evidence |= {name: value for name, value in told.items() if value is not None}
    return {
        "name": used.name,
        "amount": str(used.quantity.amount),
        "unit": str(used.quantity.unit),
        "evidence": evidence,
    }


def _input_from_json(used: Mapping[str, Any]) -> Input:
    evidence = dict(used["evidence"])
    evidence |= {name: datetime.fromisoformat(evidence[name]) for name in ("asked_at", "as_of")}
    return Input(
        name=used["name"],
        quantity=Quantity(Decimal(used["amount"]), unit_from(used["unit"])),
        evidence=Evidence(**evidence),
    )
