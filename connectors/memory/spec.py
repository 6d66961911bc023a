"""The options and the query of the memory connector."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic import Field, model_validator

from connectors.base import Moment, Options, Query, Spec


class MemoryOptions(Options):
    """`values` by name; null is "the tool was asked and has none"."""

    values: dict[str, Decimal | None] = Field(default_factory=dict, description="The numbers by name.")


class MemoryQuery(Query):
    """`{memory: NAME}`, or long `{memory: {name: NAME}}`."""

    name: str = Field(description="Which of the connection's values.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    def text(self) -> str:
        return self.name


def write_moment(moment: Moment) -> str:
    return moment.at.isoformat() if moment.form == "time" else moment.day.isoformat()


SPEC = Spec(
    name="memory",
    title="Memory",
    options=MemoryOptions,
    queries=MemoryQuery,
    write_moment=write_moment,
    connector="connectors.memory.pull:MemoryConnector",
    remote=False,
    short_form=True,
)
