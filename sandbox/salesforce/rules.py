"""What Salesforce refuses of a query that its grammar lets through, whatever the records are.

Source: SOQL and SOSL Reference, "COUNT()", "Considerations When Using GROUP BY", "Using Aliases with GROUP BY",
"Comparison Operators" (semi-joins and anti-joins), "USING SCOPE".
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.salesforce.errors import malformed
from sandbox.salesforce.soql import Call, Condition, Path, Select

AGGREGATES = ("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX")
SCOPES = frozenset(
    {"delegated", "everything", "mine", "mine_and_my_groups", "my_territory", "my_team_territory", "team"}
)
GUARDS = frozenset({"SECURITY_ENFORCED"})
MOST_SEMI_JOINS = 2


def is_aggregate(expr: Path | Call) -> bool:
    return isinstance(expr, Call) and expr.name in AGGREGATES


def check(select: Select) -> None:
    """Raises Refused."""
    _check_columns(select)
    if select.scope and select.scope not in SCOPES:
        raise malformed(f"unexpected filter scope: '{select.scope}'")
    if select.guard and select.guard not in GUARDS:
        raise malformed(f"unexpected token: '{select.guard}'")
    if select.having and not select.group:
        raise malformed("having requires group by")
    for condition, depth in _leaves(select.where):
        expr = condition.parts[0]
        if is_aggregate(expr):
            raise malformed(f"aggregate functions are not allowed in a WHERE clause: {_shown(expr)}")
        if isinstance(expr, Call) and expr.name in ("CONVERTCURRENCY", "CONVERTTIMEZONE", "TOLABEL"):
            raise malformed(f"{expr.name} is not allowed in a WHERE clause")
        if len(condition.parts) > 1 and isinstance(condition.parts[1], Select):
            _check_semi_join(select, expr, condition.parts[1], depth)
    joins = sum(isinstance(condition.parts[1], Select) for condition, _ in _leaves(select.where))
    if joins > MOST_SEMI_JOINS:
        raise malformed(f"maximum {MOST_SEMI_JOINS} semi join sub-selects allowed")


def _check_columns(select: Select) -> None:
    aggregated = bool(select.group) or any(is_aggregate(item.expr) for item in select.items)
    grouped = {_shown(part, select) for part in select.group}
    for item in select.items:
        if item.expr == Call("COUNT", None):
            if len(select.items) > 1:
                raise malformed("COUNT() must be the only element in the select list")
            if select.group or select.order:
                raise malformed("COUNT() can't be combined with GROUP BY or ORDER BY")
        if aggregated and not is_aggregate(item.expr) and _shown(item.expr, select) not in grouped:
            raise malformed(f"Field must be grouped or aggregated: {_shown(item.expr)}")
        if isinstance(item.expr, Call) and is_aggregate(item.expr) and isinstance(item.expr.argument, Call):
            raise malformed(f"unexpected token: '{item.expr.argument.name}'")
        if item.alias and not aggregated:
            raise malformed(f"only aggregate expressions use field aliasing: '{item.alias}'")
    if len({item.alias.lower() for item in select.items if item.alias}) < sum(bool(one.alias) for one in select.items):
        raise malformed("duplicate alias")
    count_only = [item.expr for item in select.items] == [Call("COUNT", None)]
    if aggregated and not select.group and not count_only and select.limit is not None:
        raise malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT")


def _check_semi_join(outer: Select, left: Path | Call, inner: Select, depth: int) -> None:
    if depth:
        raise malformed(
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE "
            "expressions."
        )
    if not isinstance(left, Path) or not left.parts[-1].lower().endswith(("id", "__c")):
        raise malformed(f"The left operand field in the where expression for semi join should be an id field: {left}")
    if len(inner.items) != 1 or not isinstance(inner.items[0].expr, Path):
        raise malformed("semi join sub-selects can only select one field")
    if len(inner.items[0].expr.parts) > 1:
        raise malformed("Cannot use a foreign key for outer field for semi join sub-select")
    if inner.entity.lower() == outer.entity.lower():
        raise malformed("The inner and outer selects should not be on the same object type")
    if inner.group or inner.order or inner.limit is not None:
        raise malformed("unexpected token in a semi join sub-select")
    if any(isinstance(condition.parts[1], Select) for condition, _ in _leaves(inner.where)):
        raise malformed("Nesting of semi join sub-selects is not supported")


def _leaves(condition: Condition | None, depth: int = 0) -> Iterator[tuple[Condition, int]]:
    """The comparisons, with how many OR and NOT stand around each."""
    if condition is None:
        return
    if condition.op in ("and", "or", "not"):
        for part in condition.parts:
            yield from _leaves(part, depth + (condition.op != "and"))
    else:
        yield condition, depth


def _shown(expr: Path | Call, select: Select | None = None) -> str:
    """The same for the same expression, with the object's alias or without, where the select is given."""
    if isinstance(expr, Call):
        return f"{expr.name}({_shown(expr.argument, select) if expr.argument else ''})"
    parts = expr.parts
    if select is None:
        return str(expr)
    if len(parts) > 1 and parts[0].lower() in (select.alias.lower(), select.entity.lower()):
        parts = parts[1:]
    return ".".join(parts).lower()
