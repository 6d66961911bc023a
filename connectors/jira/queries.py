"""What can be asked of a Jira connection. The first field of each form is its name in YAML."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field

from connectors.base import Query

Jql = Annotated[str, Field(min_length=1, max_length=20_000, description="A JQL.")]
Name = Annotated[str, Field(min_length=1, max_length=255)]
FieldName = Annotated[Name, Field(description="A field's name or id: Story Points, customfield_10016, timespent.")]
Statistic = Annotated[
    str, Field(pattern=r"^(mean|median|p([1-9]|[1-9]\d))$", description="mean, median, or a percentile: p85.")
]


def _an_instant(given: str) -> str:
    if ":date" in given:
        raise ValueError("worklogs have a time: write {cycle.start} or {cycle.start:time}, without :date")
    return given


Instant = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_an_instant)]
"""A placeholder, which is written as milliseconds since 1970."""


def _share(given: Any) -> Any:
    """ "50%" is 0.5."""
    if isinstance(given, str) and given.strip().endswith("%"):
        number = given.strip().removesuffix("%").strip()[:20]
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
    """The sum of a number field over the issues that match; 0 where none matches, none where none has a value."""

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
    exclude_resolutions: tuple[Name, ...] = Field(
        default=(),
        max_length=50,
        description="Resolutions whose issues are left out: [Won't Do, Duplicate].",
    )
    in_progress: Annotated[Decimal, BeforeValidator(_share), Field(ge=0, lt=1)] = Field(
        default=Decimal(0), description="How much an issue in progress counts as done, such as 50%."
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
    statistic: Statistic = "median"

    @property
    def jql(self) -> str:
        return self.cycle_time

    def text(self) -> str:
        return f"{self.statistic} time from {self.from_} to resolved of: {self.cycle_time}"


class TimeInStatus(Query):
    """How long the matching issues were in some statuses, all stays together, as Jira's control chart shows it. Of
    those that were there and are there no more; none where none was."""

    time_in_status: Jql
    statuses: tuple[Name, ...] = Field(
        default=(),
        max_length=50,
        description="Names or ids: [In Progress, In Review]; if left out, all statuses in progress.",
    )
    statistic: Statistic = "median"

    @property
    def jql(self) -> str:
        return self.time_in_status

    def text(self) -> str:
        where = ", ".join(self.statuses) or "statuses in progress"
        return f"{self.statistic} time in {where} of: {self.time_in_status}"


class Worklog(Query):
    """The time that was logged on the matching issues for the cycle, by when the work began; 0 where none was."""

    worklog: Jql
    from_: Instant = Field(
        default="{cycle.start}",
        validation_alias=AliasChoices("from", "from_"),
        description="The first moment: a placeholder, {cycle.start} if left out.",
    )
    to: Instant = Field(default="{cycle.end}", description="The last moment: {cycle.end} if left out, or {as_of}.")

    @property
    def jql(self) -> str:
        return self.worklog

    def text(self) -> str:
        return f"time logged from {self.from_} to {self.to} on: {self.worklog}"


class Velocity(Query):
    """What a board's last closed sprints completed on average, in the unit that the board estimates in."""

    velocity: int = Field(gt=0, lt=2**63, description="The board's number, as in its address: .../boards/12.")
    sprints: int = Field(default=3, ge=1, le=50, description="How many of the last closed sprints.")

    def text(self) -> str:
        return f"velocity of board {self.velocity} over its last {self.sprints} closed sprints"


FORMS = (Count, Sum, Average, Median, Smallest, Largest, PercentDone, CycleTime, TimeInStatus, Worklog, Velocity)
OfField = Sum | Average | Median | Smallest | Largest
OverIssues = Count | OfField | PercentDone | CycleTime | TimeInStatus
JiraQuery = OverIssues | Worklog | Velocity


def field_of(query: JiraQuery) -> str | None:
    """The field that a query names, as the operator wrote it."""
    match query:
        case Sum(sum=name) | Average(avg=name) | Median(median=name) | Smallest(min=name) | Largest(max=name):
            return name
        case PercentDone(by=name) if name != "count":
            return name
    return None
