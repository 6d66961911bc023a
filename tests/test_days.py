"""Nothing but `mapping.day` turns an instant into a day, or a day into an instant: a day is the workspace's."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.test_house import ROOT
from tests.test_packages import ours

TURNS = {"date", "combine", "today", "utcnow", "fromordinal", "utcfromtimestamp", "strftime"}
"""Methods of dates and times that lose or invent a zone's day."""

ALLOWED = {
    "mapping/day.py": "the one place",
    "cli/backfill.py": "a day typed at the command line, in nobody's zone",
    "importing/history.py": "a day of an export, in nobody's zone",
    "importing/model.py": "a day of an export, in nobody's zone",
    "importing/onward.py": "a day of an export, in nobody's zone",
    "importing/periods.py": "a day of an export, in nobody's zone",
    "connectors/jira/worklogs.py": "a day more at both ends than any zone needs",
    "connectors/salesforce/spec.py": "an instant, whole and in UTC",
    "connectors/graph/subscribe.py": "an instant, whole and in UTC",
    "connectors/graph/places.py": "an instant, whole and in UTC, and the day of what a list keeps as a day",
    "connectors/jira/written.py": "the same",
    "connectors/salesforce/written.py": "the same",
    "sync/store/migrations/versions/0003_cycles.py": "the same as in sync/record.py",
    "connectors/salesforce/series.py": "the same",
    "sync/record.py": "the name of a run, in UTC",
    "views/formats.py": "the minute of an instant, in the reader's zone",
    "cli/demo.py": "the day of the demo, which is UTC's",
}


def turns(text: str) -> Iterator[tuple[int, str]]:
    """Calls that turn an instant into a day or the other way round, and texts made of a moment's day."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in TURNS:
            yield node.lineno, node.func.attr
        if isinstance(node, ast.FormattedValue) and "%d" in ast.unparse(node):
            yield node.lineno, "a format"


@pytest.mark.parametrize("package", sorted(ours() - {"sandbox"}))
def test_days_come_from_one_module(package: str) -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if str(path.relative_to(ROOT)) not in ALLOWED
        for line, name in turns(path.read_text())
    }

    assert found == set()


def test_no_exception_is_left_over() -> None:
    assert {name for name in ALLOWED if not list(turns((ROOT / name).read_text()))} == set()


@pytest.mark.parametrize(
    "text",
    [
        "at.date()",
        "f'{at:%Y-%m-%d}'",
        "at.strftime('%F')",
        "datetime.combine(day, time.min, UTC)",
        "date.today()",
        "dt.datetime.combine(d, t)",
    ],
)
def test_what_turns_is_seen(text: str) -> None:
    assert list(turns(text))
