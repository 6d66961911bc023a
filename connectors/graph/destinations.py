"""Where in Microsoft 365 check-ins are published: items of lists, and tasks in Planner."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from connectors.base import Destination
from connectors.written import Written

COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TASK_FIELD = "percentComplete"


def pairs(given: Any) -> Any:
    return tuple((str(name), part) for name, part in given.items()) if isinstance(given, Mapping) else given


class GraphListItem(Destination):
    """`{graph: {list: OKRs, site: ..., key: {KR: new-sales}, fields: {Value: value}}}`: an item that is there, by the
    value of a column of your own, or by its `id`. Columns go by their internal names."""

    list: str = Field(min_length=1, max_length=200, description="The list's id or name.")
    site: str = Field(min_length=1, max_length=300, description="The site's id: contoso.sharepoint.com,GUID,GUID.")
    id: str | None = Field(default=None, pattern="^[0-9]{1,18}$", description="The item's id.")
    key: tuple[tuple[str, str], ...] = Field(
        default=(), description="A column that identifies the item, and its value."
    )
    fields: tuple[tuple[str, str], ...] = Field(description="Columns, and the fact that is written to each.")

    @field_validator("key", "fields", mode="before", json_schema_input_type=dict[str, str])
    @classmethod
    def _pairs(cls, given: Any) -> Any:
        return pairs(given)

    @model_validator(mode="after")
    def _one_way_to_find_it(self) -> Self:
        if (self.id is None) == (len(self.key) != 1):
            raise ValueError("write id: 7, or key: {COLUMN: ...} with one column that identifies the item")
        for name, _ in (*self.key, *self.fields):
            if not COLUMN.fullmatch(name):
                raise ValueError(f"{name!r} is not the internal name of a column: `okrsync find` shows the names")
        return self

    def text(self) -> str:
        return f"list {self.list}, item {self.id or ' '.join(self.key[0])}"

    def facts(self) -> tuple[tuple[str, str], ...]:
        return self.fields


class GraphTask(Destination):
    """`{graph: {task: ID, percent: progress}}`: how much of a Planner task is done, from 0 to 100."""

    task: str = Field(pattern="^[A-Za-z0-9_-]{1,100}$", description="The task's id.")
    percent: str = Field(default="progress", description="The fact that is written as its percentage: progress.")

    def text(self) -> str:
        return f"task {self.task}"

    def facts(self) -> tuple[tuple[str, str], ...]:
        return ((TASK_FIELD, self.percent),)


PLACES: tuple[type[Written], ...] = (GraphListItem, GraphTask)
