"""What `check --connect` says of the dates that a JQL compares with, by the types of its fields.

Jira reads a number as an instant, and turns it into a day of the account's time zone where the field holds days. A
number in quotes is a duration in minutes. A day is its first moment in the account's zone where the field holds times.
"""

from __future__ import annotations

from connectors.errors import BadQuery
from connectors.jira.fields import FieldNames
from connectors.jira.jql import Compared, compared

SHORTEST = 9
"""Digits of a number that is an instant in milliseconds: the second day of 1970 has nine."""


def date_problem(jql: str, fields: FieldNames, zones: tuple[str, str], connection: str) -> BadQuery | None:
    """`zones` are the workspace's time zone and the account's."""
    for one in compared(jql):
        kind = fields.type_of(one.field)
        if kind not in ("date", "datetime"):
            continue
        if one.is_quoted and not one.is_day:
            found: tuple[str, str] | None = _quoted(one)
        else:
            found = _of_days(one) if kind == "date" else _of_times(one, *zones)
        if found:
            return BadQuery(found[0], connection=connection, fix=found[1])
    return None


def _quoted(one: Compared) -> tuple[str, str]:
    return f'Jira reads "{one.value}", in quotes, as a duration in minutes', "Write the date without the quotes."


def _of_days(one: Compared) -> tuple[str, str] | None:
    if one.is_day or len(one.value.lstrip("-")) < SHORTEST:
        return None
    return (
        f"{one.field} contains days, and Jira would turn the instant {one.value} into a day of the account's time zone",
        f"Write the day: {one.field} {one.op} {{cycle.start:date}}, or {{cycle.end:date}}.",
    )


def _of_times(one: Compared, ours: str, theirs: str) -> tuple[str, str] | None:
    if not one.is_day:
        return None
    if one.op == "<=":
        return (
            f"{one.field} contains times, and {one.op} {one.value} ends with the first moment of that day",
            f"Write an instant: {one.field} <= {{cycle.end:time}}, or < and the day after.",
        )
    if ours != theirs:
        return (
            f"{one.field} contains times, and Jira would read {one.value} in the account's time zone, {theirs}, not in "
            f"{ours}",
            f"Write an instant: {one.field} {one.op} {{cycle.start:time}}, or give the account the zone {ours}.",
        )
    return None
