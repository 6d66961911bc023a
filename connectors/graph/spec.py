"""The options and the queries of a Microsoft Graph connection."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.base import Moment, Options, Query, Spec, query_forms
from connectors.wire import ServiceUrl


class GraphOptions(Options):
    """An Entra app, by its client secret."""

    tenant: str = Field(description="The tenant's id or domain, such as contoso.onmicrosoft.com.")
    client_id: str = Field(description="The app registration's client id.")
    client_secret: SecretStr = Field(description="Its client secret.")
    url: ServiceUrl = Field(default="https://graph.microsoft.com", description="Another in national clouds.")
    login_url: ServiceUrl = Field(
        default="https://login.microsoftonline.com", description="Another in national clouds."
    )


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExcelCell(_Part):
    """One cell, by `range` or by a defined `name`, which survives inserted rows."""

    drive: str = Field(min_length=1, description="The drive's id.")
    item: str = Field(min_length=1, description="The workbook's item id; a path is not reliable.")
    range: str | None = Field(default=None, description="Sheet and cell: KPIs!B4.")
    name: str | None = Field(default=None, description="A defined name of one cell.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.range is None) == (self.name is None):
            raise ValueError("write either range or name")
        if self.range is not None and not self.range.rpartition("!")[0]:
            raise ValueError("a range names its sheet: write KPIs!B4")
        return self


class Excel(Query):
    """The value of one Excel cell."""

    excel: ExcelCell

    def text(self) -> str:
        where = self.excel.range or self.excel.name
        return f"Excel cell {where} of item {self.excel.item} in drive {self.excel.drive}"


class ListColumn(_Part):
    """A SharePoint list, and what of it: `count`, or the `sum` or the `latest` value of a column."""

    site: str = Field(min_length=1, description="The site's id.")
    list: str = Field(min_length=1, description="The list's id or name.")
    filter: str | None = Field(default=None, description="An OData filter: fields/Status eq 'Done'.")
    count: bool = Field(default=False, description="How many items there are.")
    sum: str | None = Field(default=None, description="A column's internal name.")
    latest: str | None = Field(default=None, description="A column's internal name.")
    by: str = Field(default="Created", description="The date column that tells which item is the latest.")

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        if [self.count, self.sum is not None, self.latest is not None].count(True) != 1:
            raise ValueError("write one of count: true, sum: COLUMN, latest: COLUMN")
        return self


class SharePoint(Query):
    """A number from a SharePoint list."""

    list: ListColumn

    def text(self) -> str:
        asked = self.list
        what = (
            "count" if asked.count else f"sum of {asked.sum}" if asked.sum else f"latest {asked.latest} by {asked.by}"
        )
        where = f" where {asked.filter}" if asked.filter else ""
        return f"{what} of list {asked.list} in site {asked.site}{where}"


GraphQuery = Excel | SharePoint


def write_moment(moment: Moment) -> str:
    """An instant in UTC, as OData filters compare them; quote it in the filter."""
    return moment.at.strftime("%Y-%m-%dT%H:%M:%SZ")


SPEC = Spec(
    name="graph",
    title="Microsoft Graph",
    options=GraphOptions,
    queries=query_forms(Excel, SharePoint),
    write_moment=write_moment,
    connector="connectors.graph.pull:GraphConnector",
)
