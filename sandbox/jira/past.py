"""WAS and CHANGED, with their predicates, in SQL.

https://support.atlassian.com/jira-software-cloud/docs/jql-operators/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.jira.dates import Dates
from sandbox.jira.history import FIELDS
from sandbox.jira.jql import Clause, JqlError, Operand, Predicate
from sandbox.jira.tables import Tables

Values = Callable[[Operand, Clause, str], list[Any]]
"""The values that an operand stands for; None is none."""


def translate(clause: Clause, name: str, tables: Tables, dates: Dates, values: Values, parameters: list[Any]) -> str:
    """Raises JqlError."""
    if name not in FIELDS.values():
        raise JqlError(f"The operator '{clause.op}' is not supported by the '{clause.field}' field.")
    tables.need_histories()
    made = _Past(clause, name, tables, dates, values, parameters)
    return made.changed() if clause.op.endswith("changed") else made.was()


class _Past:
    def __init__(
        self, clause: Clause, name: str, tables: Tables, dates: Dates, values: Values, parameters: list[Any]
    ) -> None:
        self._clause = clause
        self._name = name
        self._tables = tables
        self._dates = dates
        self._values = values
        self._parameters = parameters

    def changed(self) -> str:
        self._parameters.append(self._name)
        when = [self._of_change(predicate) for predicate in self._clause.predicates]
        found = f"position IN (SELECT position FROM change WHERE {' AND '.join(['field = ?', *when])})"  # noqa: S608
        return f"(NOT {found})" if self._clause.op.startswith("not") else found

    def was(self) -> str:
        operand = self._clause.operand
        if (operand.kind == "list") != self._clause.op.endswith("in"):
            kind = "list" if operand.kind == "list" else "non-list"
            raise JqlError(
                f"Operator '{self._clause.op}' does not support the {kind} value '{operand}' for field "
                f"'{self._clause.field}'."
            )
        self._parameters.append(self._name)
        parts = ["field = ?", self._is_one_of("ident", "name", operand)]
        parts += [self._of_span(predicate) for predicate in self._clause.predicates]
        found = f"position IN (SELECT position FROM held WHERE {' AND '.join(parts)})"  # noqa: S608
        return f"(NOT {found})" if "not" in self._clause.op else found

    def _of_change(self, predicate: Predicate) -> str:
        match predicate.op:
            case "from" | "to":
                return self._is_one_of(f"{predicate.op}_id", f"{predicate.op}_name", predicate.operand)
            case "by":
                return self._by(predicate.operand)
            case "on":
                found = self._dates.range(predicate.operand, self._clause.field)
                return self._with("at BETWEEN ? AND ?", found.first, found.last)
            case "during":
                return self._with("at BETWEEN ? AND ?", *self._ends(predicate.operand))
        at = self._dates.range(predicate.operand, self._clause.field).at
        return self._with("at < ?" if predicate.op == "before" else "at > ?", at)

    def _of_span(self, predicate: Predicate) -> str:
        match predicate.op:
            case "from" | "to":
                raise JqlError(f"The operator '{self._clause.op}' does not support the predicate '{predicate.op}'.")
            case "by":
                return self._by(predicate.operand)
            case "on":
                found = self._dates.range(predicate.operand, self._clause.field)
                return self._with("since <= ? AND COALESCE(until > ?, 1)", found.last, found.first)
            case "during":
                first, last = self._ends(predicate.operand)
                return self._with("since <= ? AND COALESCE(until > ?, 1)", last, first)
            case "before":
                return self._with("since < ?", self._dates.range(predicate.operand, self._clause.field).at)
        return self._with("COALESCE(until > ?, 1)", self._dates.range(predicate.operand, self._clause.field).at)

    def _ends(self, operand: Operand) -> tuple[int, int]:
        if operand.kind != "list" or len(operand.value) != 2:
            raise JqlError(f"The predicate 'during' takes a list of two dates, not '{operand}'.")
        first, last = (self._dates.range(one, self._clause.field).at for one in operand.value)
        return first, last

    def _by(self, operand: Operand) -> str:
        # Who may be named is whoever the field assignee would take.
        people = self._values(operand, self._clause, "creator") if operand.kind == "function" else None
        named = people or [str(one.value) for one in (operand.value if operand.kind == "list" else [operand])]
        marks = ", ".join("?" * len(named))
        return self._with(f"(author IN ({marks}) OR author_name IN ({marks}))", *named, *named)

    def _is_one_of(self, ident: str, name: str, operand: Operand) -> str:
        values = self._values(operand, self._clause, self._name)
        texts = [value for value in values if value is not None]
        marks = ", ".join("?" * len(texts))
        found = self._with(f"{ident} IN ({marks}) OR {name} IN ({marks})", *texts, *texts)
        return f"({found} OR ({ident} IS NULL AND {name} IS NULL))" if None in values else f"({found})"

    def _with(self, sql: str, *parameters: Any) -> str:
        self._parameters.extend(parameters)
        return sql
