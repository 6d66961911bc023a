"""Evaluates SOQL over the tables, with Salesforce's rules and refusals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sandbox.salesforce.dates import span
from sandbox.salesforce.errors import Refused, malformed, no_such_field, no_such_object
from sandbox.salesforce.soql import Call, Condition, Literal, Path, Select, parse
from sandbox.salesforce.tables import Tables, from_column, to_column

MAX_GROUPS = 2000
AGGREGATES = ("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX")
DATE_FUNCTIONS: dict[str, str] = {
    "CALENDAR_YEAR": "CAST(strftime('%Y', {}) AS INTEGER)",
    "CALENDAR_MONTH": "CAST(strftime('%m', {}) AS INTEGER)",
    "CALENDAR_QUARTER": "((CAST(strftime('%m', {}) AS INTEGER) + 2) / 3)",
    "DAY_IN_MONTH": "CAST(strftime('%d', {}) AS INTEGER)",
    "DAY_ONLY": "substr({}, 1, 10)",
}
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
    joins: dict[str, str] = field(default_factory=dict)
    parameters: list[Any] = field(default_factory=list)


class Evaluator:
    def __init__(self, tables: Tables, today: Callable[[], date]) -> None:
        self._tables = tables
        self._today = today

    def run(self, soql: str) -> Answer:
        """Raises Refused."""
        select = parse(soql)
        scope = self._scope(select)
        if [item.expr for item in select.items] == [Call("COUNT", None)]:
            return self._count(select, scope)
        aggregated = bool(select.group) or any(_is_aggregate(item.expr) for item in select.items)
        self._check_shape(select, aggregated)
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
        if select.group or select.order:
            raise malformed("COUNT() can't be combined with GROUP BY or ORDER BY")
        inner = f"SELECT 1{self._tail(select, scope)}"
        return Answer(self._fetch(f"SELECT COUNT(*) FROM ({inner})", scope)[0][0], [])  # noqa: S608 - built above

    def _scope(self, select: Select) -> _Scope:
        if select.entity.lower() not in self._tables.names:
            raise no_such_object(select.entity)
        return _Scope(select.entity.lower(), select.text)

    def _check_shape(self, select: Select, aggregated: bool) -> None:
        for item in select.items:
            if item.expr == Call("COUNT", None):
                raise malformed("COUNT() must be the only element in the select list")
            if aggregated and not _is_aggregate(item.expr) and item.expr not in select.group:
                raise malformed(f"Field must be grouped or aggregated: {item.expr}")
            if item.alias and not aggregated:
                raise malformed(f"only aggregate expressions use field aliasing: '{item.alias}'")
        if aggregated and not select.group and select.limit is not None:
            raise malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")

    def _tail(self, select: Select, scope: _Scope) -> str:
        where = f" WHERE {self._condition(select.where, scope)}" if select.where else ""
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
        inner, kind = self._expression(expr.argument, scope)
        if expr.name in DATE_FUNCTIONS:
            if kind not in ("date", "datetime"):
                raise malformed(f"{expr.name} does not support the field {expr.argument}")
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

    def _field(self, path: Path, scope: _Scope) -> tuple[str, str]:
        entity, alias = scope.entity, "t"
        for step in path.parts[:-1]:
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
        first, after = (
            day.isoformat() if kind == "date" else f"{day.isoformat()}T00:00:00Z"
            for day in span(name, count, self._today())
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
        if literal.kind != fits:
            raise _wrong_type(expr, kind)
        if kind == "count":
            return int(Decimal(literal.value))
        if kind == "number":
            return to_column(Decimal(literal.value), kind)
        if kind == "datetime":
            return datetime.fromisoformat(literal.value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return literal.value

    def _record(self, names: list[str], kinds: list[str], row: Any, type_name: str) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": {"type": type_name}}
        for name, kind, value in zip(names, kinds, row, strict=True):
            record[name] = value if kind == "count" else from_column(value, kind)
        return record


def _wrong_type(expr: Any, kind: str) -> Refused:
    vendor = {"text": "string", "number": "double", "datetime": "dateTime"}.get(kind, kind)
    quoted = "should be" if vendor == "string" else "should not be"
    return Refused(
        "INVALID_FIELD",
        f"value of filter criterion for field '{expr}' must be of type {vendor} and {quoted} enclosed in quotes",
    )


def _is_aggregate(expr: Path | Call) -> bool:
    return isinstance(expr, Call) and expr.name in AGGREGATES


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
