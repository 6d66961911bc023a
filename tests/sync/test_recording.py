"""A pass decodes a recorded check-in once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.load import Workspace
from connectors.memory.pull import MemoryConnector
from sync.plan import make_plan
from sync.record import record
from sync.store import recording
from sync.store.store import Store
from tests.sync.conftest import AT


def test_what_did_not_change_is_not_read_again(
    store: Store, workspace: Workspace, tools: dict[str, MemoryConnector], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Any] = []
    original = recording.check_in_of
    monkeypatch.setattr(recording, "check_in_of", lambda row: decoded.append(row["key_result"]) or original(row))

    def sync(hours: int) -> int:
        at = AT + timedelta(hours=hours)
        return record(make_plan(workspace, tools, store.last_check_ins(), at), store, at).check_ins

    assert sync(0) > 1
    assert sync(1) == 0
    assert decoded == []
    tools["web"].values["visits"] = Decimal(401)
    assert sync(2) == 1
    assert len(decoded) == 1


@pytest.mark.parametrize("many", [1, 1000])
def test_a_value_that_another_pass_recorded_is_not_written_twice(
    many: int, store: Store, workspace: Workspace, tools: dict[str, MemoryConnector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.store.newest.MANY", many)
    plan = make_plan(workspace, tools, {}, AT)

    assert record(plan, store, AT).check_ins > 1
    assert record(plan, store, AT).check_ins == 0
