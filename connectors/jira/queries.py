"""What can be asked of a Jira connection. The first field of each form is its name in YAML."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from connectors.base import Query

Jql = Annotated[str, Field(min_length=1, description="A JQL.")]
FieldName = Annotated[
    str, Field(min_length=1, description="A field's name or id: Story Points, customfield_10016, timespent.")
]


def _share(given: Any) -> Any:
    """ "50%" is 0.5."""
    if isinstance(given, str) and given.strip().endswith("%"):
        number = given.strip().removesuffix("%").strip()
        return Decimal(number) / 100 if number.replace(".", "", 1).isdecimal() else given
    return given


class Count(Query):
    """How many issues match; 0 where none does."""

    count: Jql

    @property
    def jql(self) -> str:
        return self.count

    def text(self) -> str:
        return f"count of: {self.count}"


class Sum(Query):
    """The sum of a number field over the issues that match; none where no issue has a value."""

    sum: FieldName
    jql: Jql

    def text(self) -> str:
        return f"sum of {self.sum} over: {self.jql}"


class Average(Query):
    """The mean of a number field over the issues that have a value; none where no issue has."""

    avg: FieldName
    jql: Jql

    def text(self) -> str:
        return f"average of {self.avg} over: {self.jql}"


class Median(Query):
    """The median of a number field over the issues that have a value; none where no issue has."""

    median: FieldName
    jql: Jql

    def text(self) -> str:
        return f"median of {self.median} over: {self.jql}"


class Smallest(Query):
    """The smallest value of a number field; none where no issue has one."""

    min: FieldName
    jql: Jql

    def text(self) -> str:
        return f"smallest {self.min} over: {self.jql}"


class Largest(Query):
    """The largest value of a number field; none where no issue has one."""

    max: FieldName
    jql: Jql

    def text(self) -> str:
        return f"largest {self.max} over: {self.jql}"


class PercentDone(Query):
    """The share of the matching issues whose status category is done, by their number or by a number field."""

    percent_done: Jql
    by: str = Field(default="count", description="`count`, or a field's name or id.")
    exclude_resolutions: tuple[str, ...] = Field(
        default=(), description="Issues resolved so count neither as done nor as work: [Won't Do, Duplicate]."
    )
    in_progress: Annotated[Decimal, BeforeValidator(_share), Field(ge=0, lt=1)] = Field(
        default=Decimal(0), description="How much of an issue in progress counts as done, as 50%."
    )

    @property
    def jql(self) -> str:
        return self.percent_done

    def text(self) -> str:
        also = f", in progress counting {self.in_progress * 100:f}%" if self.in_progress else ""
        without = f", without those resolved {', '.join(self.exclude_resolutions)}" if self.exclude_resolutions else ""
        return f"share done by {self.by}{also}{without} of: {self.percent_done}"


class CycleTime(Query):
    """How long the resolved ones of the matching issues took, until they were resolved; none where none is."""

    cycle_time: Jql
    from_: Literal["created", "started"] = Field(
        default="started",
        validation_alias=AliasChoices("from", "from_"),
        description="`started` is when an issue first went in progress, `created` when it was made.",
    )
    statistic: Annotated[str, Field(pattern=r"^(mean|median|p([1-9]|[1-9]\d))$")] = Field(
        default="median", description="mean, median, or a percentile: p85."
    )

    @property
    def jql(self) -> str:
        return self.cycle_time

    def text(self) -> str:
        return f"{self.statistic} time from {self.from_} to resolved of: {self.cycle_time}"


class Velocity(Query):
    """What a board's last closed sprints completed on average, in the unit that the board estimates in."""

    velocity: int = Field(gt=0, description="The board's number, as in its address: .../boards/12.")
    sprints: int = Field(default=3, ge=1, le=50, description="How many of the last closed sprints.")

    def text(self) -> str:
        return f"velocity of board {self.velocity} over its last {self.sprints} closed sprints"


FORMS = (Count, Sum, Average, Median, Smallest, Largest, PercentDone, CycleTime, Velocity)
OfField = Sum | Average | Median | Smallest | Largest
OverIssues = Count | OfField | PercentDone | CycleTime
JiraQuery = OverIssues | Velocity


def field_of(query: JiraQuery) -> str | None:
    """The field that a query names, as the operator wrote it."""
    match query:
        case Sum(sum=name) | Average(avg=name) | Median(median=name) | Smallest(min=name) | Largest(max=name):
            return name
        case PercentDone(by=name) if name != "count":
            return name
    return None
