"""Where in Salesforce check-ins are published: fields of a record, by its id or a key of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from connectors.base import Destination

NAME = r"[A-Za-z][A-Za-z0-9_]*"


class SalesforceRecord(Destination):
    """`{salesforce: {object: Key_Result__c, key: {Key__c: new-sales}, fields: {Current__c: value}}}`: a record that is
    there, by the value of a field that is its key, or by its `id`."""

    object: str = Field(pattern=f"^{NAME}$", max_length=80, description="The object's API name: Key_Result__c.")
    id: str | None = Field(default=None, pattern="^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$", description="The record's id.")
    key: tuple[tuple[str, str], ...] = Field(default=(), description="A field that is unique, and its value.")
    fields: tuple[tuple[str, str], ...] = Field(description="Fields by API name, and the fact that is written to each.")

    @field_validator("key", "fields", mode="before", json_schema_input_type=dict[str, str])
    @classmethod
    def _pairs(cls, given: Any) -> Any:
        return tuple((str(name), fact) for name, fact in given.items()) if isinstance(given, Mapping) else given

    @model_validator(mode="after")
    def _one_way_to_find_it(self) -> Self:
        if (self.id is None) == (len(self.key) != 1):
            raise ValueError("write id: a01..., or key: {Key__c: ...} with one field that is unique")
        for name, _ in (*self.key, *self.fields):
            if not re.fullmatch(NAME, name):
                raise ValueError(f"{name!r} is not the API name of a field")
        return self

    @property
    def found_by(self) -> tuple[str, str]:
        """The field and the value that identify the record."""
        return self.key[0] if self.key else ("Id", self.id or "")

    def text(self) -> str:
        return f"{self.object} {self.id or ' '.join(self.key[0])}"

    def facts(self) -> tuple[tuple[str, str], ...]:
        return self.fields
