"""The options of a Microsoft Graph connection, and what the connector is."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from connectors.address import ServiceUrl
from connectors.base import Moment, Spec, query_forms
from connectors.entra_options import EntraOptions
from connectors.graph.destinations import PLACES
from connectors.graph.queries import FORMS
from connectors.written import forms_by_key


class GraphOptions(EntraOptions):
    url: ServiceUrl = Field(default="https://graph.microsoft.com", description="Another in national clouds.")
    excel_by: Literal["auto", "workbook", "download"] = Field(
        default="auto",
        description="How Excel is read: by the workbook API, by downloading the file, or by the file where that API "
        "refuses.",
    )
    subscribe: bool = Field(
        default=False,
        description="Whether `serve` asks Graph to report changes. Drives and lists need a permission to write.",
    )

    @model_validator(mode="after")
    def _has_a_secret(self) -> Self:
        if self.subscribe and self.hook_secret is None:
            raise ValueError("write hook_secret with subscribe: it shows which calls are from Graph")
        return self


def write_moment(moment: Moment) -> str:
    """As OData filters compare them: an instant in UTC (Edm.DateTimeOffset), or a day (Edm.Date)."""
    return moment.day.isoformat() if moment.form == "date" else moment.iso


SPEC = Spec(
    name="graph",
    title="Microsoft Graph",
    options=GraphOptions,
    queries=query_forms(*FORMS),
    write_moment=write_moment,
    connector="connectors.graph.pull:GraphConnector",
    destination=forms_by_key(PLACES, "a destination"),
    publishing_needs="Sites.Selected with the role write at the site (lists), Tasks.ReadWrite.All (Planner)",
    bell="connectors.graph.webhook:GraphBell",
)
