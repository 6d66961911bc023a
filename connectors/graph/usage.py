"""Microsoft 365 usage reports (CSV), counts, and analytics of sites and files. Pure: answers in, a number out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer, BadQuery
from connectors.graph.numbers import TooFar, count
from connectors.graph.queries import COPILOT, Count, SiteVisits, UsageReport
from connectors.graph.schedule import Request

DAY, REFRESHED = "Report Date", "Report Refresh Date"
INCOMPLETE = "Microsoft says that the data of this period is not complete yet."
MOST_BYTES = 5_000_000
_PLAIN = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,30})?")
EVENTUAL = (("ConsistencyLevel", "eventual"),)
PEOPLE = {"users": "User.Read.All", "groups": "GroupMember.Read.All"}


def report_request(asked: UsageReport) -> Request:
    # Reports on Copilot left beta for a place of their own.
    root = "/copilot/reports" if asked.function.startswith(COPILOT) else "/reports"
    return Request(f"{root}/{asked.call}", "Reports.Read.All")


def report_value(asked: UsageReport, content: bytes, connection: str) -> tuple[Decimal | None, date]:
    """The column's value of the newest day that has a row, and that day. Days that are not ready are absent,
    and an empty cell is none. Raises BadAnswer, BadQuery."""
    rows = _rows(asked, content, connection)
    chosen = [row for row in rows if all(_cell(row, name) == value for name, value in asked.where)]
    if not chosen:
        strange = [name for name, value in asked.where if all(_cell(row, name) != value for row in rows)]
        name = (strange or [asked.where[0][0]])[0]
        known = ", ".join(sorted({_cell(row, name) for row in rows})[:20])
        raise BadQuery(
            f"{asked.function} has no row where {' and '.join(f'{key} is {value!r}' for key, value in asked.where)}",
            connection=connection,
            fix=f"Rows have these values of {name}: {known}.",
        )
    days = [_day(row.get(DAY) or row[REFRESHED], connection) for row in chosen]
    newest = max(days)
    rivals = [row for row, day in zip(chosen, days, strict=True) if day == newest]
    if len(rivals) > 1:
        parting = [name for name in rivals[0] if name != asked.column and len({_cell(row, name) for row in rivals}) > 1]
        values = ", ".join(_cell(row, parting[0]) for row in rivals[:10]) if parting else ""
        raise BadQuery(
            f"{asked.function} has {len(rivals)} rows for {newest}",
            connection=connection,
            fix=f"Choose one by `where: {{{parting[0]}: ...}}`: {values}." if parting else "Name another report.",
        )
    return _number(rivals[0][asked.column], asked, connection), newest


def _rows(asked: UsageReport, content: bytes, connection: str) -> list[dict[str, str]]:
    if len(content) > MOST_BYTES:
        what = f"{asked.function} has {len(content):,} bytes"
        raise BadAnswer(what, connection=connection, fix="Name a report of counts, not of details.")
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise BadAnswer(f"{asked.function} is not a CSV file", connection=connection) from None
    if not rows:
        raise BadAnswer(f"{asked.function} has no rows", connection=connection, fix="Try a longer period.")
    if REFRESHED not in rows[0]:
        raise BadAnswer(f"{asked.function} is not a usage report", connection=connection)
    if any(None in row or None in row.values() for row in rows):
        raise BadAnswer(f"{asked.function} has rows that do not fit its header", connection=connection)
    for column in (asked.column, *(name for name, _ in asked.where)):
        if column not in rows[0]:
            known = ", ".join(name for name in rows[0] if name)
            raise BadQuery(
                f"{asked.function} has no column {column!r}", connection=connection, fix=f"Write one of: {known}."
            )
    return rows


def _cell(row: Mapping[str, str], name: str) -> str:
    return row[name].strip()


def count_request(asked: Count) -> Request:
    path = asked.count.strip("/")
    options = f"?$filter={quote(asked.filter, safe='')}" if asked.filter else ""
    permission = PEOPLE.get(path.partition("/")[0], "read access to it")
    return Request(f"/{quote(path, safe='/')}/$count{options}", permission, headers=EVENTUAL, as_text=True)


def count_value(answer: Mapping[str, Any], connection: str) -> Decimal:
    """Raises BadAnswer."""
    text = str(answer.get("text", "")).lstrip("\ufeff").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadAnswer(f"Graph sent a count that is {text[:60]!r}", connection=connection)
    return Decimal(text)


def visits_request(asked: SiteVisits) -> Request:
    place = (
        f"/sites/{quote(asked.site, safe=',')}"
        if asked.site
        else f"/drives/{quote(asked.drive or '', safe='!')}/items/{quote(asked.item or '', safe='!')}"
    )
    period = {"all_time": "allTime", "last_seven_days": "lastSevenDays"}[asked.period]
    return Request(f"{place}/analytics/{period}", "Sites.Read.All" if asked.site else "Files.Read.All")


def visits_value(asked: SiteVisits, answer: Mapping[str, Any], connection: str) -> tuple[Decimal | None, str | None]:
    """The number, and a note where Microsoft calls it incomplete; nobody's access is none. Raises BadAnswer."""
    note = INCOMPLETE if answer.get("incompleteData") else None
    if "access" not in answer:
        raise BadAnswer("Graph sent analytics without the accesses", connection=connection)
    access = answer["access"]
    if access is None:
        return None, note
    try:
        value = access.get({"actions": "actionCount", "actors": "actorCount"}[asked.measure])
        return None if value is None else Decimal(count(value)), note
    except (AttributeError, TypeError, TooFar):
        raise BadAnswer("Graph sent analytics without a number", connection=connection) from None


def _number(text: str, asked: UsageReport, connection: str) -> Decimal | None:
    if not text.strip():
        return None
    if not _PLAIN.fullmatch(text.strip()):
        raise BadQuery(
            f"the column {asked.column} contains {text[:60]!r} instead of a number",
            connection=connection,
            fix="Name a column of numbers.",
        )
    value = Decimal(text.strip())
    if value < 0:
        raise BadAnswer(
            f"the column {asked.column} contains {text[:60]!r}, but a count can't be below 0", connection=connection
        )
    return value


def _day(text: str, connection: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadAnswer(f"{text[:60]!r} is not the day of a report", connection=connection) from None
