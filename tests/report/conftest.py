"""Two months of a small company with some of everything."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from connectors.errors import BadQuery
from tests.cli.test_hostile_titles import in_yaml
from tests.report.lived import Lived

OKRS = """
cycle: 2026-Q4
metrics:
  matched: {{memory: matched, connection: crm}}
  contacts: {{memory: contacts, connection: crm}}
objectives:
  - id: o
    title: {title}
    owner: {owner}
    key_results:
      - {{id: sales, title: {title}, start: $0, target: $1000, value: {{memory: sales, connection: crm, unit: USD}}}}
      - {{id: ratio, title: {title}, start: 0%, target: 100%, value: matched / contacts}}
      - {{id: gone, title: {title}, start: 0, target: 100, value: {{memory: gone, connection: crm}}}}
      - {{id: zero, title: {title}, start: 0, target: {target}, value: {{memory: zero, connection: crm}}}}
    initiatives:
      - {{id: work, title: {title}, value: {{memory: work, connection: crm}}}}
kpis:
  - {{id: up, title: {title}, stay_above: 90%, value: {{memory: up, connection: crm}}}}
"""


def lived_through(lived: Lived, title: str, owner: str, worker: str = "") -> Lived:
    """Eight weeks; in the last one a source fails, a value falls to zero, a target changes and people speak."""
    said = {"title": in_yaml(title), "owner": in_yaml(owner)}
    lived.write(OKRS.format(**said, target=100), worker)
    for day in range(0, 50, 7):
        lived.sync(
            day, sales=Decimal(10 * day), matched=Decimal(40 + day), contacts=Decimal(100 + day), gone=Decimal(day),
            zero=Decimal(50), work=Decimal("0.5"), up=Decimal("0.95"),
        )  # fmt: skip
    for day, confidence in ((43, "7"), (44, "6"), (45, "4")):
        lived.okrsync(
            "check-in", "sales", "--note", owner, "--confidence", confidence, "--by", owner, day=day,
        )  # fmt: skip
    lived.write(OKRS.format(**said, target=80), worker)
    lived.sync(51, zero=Decimal(0), gone=BadQuery("it is not there", connection="crm", fix="look"), sales=Decimal(700))
    return lived


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Lived:
    return Lived(tmp_path / "acme", lambda: capsys.readouterr())


@pytest.fixture
def lived(empty: Lived) -> Lived:
    return lived_through(empty, "Grow", "ada")
