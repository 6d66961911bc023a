"""The sample company: deals, tickets and sheets of the last quarter of 2026, the same every time.

It stands on 24 November 2026, eight weeks into the quarter: some key results go well, some do not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.data import Cell, Data, Row, SharePointList, Workbook

TODAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
QUARTER = datetime(2026, 10, 1, tzinfo=UTC)
SITE = "contoso.sharepoint.com,kpis"
DRIVE, BOOK = "b!contoso-kpis", "01CONTOSOKPIS"


def sample_company() -> Data:
    chance = random.Random(2026)
    return Data(
        salesforce=_salesforce(chance),
        jira=list(_issues(chance)),
        workbooks={(DRIVE, BOOK): _workbook()},
        lists=_lists(chance),
    )


# -- Salesforce ---------------------------------------------------------------------------------------------------


def _salesforce(chance: random.Random) -> dict[str, list[Row]]:
    opportunities = [
        *_deals(chance, 140, 99_000, won=True, Type="New Product"),
        *_deals(chance, 9, 38_000, won=True, Type="New Business", Segment__c="Enterprise"),
        *_deals(chance, 14, 12_500, won=True, Type="New Business", Segment__c="Mid-Market"),
        *_deals(chance, 40, 3_400, won=True, Type="New Business", Segment__c="Small Business"),
        *_deals(chance, 1180, 41_000, won=False, Type="New Business"),
        *_deals(chance, 118, 62_000, won=None, Type="New Business", LeadSource="Marketing"),
        *_deals(chance, 64, 55_000, won=None, Type="Existing Business", LeadSource="Partner"),
    ]
    return {
        "Opportunity": [{"Id": f"006{index:012d}", **deal} for index, deal in enumerate(opportunities)],
        "Contract": [
            {"Id": f"800{index:012d}", "Status": "Activated" if index % 11 else "Expired", "Annual_Revenue__c": value}
            for index, value in enumerate(_amounts(chance, 230, 99_000))
        ],
        "Contact": [
            {
                "Id": f"003{index:012d}",
                "Name": f"Contact {index}",
                "Marketo_Id__c": f"m{index}" if index % 25 < 21 else None,
            }
            for index in range(2500)
        ],
        "Lead": [
            {
                "Id": f"00Q{index:012d}",
                "Status": "Marketing Qualified" if index % 3 else "Open",
                "CreatedDate": _stamp(_day(chance, 54)),
            }
            for index in range(1010)
        ],
        "Campaign": [
            {"Id": f"701{index:012d}", "Name": name, "Status": status, "StartDate": f"2026-{month}-05"}
            for index, (name, status, month) in enumerate(
                [
                    ("Spring fair", "Completed", "04"),
                    ("Launch webinar", "Completed", "10"),
                    ("Customer stories", "Completed", "10"),
                    ("Analyst briefing", "Completed", "11"),
                    ("Partner week", "Completed", "11"),
                    ("Winter offer", "Planned", "12"),
                ]
            )
        ],
    }


def _deals(chance: random.Random, count: int, mean: int, *, won: bool | None, **fields: Any) -> Iterator[Row]:
    """`won` is None for deals that are still open; they close later in the quarter."""
    for amount in _amounts(chance, count, mean):
        created = _day(chance, 54)
        yield {
            "Name": f"Deal over {amount}",
            "Amount": amount,
            "StageName": {True: "Closed Won", False: "Closed Lost", None: "Negotiation"}[won],
            "IsWon": won is True,
            "IsClosed": won is not None,
            "CreatedDate": _stamp(created),
            "CloseDate": "2026-12-15" if won is None else _day(chance, 54).date().isoformat(),
            "Sales_Cycle_Days__c": chance.randint(30, 62),
            "LeadSource": None,
            "Segment__c": None,
            **fields,
        }


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


def _issues(chance: random.Random) -> Iterator[Row]:
    number = 10_000
    for epic, (title, count, done) in WORK.items():
        project, _, epic_number = epic.partition("-")
        number += 1
        yield _issue(number, epic, title, "In Progress", _day(chance, 50))
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
            yield _issue(number, key, f"{title}, part {index + 1}", status, _day(chance, 50), parent=parent, **points)
    for index in range(210):
        age = timedelta(hours=chance.randint(1, 24 * 85))
        number += 1
        status = "Done" if age > timedelta(days=3) else "In Progress"
        yield _issue(number, f"SUP-{index + 1}", f"Ticket {index + 1}", status, TODAY - age)


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
            "created": created.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "customfield_10016": None,
            **fields,
        },
    }


# -- Microsoft 365 ------------------------------------------------------------------------------------------------


def _workbook() -> Workbook:
    cells = {
        "A1": Cell(value="KPI"),
        "B1": Cell(value="Now"),
        "A2": Cell(value="Checkout steps"),
        "B2": Cell(value=7),
        "A3": Cell(value="Time per session"),
        "B3": Cell(value=Decimal(198) / 86_400, number_format="mm:ss"),
        "A4": Cell(value="Monthly active users of key accounts"),
        "B4": Cell(value=318_400),
        "A5": Cell(value="Website visits"),
        "B5": Cell(value=402_150),
    }
    names = {"CheckoutSteps": "KPIs!B2", "TimePerSession": "KPIs!B3", "ActiveUsers": "KPIs!B4", "Visits": "KPIs!B5"}
    return Workbook(name="KPIs.xlsx", sheets={"KPIs": cells}, names=names, modified="2026-11-24T06:30:00Z")


def _lists(chance: random.Random) -> dict[tuple[str, str], SharePointList]:
    weeks = [QUARTER + timedelta(weeks=week, hours=17) for week in range(8)]
    hours = ["2.9", "2.8", "2.5", "2.5", "2.2", "2.0", "1.9", "1.8"]
    uptime = ["0.9991", "0.9987", "0.9962", "0.9990", "0.9978", "0.9995", "0.9969", "0.9984"]
    return {
        (SITE, "Subscription work"): SharePointList(
            columns={"Hours": "number"},
            items=[{"Hours": Decimal(time), "Created": _stamp(week)} for week, time in zip(weeks, hours, strict=True)],
        ),
        (SITE, "Knowledge articles"): SharePointList(
            columns={"UsedByCustomers": "boolean"},
            items=[{"UsedByCustomers": index % 5 != 0, "Created": _stamp(_day(chance, 54))} for index in range(90)],
            indexed=frozenset({"UsedByCustomers"}),
        ),
        (SITE, "Office hours"): SharePointList(
            columns={"Attendees": "number"},
            items=[{"Attendees": chance.randint(80, 125), "Created": _stamp(week)} for week in weeks],
        ),
        (SITE, "Uptime"): SharePointList(
            columns={"Availability": "number"},
            items=[
                {"Availability": Decimal(share), "Created": _stamp(week)}
                for week, share in zip(weeks, uptime, strict=True)
            ],
        ),
    }


def _day(chance: random.Random, days: int) -> datetime:
    """Some hour of the first `days` days of the quarter."""
    return QUARTER + timedelta(hours=chance.randint(0, days * 24))


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
