"""Microsoft 365 usage reports (CSV), counts, and analytics of sites and files. Pure: answers in, a number out."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer, BadQuery
from connectors.graph.queries import Count, SiteVisits, UsageReport
from connectors.graph.schedule import Request

DAY, REFRESHED = "Report Date", "Report Refresh Date"
INCOMPLETE = "Microsoft says that the data of this period is not complete yet."
EVENTUAL = (("ConsistencyLevel", "eventual"),)
PEOPLE = {"users": "User.Read.All", "groups": "GroupMember.Read.All"}


def report_request(asked: UsageReport) -> Request:
    # Reports on Copilot left beta for a place of their own.
    root = "/copilot/reports" if asked.function.startswith("getMicrosoft365Copilot") else "/reports"
    return Request(f"{root}/{asked.function}(period='{asked.period}')", "Reports.Read.All")


def report_value(asked: UsageReport, content: bytes, connection: str) -> tuple[Decimal | None, datetime]:
    """The column's value of the newest day that has a row, and that day's start. Days that are not ready are absent,
    and an empty cell is none. Raises BadAnswer, BadQuery."""
    try:
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise BadAnswer(f"{asked.function} is no CSV", connection=connection) from None
    if not rows:
        raise BadAnswer(f"{asked.function} has no rows", connection=connection, fix="Try a longer period.")
    if REFRESHED not in rows[0]:
        raise BadAnswer(f"{asked.function} is no usage report", connection=connection)
    if asked.column not in rows[0]:
        known = ", ".join(name for name in rows[0] if name)
        raise BadQuery(
            f"{asked.function} has no column {asked.column!r}", connection=connection, fix=f"Write one of: {known}."
        )
    if DAY not in rows[0] and len(rows) > 1:
        raise BadQuery(
            f"{asked.function} is a report of details, with {len(rows)} rows and no day",
            connection=connection,
            fix="Name a report of counts, such as getOffice365ActiveUserCounts.",
        )
    newest = max(rows, key=lambda row: row.get(DAY) or row[REFRESHED])
    return _number(newest[asked.column], asked, connection), _day(newest.get(DAY) or newest[REFRESHED], connection)


def count_request(asked: Count) -> Request:
    path = asked.count.strip("/")
    options = f"?$filter={quote(asked.filter, safe='')}" if asked.filter else ""
    permission = PEOPLE.get(path.partition("/")[0], "read access to it")
    return Request(f"/{quote(path, safe='/')}/$count{options}", permission, headers=EVENTUAL, as_text=True)


def count_value(answer: Mapping[str, Any], connection: str) -> Decimal:
    """Raises BadAnswer."""
    text = str(answer.get("text", "")).lstrip("\ufeff").strip()
    if not text.isdigit():
        raise BadAnswer(f"Graph answered a count with {text[:60]!r}", connection=connection)
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
        raise BadAnswer("Graph answered analytics without the accesses", connection=connection)
    access = answer["access"] or {}
    value = access.get({"actions": "actionCount", "actors": "actorCount"}[asked.measure])
    if value is None:
        return None, note
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadAnswer("Graph answered analytics without a number", connection=connection)
    return Decimal(value), note


def _number(text: str | None, asked: UsageReport, connection: str) -> Decimal | None:
    if not (text or "").strip():
        return None
    try:
        value = Decimal(str(text).strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise BadQuery(
            f"the column {asked.column} holds {str(text)[:60]!r} where a number belongs",
            connection=connection,
            fix="Name a column of numbers.",
        )
    return value


def _day(text: str, connection: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text.strip()), time.min, UTC)
    except ValueError:
        raise BadAnswer(f"{text[:60]!r} stands where a report's day belongs", connection=connection) from None
