"""What a pass tells is what it recorded: also where a person spoke meanwhile, and where a clock was wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from config.load import load
from sync.passes import Pass, run_pass
from sync.people import check_in
from sync.store.store import Store
from tests.cli.test_in_the_year import AT, Place, okrsync

__all__ = ["okrsync"]


def passed(okrsync: Place, said: str) -> Pass:
    """A pass in which somebody speaks while the sources are asked."""
    workspace = load(okrsync.folder)
    store = Store.open(workspace.store)
    spoken = []

    def speak() -> None:
        if not spoken:
            spoken.append(said)
            at = AT + timedelta(hours=1)
            check_in(store, workspace.bindings["sales"], at, by="ada", zone=workspace.time_zone, value=said)

    try:
        return run_pass(workspace, store, lambda: AT, reason="one-shot", on_answer=speak)
    finally:
        store.close()


def test_what_a_person_said_meanwhile_is_not_told_as_changed(okrsync: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    made = passed(okrsync, "42")
    monkeypatch.setattr("cli.passes.run", lambda *_, **__: made)
    told, data = okrsync("sync").out, okrsync("sync", "--json").json

    assert made.recorded == len(made.plan.new) == 1
    assert {one["key_result"]: one["outcome"] for one in data["key_results"]} == {
        "sales": "set aside",
        "stores": "changed",
    }
    assert "1 changed, 0 unchanged, 1 set aside" in told
    assert "sales: 80 was not recorded, because somebody spoke of it" in told
    monkeypatch.undo()
    shown = okrsync("show", "--json").json["objectives"][0]["key_results"][0]
    assert (shown["check_in"]["value"], shown["check_in"]["by"]) == ("42", "ada")


def test_void_is_the_way_out_of_a_clock_that_was_wrong(okrsync: Place) -> None:
    okrsync("sync")
    okrsync.values(sales=81, stores=0)
    okrsync("sync", days=30)
    okrsync.values(sales=82, stores=0)
    refused = okrsync("sync", days=1)
    assert refused.code == 4
    assert "which is later than this machine's clock says" in refused.out
    assert "okrsync void sales --at" in refused.out

    assert okrsync("void", "sales", "--at", "2026-12-24", "--note", "the clock was wrong", days=1).code == 0
    ran = okrsync("sync", days=1)

    shown = okrsync("show", "sales", "--json", days=1).json["objectives"][0]["key_results"][0]
    assert shown["check_in"]["value"] == "82"
    assert (shown["stale"], shown["freshness"]["state"]) == (None, "current")
    assert ran.code == 0
