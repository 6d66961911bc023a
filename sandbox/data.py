"""The records behind the stand-ins: what a company keeps in its three tools.

Made by `sandbox.company` for the demo, or read from a folder by `sandbox.load`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """An Excel cell. `value` is a number, text, bool, None (empty), or an error such as "#N/A" with `error`.

    `number_format` is Excel's ("General", "0.0%", "[h]:mm:ss").
    """

    value: Any
    number_format: str = "General"
    error: bool = False


@dataclass(frozen=True, kw_only=True)
class Workbook:
    """`sheets` maps a sheet's name to its cells by address ("B4"); `names` maps a defined name ("Visits", or
    "Sheet!Visits" where it belongs to one) to "Sheet!B4" or "Sheet!B4:C9"; `tables` maps a table's name to its columns,
    each a list of cells. `size` is the file's, where it is to be told another than the true one."""

    name: str
    sheets: dict[str, dict[str, Cell]]
    names: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, list[Cell]]] = field(default_factory=dict)
    modified: str = "2026-11-01T08:00:00Z"
    size: int | None = None


@dataclass(frozen=True, kw_only=True)
class SharePointList:
    """`columns` maps an internal column name to its type ("text", "number", "currency", "dateTime", "boolean",
    "choice", or "dateOnly": its items hold plain days, which are told as the midnights of the site's `zone`, in UTC);
    `shown` maps internal names to those that people see, where they differ; `indexed` names the columns that may be
    filtered on; an empty field is absent from its item."""

    columns: dict[str, str]
    items: list[Row]
    indexed: frozenset[str] = frozenset()
    shown: dict[str, str] = field(default_factory=dict)
    zone: str = "UTC"


@dataclass(kw_only=True)
class Data:
    """Everything at once.

    `salesforce`: object API name -> records by field API name (str, int, Decimal, bool, None; dates as ISO text).
    `salesforce_reports`: what a run of a report answers, by the report's id.
    `jira`: issues in the REST shape `{"id", "key", "fields": {...}}`; `jira_fields`: as GET /field answers.
    `workbooks` by (drive id, item id); `lists` by (site id, list name); `plans`: Planner tasks by plan id; `users`:
    directory users; `reports`: a usage report's CSV by its function's name; `groups`: users' ids by group id;
    `analytics`: what a site's or item's analytics answer, by its id; `courses`: learning course activities by provider
    id; `scores`: secure scores, the newest first.
    """

    salesforce: dict[str, list[Row]] = field(default_factory=dict)
    salesforce_reports: dict[str, Row] = field(default_factory=dict)
    jira: list[Row] = field(default_factory=list)
    jira_fields: list[Row] = field(default_factory=list)
    workbooks: dict[tuple[str, str], Workbook] = field(default_factory=dict)
    lists: dict[tuple[str, str], SharePointList] = field(default_factory=dict)
    plans: dict[str, list[Row]] = field(default_factory=dict)
    users: list[Row] = field(default_factory=list)
    reports: dict[str, str] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    analytics: dict[str, Row] = field(default_factory=dict)
    courses: dict[str, list[Row]] = field(default_factory=dict)
    scores: list[Row] = field(default_factory=list)
