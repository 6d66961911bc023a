"""A burst of webhooks: all acknowledged, few passes, and the key results right at its end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sync.keeper import Keeper
from tests.connectors.contract import NOW
from tests.connectors.sections.ringing import SHARED, standard_call
from tests.sweep import dice, sweep
from web.app import application

OKRS = """
cycle: 2026-Q4
objectives:
  - id: o
    title: O
    key_results:
      - {id: deals, title: D, start: 0, target: 10000, value: {sql: {query: "SELECT COUNT(*) FROM deals"}, connection: loud}}
      - {id: quiet, title: Q, start: 0, target: 10000, value: {sql: {query: "SELECT COUNT(*) FROM deals"}, connection: still}}
"""
SECOND = timedelta(seconds=1)


class Shop:
    """Deals come in, and each rings."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.database = folder / "deals.sqlite"
        with sqlite3.connect(self.database) as connection:
            connection.execute("CREATE TABLE deals (n INTEGER)")
        (folder / "okrs").mkdir()
        (folder / "okrs" / "a.yaml").write_text(OKRS)
        address = 'url: "${DEALS_URL}", hook_secret: "${SHARED}"'
        (folder / "okrsync.yaml").write_text(
            f"workspace: acme\ntime_zone: UTC\nconnections:\n  loud: {{type: sql, {address}}}\n  still: {{type: sql, {address}}}\n"
        )
        self.keeper = Keeper(folder, lambda: self.now)
        self.keeper.start()
        self.client = TestClient(application({"acme": self.keeper}))
        self.runs: list[str] = []
        self.keeper.on_pass.append(lambda _, made: self.runs.append(made.reason))

    def sell(self, number: int) -> int:
        with sqlite3.connect(self.database, timeout=30) as connection:
            connection.execute("INSERT INTO deals VALUES (?)", (number,))
        return self.ring(number)

    def ring(self, number: int) -> int:
        call = standard_call(f"deal-{number}", self.now, json.dumps({"type": "deal.won", "n": number}).encode())
        status: int = self.client.post("/hooks/acme/loud", content=call.body, headers=dict(call.headers)).status_code
        return status

    def values(self) -> dict[str, int]:
        return {key.id: int(made.value.amount) for key, made in self.keeper.store.last_check_ins().items()}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("SHARED", SHARED)
    monkeypatch.setenv("DEALS_URL", f"sqlite:///{tmp_path / 'deals.sqlite'}")
    made = Shop(tmp_path)
    yield made
    made.client.app.state.desk.close()  # type: ignore[attr-defined]
    made.keeper.close()


def test_all_are_acknowledged_and_few_passes_follow(shop: Shop) -> None:
    chance, many = dice("burst"), sweep(120, 2000)
    shop.keeper.keep()
    assert shop.values() == {"deals": 0, "quiet": 0}
    shop.runs.clear()

    with ThreadPoolExecutor(8) as senders:
        statuses = list(senders.map(shop.sell, range(many)))
        statuses += senders.map(shop.ring, chance.sample(range(many), many // 4))

    assert set(statuses) == {200}
    assert shop.keeper.keep() is None, "the burst may go on"
    shop.now += 2 * SECOND
    shop.keeper.keep()
    assert shop.runs == ["hook"]
    assert shop.values() == {"deals": many, "quiet": 0}
    assert shop.keeper.store.inbox.state(shop.now).now == 0
    assert shop.keeper.keep() is None


def test_what_comes_during_a_pass_is_asked_by_the_next(shop: Shop, monkeypatch: Any) -> None:
    shop.keeper.keep()
    shop.sell(1)
    shop.now += 2 * SECOND
    from sync import passes

    asked = passes.make_plan

    def while_asking(*arguments: Any, **more: Any) -> Any:
        made = asked(*arguments, **more)
        monkeypatch.undo()
        shop.sell(2)
        return made

    monkeypatch.setattr(passes, "make_plan", while_asking)
    shop.keeper.keep()
    assert shop.values()["deals"] == 1
    shop.now += 2 * SECOND
    shop.keeper.keep()

    assert shop.values()["deals"] == 2
    assert shop.keeper.keep() is None


def test_a_burst_that_goes_on_is_asked_for_meanwhile(shop: Shop) -> None:
    shop.keeper.keep()
    shop.runs.clear()
    for number in range(25):
        assert shop.sell(number) == 200
        shop.now += SECOND
        shop.keeper.keep()

    assert shop.runs == ["hook"]
    assert shop.values()["deals"] >= 19
