"""What is carried over into the next cycle."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from config.load import load
from mapping.model import Cycle, parse_cycle
from sync.carrying import carried_over, next_cycle
from sync.closing import Said, close
from sync.overview import overview
from sync.plan import make_plan
from sync.record import record
from sync.store.store import Store
from tests.sync.conftest import connector

AT = datetime(2026, 12, 30, 9, tzinfo=UTC)
OKRS = """
cycle: 2026-Q4
objectives:
  - id: o
    title: "Grow: and keep"
    owner: ada@contoso.com
    kind: aspirational
    key_results:
      - {id: sales, title: Sales, start: $1M, target: $2M, value: {memory: sales, connection: crm}, weight: 3}
      - {id: work, title: Work, start: 0%, target: 100%, value: {memory: work, connection: crm}}
      - {id: never, title: Never read, start: 0, target: 5, value: {memory: never, connection: crm}}
      - {id: base, title: Base, baseline: true, value: {memory: base, connection: crm}}
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path}/store.sqlite")


def test_a_number_starts_where_it_stands_and_a_percentage_begins_again(tmp_path: Path, store: Store) -> None:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text("connections:\n  crm: {type: memory}\n")
    (tmp_path / "okrs" / "q4.yaml").write_text(OKRS)
    workspace = load(tmp_path)
    values = {"sales": Decimal(1_700_000), "work": Decimal("0.4"), "base": Decimal(9)}
    plan = make_plan(workspace, {"crm": connector("crm", values)}, {}, AT)
    record(plan, store, AT)
    seen = overview(workspace, store, AT)

    (report,) = close(seen, "2026-Q4", AT, "ada", Said(postponed=frozenset({"sales", "work", "never"})))
    ((name, text),) = carried_over([report], workspace).items()
    (tmp_path / "okrs" / name).write_text(text)
    following = load(tmp_path)

    found = {key: binding.key_result for key, binding in following.bindings.items() if key.endswith("-2027-Q1")}
    aims = {key: getattr(one.measure, "start", None) for key, one in found.items()}
    assert str(aims["sales-2027-Q1"].amount) == "1700000"
    assert aims["work-2027-Q1"].amount == 0
    assert aims["never-2027-Q1"].amount == 0
    assert found["sales-2027-Q1"].weight == 3
    assert {one.period.name for one in found.values()} == {"2027-Q1"}

    (report,) = close(seen, "2026-Q4", AT, "ada", Said(scores={"work": Decimal("0.6")}))
    outcomes = {closing.key_result: (closing.outcome, closing.score) for _, closing in report.views}
    assert outcomes == {
        "sales": ("closed", Decimal("0.7")),
        "work": ("closed", Decimal("0.6")),
        "never": ("closed", None),
        "base": ("closed", None),
    }
    assert report.score == Decimal("0.675")
    assert report.verdict is not None
    assert report.verdict.value == "success"


@pytest.mark.parametrize(
    ("name", "following"), [("2026-Q4", "2027-Q1"), ("2026-Q1", "2026-Q2"), ("2026-H2", "2027-H1"), ("2026", "2027")]
)
def test_the_cycle_after(name: str, following: str) -> None:
    assert next_cycle(parse_cycle(name)) == parse_cycle(following)


def test_a_cycle_of_its_own_is_followed_by_as_many_days() -> None:
    after = next_cycle(Cycle(name="sprint", start=date(2026, 10, 1), end=date(2026, 10, 14)))

    assert (after.name, after.start, after.end) == ("after sprint", date(2026, 10, 15), date(2026, 10, 28))
