"""The sample company: deals, tickets and sheets of a quarter, the same every time for the same day.

Made for any day, it holds what has happened by then in that day's quarter: some key results go well, some do not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.data import Cell, Data, Row, SharePointList, Workbook
from sandbox.departments import add_departments
from sandbox.quarter import QUARTER_DAYS, SEEN, Quarter, stamp

TODAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""The day that tests stand on, eight weeks into a quarter."""
SITE = "contoso.sharepoint.com,kpis"
DRIVE, BOOK = "b!contoso-kpis", "01CONTOSOKPIS"


def sample_company(today: datetime = TODAY) -> Data:
    """`today` is an aware instant in UTC."""
    quarter = Quarter(today)
    data = Data(
        salesforce=_salesforce(quarter),
        jira=list(_issues(quarter)),
        workbooks={(DRIVE, BOOK): _workbook(quarter)},
        lists=_lists(quarter),
    )
    add_departments(data, quarter, SITE)
    return data


# -- Salesforce ---------------------------------------------------------------------------------------------------


def _salesforce(quarter: Quarter) -> dict[str, list[Row]]:
    opportunities = [
        *_deals(quarter, 140, 99_000, won=True, Type="New Product"),
        *_deals(quarter, 9, 38_000, won=True, Type="New Business", Segment__c="Enterprise"),
        *_deals(quarter, 14, 12_500, won=True, Type="New Business", Segment__c="Mid-Market"),
        *_deals(quarter, 40, 3_400, won=True, Type="New Business", Segment__c="Small Business"),
        *_deals(quarter, 1180, 41_000, won=False, Type="New Business"),
        *_deals(quarter, 118, 62_000, won=None, Type="New Business", LeadSource="Marketing"),
        *_deals(quarter, 64, 55_000, won=None, Type="Existing Business", LeadSource="Partner"),
    ]
    return {
        # The company counts in dollars, and its org says so.
        "CurrencyType": [{"Id": "01L000000000001", "IsoCode": "USD", "IsCorporate": True}],
        "Opportunity": [{"Id": f"006{index:012d}", **deal} for index, deal in enumerate(opportunities)],
        "Contract": [
            {"Id": f"800{index:012d}", "Status": "Activated" if index % 11 else "Expired", "Annual_Revenue__c": value}
            for index, value in enumerate(_amounts(quarter.chance, 230, 99_000))
        ],
        "Contact": [
            {
                "Id": f"003{index:012d}",
                "Name": f"Contact {index}",
                "Marketo_Id__c": f"m{index}" if index % 25 < 21 else None,
            }
            for index in range(2500)
        ],
        "Lead": list(_leads(quarter, 1010)),
        "Campaign": list(_campaigns(quarter)),
    }


def _deals(quarter: Quarter, count: int, mean: int, *, won: bool | None, **fields: Any) -> Iterator[Row]:
    """`won` is None for deals that are still open; they close later in the quarter."""
    for amount in _amounts(quarter.chance, count, mean):
        created = quarter.some_hour()
        closed = None if won is None else quarter.some_hour()
        cycle = quarter.chance.randint(30, 62)
        if quarter.has_seen(closed or created):
            yield _deal(quarter, amount, min(created, quarter.today), closed, cycle, won=won, **fields)
    for amount in _amounts(quarter.later, count * (QUARTER_DAYS - SEEN) // SEEN, mean):
        closed = quarter.some_later_hour()
        cycle = quarter.later.randint(30, 62)
        if quarter.has_seen(closed):
            yield _deal(quarter, amount, closed, None if won is None else closed, cycle, won=won, **fields)


def _deal(
    quarter: Quarter,
    amount: Decimal,
    created: datetime,
    closed: datetime | None,
    cycle_days: int,
    *,
    won: bool | None,
    **fields: Any,
) -> Row:
    closing = closed or quarter.start + timedelta(days=75)
    return {
        "Name": f"Deal over {amount}",
        "Amount": amount,
        "StageName": {True: "Closed Won", False: "Closed Lost", None: "Negotiation"}[won],
        "IsWon": won is True,
        "IsClosed": won is not None,
        "CreatedDate": stamp(created),
        "CloseDate": closing.date().isoformat(),
        "Sales_Cycle_Days__c": cycle_days,
        "LeadSource": None,
        "Segment__c": None,
        **fields,
    }


def _leads(quarter: Quarter, count: int) -> Iterator[Row]:
    created = [quarter.some_hour() for _ in range(count)]
    created += [quarter.some_later_hour() for _ in range(count * (QUARTER_DAYS - SEEN) // SEEN)]
    for index, at in enumerate(created):
        if quarter.has_seen(at):
            status = "Marketing Qualified" if index % 3 else "Open"
            yield {"Id": f"00Q{index:012d}", "Status": status, "CreatedDate": stamp(at)}


def _campaigns(quarter: Quarter) -> Iterator[Row]:
    planned = [("Spring fair", -6), ("Launch webinar", 0), ("Customer stories", 0), ("Analyst briefing", 1),
               ("Partner week", 1), ("Winter offer", 2)]  # fmt: skip
    for index, (name, month) in enumerate(planned):
        months = quarter.start.month - 1 + month
        start = quarter.start.replace(year=quarter.start.year + months // 12, month=months % 12 + 1, day=5)
        status = "Completed" if quarter.has_seen(start) else "Planned"
        yield {"Id": f"701{index:012d}", "Name": name, "Status": status, "StartDate": start.date().isoformat()}


def _amounts(chance: random.Random, count: int, mean: int) -> Iterator[Decimal]:
    for _ in range(count):
        yield Decimal(chance.randint(mean * 50, mean * 150)) / 100


# -- Jira ---------------------------------------------------------------------------------------------------------

CATEGORIES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}
STATUSES = {
    name: {"id": key, "name": name, "statusCategory": {"key": key, "name": name}} for name, key in CATEGORIES.items()
}
WORK = {
    "SALES-12": ("Build new sales enablement material", 12, 8),
    "UX-7": ("Click study", 8, 8),
    "UX-9": ("Compile the bug reports", 10, 4),
    "CS-3": ("Customer-event calendar", 6, 3),
    "MKT-9": ("Refresh the marketing material", 15, 6),
}
"""Epics: title, how many issues, how many of them are done."""


def _issues(quarter: Quarter) -> Iterator[Row]:
    chance = quarter.chance
    number = 10_000
    for epic, (title, count, by_now) in WORK.items():
        project, _, epic_number = epic.partition("-")
        done = quarter.done(by_now, count)
        number += 1
        yield _issue(number, epic, title, "In Progress", _by_today(quarter))
        for index in range(count):
            status = "Done" if index < done else "In Progress" if index == done else "To Do"
            key = (
                f"{project}-{int(epic_number) + 1 + index}"
                if project != "UX"
                else f"UX-{int(epic_number) * 10 + index}"
            )
            number += 1
            parent = {"id": str(number - index - 1), "key": epic}
            points = {"customfield_10016": Decimal(chance.choice([1, 2, 3, 5, 8]))}
            created = _by_today(quarter)
            yield _issue(number, key, f"{title}, part {index + 1}", status, created, parent=parent, **points)
    for index in range(210):
        age = timedelta(hours=chance.randint(1, 24 * 85))
        number += 1
        status = "Done" if age > timedelta(days=3) else "In Progress"
        created = quarter.today - age
        solved = created + timedelta(hours=10 + index % 62)
        ended = {"resolutiondate": _jira_time(solved)} if status == "Done" else {}
        yield _issue(number, f"SUP-{index + 1}", f"Ticket {index + 1}", status, created, **ended)


def _by_today(quarter: Quarter) -> datetime:
    return min(quarter.some_hour(50), quarter.today)


def _issue(number: int, key: str, summary: str, status: str, created: datetime, **fields: Any) -> Row:
    project = key.partition("-")[0]
    return {
        "id": str(number),
        "key": key,
        "fields": {
            "summary": summary,
            "project": {"id": str(sum(map(ord, project))), "key": project, "name": project.title()},
            "issuetype": {"id": "10001", "name": "Task"},
            "status": STATUSES[status],
            "resolution": {"id": "1", "name": "Done"} if status == "Done" else None,
            "created": _jira_time(created),
            "customfield_10016": None,
            **fields,
        },
    }


def _jira_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


# -- Microsoft 365 ------------------------------------------------------------------------------------------------


def _workbook(quarter: Quarter) -> Workbook:
    saved = quarter.today.replace(hour=6, minute=30, second=0, microsecond=0)
    saved -= timedelta(days=saved > quarter.today)
    seconds = quarter.grown(157, 198)
    cells = {
        "A1": Cell(value="KPI"),
        "B1": Cell(value="Now"),
        "A2": Cell(value="Checkout steps"),
        "B2": Cell(value=max(6, round(quarter.grown(9, 7)))),
        "A3": Cell(value="Time per session"),
        "B3": Cell(value=Decimal(round(seconds)) / 86_400, number_format="mm:ss"),
        "A4": Cell(value="Monthly active users of key accounts"),
        "B4": Cell(value=round(quarter.grown(250_000, 318_400))),
        "A5": Cell(value="Website visits"),
        "B5": Cell(value=round(quarter.grown(300_000, 402_150))),
    }
    names = {"CheckoutSteps": "KPIs!B2", "TimePerSession": "KPIs!B3", "ActiveUsers": "KPIs!B4", "Visits": "KPIs!B5"}
    return Workbook(name="KPIs.xlsx", sheets={"KPIs": cells}, names=names, modified=stamp(saved))


def _lists(quarter: Quarter) -> dict[tuple[str, str], SharePointList]:
    hours = ["2.9", "2.8", "2.5", "2.5", "2.2", "2.0", "1.9", "1.8", "1.7", "1.6", "1.6", "1.4", "1.3", "1.2"]
    uptime = ["0.9991", "0.9987", "0.9962", "0.9990", "0.9978", "0.9995", "0.9969", "0.9984", "0.9990", "0.9971",
              "0.9988", "0.9993", "0.9979", "0.9992"]  # fmt: skip
    return {
        (SITE, "Subscription work"): SharePointList(
            columns={"Hours": "number"},
            items=[
                {"Hours": Decimal(time), "Created": stamp(week)} for week, time in _weekly(quarter, hours, before=True)
            ],
        ),
        (SITE, "Knowledge articles"): SharePointList(
            columns={"UsedByCustomers": "boolean"},
            items=list(_articles(quarter, 90)),
            indexed=frozenset({"UsedByCustomers"}),
        ),
        (SITE, "Office hours"): SharePointList(
            columns={"Attendees": "number"},
            items=[
                {"Attendees": people, "Created": stamp(week)}
                for week, people in _weekly(
                    quarter,
                    [quarter.chance.randint(80, 125) for _ in range(8)]
                    + [quarter.later.randint(80, 125) for _ in range(6)],
                )
            ],
        ),
        (SITE, "Uptime"): SharePointList(
            columns={"Availability": "number"},
            items=[
                {"Availability": Decimal(share), "Created": stamp(week)}
                for week, share in _weekly(quarter, uptime, before=True)
            ],
        ),
    }


def _weekly(quarter: Quarter, values: list[Any], *, before: bool = False) -> Iterator[tuple[datetime, Any]]:
    """`before`: in the first hours of a quarter the last one's value is the newest there is."""
    weeks = [quarter.start + timedelta(weeks=week, hours=17) for week in range(len(values))]
    seen = [(week, value) for week, value in zip(weeks, values, strict=True) if quarter.has_seen(week)]
    yield from seen or ([(weeks[0] - timedelta(weeks=1), values[0])] if before else [])


def _articles(quarter: Quarter, count: int) -> Iterator[Row]:
    created = [quarter.some_hour() for _ in range(count)]
    created += [quarter.some_later_hour() for _ in range(count * (QUARTER_DAYS - SEEN) // SEEN)]
    for index, at in enumerate(created):
        if quarter.has_seen(at):
            yield {"UsedByCustomers": index % 5 != 0, "Created": stamp(at)}
