"""What `check --connect` says of the dates that a JQL compares with, by the types of its fields."""

from __future__ import annotations

from connectors.errors import BadQuery
from connectors.jira.fields import FieldNames
from connectors.jira.jql import compared

SHORTEST = 9
"""Digits of a number that is an instant in milliseconds: the third day of 1970 has nine."""


def date_problem(jql: str, fields: FieldNames, connection: str) -> BadQuery | None:
    """Jira reads a number as an instant, and turns it into a day of the account's time zone where the field holds days;
    a number in quotes is a duration in minutes."""
    for one in compared(jql):
        kind = fields.type_of(one.field)
        if kind not in ("date", "datetime") or len(one.number.lstrip("-")) < SHORTEST:
            continue
        if one.is_quoted:
            return BadQuery(
                f'Jira reads "{one.number}", in quotes, as a duration in minutes',
                connection=connection,
                fix="Write the placeholder without quotes.",
            )
        if kind == "date":
            return BadQuery(
                f"{one.field} holds days, and Jira would turn the instant {one.number} into a day of the account's "
                "time zone",
                connection=connection,
                fix=f"Write the day: {one.field} with {{cycle.start:date}} or {{cycle.end:date}}.",
            )
    return None
