"""Evaluates SOQL over the tables, with Salesforce's rules and refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.salesforce.dates import span
from sandbox.salesforce.errors import Refused, malformed, no_such_field, no_such_object
from sandbox.salesforce.rules import AGGREGATES, check, is_aggregate
from sandbox.salesforce.soql import Call, Condition, Literal, Path, Select, parse
from sandbox.salesforce.tables import Tables, from_column, to_column

MAX_GROUPS = 2000
MOST_STEPS = 5
_YEAR, _MONTH = "CAST(strftime('%Y', {}) AS INTEGER)", "CAST(strftime('%m', {}) AS INTEGER)"
_DAY_OF_YEAR, _DAY_OF_MONTH = "CAST(strftime('%j', {}) AS INTEGER)", "CAST(strftime('%d', {}) AS INTEGER)"
_QUARTER = f"(({_MONTH} + 2) / 3)"
DATE_FUNCTIONS: dict[str, str] = {
    "CALENDAR_YEAR": _YEAR,
    "CALENDAR_MONTH": _MONTH,
    "CALENDAR_QUARTER": _QUARTER,
    "FISCAL_YEAR": _YEAR,
    "FISCAL_MONTH": _MONTH,
    "FISCAL_QUARTER": _QUARTER,
    "DAY_IN_YEAR": _DAY_OF_YEAR,
    "DAY_IN_MONTH": _DAY_OF_MONTH,
    "DAY_IN_WEEK": "(CAST(strftime('%w', {}) AS INTEGER) + 1)",
    "WEEK_IN_YEAR": f"(({_DAY_OF_YEAR} - 1) / 7 + 1)",
    "WEEK_IN_MONTH": f"(({_DAY_OF_MONTH} - 1) / 7 + 1)",
    "HOUR_IN_DAY": "CAST(strftime('%H', {}) AS INTEGER)",
    "DAY_ONLY": "substr({}, 1, 10)",
}
"""Fiscal years are calendar years here."""
OF_INSTANTS = frozenset({"HOUR_IN_DAY", "DAY_ONLY"})
_FLIP = {"=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class Answer:
    """`total` is Salesforce's totalSize."""

    total: int
    records: list[dict[str, Any]]


@dataclass
class _Scope:
    """One SELECT being translated: its entity, the joins found on the way, the parameters in order."""

    entity: str
    text: str
    alias: str = ""
    filters: list[str] = field(default_factory=list)
    joins: dict[str, str] = field(default_factory=dict)
    parameters: list[Any] = field(default_factory=list)


class Evaluator:
    """`zone` is the running user's: date literals begin and end there, and convertTimezone() leads there. `user` is
    whose records USING SCOPE mine shows."""

    def __init__(self, tables: Tables, now: Callable[[], datetime], zone: ZoneInfo, user: str) -> None:
        self._tables = tables
        self._now = now
        self._zone = zone
        self._user = user
        tables.db.create_function("in_zone", 1, self._in_zone, deterministic=True)
        tables.db.create_function("includes", 2, _includes, deterministic=True)

    def run(self, soql: str) -> Answer:
        """Raises Refused."""
        select = parse(soql)
        check(select)
        scope = self._scope(select)
        if [item.expr for item in select.items] == [Call("COUNT", None)]:
            return self._count(select, scope)
        aggregated = bool(select.group) or any(is_aggregate(item.expr) for item in select.items)
        columns = [self._expression(item.expr, scope) for item in select.items]
        sql = f"SELECT {', '.join(text for text, _ in columns)}{self._tail(select, scope)}"
        rows = self._fetch(sql, scope)
        if select.group and len(rows) > MAX_GROUPS:
            raise Refused(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            )
        names = _names(select)
        kinds = [kind for _, kind in columns]
        entity = self._tables.names[scope.entity]
        records = [self._record(names, kinds, row, "AggregateResult" if aggregated else entity) for row in rows]
        return Answer(len(records), records)

    def _count(self, select: Select, scope: _Scope) -> Answer:
        inner = f"SELECT 1{self._tail(select, scope)}"
        return Answer(self._fetch(f"SELECT COUNT(*) FROM ({inner})", scope)[0][0], [])  # noqa: S608 - built above

    def _scope(self, select: Select) -> _Scope:
        if select.entity.lower() not in self._tables.names:
            raise no_such_object(select.entity)
        made = _Scope(select.entity.lower(), select.text, select.alias.lower())
        owner = self._tables.types[made.entity].get("ownerid")
        if select.scope == "mine" and owner:
            made.filters.append(f"t.\"{owner[0]}\" = '{self._user}'")
        return made

    def _tail(self, select: Select, scope: _Scope) -> str:
        filters = [*scope.filters, *([self._condition(select.where, scope)] if select.where else [])]
        where = f" WHERE {' AND '.join(filters)}" if filters else ""
        for part in select.group:
            self._check_groupable(part, scope)
        grouped = ", ".join(self._expression(part, scope)[0] for part in select.group)
        group = f" GROUP BY {grouped}" if grouped else ""
        having = f" HAVING {self._condition(select.having, scope)}" if select.having else ""
        order = ", ".join(
            f"{self._expression(sort.expr, scope)[0]} {'DESC' if sort.descending else 'ASC'}"
            f" NULLS {'LAST' if sort.nulls_last else 'FIRST'}"
            for sort in select.order
        )
        limit = "" if select.limit is None else f" LIMIT {select.limit}"
        if select.offset:
            limit = f"{limit or ' LIMIT -1'} OFFSET {select.offset}"
        joins = "".join(scope.joins.values())
        name = self._tables.names[scope.entity]
        return f' FROM "{name}" AS t{joins}{where}{group}{having}{f" ORDER BY {order}" if order else ""}{limit}'

    def _fetch(self, sql: str, scope: _Scope) -> list[Any]:
        with self._tables.lock:
            return self._tables.db.execute(sql, scope.parameters).fetchall()

    # -- expressions: (SQL, type) -----------------------------------------------------------------------------

    def _expression(self, expr: Path | Call, scope: _Scope) -> tuple[str, str]:
        if isinstance(expr, Path):
            return self._field(expr, scope)
        if expr.argument is None:
            raise malformed(f"unexpected token: '{expr.name}()'")
        if expr.name in DATE_FUNCTIONS and isinstance(expr.argument, Call) and expr.argument.name == "CONVERTTIMEZONE":
            inner, kind = self._expression(expr.argument.argument or expr.argument, scope)
            if kind != "datetime":
                raise malformed(f"field '{expr.argument.argument}' does not support convertTimezone")
            return DATE_FUNCTIONS[expr.name].format(f"in_zone({inner})"), "date" if expr.name == "DAY_ONLY" else "count"
        inner, kind = self._expression(expr.argument, scope)
        if expr.name == "CONVERTCURRENCY":
            return inner, kind
        if expr.name in DATE_FUNCTIONS:
            allowed = ("datetime",) if expr.name in OF_INSTANTS else ("date", "datetime")
            if kind not in allowed:
                raise malformed(f"field '{expr.argument}' does not support date function {expr.name}")
            return DATE_FUNCTIONS[expr.name].format(inner), "date" if expr.name == "DAY_ONLY" else "count"
        if expr.name not in AGGREGATES:
            raise malformed(f"unexpected token: '{expr.name}'")
        if expr.name in ("SUM", "AVG") and kind != "number":
            raise malformed(f"field {expr.argument} does not support aggregate operator {expr.name}")
        match expr.name:
            case "COUNT":
                return f"COUNT({inner})", "count"
            case "COUNT_DISTINCT":
                return f"COUNT(DISTINCT {inner})", "count"
            case "AVG":
                return f"exact_avg({inner})", "number"
            case _:
                return f"{expr.name}({inner})", kind

    def _check_groupable(self, expr: Path | Call, scope: _Scope) -> None:
        _, kind = self._expression(expr, scope)
        if isinstance(expr, Path) and kind in ("number", "datetime"):
            raise malformed(f"field '{expr}' can not be grouped in a query call")

    def _field(self, path: Path, scope: _Scope) -> tuple[str, str]:
        entity, alias = scope.entity, "t"
        steps = path.parts[:-1]
        if steps and steps[0].lower() in (scope.alias, scope.entity):
            steps = steps[1:]
        if len(steps) > MOST_STEPS:
            raise malformed(f"maximum of {MOST_STEPS} relationship levels exceeded: {path}")
        for step in steps:
            key = f"{step[:-1]}c" if step.lower().endswith("__r") else f"{step}Id"
            target = step[:-3] + "__c" if step.lower().endswith("__r") else step
            fields = self._tables.types[entity]
            if key.lower() not in fields or target.lower() not in self._tables.names:
                raise Refused("INVALID_FIELD", f"Didn't understand relationship '{step}' in field path.")
            inner = f"{alias}_{step.lower()}"
            scope.joins[inner] = (
                f' LEFT JOIN "{self._tables.names[target.lower()]}" AS {inner}'
                f' ON {inner}."Id" = {alias}."{fields[key.lower()][0]}"'
            )
            entity, alias = target.lower(), inner
        found = self._tables.types[entity].get(path.parts[-1].lower())
        if found is None:
            raise no_such_field(scope.text, str(path), self._tables.names[entity])
        return f'{alias}."{found[0]}"', found[1]

    # -- conditions -------------------------------------------------------------------------------------------

    def _condition(self, condition: Condition, scope: _Scope) -> str:
        match condition.op:
            case "and" | "or":
                joined = f" {condition.op.upper()} ".join(self._condition(part, scope) for part in condition.parts)
                return f"({joined})"
            case "not":
                return f"(NOT {self._condition(condition.parts[0], scope)})"
        expr, right = condition.parts
        left, kind = self._expression(expr, scope)
        match condition.op:
            case "like":
                if kind != "text":
                    raise Refused("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {expr}")
                scope.parameters.append(right.value)
                return f"COALESCE({left} LIKE ? ESCAPE '\\', 0)"
            case "includes" | "excludes":
                if kind != "text":
                    raise Refused("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {expr}: {condition.op}")
                found = " OR ".join(f"includes({left}, ?)" for _ in right)
                scope.parameters += [self._constant(expr, value, kind) for value in right]
                return f"({found})" if condition.op == "includes" else f"(NOT ({found}))"
            case "in" | "not in":
                return self._membership(expr, left, kind, condition.op, right, scope)
            case _:
                return self._comparison(expr, left, kind, condition.op, right, scope)

    def _membership(self, expr: Any, left: str, kind: str, op: str, right: Any, scope: _Scope) -> str:
        if isinstance(right, Select):
            inner = self._scope(Select(**{**vars(right), "text": scope.text}))
            column, _ = self._expression(right.items[0].expr, inner)
            tail = self._tail(right, inner)
            scope.parameters += inner.parameters
            values = f"SELECT {column}{tail}"
        else:
            scope.parameters += [self._constant(expr, value, kind) for value in right]
            values = ", ".join("?" * len(right))
        found = f"COALESCE({left} IN ({values}), 0)"
        return found if op == "in" else f"(NOT {found})"

    def _comparison(self, expr: Any, left: str, kind: str, op: str, right: Literal, scope: _Scope) -> str:
        if right.kind == "null":
            if op not in ("=", "!="):
                raise Refused("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {expr}: null")
            return f"({left} IS {'NOT ' if op == '!=' else ''}NULL)"
        if right.kind == "date literal":
            return self._in_span(expr, left, kind, op, right, scope)
        scope.parameters.append(self._constant(expr, right, kind))
        if op == "!=":
            return f"({left} IS NOT ?)"
        return f"COALESCE({left} {_FLIP[op]} ?, 0)"

    def _in_span(self, expr: Any, left: str, kind: str, op: str, right: Literal, scope: _Scope) -> str:
        if kind not in ("date", "datetime"):
            raise _wrong_type(expr, kind)
        name, count = right.value
        today = self._now().astimezone(self._zone).date()
        first, after = (
            day.isoformat() if kind == "date" else _utc(datetime.combine(day, time.min, self._zone))
            for day in span(name, count, today)
        )
        scope.parameters += {"=": [first, after], "!=": [first, after], "<": [first], "<=": [after]}.get(
            op, [after] if op == ">" else [first]
        )
        return {
            "=": f"COALESCE({left} >= ? AND {left} < ?, 0)",
            "!=": f"(NOT COALESCE({left} >= ? AND {left} < ?, 0))",
            "<": f"COALESCE({left} < ?, 0)",
            "<=": f"COALESCE({left} < ?, 0)",
            ">": f"COALESCE({left} >= ?, 0)",
            ">=": f"COALESCE({left} >= ?, 0)",
        }[op]

    def _constant(self, expr: Any, literal: Literal, kind: str) -> Any:
        fits = {"text": "string", "number": "number", "count": "number"}.get(kind, kind)
        if literal.kind == "null":
            return None
        if literal.kind == "money" and kind == "number" and not (isinstance(expr, Call) and expr.name in AGGREGATES):
            return to_column(Decimal(literal.value), kind)
        if literal.kind != fits:
            raise _wrong_type(expr, kind)
        if kind == "count":
            return int(Decimal(literal.value))
        if kind == "number":
            return to_column(Decimal(literal.value), kind)
        if kind == "datetime":
            return _utc(datetime.fromisoformat(literal.value))
        return literal.value

    def _in_zone(self, instant: str | None) -> str | None:
        """An instant as the running user's clock shows it."""
        if instant is None:
            return None
        return datetime.fromisoformat(instant).astimezone(self._zone).strftime("%Y-%m-%dT%H:%M:%S")

    def _record(self, names: list[str], kinds: list[str], row: Any, type_name: str) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": {"type": type_name}}
        for name, kind, value in zip(names, kinds, row, strict=True):
            record[name] = value if kind == "count" else from_column(value, kind)
        return record


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _includes(held: str | None, wanted: str) -> bool:
    """Multi-select picklists are kept as "A;B"; "A;B" as a condition asks for both."""
    values = {one.strip().lower() for one in (held or "").split(";")}
    return all(one.strip().lower() in values for one in wanted.split(";"))


def _wrong_type(expr: Any, kind: str) -> Refused:
    vendor = {"text": "string", "number": "double", "datetime": "dateTime"}.get(kind, kind)
    quoted = "should be" if vendor == "string" else "should not be"
    return Refused(
        "INVALID_FIELD",
        f"value of filter criterion for field '{expr}' must be of type {vendor} and {quoted} enclosed in quotes",
    )


def _names(select: Select) -> list[str]:
    """Aliases; else the field's own name; else expr0, expr1, ... in the order of what has none."""
    names, count = [], 0
    for item in select.items:
        if item.alias or isinstance(item.expr, Path):
            names.append(item.alias or item.expr.parts[-1])  # type: ignore[union-attr]
        else:
            names.append(f"expr{count}")
            count += 1
    return names
