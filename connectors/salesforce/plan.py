"""What is asked for a set of questions: equal rows once, days of one series together. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from connectors.salesforce.composite import query_path
from connectors.salesforce.queries import OverRows, Report, SalesforceQuery, meant, select_of
from connectors.salesforce.series import WORTH_IT, Bound, Family, Series, day_from, family_of, selects_of, series
from connectors.salesforce.soql import MOST_AGGREGATES, Merged, Select, flat, merge, same_rows
from connectors.salesforce.units import Asked
from mapping.day import UTC, Zone

Rows = tuple[str, str, int]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`merged` are the SELECTs that answer several questions or tell their rows, with the questions behind each;
    `written` the queries that are sent as they stand; `series` those that differ in a day alone, each with the day
    before which its time ends; `reports` by what one run of a report answers; `asked` what may be in a unit."""

    merged: tuple[tuple[Merged, tuple[OverRows, ...]], ...]
    written: tuple[OverRows, ...]
    series: tuple[tuple[Series, tuple[tuple[OverRows, date], ...]], ...]
    reports: tuple[tuple[Report, ...], ...]
    asked: tuple[Asked, ...]

    @property
    def paths(self) -> list[str]:
        soqls = [soql for one, _ in self.series for soql in one.soqls] + [one.soql for one, _ in self.merged]
        soqls += [flat(query.soql) for query in self.written]
        return [query_path(soql) for soql in dict.fromkeys(soqls)]


def plan_of(queries: Collection[SalesforceQuery], zone: Zone | None = None) -> Plan:
    """`zone` is the user's, where it is known."""
    groups: dict[Rows, list[tuple[OverRows, Select]]] = {}
    written: list[OverRows] = []
    runs: dict[object, list[Report]] = {}
    asked: list[Asked] = []
    for query in queries:
        if isinstance(query, Report):
            runs.setdefault((query.report, frozenset(query.filters)), []).append(query)
            continue
        if known := meant(query):
            asked.append(known)
        plain = select_of(query)
        if plain is None:
            written.append(query)
            continue
        whole = 0
        while len(groups.get((*same_rows(plain), whole), ())) >= MOST_AGGREGATES:
            whole += 1
        groups.setdefault((*same_rows(plain), whole), []).append((query, plain))
    together = _series(groups, zone)
    return Plan(
        merged=tuple(
            (merge(select for _, select in group), tuple(query for query, _ in group)) for group in groups.values()
        ),
        written=tuple(written),
        series=together,
        reports=tuple(map(tuple, runs.values())),
        asked=tuple(asked),
    )


def needs_zone(queries: Collection[SalesforceQuery]) -> bool:
    """Whether knowing the user's zone would make questions of one series of what else is asked one by one."""
    timed: dict[Family, set[Bound]] = {}
    for query in queries:
        plain = None if isinstance(query, Report) else select_of(query)
        known = family_of(plain) if plain else None
        if known is not None and known[0].timed:
            timed.setdefault(known[0], set()).add(known[1])
    return any(
        len(bounds) >= WORTH_IT and any(day_from(bound, UTC) is None for bound in bounds) for bounds in timed.values()
    )


def _series(
    groups: dict[Rows, list[tuple[OverRows, Select]]], zone: Zone | None
) -> tuple[tuple[Series, tuple[tuple[OverRows, date], ...]], ...]:
    """Takes the groups out that are asked by day."""
    families: dict[Family, list[tuple[Rows, Bound]]] = {}
    for rows, group in groups.items():
        known = [family_of(select) for _, select in group]
        if known[0] is not None and all(one is not None for one in known):
            families.setdefault(known[0][0], []).append((rows, known[0][1]))
    found = []
    for members in families.values():
        bounds = [bound for _, bound in members]
        used = next((one for one in (UTC, zone) if all(day_from(bound, one) for bound in bounds)), None)
        if used is None or len(set(bounds)) < max(WORTH_IT, selects_of(bounds) + 1):
            continue
        taken = [(query, select, bound) for rows, bound in members for query, select in groups.pop(rows)]
        made = series([select for _, select, _ in taken], bounds, used)
        dated = tuple((query, day) for query, _, bound in taken if (day := day_from(bound, used)))
        found.append((made, dated))
    return tuple(found)
