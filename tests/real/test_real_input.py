"""Key results over records that nobody here made up, each recomputed from the raw files without our code."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from sandbox.load import load
from sandbox.run import running
from tests.real.prepare import DATA, prepare

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not beside this checkout")

WORKER = """
connections:
  salesforce: {url: "${SALESFORCE_URL}", client_id: okrsync, client_secret: "${SALESFORCE_CLIENT_SECRET}"}
  jira: {url: "${JIRA_URL}", email: okrsync@example.com, token: "${JIRA_TOKEN}", exact_count_limit: 50000}
  graph: {tenant: contoso, client_id: okrsync, client_secret: "${GRAPH_CLIENT_SECRET}", url: "${GRAPH_URL}", login_url: "${GRAPH_URL}"}
"""
NOW = datetime(2021, 6, 30, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Decimal]]:
    folder: Path = tmp_path_factory.mktemp("real")
    prepare(DATA, folder / "data")
    (folder / "okrs").mkdir()
    (folder / "okrsync.yaml").write_text(WORKER)
    (folder / "okrs" / "okrs.yaml").write_text((Path(__file__).parent / "okrs.yaml").read_text())
    with pytest.MonkeyPatch.context() as patched, running(load(folder / "data"), clock=lambda: NOW) as environment:
        for name, value in environment.items():
            patched.setenv(name, value)
        patched.delenv("OKRSYNC_STORE", raising=False)
        assert run(["-c", str(folder), "sync"], clock=lambda: NOW) == 0
    from sync.store.store import Store

    store = Store.open(f"sqlite:///{folder}/okrsync.sqlite")
    yield {key.id: made.value.amount for key, made in store.last_check_ins().items()}
    store.close()


@pytest.fixture(scope="module")
def deals() -> list[dict[str, str]]:
    with (DATA / "crm" / "sales_pipeline.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def accounts() -> list[dict[str, str]]:
    with (DATA / "crm" / "accounts.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def products() -> list[dict[str, str]]:
    with (DATA / "crm" / "products.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def issues() -> list[dict[str, Any]]:
    with gzip.open(DATA / "jira" / "issues.jsonl.gz", "rt") as lines:
        return [json.loads(line, parse_float=Decimal)["fields"] for line in lines]


Row = dict[str, str]


def value(row: Row) -> Decimal:
    return Decimal(row["close_value"] or 0)


def won(row: Row) -> bool:
    return row["deal_stage"] == "Won"


def same(found: Decimal, exact: Decimal) -> bool:
    """To the last digit that okrsync keeps of a quotient (28 or more)."""
    return found == exact or abs(found - exact) <= abs(exact) * Decimal("1e-26")


CRM: dict[str, Callable[[list[Row]], Any]] = {
    "won-value": lambda rows: sum(value(row) for row in rows if won(row)),
    "win-rate": lambda rows: Decimal(sum(map(won, rows))) / sum(row["deal_stage"] in ("Won", "Lost") for row in rows),
    "deal-size": lambda rows: sum(value(row) for row in rows if won(row)) / Decimal(sum(map(won, rows))),
    "q1": lambda rows: sum(value(row) for row in rows if won(row) and row["close_date"][:7] in ("2017-01", "2017-02", "2017-03")),
    "q2": lambda rows: sum(value(row) for row in rows if won(row) and row["close_date"][5:7] in ("04", "05", "06")),
    "october": lambda rows: sum(row["engage_date"].startswith("2016-10") for row in rows),
    "gtx": lambda rows: sum(value(row) for row in rows if won(row) and row["product"].startswith("GTX")),
    "gtx-pro": lambda rows: sum(row["product"].replace(" ", "") == "GTXPro" for row in rows),
    "open": lambda rows: sum(not row["close_date"] for row in rows),
    "no-account": lambda rows: sum(not row["account"] for row in rows),
    "lost-or-small": lambda rows: sum(row["deal_stage"] == "Lost" or (won(row) and value(row) < 500) for row in rows),
    "biggest": lambda rows: max(map(value, rows)),
    "agents": lambda rows: len({row["sales_agent"] for row in rows}),
}  # fmt: skip


def is_done(fields: dict[str, Any]) -> bool:
    return bool(fields["status"]["statusCategory"]["key"] == "done")


def points(fields: dict[str, Any]) -> Decimal:
    return Decimal(fields.get("customfield_10016") or 0)


def components(fields: dict[str, Any]) -> set[str]:
    return {component["name"] for component in fields["components"]}


def share(rows: list[Any], weight: Callable[[Any], Any] = lambda _: 1) -> Decimal:
    return Decimal(sum(weight(row) for row in rows if is_done(row))) / Decimal(sum(map(weight, rows)))


JIRA: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "issues": len,
    "done-share": share,
    "timob-done": lambda rows: share([row for row in rows if row["project"]["key"] == "TIMOB" and row["created"] >= "2016"]),
    "points": lambda rows: sum(map(points, rows)),
    "points-done": lambda rows: share([row for row in rows if row.get("customfield_10016") is not None], points),
    "created-2015": lambda rows: sum(row["created"].startswith("2015") for row in rows),
    "in-cycle": lambda rows: sum("2011" <= (row.get("resolutiondate") or "") < "2022" for row in rows),
    "unresolved-done": lambda rows: sum(is_done(row) and not row.get("resolution") for row in rows),
    "no-priority": lambda rows: sum(not row.get("priority") for row in rows),
    "android": lambda rows: sum(bool(components(row) & {"Android", "iOS"}) and row["status"]["name"] != "Closed" for row in rows),
    "labelled": lambda rows: sum(bool(row["labels"]) for row in rows),
}  # fmt: skip


@pytest.mark.parametrize("key", CRM)
def test_deals(synced: dict[str, Decimal], deals: list[Row], key: str) -> None:
    assert same(synced[key], Decimal(CRM[key](deals)))


@pytest.mark.parametrize("key", JIRA)
def test_issues(synced: dict[str, Decimal], issues: list[dict[str, Any]], key: str) -> None:
    assert same(synced[key], Decimal(JIRA[key](issues)))


def test_accounts(synced: dict[str, Decimal], accounts: list[Row]) -> None:
    medical = sum(Decimal(row["revenue"]) for row in accounts if row["sector"] == "medical")
    average = Decimal(sum(int(row["employees"]) for row in accounts)) / len(accounts)

    assert synced["revenue"] == medical
    assert abs(synced["employees"] - average) < Decimal("1e-20")


def test_products(synced: dict[str, Decimal], products: list[Row]) -> None:
    assert synced["price-sum"] == sum(int(row["sales_price"]) for row in products)
    assert synced["gtx-list"] == sum(row["series"] == "GTX" for row in products)
    assert synced["last-price"] == int(products[-1]["sales_price"])
    assert synced["cell"] == int(products[1]["sales_price"])
    with (DATA / "crm" / "sales_teams.csv").open(newline="") as lines:
        assert synced["team"] == len(list(csv.DictReader(lines)))


def test_there_are_enough_of_them(synced: dict[str, Decimal]) -> None:
    assert len(synced) == 31
