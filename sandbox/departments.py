"""What the templates of the departments read: the standard objects of an org, the projects of a site, the reports and
lists of a tenant."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.data import Cell, Data, Row, SharePointList, Workbook
from sandbox.quarter import Quarter, stamp

STATUSES = {
    "To Do": {"id": "new", "name": "To Do", "statusCategory": {"key": "new", "name": "To Do"}},
    "Done": {"id": "done", "name": "Done", "statusCategory": {"key": "done", "name": "Done"}},
}
PRIORITIES = [{"id": str(index), "name": name} for index, name in enumerate(("Highest", "High", "Medium", "Low"), 1)]
DRIVE, BOOK = "b!contoso-finance", "01CONTOSOFINANCE"
PLAN = "xqQg5FS2LkCp935s-FIFm2QAFkHM"
STORY_POINTS = "customfield_10016"


def add_departments(data: Data, quarter: Quarter, site: str) -> None:
    """Adds them to `data`. The fields that the OKRs of the sample company read stay as they are."""
    chance = random.Random(2028)
    _add_salesforce(data.salesforce, quarter, chance)
    data.jira += _issues(quarter, chance)
    data.workbooks[DRIVE, BOOK] = _workbook()
    data.lists |= _lists(quarter, chance, site)
    data.plans[PLAN] = [
        {
            "id": f"task{index}",
            "planId": PLAN,
            "title": f"Move, part {index + 1}",
            "percentComplete": 100 if index < 11 else 0,
        }
        for index in range(24)
    ]
    data.users += [
        {"id": f"user{index}", "accountEnabled": True, "userType": "Guest" if index % 11 == 0 else "Member"}
        for index in range(1080)
    ]
    data.reports |= _reports(quarter)
    data.analytics[site] = {"access": {"actionCount": 1240, "actorCount": 183}}
    data.scores.append({"id": "s1", "currentScore": 352.0, "maxScore": 480.0, "createdDateTime": stamp(quarter.today)})


# -- Salesforce ---------------------------------------------------------------------------------------------------


def _add_salesforce(objects: dict[str, list[Row]], quarter: Quarter, chance: random.Random) -> None:
    objects["Account"] = [
        {
            "Id": f"001{index:012d}",
            "Name": f"Customer {index}",
            "Type": "Customer" if index % 3 else "Prospect",
            "Industry": "Manufacturing" if index % 4 else None,
            "CreatedDate": stamp(_before(quarter, chance, 400)),
        }
        for index in range(420)
    ]
    objects["Case"] = [
        {
            "Id": f"500{index:012d}",
            "Status": "Closed" if index % 4 else "New",
            "IsClosed": bool(index % 4),
            "IsEscalated": index % 36 == 0,
            "Priority": ("High", "Medium", "Low")[index % 9 // 3],
            "Origin": ("Web", "Email", "Phone")[index % 3],
            "CreatedDate": stamp(_before(quarter, chance, 90)),
        }
        for index in range(480)
    ]
    objects["Order"] = [
        {
            "Id": f"801{index:012d}",
            "Status": "Activated" if index % 8 else "Draft",
            "EffectiveDate": _before(quarter, chance, 60).date().isoformat(),
        }
        for index in range(260)
    ]
    for index, contact in enumerate(objects["Contact"]):
        contact["Email"] = f"contact{index}@example.com" if index % 6 else None
    for index, deal in enumerate(objects["Opportunity"]):
        deal["NextStep"] = "Call the buyer" if index % 5 else None
    for index, lead in enumerate(objects["Lead"]):
        lead["IsConverted"] = index % 9 == 0
    for index, campaign in enumerate(objects["Campaign"]):
        done = campaign["Status"] == "Completed"
        campaign["NumberOfResponses"] = 190 + 15 * index if done else 12
        campaign["ActualCost"] = Decimal(9_800 + 700 * index) if done else Decimal(600)


# -- Jira ---------------------------------------------------------------------------------------------------------


def _issues(quarter: Quarter, chance: random.Random) -> Iterator[Row]:
    """By project: how many issues, of what kind and labels, how many of ten are done, and how many days that took."""
    projects = (
        ("ONB", 40, "Task", (), 7, 18),
        ("PROD", 60, "Story", ("roadmap",), 5, 12),
        ("PROD", 110, "Bug", (), 6, 11),
        ("ENG", 80, "Task", (), 7, 8),
        ("ENG", 5, "Task", ("incident",), 9, 2),
        ("ENG", 16, "Task", ("postmortem",), 6, 9),
        ("ENG", 20, "Task", ("debt",), 6, 10),
        ("HIRE", 22, "Task", (), 5, 47),
        ("IT", 190, "Task", (), 7, 2),
        ("SEC", 36, "Task", (), 8, 22),
        ("DATA", 50, "Task", (), 8, 5),
    )
    numbers: dict[str, int] = {}
    ident = 50_000
    for project, count, kind, labels, done_of_ten, days in projects:
        for index in range(count):
            numbers[project] = numbers.get(project, 0) + 1
            ident += 1
            done = index % 10 < done_of_ten
            ended = max(quarter.start, quarter.today - timedelta(hours=chance.randint(1, 40 * 24)))
            begun = ended - timedelta(hours=chance.randint(days * 12, days * 36))
            yield _issue(ident, f"{project}-{numbers[project]}", kind, labels, begun, ended if done else None, chance)
    yield from _sprints(quarter, chance)


def _issue(
    ident: int,
    key: str,
    kind: str,
    labels: tuple[str, ...],
    begun: datetime,
    ended: datetime | None,
    chance: random.Random,
    **fields: object,
) -> Row:
    project = key.partition("-")[0]
    parent = {"id": "50041", "key": "PROD-1"} if project == "PROD" and key != "PROD-1" and kind == "Story" else None
    return {
        "id": str(ident),
        "key": key,
        "fields": {
            "summary": f"{kind} {key}",
            "project": {"id": str(sum(map(ord, project))), "key": project, "name": project.title()},
            "issuetype": {"id": kind, "name": kind, "subtask": False},
            "status": STATUSES["Done" if ended else "To Do"],
            "priority": PRIORITIES[0 if ended and ident % 5 == 0 else ident % 3 + 1],
            "resolution": {"id": "1", "name": "Done"} if ended else None,
            "resolutiondate": _jira_time(ended) if ended else None,
            "labels": list(labels),
            "created": _jira_time(begun),
            "parent": parent,
            STORY_POINTS: Decimal(chance.choice([1, 2, 3, 5])),
            **fields,
        },
    }


def _sprints(quarter: Quarter, chance: random.Random) -> Iterator[Row]:
    """Four sprints of two weeks on board 12, the last one ended yesterday."""
    ident = 60_000
    for number in range(4):
        end = quarter.today - timedelta(days=1 + 14 * (3 - number))
        start = end - timedelta(days=14)
        sprint = {
            "id": 900 + number,
            "name": f"ENG sprint {number + 1}",
            "state": "closed",
            "originBoardId": 12,
            "startDate": stamp(start),
            "endDate": stamp(end),
            "completeDate": stamp(end),
        }
        for index in range(8):
            ident += 1
            done = start + timedelta(days=2 + index)
            key = f"ENG-{500 + 10 * number + index}"
            yield _issue(ident, key, "Task", ("sprint",), start, done, chance, closedSprints=[sprint])


def _jira_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


# -- Microsoft 365 ------------------------------------------------------------------------------------------------


def _workbook() -> Workbook:
    named = {"RunwayMonths": 19, "DaysSalesOutstanding": 44, "CloseDays": 6, "BudgetUsed": Decimal("0.97")}
    cells = {f"B{row}": Cell(value=value) for row, value in enumerate(named.values(), 1)}
    cells["B4"] = Cell(value=named["BudgetUsed"], number_format="0%")
    return Workbook(
        name="Finance.xlsx",
        sheets={"KPIs": cells},
        names={name: f"KPIs!B{row}" for row, name in enumerate(named, 1)},
    )


def _lists(quarter: Quarter, chance: random.Random, site: str) -> dict[tuple[str, str], SharePointList]:
    def rows(column: str, values: list[Decimal | int]) -> SharePointList:
        created = sorted(_before(quarter, chance, 50) for _ in values)
        items = [{column: value, "Created": stamp(at)} for value, at in zip(values, created, strict=True)]
        return SharePointList(columns={column: "number"}, items=items)

    return {
        (site, "Engagement survey"): rows("Score", [Decimal("7.1"), Decimal("7.3"), Decimal("7.6")]),
        (site, "Customer health"): rows("Score", [chance.randint(55, 95) for _ in range(60)]),
        (site, "Deliveries"): rows("Days", [chance.randint(4, 11) for _ in range(80)]),
        (site, "Training"): rows("Hours", [chance.randint(2, 8) for _ in range(55)]),
        (site, "Growth talks"): rows("Number", list(range(71))),
    }


def _reports(quarter: Quarter) -> dict[str, str]:
    """Usage reports are some two days old."""
    days = [(quarter.today - timedelta(days=back)).date().isoformat() for back in range(2, 9)]
    head = "Report Refresh Date,Office 365,Exchange,OneDrive,SharePoint,Skype For Business,Yammer,Teams"
    active = [f"{days[0]},{812 - 3 * index},790,610,540,,,640,{day},7" for index, day in enumerate(days)]
    teams = [f"{days[0]},{day},310,840,120,{318 - 4 * index},40,7" for index, day in enumerate(days)]
    return {
        "getOffice365ActiveUserCounts": "\n".join([f"{head},Report Date,Report Period", *active]) + "\n",
        "getTeamsUserActivityUserCounts": "\n".join(
            [
                "Report Refresh Date,Report Date,Team Chat Messages,Private Chat Messages,Calls,Meetings,Other Actions,"
                "Report Period",
                *teams,
            ]
        )
        + "\n",
    }


def _before(quarter: Quarter, chance: random.Random, days: int) -> datetime:
    return quarter.today - timedelta(hours=chance.randint(1, days * 24))
