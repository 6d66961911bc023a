"""Which field a name means, and of what type it is."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from connectors.errors import BadAnswer, BadQuery

NO_NUMBERS = frozenset(
    {
        "string", "date", "datetime", "user", "array", "option", "option-with-child", "priority", "status",
        "issuetype", "project", "resolution", "securitylevel", "version", "component", "group", "comments-page",
        "issuelinks", "team",
    }
)  # fmt: skip
"""The types of fields that hold something else, as GET /field tells them."""


class FieldNames:
    """Made of what GET /field answers."""

    def __init__(self, described: Any, connection: str) -> None:
        if not isinstance(described, list) or not all(isinstance(one, dict) and "id" in one for one in described):
            raise BadAnswer("Jira's answer does not contain its fields", connection=connection)
        self._connection = connection
        self._names: dict[str, str] = {str(one["id"]): str(one.get("name", one["id"])) for one in described}
        self._types: dict[str, set[str]] = {}
        self._schemas: dict[str, Mapping[str, Any]] = {}
        for one in described:
            schema, clauses = one.get("schema"), one.get("clauseNames")
            kind = str(schema.get("type")) if isinstance(schema, dict) else ""
            self._schemas[str(one["id"])] = schema if isinstance(schema, dict) else {}
            for name in [one["id"], one.get("name"), *(clauses if isinstance(clauses, list) else [])]:
                self._types.setdefault(str(name).lower(), set()).add(kind)

    def id_of(self, name: str) -> str:
        """A field by its id, else by its name, if that name is the only one. Raises BadQuery."""
        if name in self._names:
            return name
        same = sorted(key for key, shown in self._names.items() if shown.lower() == name.lower())
        if len(same) == 1:
            return same[0]
        if same:
            raise BadQuery(
                f"{len(same)} fields are named {name!r}: {', '.join(same)}",
                connection=self._connection,
                fix="Write the id of the one that is meant.",
            )
        near = get_close_matches(name, [*self._names.values(), *self._names], n=3)
        raise BadQuery(
            f"there is no field {name!r}, or the account may not see it",
            connection=self._connection,
            fix=f"Did you mean {' or '.join(map(repr, near))}?" if near else "Write a field's name or id.",
        )

    def schema_of(self, ident: str) -> Mapping[str, Any]:
        """As Jira describes it: `type`, `items` of a list, `custom`."""
        return self._schemas.get(ident, {})

    def type_of(self, clause: str) -> str | None:
        """The `schema.type` of a field as JQL names it (due, cf[10016]); None where it is not one alone."""
        kinds = self._types.get(clause.lower(), set())
        return next(iter(kinds)) if len(kinds) == 1 else None
