"""A whole quarter, day by day, over the stand-ins: sources that fail, a corrected month, an edited target, a value that
falls to nothing, a postponed key result. What is recorded must be what was true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from mapping.facts import find
from mapping.model import Status
from mapping.progress import Verdict
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.run import EMAIL, SECRET
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from sync.carrying import carried_over
from sync.closing import Said, close
from sync.connections import opened
from sync.history import history
from sync.overview import overview
from sync.people import decide
from sync.plan import Plan, make_plan
from sync.record import record
from sync.standing import standing_of
from sync.store.store import Store
from tests.connectors.contract import FakeTime
from tests.sync.conftest import q4

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
CORRECTED = date(2026, 11, 10)
"""The books of October are opened again: one deal was not 90,000 but 20,000."""
RAISED = date(2026, 11, 16)
"""The target is edited from 1,000,000 to 1,200,000."""
JIRA_DOWN = [date(2026, 11, 20) + timedelta(days=n) for n in range(3)]
HIDDEN = date(2026, 12, 1)
"""The integration user loses its view on deals for a day: every count and every sum is 0."""

OKRS = """
cycle: 2026-Q4
objectives:
  - id: sales
    title: Sell more
    kind: aspirational
    key_results:
      - id: won
        title: Won deals
        start: 0
        target: {target}
        value: {{salesforce: "SELECT SUM(Amount) FROM Opportunity WHERE CloseDate >= {{cycle.start}} AND CloseDate <= {{as_of:date}}", unit: USD}}
      - id: deals
        title: Number of deals
        start: 0
        target: 46
        value: {{salesforce: "SELECT COUNT(Id) FROM Opportunity WHERE CloseDate >= {{cycle.start}} AND CloseDate <= {{as_of:date}}"}}
      - {{id: done, title: Work done, percent_complete: true, value: {{jira: {{percent_done: "project = APP"}}}}}}
      - {{id: portal, title: Portals opened, start: 0, target: 5, value: {{jira: {{count: "project = WEB AND statusCategory = Done"}}}}}}
"""
WORKER = """
connections:
  salesforce: {url: "${SALESFORCE_URL}", client_id: okrsync, client_secret: "${SALESFORCE_SECRET}", currency: USD}
  jira: {url: "${JIRA_URL}", email: okrsync@example.com, token: "${JIRA_SECRET}"}
"""


def deals_known_on(day: date) -> list[tuple[date, Decimal]]:
    """A deal every other day, each a little larger; one of October was booked wrong at first."""
    deals = []
    for number in range(46):
        closed = FIRST + timedelta(days=2 * number)
        amount = Decimal(10_000 + number * 500)
        if number == 5:
            amount = Decimal(90_000) if day < CORRECTED else Decimal(20_000)
        deals.append((closed, amount))
    return deals


def won_on(day: date) -> Decimal:
    return sum((amount for closed, amount in deals_known_on(day) if closed <= day), Decimal(0))


def done_on(day: date) -> int:
    """Of 60 issues, so many are done: two in three days."""
    return min(60, (day - FIRST).days * 2 // 3)


def data_on(day: date) -> Data:
    opportunities = [
        {"Id": f"006{number}", "Amount": amount, "CloseDate": closed.isoformat(), "StageName": "Won"}
        for number, (closed, amount) in enumerate(deals_known_on(day))
        if closed <= day and day != HIDDEN
    ]
    return Data(
        salesforce={"Opportunity": opportunities},
        jira=[*(_issue(n, n < done_on(day)) for n in range(60)), _issue(60, False, "WEB")],
    )


def _issue(number: int, done: bool, project: str = "APP") -> dict[str, Any]:
    category = {"key": "done", "name": "Done"} if done else {"key": "new", "name": "To Do"}
    fields = {
        "project": {"id": project, "key": project, "name": project},
        "status": {"id": str(int(done)), "name": category["name"], "statusCategory": category},
        "created": "2026-09-01T08:00:00.000+0000",
    }
    return {"id": str(number), "key": f"{project}-{number}", "fields": fields}


@dataclass
class Quarter:
    folder: Path
    store: Store
    salesforce: Server
    jira: Server
    plans: dict[date, Plan] = field(default_factory=dict)

    def live(self, day: date) -> None:
        data = data_on(day)
        self.salesforce.application = SalesforceOrg(data, client_secret=SECRET)
        self.jira.application = JiraSite(data, email=EMAIL, token=SECRET)
        self.jira.faults.clear()
        if day in JIRA_DOWN:
            self.jira.faults.fail(status=503, times=-1)
        target = "$1M" if day < RAISED else "$1.2M"
        (self.folder / "okrs" / "q4.yaml").write_text(OKRS.format(target=target))
        workspace = load(self.folder)
        at = datetime.combine(day, time(18), UTC)
        with opened(workspace.connections, workspace.connections, lambda: at, UTC) as connectors:
            plan = make_plan(
                workspace, connectors, self.store.last_check_ins(), at, standing=standing_of(self.store, UTC)
            )
        record(plan, self.store, at)
        self.plans[day] = plan
        if day == HIDDEN:
            decide(self.store, workspace.bindings["deals"], at + timedelta(hours=1), by="ada", accept=False)


@pytest.fixture(scope="module")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quarter]:
    folder = tmp_path_factory.mktemp("quarter")
    (folder / "okrs").mkdir()
    (folder / "okrsync.yaml").write_text(WORKER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.wire.time", FakeTime())
        data = data_on(FIRST)
        with Server(SalesforceOrg(data)) as salesforce, Server(JiraSite(data)) as jira:
            for name, value in (
                ("SALESFORCE_URL", salesforce.url),
                ("JIRA_URL", jira.url),
                ("SALESFORCE_SECRET", SECRET),
                ("JIRA_SECRET", SECRET),
            ):
                patch.setenv(name, value)
            store = Store.open(f"sqlite:///{folder}/store.sqlite")
            made = Quarter(folder, store, salesforce, jira)
            for number in range((LAST - FIRST).days + 1):
                made.live(FIRST + timedelta(days=number))
            yield made
            store.close()


def value_on(quarter: Quarter, key: str, day: date) -> Decimal | None:
    """What was known of a key result at the end of a day."""
    known = [event for event in history(quarter.store, q4(key), UTC) if event.check_in and event.at.date() <= day]
    return known[-1].check_in.value.amount if known and known[-1].check_in else None


def test_every_day_tells_what_was_true_then(quarter: Quarter) -> None:
    for day in quarter.plans:
        known = day - timedelta(days=1) if day == HIDDEN else day
        assert value_on(quarter, "won", day) == won_on(known), day
        seen = max((one for one in quarter.plans if one <= day and one not in JIRA_DOWN), default=day)
        assert value_on(quarter, "done", day) == Decimal(done_on(seen)) / 60, day


def test_a_corrected_month_shows_on_the_day_of_its_correction(quarter: Quarter) -> None:
    before, after = CORRECTED - timedelta(days=1), CORRECTED

    assert value_on(quarter, "won", before) == won_on(before)
    assert value_on(quarter, "won", after) == won_on(after) < won_on(before)


def test_the_edited_target_is_one_adjustment_on_its_day(quarter: Quarter) -> None:
    (action,) = [event.action for event in history(quarter.store, q4("won"), UTC) if event.action]

    assert action.at.date() == RAISED
    assert action.details == {"target": {"from": "$1,000,000", "to": "$1,200,000"}}


def test_a_source_that_was_down_damaged_nothing(quarter: Quarter) -> None:
    for day in JIRA_DOWN:
        assert {made.kind for made in quarter.plans[day].troubled if hasattr(made, "kind")} == {"Unreachable"}
        assert value_on(quarter, "deals", day) is not None
    assert not quarter.plans[JIRA_DOWN[-1] + timedelta(days=1)].troubled


def test_what_fell_to_nothing_was_held_and_rejected(quarter: Quarter) -> None:
    won, deals = quarter.plans[HIDDEN].held
    assert won.reason.startswith("it fell to zero from")
    assert deals.reason.startswith("it fell to zero from")
    assert value_on(quarter, "deals", HIDDEN) == value_on(quarter, "deals", HIDDEN - timedelta(days=1))
    assert [event.action.action for event in history(quarter.store, q4("deals"), UTC) if event.action] == ["rejected"]
    assert value_on(quarter, "deals", HIDDEN + timedelta(days=2)) == 31 + 1


def test_the_quarter_is_closed_and_what_was_not_begun_goes_on(quarter: Quarter) -> None:
    workspace = load(quarter.folder)
    at = datetime.combine(LAST + timedelta(days=4), time(9), UTC)
    seen = overview(workspace, quarter.store, at)
    assert find(seen, "portal").status is Status.OVERDUE
    assert find(seen, "done").status is Status.ACHIEVED

    reports = close(seen, "2026-Q4", at, "ada", Said(notes={"done": "all of it"}))
    quarter.store.people.close([closing for _, closing in reports[0].views])

    outcomes = {closing.key_result: (closing.outcome, closing.score) for _, closing in reports[0].views}
    assert outcomes["portal"] == ("postponed", Decimal("0.0"))
    assert outcomes["done"] == ("closed", Decimal("1.0"))
    assert reports[0].verdict in Verdict
    assert "portal-2027-Q1" in carried_over(reports, workspace)["2027-Q1.yaml"]
    assert history(quarter.store, q4("done"), UTC)[-1].closing is not None
    assert find(overview(workspace, quarter.store, at), "portal").status is Status.POSTPONED
