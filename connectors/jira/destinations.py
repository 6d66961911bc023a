"""Where in Jira check-ins are published: fields of an issue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from connectors.base import Destination


class JiraIssue(Destination):
    """`{jira: {issue: OKR-12, fields: {KR value: value, KR status: status}}}`: fields by name or id, of the types
    number, text, select, date or labels."""

    issue: str = Field(pattern=r"^([A-Z][A-Z0-9_]*-)?[0-9]+$", max_length=100, description="The issue's key: OKR-12.")
    fields: tuple[tuple[str, str], ...] = Field(
        description="Fields by name or id, and the fact that is written to each."
    )

    @field_validator("fields", mode="before", json_schema_input_type=dict[str, str])
    @classmethod
    def _pairs(cls, given: Any) -> Any:
        return tuple((str(name), fact) for name, fact in given.items()) if isinstance(given, Mapping) else given

    def text(self) -> str:
        return f"issue {self.issue}"

    def facts(self) -> tuple[tuple[str, str], ...]:
        return self.fields
