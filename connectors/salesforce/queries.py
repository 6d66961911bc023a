"""What can be asked of a Salesforce connection. The first field of each form is its name in YAML."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors.base import Query
from connectors.salesforce.soql import AGGREGATES, Aggregate, Select, flat, parse_select, statement

Name = Annotated[str, Field(pattern=r"^[A-Za-z]\w*(\.[A-Za-z]\w*)*$", max_length=255)]


class Soql(Query):
    """`{salesforce: "SELECT SUM(Amount) FROM ..."}`, or long `{salesforce: {soql: ..., value: ALIAS}}`: one row of
    aggregates. `value` names the one that is meant where there are several."""

    soql: str = Field(min_length=1, max_length=100_000, description="A SELECT of aggregates that returns one row.")
    value: Name | None = Field(default=None, description="The alias of the aggregate that is meant.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"soql": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_clear(self) -> Self:
        if not re.match(r"\s*select\b", self.soql, re.IGNORECASE):
            raise ValueError("a SOQL query begins with SELECT")
        select = parse_select(self.soql)
        if select is None or (self.value is not None and self.value.lower() in select.aliases):
            return self
        if self.value is not None:
            known = ", ".join(select.aliases) or "none"
            raise ValueError(f"no aggregate has the alias {self.value!r} (aliases here: {known})")
        if len(select.aggregates) > 1:
            raise ValueError(
                f"the query has {len(select.aggregates)} aggregates: write `{{soql: ..., value: ALIAS}}` to say which"
            )
        return self

    def text(self) -> str:
        asked = flat(self.soql)
        return f"{self.value} of: {asked}" if self.value else asked


class Structured(Query):
    """`{salesforce: {object: Opportunity, sum: Amount, where: "IsWon = true"}}`: one aggregate over an object."""

    object: Name = Field(description="The object's API name.")
    count: Literal[True] | Name | None = Field(default=None, description="`true`, or a field that must be filled.")
    sum: Name | None = Field(default=None, description="A number field.")
    avg: Name | None = Field(default=None, description="A number field.")
    min: Name | None = Field(default=None, description="A number field.")
    max: Name | None = Field(default=None, description="A number field.")
    count_distinct: Name | None = Field(default=None, description="A field whose different values are counted.")
    where: str | None = Field(default=None, min_length=1, max_length=4000, description="A SOQL condition.")

    @model_validator(mode="after")
    def _one_aggregate(self) -> Self:
        given = [name for name in AGGREGATES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"write one of {', '.join(AGGREGATES)}")
        return self

    @property
    def aggregate(self) -> tuple[str, str]:
        """The function and its field."""
        name = next(name for name in AGGREGATES if getattr(self, name) is not None)
        field = getattr(self, name)
        return name, "Id" if field is True else str(field)

    @property
    def soql(self) -> str:
        function, field = self.aggregate
        where = f" WHERE {flat(self.where)}" if self.where else ""
        return f"SELECT {function.upper()}({field}) FROM {self.object}{where}"  # noqa: S608 - the operator's own

    def text(self) -> str:
        return self.soql


class ReportFilter(BaseModel):
    """Replaces the value of the report's own filter on that column, or adds one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str = Field(min_length=1, description="The column's API name in the report: CLOSE_DATE.")
    operator: Literal[
        "equals", "notEqual", "lessThan", "greaterThan", "lessOrEqual", "greaterOrEqual", "contains", "notContain",
        "startsWith", "includes", "excludes",
    ] = "equals"  # fmt: skip
    value: str = Field(description="What it is compared with; commas separate several.")


class Report(Query):
    """`{salesforce: {report: 00O..., aggregate: s!AMOUNT}}`: a summary value of a report."""

    report: str = Field(pattern=r"^00O\w{12}(\w{3})?$", description="The report's id, as in its address: 00O...")
    aggregate: str = Field(
        default="RowCount", min_length=1, description="RowCount, s!FIELD (sum), a!, m!, x!, u!FIELD or FORMULA1."
    )
    group: tuple[str, ...] = Field(
        default=(),
        max_length=3,
        json_schema_extra={"type": ["array", "string"]},
        description="The row group to read, by its labels, the outermost first.",
    )
    filters: tuple[ReportFilter, ...] = Field(default=(), max_length=20, description="Filters for this query only.")

    @model_validator(mode="before")
    @classmethod
    def _one_label(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("group"), str):
            return {**value, "group": (value["group"],)}
        return value

    def text(self) -> str:
        group = f" of the group {' / '.join(self.group)}" if self.group else ""
        filters = ", ".join(f"{one.column} {one.operator} {one.value}" for one in self.filters)
        return f"{self.aggregate}{group} of report {self.report}{f' where {filters}' if filters else ''}"


SalesforceQuery = Soql | Structured | Report
OverRows = Soql | Structured


def select_of(query: OverRows) -> Select | None:
    """The plain SELECT of the one aggregate that is meant; None where the query is not that plain."""
    select = parse_select(query.soql)
    if select is None:
        return None
    one = _wanted(query, select.aggregates)
    own = one.field.partition(".")[2] if one.field.lower().startswith(f"{select.object.lower()}.") else one.field
    return Select(aggregates=(Aggregate(one.function, own, one.alias),), object=select.object, rest=select.rest)


def meant(query: OverRows) -> tuple[str, Aggregate] | None:
    """The object and the aggregate over it that a query asks for, however it is written; None where that can't be
    told from its text."""
    made = statement(query.soql)
    if made is None:
        return None
    wanted = query.value if isinstance(query, Soql) else None
    plain = [one for one in made.columns if one is not None and (wanted is None or one.alias.lower() == wanted.lower())]
    if len(plain) != 1 or (wanted is None and len(made.columns) != 1):
        return None
    return made.object, Aggregate(plain[0].function, made.own_field(plain[0].field), plain[0].alias)


def _wanted(query: OverRows, aggregates: tuple[Aggregate, ...]) -> Aggregate:
    if isinstance(query, Soql) and query.value is not None:
        return next(one for one in aggregates if one.alias.lower() == query.value.lower())
    return aggregates[0]
