"""Edits of records, two hundred at a time and each for itself, as Salesforce takes and refuses them."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.data import Row
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.tables import Tables
from sandbox.server import Request

AT_ONCE, CHUNKS = 200, 10


class Edits:
    """`scales` is how many decimals a field keeps, `read_only` the fields that the user may not edit, `locked` how
    often a record is found locked, `rules` what a validation rule says of a record, by its id. `made` are the ids of
    the records that were changed, in order, `history` what was written."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._lock = threading.Lock()
        self.scales: dict[str, int] = {}
        self.read_only: set[str] = set()
        self.locked: Counter[str] = Counter()
        self.rules: dict[str, str] = {}
        self.made: list[str] = []
        self.history: list[Row] = []

    def described(self, found: Row) -> Row:
        shown = [
            {
                **field,
                "updateable": field["name"] not in {"Id", "CreatedDate", *self.read_only},
                "scale": self.scales.get(field["name"], 18 if field["type"] == "double" else 2),
            }
            for field in found["fields"]
        ]
        return {**found, "fields": shown, "updateable": True}

    def change(self, name: str, ident: str, **fields: Any) -> None:
        """As a person does in a browser."""
        self._tables.change(name, ident, fields)

    def collection(self, request: Request) -> list[Row]:
        try:
            records = request.json()["records"]
        except (ValueError, KeyError, TypeError):
            raise Refused("JSON_PARSER_ERROR", "records is missing") from None
        if not 0 < len(records) <= AT_ONCE:
            raise Refused("INVALID_INPUT", f"The max number of records is {AT_ONCE}")
        kinds = [one["attributes"]["type"] for one in records]
        if 1 + sum(one != other for one, other in itertools.pairwise(kinds)) > CHUNKS:
            raise Refused("INVALID_INPUT", f"The max number of chunks is {CHUNKS}")
        if len({one["id"] for one in records}) < len(records):
            raise Refused("DUPLICATE_ID_IN_LIST", "duplicate id in the list")
        for one in records:
            self._refuse_unknown(one)
        with self._lock:
            return [self._written(one) for one in records]

    def _refuse_unknown(self, record: Row) -> None:
        kind = record["attributes"]["type"]
        known = self._tables.types.get(kind.lower())
        if known is None:
            raise Refused("INVALID_TYPE", f"sObject type '{kind}' is not supported.")
        for field in record:
            if field not in ("attributes", "id") and field.lower() not in known:
                raise Refused("INVALID_FIELD", f"No such column '{field}' on sobject of type {kind}")

    def _written(self, record: Row) -> Row:
        ident, kind = record["id"], record["attributes"]["type"]
        fields = {name: value for name, value in record.items() if name not in ("attributes", "id")}
        if self.locked[ident] > 0:
            self.locked[ident] -= 1
            return _failed(ident, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", [])
        if ident in self.rules:
            return _failed(ident, "FIELD_CUSTOM_VALIDATION_EXCEPTION", self.rules[ident], list(fields))
        if closed := sorted(self.read_only & set(fields)):
            said = (
                f"Unable to create/update fields: {', '.join(closed)}. Please check the security settings of this field"
            )
            return _failed(ident, "INVALID_FIELD_FOR_INSERT_UPDATE", said, closed)
        rounded = {name: self._kept(name, value) for name, value in fields.items()}
        if not self._tables.change(kind, ident, rounded):
            return _failed(ident, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
        self.made.append(ident)
        self.history.append(fields)
        return {"id": ident, "success": True, "errors": []}

    def _kept(self, name: str, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-self.scales.get(name, 6)), ROUND_HALF_UP)


def _failed(ident: str, code: str, said: str, fields: list[str]) -> Row:
    return {"id": ident, "success": False, "errors": [{"statusCode": code, "message": said, "fields": fields}]}
