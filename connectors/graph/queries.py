"""What can be asked of a Graph connection. The first field of each form is its name in YAML."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from connectors.base import Query
from connectors.extract import JmesPath
from connectors.graph.addresses import box_of, sheet_and_address

Id = Annotated[str, Field(min_length=1, max_length=500)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _share(given: Any) -> Any:
    """ "50%" is 0.5."""
    if isinstance(given, str) and given.strip().endswith("%"):
        number = given.strip().removesuffix("%").strip()
        return Decimal(number) / 100 if number.replace(".", "", 1).isdecimal() else given
    return given


class ExcelPlace(_Part):
    """One cell, by `range` or by a defined `name`, which survives inserted rows; or a `column` of a `table`."""

    drive: Id = Field(description="The drive's id.")
    item: Id = Field(description="The workbook's item id; a path is not reliable.")
    range: str | None = Field(default=None, description="Sheet and cell: KPIs!B4.")
    name: str | None = Field(
        default=None, description="A defined name of one cell: Visits, or KPIs!Visits where it belongs to a sheet."
    )
    table: str | None = Field(default=None, description="A table's name, with `column` and `measure`.")
    column: str | None = Field(default=None, description="A column's header.")
    measure: Literal["sum", "avg", "last", "count"] | None = Field(
        default=None, description="What to read: `count` counts the filled cells, `last` is the lowest filled one."
    )

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if [self.range, self.name, self.table].count(None) != 2:
            raise ValueError("write one of range, name, table")
        if (self.table is None) != (self.column is None) or (self.table is None) != (self.measure is None):
            raise ValueError("write table, column and measure together")
        if self.range is not None:
            sheet, address = sheet_and_address(self.range)
            if not sheet:
                raise ValueError("a range names its sheet: write KPIs!B4")
            box = box_of(address)
            if box is None or box.cells != 1:
                raise ValueError(
                    f"{address!r} is not a single cell: write KPIs!B4, a defined name, or a table, column and measure"
                )
        return self

    @property
    def where(self) -> str:
        if self.table is not None:
            return f"{self.measure} of the column {self.column} of the table {self.table}"
        return f"cell {self.range or self.name}"


class Excel(Query):
    """The value of one Excel cell, or of a table's column."""

    excel: ExcelPlace

    def text(self) -> str:
        return f"Excel {self.excel.where} of item {self.excel.item} in drive {self.excel.drive}"


class ListColumn(_Part):
    """A SharePoint list, and what of it: `count`, or the `sum`, `avg`, `min`, `max` or `latest` of a column."""

    site: Id = Field(description="The site's id.")
    list: Id = Field(description="The list's id or name.")
    filter: str | None = Field(default=None, description="An OData filter: fields/Status eq 'Done'.")
    count: bool = Field(default=False, description="How many items there are.")
    sum: str | None = Field(default=None, min_length=1, description="A column, best by its internal name.")
    avg: str | None = Field(default=None, min_length=1, description="A column, best by its internal name.")
    min: str | None = Field(default=None, min_length=1, description="A column, best by its internal name.")
    max: str | None = Field(default=None, min_length=1, description="A column, best by its internal name.")
    latest: str | None = Field(default=None, min_length=1, description="A column, best by its internal name.")
    by: str = Field(
        default="Created",
        min_length=1,
        description="The column of dates or numbers that tells which item is the latest.",
    )

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if sum((self.count, *(getattr(self, name) is not None for name in OF_COLUMN))) != 1:
            raise ValueError(f"write one of count: true, {', '.join(f'{name}: COLUMN' for name in OF_COLUMN)}")
        return self

    @property
    def measure(self) -> tuple[str, str]:
        """What is asked, and of which column; ("count", "") for the items themselves."""
        return next(((name, getattr(self, name)) for name in OF_COLUMN if getattr(self, name)), ("count", ""))


OF_COLUMN = ("sum", "avg", "min", "max", "latest")


class SharePoint(Query):
    """A number from a SharePoint list."""

    list: ListColumn

    def text(self) -> str:
        measure, column = self.list.measure
        what = f"{measure} of {column}" if column else "count"
        by = f" by {self.list.by}" if measure == "latest" else ""
        where = f" where {self.list.filter}" if self.list.filter else ""
        return f"{what}{by} of list {self.list.list} in site {self.list.site}{where}"


class PlanTasks(_Part):
    """A Planner plan, or one of its buckets, and what of its tasks."""

    plan: Id = Field(description="The plan's id.")
    bucket: Id | None = Field(default=None, description="A bucket's id, to count only its tasks.")
    measure: Literal["percent_done", "done", "open", "count"] = Field(default="percent_done")
    in_progress: Annotated[Decimal, BeforeValidator(_share), Field(ge=0, lt=1)] = Field(
        default=Decimal(0), description="How much a task in progress counts for percent_done, such as 50%."
    )


class Planner(Query):
    """How much of a plan is done."""

    planner: PlanTasks

    def text(self) -> str:
        asked = self.planner
        bucket = f" in bucket {asked.bucket}" if asked.bucket else ""
        credit = f", in progress counting {asked.in_progress * 100:f}%" if asked.in_progress else ""
        return f"{asked.measure} of the tasks{bucket} of plan {asked.plan}{credit}"


NO_PERIOD = frozenset(
    {"getOffice365ActivationCounts", "getOffice365ActivationsUserCounts", "getOffice365ActivationsUserDetail"}
)
COPILOT = "getMicrosoft365Copilot"


def _pairs(given: Any) -> Any:
    """A mapping as sorted pairs, which are hashable."""
    if isinstance(given, dict):
        return tuple(sorted((str(key), str(value)) for key, value in given.items()))
    return given


Conditions = Annotated[
    tuple[tuple[str, str], ...],
    BeforeValidator(_pairs, json_schema_input_type=dict[str, str]),
    Field(max_length=20),
]


class UsageReport(_Part):
    """A usage report of counts: its newest day with a value."""

    function: str = Field(
        pattern=r"^get[A-Za-z0-9]+$", description="The report's name in Graph: getOffice365ActiveUserCounts."
    )
    period: Literal["D7", "D30", "D90", "D180", "ALL"] | None = Field(
        default=None, description="The period that the report covers; D7 if left out. ALL is for Copilot only."
    )
    column: str = Field(min_length=1, description="The column's header in the CSV: Office 365.")
    where: Conditions = Field(
        default=(), description="Which row of the day to read, by other columns: {Site Type: All}, {Product Type: ...}."
    )

    @model_validator(mode="after")
    def _takes_this_period(self) -> Self:
        if self.function in NO_PERIOD and self.period is not None:
            raise ValueError(f"{self.function} takes no period: leave it out")
        if self.period == "ALL" and not self.function.startswith(COPILOT):
            raise ValueError("only reports on Copilot take the period ALL: write D7, D30, D90 or D180")
        return self

    @property
    def call(self) -> str:
        return self.function if self.function in NO_PERIOD else f"{self.function}(period='{self.period or 'D7'}')"


class Report(Query):
    """A number from a Microsoft 365 usage report; as of the report's date, some two days ago."""

    report: UsageReport

    def text(self) -> str:
        where = (
            f" where {', '.join(f'{name} = {value}' for name, value in self.report.where)}" if self.report.where else ""
        )
        return f"{self.report.column} of {self.report.call}{where}, newest day"


class Count(Query):
    """How many users, members of a group, or whatever Graph can count."""

    count: str = Field(pattern=r"^/?[^?#]+$", description="A collection: users, groups/ID/members, applications.")
    filter: str | None = Field(default=None, description="An OData filter: accountEnabled eq true.")

    def text(self) -> str:
        return f"count of /{self.count.strip('/')}{f' where {self.filter}' if self.filter else ''}"


class SiteVisits(_Part):
    """What people did on a SharePoint site, or with one file."""

    site: Id | None = Field(default=None, description="The site's id.")
    drive: Id | None = Field(default=None, description="A file's drive, with `item`.")
    item: Id | None = Field(default=None, description="A file's item id.")
    period: Literal["all_time", "last_seven_days"] = "all_time"
    measure: Literal["actions", "actors"] = Field(default="actors", description="How often, or how many people.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.site is None) == (self.drive is None) or (self.drive is None) != (self.item is None):
            raise ValueError("write site, or drive and item")
        return self


class SiteAnalytics(Query):
    """Accesses to a site or file."""

    site_analytics: SiteVisits

    def text(self) -> str:
        asked = self.site_analytics
        place = f"site {asked.site}" if asked.site else f"item {asked.item} in drive {asked.drive}"
        return f"{asked.measure} of {place}, {asked.period.replace('_', ' ')}"


class Courses(_Part):
    """The course activities that a learning provider reported to Viva Learning."""

    provider: Id = Field(description="The learning provider's id; only a signed-in person can list the ids.")
    course: Id | None = Field(default=None, description="The learning content's id, for one course only.")
    measure: Literal["completed", "percent_done", "avg", "count"] = Field(
        default="completed", description="`avg` is the mean completion percentage."
    )


class Learning(Query):
    """How far people are in their courses."""

    learning: Courses

    def text(self) -> str:
        course = f" of course {self.learning.course}" if self.learning.course else ""
        return f"{self.learning.measure} of the activities{course} of learning provider {self.learning.provider}"


class Get(Query):
    """Any GET of Graph v1.0, and a JMESPath to its number. A collection is read to its last page."""

    get: str = Field(pattern=r"^/[^#]*$", description="A path with its query: /security/secureScores?$top=1.")
    select: JmesPath = Field(description="A JMESPath expression that gives one number: value[0].currentScore")
    as_of: JmesPath | None = Field(default=None, description="A JMESPath expression that gives the time of the number.")
    pages: bool = Field(
        default=True, description="Whether to read all pages or only the first one. Needed beside a $top."
    )

    @model_validator(mode="after")
    def _says_how_many_pages(self) -> Self:
        if "$top=" in unquote(self.get).lower() and "pages" not in self.model_fields_set:
            raise ValueError(
                "$top is the size of a page: write pages: false for only the first page, pages: true for all of them"
            )
        return self

    def text(self) -> str:
        return f"{self.select} of GET {self.get}"


FORMS = (Excel, SharePoint, Planner, Report, Count, SiteAnalytics, Learning, Get)
GraphQuery = Excel | SharePoint | Planner | Report | Count | SiteAnalytics | Learning | Get
