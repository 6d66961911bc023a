"""Translates JQL into SQL, with Jira's rules: what is unknown is refused, and `!=` does not match an empty field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.jira import past, words
from sandbox.jira.dates import Dates
from sandbox.jira.fields import Fields
from sandbox.jira.functions import PEOPLE, SLA_STATES, VERSIONS, Functions
from sandbox.jira.jql import Clause, JqlError, Operand, parse
from sandbox.jira.rows import DAYS, MANY, NUMBERS, SINGLE, TEXTS, TIMES
from sandbox.jira.tables import Tables

ALIASES = {
    "issuekey": "key", "issue": "key", "id": "key", "type": "issuetype", "due": "duedate", "resolved": "resolutiondate",
    "createddate": "created", "updateddate": "updated", "label": "labels", "components": "component",
    "fixversions": "fixversion", "versions": "affectedversion", "originalestimate": "timeoriginalestimate",
    "remainingestimate": "timeestimate", "epic": "epic link", "cf[10014]": "epic link",
    "customfield_10014": "epic link", "statuscategorychangeddate": "statuscategorychangedate", "space": "project",
    "workitem": "key", "worktype": "issuetype",
}  # fmt: skip
MUST_EXIST = (
    "project", "status", "issuetype", "resolution", "priority", "component", "fixversion", "affectedversion", "sprint",
    "key", *PEOPLE,
)  # fmt: skip
EMPTY_HERE = ("lastviewed", "level", "attachments", "category", "voter", "watcher", "hierarchylevel")
"""Fields that Jira has and the records don't: there is nothing in them."""
_OPPOSITE = {"=": "!=", "~": "!~", "<": ">=", "<=": ">", "in": "not in", "is": "is not", "was": "was not",
             "was in": "was not in", "changed": "not changed"}  # fmt: skip
_OPPOSITE |= {after: before for before, after in _OPPOSITE.items()}
_CATEGORIES = ("to do", "in progress", "done", "new", "indeterminate", "undefined", "no category")
EQUAL, ORDERED = ("=", "!=", "in", "not in"), ("<", "<=", ">", ">=")


@dataclass
class Where:
    sql: str
    parameters: list[Any] = field(default_factory=list)
    order: str = "position"


class Translator:
    def __init__(self, tables: Tables, fields: Fields, functions: Functions, dates: Dates) -> None:
        self._tables = tables
        self._fields = fields
        self._functions = functions
        self._dates = dates

    def translate(self, text: str) -> tuple[Where, bool]:
        """The WHERE of a JQL, and whether the JQL restricts anything at all. Raises JqlError."""
        made = parse(text)
        where = Where("1")
        if made.condition is not None:
            try:
                where.sql = self._condition(made.condition, False, where.parameters)
            except RecursionError:
                raise JqlError("Error in the JQL Query: the query is too deeply nested.") from None
        keys = [f"{self._order_column(name)} {'DESC' if descending else 'ASC'}" for name, descending in made.order]
        where.order = ", ".join([*keys, "position"])
        return where, made.condition is not None

    def _condition(self, condition: Any, negated: bool, parameters: list[Any]) -> str:
        """Negation moves inward, since Jira reads NOT of a clause as the clause with the opposite operator."""
        if isinstance(condition, Clause):
            op = _OPPOSITE[condition.op] if negated else condition.op
            return self._clause(replace(condition, op=op), parameters)
        if condition.op == "not":
            return self._condition(condition.parts[0], not negated, parameters)
        word = {"and": "OR", "or": "AND"}[condition.op] if negated else condition.op.upper()
        return f"({f' {word} '.join(self._condition(part, negated, parameters) for part in condition.parts)})"

    def _clause(self, clause: Clause, parameters: list[Any]) -> str:
        low = clause.field.lower()
        name = ALIASES.get(low, low)
        if clause.op.startswith("was") or clause.op.endswith("changed"):
            return past.translate(clause, name, self._tables, self._dates, self._of_history, parameters)
        if clause.predicates:
            raise JqlError(f"Error in the JQL Query: the operator '{clause.op}' takes no '{clause.predicates[0].op}'.")
        clause = self._shaped(clause)
        kind = self._fields.date_type(clause.field)
        if name in TIMES + DAYS or name == "worklogdate" or kind:
            ids = self._fields.ids(clause.field, kind) if kind and name not in TIMES + DAYS else [name]
            return self._date(clause, ids[0], name in (*DAYS, "worklogdate") or kind == "date", parameters)
        if name in SINGLE:
            return self._single(clause, name, parameters)
        if name in MANY:
            return self._many(clause, name, parameters)
        if name in (*TEXTS, "text"):
            return self._text(clause, name, parameters)
        if name in EMPTY_HERE or ".property[" in name:
            return "1" if clause.op in ("is", "=") and clause.operand.kind == "none" else "0"
        if slas := self._fields.ids(clause.field, "sd-servicelevelagreement"):
            return self._sla(clause, slas[0], parameters)
        ids = [name] if name in NUMBERS else self._fields.ids(clause.field, "number")
        if not ids:
            raise JqlError(f"Field '{clause.field}' does not exist or you do not have permission to view it.")
        return self._number(clause, ids, parameters)

    def _shaped(self, clause: Clause) -> Clause:
        """Lists where lists belong, and `= EMPTY` as `is EMPTY`. Raises JqlError."""
        operand = clause.operand
        is_list = self._functions.is_list(operand)
        if clause.op in ("in", "not in") and not is_list:
            raise JqlError(
                f"Operator '{clause.op}' does not support the non-list value '{operand}' for field '{clause.field}'."
            )
        if clause.op not in ("in", "not in") and is_list:
            raise JqlError(f"Operator '{clause.op}' does not support the list value '{operand}' for '{clause.field}'.")
        if clause.op in ("is", "is not") and operand.kind != "none":
            raise JqlError(f"Operator '{clause.op}' does not support the value '{operand}': it takes EMPTY or NULL.")
        if operand.kind == "none" and clause.op in ("=", "!="):
            return replace(clause, op="is" if clause.op == "=" else "is not")
        return clause

    def _single(self, clause: Clause, name: str, parameters: list[Any]) -> str:
        columns = SINGLE[name]
        if clause.op in ("is", "is not"):
            return f'("{columns[0]}" IS {"NOT " if clause.op == "is not" else ""}NULL)'
        if name == "priority" and clause.op in ORDERED:
            return self._ranked(clause, parameters)
        if clause.op not in EQUAL:
            raise _bad_operator(clause)
        values = self._values(clause, name)
        wants_none = None in values
        values = [value for value in values if value is not None]
        marks = ", ".join("?" * len(values))
        matches = [f'COALESCE("{column}" IN ({marks}), 0)' for column in columns]
        parameters += values * len(columns)
        found = f"({' OR '.join(matches)})"
        if clause.op in ("=", "in"):
            return f'({found} OR "{columns[0]}" IS NULL)' if wants_none else found
        return f'("{columns[0]}" IS NOT NULL AND NOT {found})'

    def _ranked(self, clause: Clause, parameters: list[Any]) -> str:
        """Jira's ids of priorities begin at the highest."""
        (value,) = self._values(clause, "priority")
        parameters += [value, value]
        rank = "(SELECT MIN(CAST(p.priority_id AS INTEGER)) FROM issue p WHERE p.priority = ? OR p.priority_id = ?)"
        return f"COALESCE({rank} {clause.op} CAST(priority_id AS INTEGER), 0)"

    def _many(self, clause: Clause, name: str, parameters: list[Any]) -> str:
        has = "EXISTS (SELECT 1 FROM many m WHERE m.position = issue.position AND m.field = ?{})"
        if clause.op in ("is", "is not"):
            parameters.append(name)
            return f"({'NOT ' if clause.op == 'is' else ''}{has.format('')})"
        if name in VERSIONS and clause.op in ORDERED:
            (value,) = self._values(clause, name)
            parameters += [name, name, value, value]
            of = "(SELECT MIN(CAST(v.ident AS INTEGER)) FROM many v WHERE v.field = ? AND (v.name = ? OR v.ident = ?))"
            return has.format(f" AND CAST(m.ident AS INTEGER) {clause.op} {of}")
        if clause.op not in EQUAL:
            raise _bad_operator(clause)
        values = self._values(clause, name)
        wants_none = None in values
        values = [value for value in values if value is not None]
        marks = ", ".join("?" * len(values))
        found = f"position IN (SELECT position FROM many WHERE field = ? AND (name IN ({marks}) OR ident IN ({marks})))"  # noqa: S608
        parameters += [name, *values, *values]
        if clause.op in ("=", "in"):
            if wants_none:
                parameters.append(name)
                return f"({found} OR NOT {has.format('')})"
            return f"({found})"
        parameters.append(name)
        return f"(NOT {found} AND {has.format('')})"

    def _date(self, clause: Clause, column: str, is_day: bool, parameters: list[Any]) -> str:
        among = "position IN (SELECT position FROM moment WHERE field = ?{})"
        parameters.append(column)
        if clause.op in ("is", "is not"):
            return f"({'NOT ' if clause.op == 'is' else ''}{among.format('')})"
        if clause.op not in (*EQUAL, *ORDERED):
            raise _bad_operator(clause)
        operands = clause.operand.value if clause.operand.kind == "list" else [clause.operand]
        spans: list[tuple[int, int, int]] = []
        for operand in operands:
            if is_day:
                spans.append((self._dates.day(operand, clause.field),) * 3)
            else:
                found = self._dates.range(operand, clause.field)
                spans.append((found.at, found.first, found.last))
        if clause.op in ORDERED:
            parameters.append(spans[0][0])
            return among.format(f" AND at {clause.op} ?")
        parameters += [end for span in spans for end in span[1:]]
        within = " OR ".join(["at BETWEEN ? AND ?"] * len(spans))
        return among.format(f" AND {'NOT ' if clause.op in ('!=', 'not in') else ''}({within})")

    def _number(self, clause: Clause, ids: list[str], parameters: list[Any]) -> str:
        marks = ", ".join("?" * len(ids))
        parameters += ids
        values = f"position IN (SELECT position FROM number WHERE field IN ({marks})"  # noqa: S608
        if clause.op in ("is", "is not"):
            return f"({'NOT ' if clause.op == 'is' else ''}{values}))"
        if clause.op not in (*EQUAL, *ORDERED):
            raise _bad_operator(clause)
        operands = clause.operand.value if clause.operand.kind == "list" else [clause.operand]
        for operand in operands:
            try:
                parameters.append(float(operand.value))
            except (TypeError, ValueError):
                raise JqlError(f"The value '{operand.value}' is not a number for the field '{clause.field}'.") from None
        listed = ", ".join("?" * len(operands))
        right = f"{clause.op} ({listed})" if clause.op in ("in", "not in") else f"{clause.op} {listed}"
        return f"({values} AND value {right}))"

    def _text(self, clause: Clause, name: str, parameters: list[Any]) -> str:
        self._tables.need_words()
        if clause.op in ("is", "is not") and name in TEXTS:
            return f"(position {'NOT ' if clause.op == 'is' else ''}IN (SELECT rowid FROM word WHERE {name} != ''))"  # noqa: S608
        if clause.op not in ("~", "!~"):
            raise _bad_operator(clause)
        found = words.match(str(clause.operand.value), clause.field)
        if found is None:
            return "0"
        parameters.append(found if name == "text" else f"{{{name}}} : {found}")
        return f"(position {'NOT ' if clause.op == '!~' else ''}IN (SELECT rowid FROM word WHERE word MATCH ?))"  # noqa: S608

    def _sla(self, clause: Clause, ident: str, parameters: list[Any]) -> str:
        operand = clause.operand
        if clause.op not in ("=", "!=") or operand.kind != "function":
            raise _bad_operator(clause)
        state = operand.value[0].lower()
        if state not in SLA_STATES:
            raise JqlError(f"Unable to find JQL function '{operand}'.")
        parameters += [ident, state]
        found = "position IN (SELECT position FROM sla WHERE field = ? AND state = ?)"
        return found if clause.op == "=" else f"(NOT {found})"

    def _values(self, clause: Clause, name: str) -> list[Any]:
        """None stands for none."""
        operand = clause.operand
        operands = operand.value if operand.kind == "list" else (operand,)
        return [value for one in operands for value in self._value(one, clause, name, self._tables.known)]

    def _of_history(self, operand: Operand, clause: Clause, name: str) -> list[Any]:
        """Values that the field has or had."""
        operands = operand.value if operand.kind == "list" else (operand,)
        known: Callable[[str], set[str]] = lambda field: self._tables.known(field) | self._tables.had(field)  # noqa: E731
        return [value for one in operands for value in self._value(one, clause, name, known)]

    def _value(self, operand: Operand, clause: Clause, name: str, known: Callable[[str], set[str]]) -> list[Any]:
        if operand.kind == "none":
            return [None]
        if operand.kind == "function":
            return list(self._functions.values(operand, name))
        text = str(operand.value)
        if name == "resolution" and text.lower() == "unresolved":
            return [None]
        if name == "statuscategory" and text.lower() not in _CATEGORIES:
            raise JqlError(f"The value '{text}' does not exist for the field '{clause.field}'.")
        if name in MUST_EXIST and text.lower() not in known(name):
            if name == "key":
                raise JqlError(f"An issue with key '{text}' does not exist for field '{clause.field}'.")
            raise JqlError(f"The value '{text}' does not exist for the field '{clause.field}'.")
        return [text]

    def _order_column(self, name: str) -> str:
        low = ALIASES.get(name.lower(), name.lower())
        if low in ("key", "rank"):
            return "position"
        if low in SINGLE:
            return f'"{SINGLE[low][0]}"'
        if low in TEXTS:
            self._tables.need_words()
            return f"(SELECT {low} FROM word WHERE word.rowid = issue.position)"  # noqa: S608
        table, column = ("moment", "at") if low in TIMES + DAYS or self._fields.date_type(name) else ("number", "value")
        ids = [low] if low in NUMBERS + TIMES + DAYS else self._fields.ids(name)
        if low in (*MANY, *EMPTY_HERE):
            return "position"
        if not ids:
            raise JqlError(f"Field '{name}' does not exist or this field cannot be viewed by anonymous users.")
        return f"(SELECT {column} FROM {table} n WHERE n.position = issue.position AND n.field = '{ids[0]}')"  # noqa: S608


def _bad_operator(clause: Clause) -> JqlError:
    return JqlError(f"The operator '{clause.op}' is not supported by the '{clause.field}' field.")
