"""What a connector remembers lasts from pass to pass, for as long as it says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.load import Workspace
from connectors.memory.pull import MemoryConnector
from sync.passes import run_pass
from sync.store.store import Store
from tests.sync.conftest import AT

HOUR = timedelta(hours=1)


def test_facts_last_from_pass_to_pass(store: Store) -> None:
    now = [AT]
    first = store.remembered(lambda: now[0])
    first.of("crm").put("field", "customfield_1")
    first.of("web").put("field", "other")
    assert first.of("crm").get("field", max_age=HOUR) == "customfield_1"
    first.keep()
    first.keep()

    now[0] += HOUR
    second = store.remembered(lambda: now[0])
    assert second.of("crm").get("field", max_age=HOUR) == "customfield_1"
    assert second.of("crm").get("field", max_age=HOUR / 2) is None
    assert second.of("crm").get("nothing", max_age=HOUR) is None
    second.of("crm").put("field", "customfield_2")
    second.keep()

    third = store.remembered(lambda: now[0])
    assert third.of("crm").get("field", max_age=HOUR) == "customfield_2"
    assert third.of("web").get("field", max_age=HOUR) == "other"


def test_a_pass_keeps_what_its_connectors_remember_and_a_dry_one_does_not(
    workspace: Workspace, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[str | None] = []
    read = MemoryConnector.read

    def remembering(self: MemoryConnector, queries: Any) -> Any:
        found.append(self.memory.get("seen", max_age=HOUR))
        self.memory.put("seen", self.name)
        return read(self, queries)

    monkeypatch.setattr(MemoryConnector, "read", remembering)

    for dry in (True, False, False):
        run_pass(workspace, store, lambda: AT, reason="one-shot", dry=dry)

    assert found[:4] == [None] * 4
    assert sorted(filter(None, found[4:])) == ["crm", "web"]


def test_a_plan_before_the_first_sync_remembers_nothing_and_fails_nowhere(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no store yet; connections ask for what they remember each from a thread of its own."""
    found: list[str | None] = []
    read = MemoryConnector.read

    def remembering(self: MemoryConnector, queries: Any) -> Any:
        found.append(self.memory.get("seen", max_age=HOUR))
        return read(self, queries)

    monkeypatch.setattr(MemoryConnector, "read", remembering)
    store = Store.read(f"sqlite:///{tmp_path}/none.sqlite")

    made = run_pass(workspace, store, lambda: AT, reason="one-shot", dry=True)

    assert found == [None, None]
    assert made.plan.answers
    assert not any("the connector broke" in str(outcome) for outcome in made.plan.answers.values())


def test_what_can_not_be_read_is_not_remembered(store: Store) -> None:
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE remembered")

    assert store.remembered(lambda: AT).of("crm").get("field", max_age=HOUR) is None
