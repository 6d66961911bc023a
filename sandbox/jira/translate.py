"""Translates JQL into SQL, with Jira's rules: what is unknown is refused, and `!=` does not match an empty field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.jira.dates import instant
from sandbox.jira.fields import Fields
from sandbox.jira.jql import Clause, JqlError, Operand, parse
from sandbox.jira.tables import DATES, MANY, NUMBERS, SINGLE, Tables

ALIASES = {
    "issuekey": "key", "issue": "key", "id": "key", "type": "issuetype", "due": "duedate", "resolved": "resolutiondate",
    "createddate": "created", "updateddate": "updated", "label": "labels", "components": "component",
    "fixversions": "fixversion", "versions": "affectedversion", "originalestimate": "timeoriginalestimate",
    "remainingestimate": "timeestimate", "epic link": "parent", "epic": "parent",
}  # fmt: skip
MUST_EXIST = ("project", "status", "issuetype", "resolution", "priority", "component", "fixversion", "sprint")
_OPPOSITE = {
    "=": "!=", "!=": "=", "~": "!~", "!~": "~", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
    "in": "not in", "not in": "in", "empty": "not empty", "not empty": "empty",
}  # fmt: skip


@dataclass
class Where:
    sql: str
    parameters: list[Any] = field(default_factory=list)
    order: str = "position"


class Translator:
    def __init__(self, tables: Tables, fields: Fields, now: datetime, zone: ZoneInfo, me: str) -> None:
        self._tables = tables
        self._fields = fields
        self._now = now
        self._zone = zone
        self._me = me

    def translate(self, text: str) -> tuple[Where, bool]:
        """The WHERE of a JQL, and whether the JQL restricts anything at all. Raises JqlError."""
        made = parse(text)
        where = Where("1")
        if made.condition is not None:
            where.sql = self._condition(made.condition, False, where.parameters)
        keys = [f"{self._order_column(name)} {'DESC' if descending else 'ASC'}" for name, descending in made.order]
        where.order = ", ".join([*keys, "position"])
        return where, made.condition is not None

    def _condition(self, condition: Any, negated: bool, parameters: list[Any]) -> str:
        """Negation moves inward, since Jira reads NOT of a clause as the clause with the opposite operator."""
        if isinstance(condition, Clause):
            op = _OPPOSITE[condition.op] if negated else condition.op
            return self._clause(Clause(condition.field, op, condition.operands), parameters)
        if condition.op == "not":
            return self._condition(condition.parts[0], not negated, parameters)
        word = {"and": "OR", "or": "AND"}[condition.op] if negated else condition.op.upper()
        return f"({f' {word} '.join(self._condition(part, negated, parameters) for part in condition.parts)})"

    def _clause(self, clause: Clause, parameters: list[Any]) -> str:
        name = ALIASES.get(clause.field.lower(), clause.field.lower())
        if len(clause.operands) == 1 and clause.operands[0].kind == "none" and clause.op in ("=", "!="):
            clause = Clause(clause.field, "empty" if clause.op == "=" else "not empty", ())
        if name in DATES:
            return self._date(clause, name, parameters)
        if name in SINGLE:
            return self._single(clause, name, parameters)
        if name in MANY:
            return self._many(clause, name, parameters)
        if name in ("summary", "text"):
            return self._text(clause, parameters)
        ids = [name] if name in NUMBERS else self._fields.numeric_ids(clause.field)
        if not ids:
            raise JqlError(f"Field '{clause.field}' does not exist or you do not have permission to view it.")
        return self._number(clause, ids, parameters)

    def _single(self, clause: Clause, name: str, parameters: list[Any]) -> str:
        columns = SINGLE[name]
        if clause.op in ("empty", "not empty"):
            return f'("{columns[0]}" IS {"NOT " if clause.op == "not empty" else ""}NULL)'
        if clause.op not in ("=", "!=", "in", "not in"):
            raise _bad_operator(clause)
        values = [self._value(operand, clause, name) for operand in clause.operands]
        wants_none = None in values
        values = [value for value in values if value is not None]
        marks = ", ".join("?" * len(values))
        matches = [f'"{column}" IN ({marks})' for column in columns]
        parameters += values * len(columns)
        found = f"COALESCE({' OR '.join(matches)}, 0)" if len(columns) == 1 else _any(matches)
        if clause.op in ("=", "in"):
            return f'({found} OR "{columns[0]}" IS NULL)' if wants_none else found
        return f'("{columns[0]}" IS NOT NULL AND NOT {found})'

    def _many(self, clause: Clause, name: str, parameters: list[Any]) -> str:
        has = "EXISTS (SELECT 1 FROM many m WHERE m.position = issue.position AND m.field = ?{})"
        if clause.op in ("empty", "not empty"):
            parameters.append(name)
            return f"({'NOT ' if clause.op == 'empty' else ''}{has.format('')})"
        if clause.op not in ("=", "!=", "in", "not in"):
            raise _bad_operator(clause)
        values = [self._value(operand, clause, name) for operand in clause.operands]
        marks = ", ".join("?" * len(values))
        found = "position IN (SELECT position FROM many WHERE field = ? AND (name IN ({0}) OR ident IN ({0})))"
        parameters += [name, *values, *values]
        if clause.op in ("=", "in"):
            return f"({found.format(marks)})"
        parameters.append(name)
        return f"(NOT {found.format(marks)} AND {has.format('')})"

    def _date(self, clause: Clause, column: str, parameters: list[Any]) -> str:
        if clause.op in ("empty", "not empty"):
            return f"({column} IS {'NOT ' if clause.op == 'not empty' else ''}NULL)"
        if clause.op not in ("=", "!=", "<", "<=", ">", ">="):
            raise _bad_operator(clause)
        parameters.append(instant(clause.operands[0], clause.field, self._now, self._zone))
        return f"COALESCE({column} {clause.op} ?, 0)"

    def _number(self, clause: Clause, ids: list[str], parameters: list[Any]) -> str:
        marks = ", ".join("?" * len(ids))
        parameters += ids
        values = f"position IN (SELECT position FROM number WHERE field IN ({marks})"  # noqa: S608
        if clause.op in ("empty", "not empty"):
            return f"({'NOT ' if clause.op == 'empty' else ''}{values}))"
        if clause.op not in ("=", "!=", "<", "<=", ">", ">=", "in", "not in"):
            raise _bad_operator(clause)
        for operand in clause.operands:
            if operand.kind == "function" or not re.fullmatch(r"[-+]?\d+(\.\d+)?", str(operand.value)):
                raise JqlError(f"The value '{operand.value}' is not a number for the field '{clause.field}'.")
            parameters.append(float(operand.value))
        operands = ", ".join("?" * len(clause.operands))
        right = f"{clause.op} ({operands})" if clause.op in ("in", "not in") else f"{clause.op} {operands}"
        return f"({values} AND value {right}))"

    def _text(self, clause: Clause, parameters: list[Any]) -> str:
        if clause.op not in ("~", "!~"):
            raise _bad_operator(clause)
        words = re.findall(r"\w+", str(clause.operands[0].value))
        parameters += [f"%{word}%" for word in words]
        found = f"({' AND '.join(['COALESCE(summary LIKE ?, 0)'] * len(words)) or '1'})"
        return found if clause.op == "~" else f"(NOT {found})"

    def _value(self, operand: Operand, clause: Clause, name: str) -> Any:
        if operand.kind == "none":
            return None
        if operand.kind == "function":
            if operand.value[0] == "currentuser":
                return self._me
            raise JqlError(f"Unable to find JQL function '{operand.value[0]}()'.")
        text = str(operand.value)
        if name == "resolution" and text.lower() == "unresolved":
            return None
        if name in MUST_EXIST and text.lower() not in self._tables.known(name):
            raise JqlError(f"The value '{text}' does not exist for the field '{clause.field}'.")
        if name == "statuscategory" and text.lower() not in _CATEGORIES:
            raise JqlError(f"The value '{text}' does not exist for the field '{clause.field}'.")
        return text

    def _order_column(self, name: str) -> str:
        low = ALIASES.get(name.lower(), name.lower())
        if low in DATES or low == "summary":
            return low
        if low == "key":
            return "position"
        if low in SINGLE:
            return f'"{SINGLE[low][0]}"'
        ids = [low] if low in NUMBERS else self._fields.numeric_ids(name)
        if not ids:
            raise JqlError(f"Field '{name}' does not exist or this field cannot be viewed by anonymous users.")
        return f"(SELECT value FROM number n WHERE n.position = issue.position AND n.field = '{ids[0]}')"  # noqa: S608


_CATEGORIES = ("to do", "in progress", "done", "new", "indeterminate", "undefined", "no category")


def _any(matches: list[str]) -> str:
    return f"({' OR '.join(f'COALESCE({match}, 0)' for match in matches)})"


def _bad_operator(clause: Clause) -> JqlError:
    return JqlError(f"The operator '{clause.op}' is not supported by the '{clause.field}' field.")
