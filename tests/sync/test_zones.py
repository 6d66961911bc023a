"""A pass in four zones over the same records, which lie on both sides of every boundary: each value is computed again
from the raw rows, by their wall-clock days, and must be what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.load import Workspace, load
from mapping.assess import CheckIn, Skipped
from mapping.facts import find
from sandbox.data import Data
from sandbox.graph import GraphTenant
from sandbox.jira import JiraSite
from sandbox.run import EMAIL, SECRET
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from sync.backfill import rebuild, write
from sync.connections import opened
from sync.history import history
from sync.overview import overview
from sync.plan import Plan, make_plan
from sync.record import record
from sync.store.store import Store
from tests.sync.conftest import q4

ZONES = ("Asia/Seoul", "Europe/Berlin", "America/New_York", "America/St_Johns")
ACCOUNT = "America/Los_Angeles"
"""The zone of Jira's own account, which must not matter."""
FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
# The cycle's ends, the days on which clocks go back, and a day like others.
DAYS = (FIRST, date(2026, 10, 25), date(2026, 11, 1), date(2026, 11, 20), date(2027, 1, 1))
TICK = timedelta(seconds=1)

OKRS = """
cycle: 2026-Q4
objectives:
  - id: o
    title: O
    key_results:
      - {id: days, title: A, start: 0, target: 100, settle: 1, value: {salesforce: "SELECT COUNT(Id) FROM Opportunity WHERE CloseDate >= {cycle.start} AND CloseDate <= {cycle.end}"}}
      - {id: days-so-far, title: B, start: 0, target: 100, settle: 1, value: {salesforce: "SELECT COUNT(Id) FROM Opportunity WHERE CloseDate >= {cycle.start} AND CloseDate <= {as_of}"}}
      - {id: times, title: C, start: 0, target: 100, settle: 1, value: {salesforce: "SELECT COUNT(Id) FROM Opportunity WHERE CreatedDate >= {cycle.start:time} AND CreatedDate <= {cycle.end:time}"}}
      - {id: issues, title: D, start: 0, target: 100, settle: 1, value: {jira: {count: "created >= {cycle.start} AND created <= {cycle.end}"}}}
      - {id: issues-so-far, title: E, start: 0, target: 100, settle: 1, value: {jira: {count: "created >= {cycle.start} AND created <= {as_of}"}}}
      - {id: due, title: F, start: 0, target: 100, settle: 1, value: {jira: {count: "due >= {cycle.start:date} AND due <= {cycle.end:date}"}}}
      - {id: due-so-far, title: G, start: 0, target: 100, settle: 1, value: {jira: {count: "due >= {cycle.start:date} AND due <= {as_of:date}"}}}
      - {id: users, title: H, start: 0, target: 100, settle: 1, value: {graph: {count: users, filter: "createdDateTime ge {cycle.start} and createdDateTime le {cycle.end}"}}}
      - {id: users-so-far, title: I, start: 0, target: 100, settle: 1, value: {graph: {count: users, filter: "createdDateTime ge {cycle.start} and createdDateTime le {as_of}"}}}
"""
WORKER = """
connections:
  salesforce: {url: "${SALESFORCE_URL}", client_id: okrsync, client_secret: "${SECRET}"}
  jira: {url: "${JIRA_URL}", email: okrsync@example.com, token: "${SECRET}"}
  graph: {url: "${GRAPH_URL}", login_url: "${GRAPH_URL}", tenant: contoso, client_id: okrsync, client_secret: "${SECRET}"}
"""


def midnight(day: date, zone: str) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


# One on each side of each midnight of each zone, and in the last moment before it.
MOMENTS = sorted(
    {
        midnight(day, zone) + off
        for zone in (*ZONES, ACCOUNT, "UTC")
        for day in DAYS
        for off in (-TICK, -timedelta(milliseconds=1), timedelta(0), TICK)
    }
)
DATES = sorted({FIRST + timedelta(days=n) for n in range(-2, 95)})


def records() -> Data:
    whole = [at for at in MOMENTS if at.microsecond == 0]
    opportunities = [
        {"Id": f"006{n:04}", "CloseDate": DATES[n % len(DATES)].isoformat(), "CreatedDate": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
        for n, at in enumerate(whole)
    ]
    issues = []
    for n, at in enumerate(MOMENTS):
        local = at.astimezone(ZoneInfo(ACCOUNT))
        created = f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03}{local:%z}"
        fields = {"project": {"id": "1", "key": "A", "name": "A"}, "created": created}
        issues.append(
            {"id": str(n), "key": f"A-{n}", "fields": {**fields, "duedate": DATES[n % len(DATES)].isoformat()}}
        )
    users = [
        {"id": str(n), "createdDateTime": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"}
        for n, at in enumerate(MOMENTS)
    ]
    return Data(salesforce={"Opportunity": opportunities}, jira=issues, users=users)


DATA = records()


def wanted(now: datetime, zone: str) -> dict[str, int]:
    """From the raw rows, by nothing but Python's own clock faces."""

    def day(text: str) -> date:
        return datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).date()

    def count(texts: list[str], inside: Callable[[str], bool]) -> int:
        return sum(map(inside, texts))

    today = now.astimezone(ZoneInfo(zone)).date()
    closed = [row["CloseDate"] for row in DATA.salesforce["Opportunity"]]
    made = [row["CreatedDate"] for row in DATA.salesforce["Opportunity"]]
    created = [issue["fields"]["created"] for issue in DATA.jira]
    due = [issue["fields"]["duedate"] for issue in DATA.jira]
    users = [user["createdDateTime"] for user in DATA.users]

    def so_far(text: str) -> bool:
        return day(text) >= FIRST and datetime.fromisoformat(text) <= now

    return {
        "days": count(closed, lambda text: FIRST <= date.fromisoformat(text) <= LAST),
        "days-so-far": count(closed, lambda text: FIRST <= date.fromisoformat(text) <= today),
        "times": count(made, lambda text: FIRST <= day(text) <= LAST),
        "issues": count(created, lambda text: FIRST <= day(text) <= LAST),
        "issues-so-far": count(created, so_far),
        "due": count(due, lambda text: FIRST <= date.fromisoformat(text) <= LAST),
        "due-so-far": count(due, lambda text: FIRST <= date.fromisoformat(text) <= today),
        "users": count(users, lambda text: FIRST <= day(text) <= LAST),
        "users-so-far": count(users, so_far),
    }


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    with (
        Server(SalesforceOrg(DATA, client_secret=SECRET)) as salesforce,
        Server(JiraSite(DATA, email=EMAIL, token=SECRET, time_zone=ACCOUNT)) as jira,
        Server(GraphTenant(DATA, client_secret=SECRET)) as graph,
    ):
        yield {"SALESFORCE_URL": salesforce.url, "JIRA_URL": jira.url, "GRAPH_URL": graph.url, "SECRET": SECRET}


@pytest.fixture(params=ZONES)
def workspace(
    request: pytest.FixtureRequest, tmp_path: Path, addresses: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Workspace:
    for name, value in addresses.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrs" / "a.yaml").write_text(OKRS)
    (tmp_path / "okrsync.yaml").write_text(f"time_zone: {request.param}\n{WORKER}")
    return load(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened_ = Store.open(f"sqlite:///{tmp_path}/store.sqlite")
    yield opened_
    opened_.close()


def asked(workspace: Workspace, store: Store, now: datetime) -> Plan:
    with opened(workspace.connections, workspace.connections, lambda: now, workspace.time_zone) as connectors:
        return make_plan(workspace, connectors, store.last_check_ins(), now)


def values(plan: Plan) -> dict[str, int]:
    found = {step.key_result.id: getattr(step.assessment, "check_in", None) for step in plan.steps}
    assert all(isinstance(made, CheckIn) for made in found.values()), [step.assessment for step in plan.steps]
    return {key: int(made.value.amount) for key, made in found.items() if made}


def test_values_on_both_sides_of_each_midnight(workspace: Workspace, store: Store) -> None:
    zone = workspace.time_zone.key
    for day in DAYS:
        for now in (midnight(day, zone) - TICK, midnight(day, zone)):
            if now < midnight(FIRST, zone):
                continue
            plan = asked(workspace, store, now)

            assert values(plan) == wanted(now, zone), f"{now:%Y-%m-%d %H:%M} in {zone}"
            passed = (now.astimezone(ZoneInfo(zone)).date() - FIRST).days
            (due,) = {step.assessment.check_in.expected for step in plan.steps}  # type: ignore[union-attr]
            assert float(due) == pytest.approx(min(1, passed / 91))


def test_a_cycle_begins_and_ends_at_midnight(workspace: Workspace, store: Store) -> None:
    zone = workspace.time_zone.key
    first, over = midnight(FIRST, zone), midnight(date(2027, 1, 2), zone)
    before, during = asked(workspace, store, first - TICK), asked(workspace, store, first)
    settling, after = asked(workspace, store, over - TICK), asked(workspace, store, over)

    assert {step.assessment for step in before.steps} == {Skipped(reason="starts on 2026-10-01")}
    assert {step.assessment for step in after.steps} == {Skipped(reason="ended on 2026-12-31, settled by 2027-01-01")}
    assert not any(isinstance(step.assessment, Skipped) for plan in (during, settling) for step in plan.steps)
    record(during, store, first)
    assert find(overview(workspace, store, first), "days").expected == 0
    assert find(overview(workspace, store, first - TICK + timedelta(days=1)), "days").expected == 0
    assert find(overview(workspace, store, first + timedelta(days=1)), "days").expected > 0


def test_past_days_are_days_of_the_zone(workspace: Workspace, store: Store) -> None:
    zone = workspace.time_zone.key
    chosen = [workspace.bindings[key] for key in ("days-so-far", "issues-so-far", "due-so-far", "users-so-far")]
    now = midnight(date(2026, 10, 27), zone) + TICK
    with opened(workspace.connections, workspace.connections, lambda: now, workspace.time_zone) as connectors:
        made = rebuild(workspace, chosen, connectors, date(2026, 10, 24), now, "day")
    write(made, store)

    for key, pairs in made.values.items():
        days = [day for day, _ in pairs]
        assert days == [date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)]
        for day, check_in in pairs:
            end = midnight(day + timedelta(days=1), zone) - timedelta(microseconds=1)
            assert check_in.at == end
            assert int(check_in.value.amount) == wanted(end, zone)[key], (key, day, zone)
    shown = [
        event.at.astimezone(ZoneInfo(zone)).date() for event in history(store, q4("issues-so-far"), workspace.time_zone)
    ]
    assert shown == [date(2026, 10, 24), date(2026, 10, 25), date(2026, 10, 26)]

    # A value of the night of the 25th, which is another day in UTC, stands alone on its day.
    night = midnight(date(2026, 10, 25), zone) + TICK
    record(asked(workspace, store, night), store, night)
    events = history(store, q4("issues-so-far"), workspace.time_zone)
    assert [(event.at.astimezone(ZoneInfo(zone)).day, event.rebuilt is not None) for event in events] == [
        (24, True),
        (25, False),
        (26, True),
    ]


def test_zones_make_a_difference() -> None:
    """The records tell the four apart."""
    found = {zone: tuple(wanted(midnight(LAST, "UTC"), zone).values()) for zone in ZONES}

    assert len(set(found.values())) == len(ZONES)
