"""Days of instants: grouped where the workspace's midnights are the user's, asked one by one where they are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.salesforce.series import day_from
from sandbox.data import Data
from sandbox.salesforce import SalesforceOrg
from sandbox.server import Server
from tests.connectors.test_salesforce_queries import ask, connect, data_calls, fake_time, sent

__all__ = ["fake_time"]
STAMPS = [datetime(2026, 9, 20, tzinfo=UTC) + timedelta(hours=7 * n, minutes=n % 60) for n in range(240)]
EDGES = ["Asia/Seoul", "Europe/Berlin", "America/New_York", "America/St_Johns", "Pacific/Kiritimati"]


def midnights(zone: str) -> list[datetime]:
    """In all of these days the clocks of Berlin, New York and St. John's are put back once."""
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(60)]
    return [datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC) for day in days]


def org(zone: str) -> SalesforceOrg:
    edges = [edge + timedelta(seconds=shift) for edge in midnights(zone) for shift in (-1, 0, 1)]
    rows = [
        {"Id": f"500{n}", "CreatedDate": f"{at:%Y-%m-%dT%H:%M:%SZ}", "Size__c": n}
        for n, at in enumerate([*STAMPS, *edges])
    ]
    return SalesforceOrg(Data(salesforce={"Case": rows}), zone=zone)


def questions(zone: str) -> list[str]:
    ends = [end - timedelta(seconds=1) for end in midnights(zone)]
    return [f"SELECT AVG(Size__c) FROM Case WHERE CreatedDate <= {end:%Y-%m-%dT%H:%M:%SZ}" for end in ends]


@pytest.mark.parametrize("zone", EDGES)
def test_each_day_is_a_day_of_the_users_zone(zone: str) -> None:
    application = org(zone)
    with Server(application) as server:
        found = ask(connect(server), *questions(zone))

        assert data_calls(server) == 1
        assert "convertTimezone(createddate)" in sent(server)[1]
    rows = [(row[0], row[1]) for row in application._tables.db.execute('SELECT "CreatedDate", "Size__c" FROM "Case"')]
    for one, end in zip(found, midnights(zone), strict=True):
        sizes = [size // 10**6 for at, size in rows if datetime.fromisoformat(at) < end]
        assert one.evidence.rows == len(sizes)
        assert abs(float(one.value) - sum(sizes) / len(sizes)) < 1e-9


def test_another_zone_than_the_users_is_asked_one_by_one() -> None:
    with Server(org("Asia/Seoul")) as server:
        found = ask(connect(server), *questions("Europe/Berlin"))

        assert len(sent(server)) == 60
        assert not any("GROUP BY" in soql for soql in sent(server))
    assert all(one.value is not None for one in found)


def test_utc_needs_no_conversion_and_no_question_about_the_zone() -> None:
    with Server(org("Asia/Seoul")) as server:
        ask(connect(server), *questions("UTC"))

        assert not any("userinfo" in call.path for call in server.calls)
        assert any("GROUP BY DAY_ONLY(createddate)" in soql for soql in sent(server))


def test_a_zone_that_is_not_told_is_no_zone() -> None:
    with Server(org("Asia/Seoul")) as server:
        server.faults.fail(path="/userinfo", status=200, body='{"zoneinfo": "Nowhere/Land"}', times=-1)
        found = ask(connect(server), *questions("Asia/Seoul"))

    assert all(one.value is not None for one in found)


@pytest.mark.parametrize(("hour", "day"), [(15, date(2026, 10, 2)), (14, None), (0, None)])
def test_midnight_is_where_the_user_is(hour: int, day: date | None) -> None:
    assert day_from(datetime(2026, 10, 1, hour, tzinfo=UTC), ZoneInfo("Asia/Seoul")) == day
