"""What a pass publishes, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.load import load
from connectors.errors import AccessDenied, BadCredentials, ConnectorError, Throttled, Unreachable
from mapping.model import Key
from sync.owner import owner_of
from sync.people import check_in, void
from sync.publishing.commands import missing, preview_all, publish_again, publish_all
from sync.store.store import Store
from sync.store.writing import LeaseLost
from tests.publishing.conftest import OKRS, Company


def test_a_pass_publishes_what_it_recorded(company: Company) -> None:
    made = company.sync()

    assert company.tools["board"].places["sales"] == {"number": 10, "word": "at risk", "fresh": "current"}
    assert company.tools["wall"].places == {"sales": {"number": 10}, "top": {"percent": 10}}
    assert made.published.sent == 4
    assert made.published.troubled == []
    assert {one.state for one in made.published.posts} == {"sent"}


def test_the_objective_follows_its_key_results(company: Company) -> None:
    company.sync()
    company.sync(other=5)

    assert company.tools["wall"].places["top"] == {"percent": 30}
    assert company.tools["board"].writes == ["sales", "sales"], "a key result without a change is not written again"


def test_what_is_unchanged_costs_nothing(company: Company) -> None:
    company.sync()
    before = [list(tool.writes) for tool in company.tools.values()]
    looked: list[Any] = []
    for name in ("board", "wall"):
        company.tools[name].publish = looked.append  # type: ignore[assignment, method-assign]

    made = company.sync()

    assert looked == []
    assert [tool.writes for tool in company.tools.values()] == before
    assert made.published.posts == ()


def test_a_persons_edit_is_left_alone_until_it_is_taken_back(company: Company) -> None:
    company.sync()
    company.tools["board"].places["sales"]["number"] = Decimal(77)

    made = company.sync(won=Decimal(20))

    assert company.number() == 77
    (post,) = made.published.troubled
    assert (post.state, post.connection, post.error) == ("conflict", "board", "Conflict")
    assert "on_conflict: overwrite" in (post.fix or "")
    assert company.number("wall") == 20, "one place's conflict is no other's"

    company.tools["board"].places["sales"]["number"] = Decimal(10)
    assert company.sync().published.troubled == []
    assert company.number() == 20


def test_an_edit_is_overwritten_where_the_operator_says_so(company_of: Callable[[str], Company]) -> None:
    company = company_of(OKRS.replace("connection: board}", "connection: board, on_conflict: overwrite}"))
    company.sync()
    company.tools["board"].places["sales"]["number"] = Decimal(77)

    assert company.sync(won=Decimal(20)).published.troubled == []
    assert company.number() == 20


def test_other_words_for_a_status(company_of: Callable[[str], Company]) -> None:
    company = company_of(OKRS.replace("connection: board}", "connection: board, statuses: {at risk: 3}}"))
    company.sync()

    assert company.tools["board"].places["sales"]["word"] == 3


def test_a_lost_answer_is_settled_by_reading(company: Company) -> None:
    company.tools["board"].losing = 1
    made = company.sync()
    assert [one.state for one in made.published.troubled] == ["uncertain"]

    made = company.sync()

    assert made.published.troubled == []
    assert company.tools["board"].writes == ["sales", "sales"], "the number once, its freshness once"


def test_a_lost_answer_and_a_new_value(company: Company) -> None:
    company.sync()
    company.tools["board"].losing = 1
    company.sync(won=Decimal(20))

    made = company.sync(won=Decimal(30))

    assert made.published.troubled == []
    assert company.number() == 30


def test_killed_after_a_lost_answer_was_settled(company: Company) -> None:
    company.sync()
    board = company.tools["board"]
    board.losing = 1
    company.sync(won=Decimal(20))
    publish = board.publish

    def killed(_: Any) -> Any:
        raise KeyboardInterrupt

    board.publish = killed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        company.sync(won=Decimal(30))
    board.publish = publish  # type: ignore[method-assign]

    made = company.sync()

    assert made.published.troubled == []
    assert company.number() == 30


def test_a_lost_answer_and_a_persons_edit(company: Company) -> None:
    company.sync()
    company.tools["board"].losing = 1
    company.sync(won=Decimal(20))
    company.tools["board"].places["sales"]["number"] = Decimal(77)

    made = company.sync()

    assert [one.state for one in made.published.troubled] == ["conflict"]
    assert company.number() == 77


@pytest.mark.parametrize(
    ("error", "state"), [(Unreachable, "failed"), (Throttled, "failed"), (BadCredentials, "failed")]
)
def test_what_failed_is_tried_again_with_the_value_of_now(
    company: Company, error: type[ConnectorError], state: str
) -> None:
    board = company.tools["board"]
    publish = board.publish
    board.publish = lambda updates: ((one, error("no", connection="board")) for one in updates)  # type: ignore[assignment, method-assign]
    made = company.sync()
    assert {one.state for one in made.published.troubled} == {state}
    assert company.number("wall") == 10

    board.publish = publish  # type: ignore[method-assign]
    made = company.sync(won=Decimal(20))

    assert made.published.troubled == []
    assert company.number() == 20
    tries = company.store.outbox.deliveries(Key("sales", "2026-Q4"))
    assert [one.outcome for one in tries if one.connection == "board"] == ["failed", "failed", "sent", "sent"]


def test_a_pause_that_was_asked_for_is_kept(company: Company) -> None:
    board, asked = company.tools["board"], 0
    publish = board.publish

    def throttled(updates: Any) -> Any:
        nonlocal asked
        asked += 1
        return ((one, Throttled("slowly", connection="board", retry_after=600)) for one in updates)

    board.publish = throttled  # type: ignore[method-assign]
    company.sync()
    made = company.sync()
    assert asked == 1
    assert {one.state for one in made.published.troubled} == {"failed"}

    board.publish = publish  # type: ignore[method-assign]
    company.now += timedelta(minutes=10)
    assert company.sync().published.troubled == []


def test_what_was_refused_waits_for_something_new_or_a_person(company: Company) -> None:
    board, asked = company.tools["board"], 0
    publish = board.publish

    def refused(updates: Any) -> Any:
        nonlocal asked
        asked += 1
        return ((one, AccessDenied("not yours", connection="board")) for one in updates)

    board.publish = refused  # type: ignore[method-assign]
    company.sync()
    made = company.sync()
    assert asked == 1
    assert {one.state for one in made.published.troubled} == {"permanent"}

    company.sync(won=Decimal(20))
    assert asked == 2
    board.publish = publish  # type: ignore[method-assign]

    made_again = publish_again(company.workspace, company.store, lambda: company.now, None)

    assert made_again.troubled == []
    assert company.number() == 20


def test_what_is_stale_is_told_without_a_value(company: Company) -> None:
    company.sync()
    company.tools["board"].places["sales"]["number"] = Decimal(10)

    company.sync(won=Unreachable("gone", connection="crm"))

    assert company.tools["board"].places["sales"] == {"number": 10, "word": "at risk", "fresh": "stale"}

    company.sync(won=Decimal(20))
    assert company.tools["board"].places["sales"]["fresh"] == "current"
    assert company.number() == 20


def test_a_value_that_waits_is_not_sent_once_it_is_stale(company: Company) -> None:
    board = company.tools["board"]
    publish = board.publish
    board.publish = lambda updates: ((one, Unreachable("no", connection="board")) for one in updates)  # type: ignore[assignment, method-assign]
    company.sync()
    board.publish = publish  # type: ignore[method-assign]

    company.sync(won=Unreachable("gone", connection="crm"))

    assert board.places["sales"] == {"fresh": "stale"}


@pytest.mark.parametrize("value", [Decimal(0), None])
def test_held_and_missing_values_go_nowhere(company: Company, value: Any) -> None:
    company.sync()

    company.sync(won=value)

    assert company.number() == 10
    assert company.number("wall") == 10


def test_a_store_that_was_there_before_sends_nothing_old(company_of: Callable[[str], Company]) -> None:
    company_of(
        "\n".join(line for line in OKRS.splitlines() if "publish" not in line and "- {memory" not in line)
    ).sync()
    company = company_of(OKRS)

    assert company.sync().published.posts == ()
    assert company.tools["board"].places == {}
    assert len(missing(company.workspace, company.store, lambda: company.now, None)) == 4

    made = publish_all(company.workspace, company.store, lambda: company.now, None)

    assert made.sent == 4
    assert company.number() == 10


def test_what_people_say_is_published_by_the_next_pass(company: Company) -> None:
    company.sync()
    binding = company.workspace.bindings["sales"]
    company.now += timedelta(minutes=1)
    zone = company.workspace.time_zone
    check_in(company.store, binding, company.now, by="ada", zone=zone, value="55", pin=True)
    company.sync()
    assert company.number() == 55

    of = max(made.at for made in company.store.history(binding.key_result.key)).isoformat()
    void(company.store, binding, company.now, of=of, by="ada", zone=zone, note=None)
    company.sync()
    assert company.number() == 10


def test_a_plan_shows_old_and_new_and_writes_nothing(company: Company) -> None:
    company.sync()
    company.tools["wall"].places["sales"]["number"] = Decimal(77)
    before = [list(tool.writes) for tool in company.tools.values()]

    made = company.sync(dry=True, won=Decimal(20))

    seen = {(one.slot.connection, one.slot.place): one for one in made.previews}
    assert dict(seen["board", "sales"].new) == {"number": 20, "word": "at risk"}
    assert dict(seen["board", "sales"].old or ()) == {"number": 10, "word": "at risk"}
    assert seen["wall", "sales"].conflict
    assert dict(seen["wall", "top"].new) == {"percent": 15}
    assert [tool.writes for tool in company.tools.values()] == before
    assert company.posts()["board", "value"].state == "sent"


def test_a_preview_of_what_was_never_published(company_of: Callable[[str], Company]) -> None:
    company_of(
        "\n".join(line for line in OKRS.splitlines() if "publish" not in line and "- {memory" not in line)
    ).sync()
    company = company_of(OKRS)

    seen = preview_all(company.workspace, company.store, lambda: company.now, None, again=False)

    assert {(one.slot.connection, one.slot.kind) for one in seen} == {
        ("board", "value"), ("board", "freshness"), ("wall", "value"),
    }  # fmt: skip
    assert company.store.outbox.posts() == {}


def test_who_lost_the_lease_writes_nothing_more(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.sync()
    intend = company.store.outbox.intend

    def lost(*_: Any) -> None:
        raise LeaseLost

    monkeypatch.setattr(company.store.outbox, "intend", lost)
    company.sync(won=Decimal(20))
    assert company.number() == 10

    monkeypatch.setattr(company.store.outbox, "intend", intend)
    company.sync()
    assert company.number() == 20


def test_what_grows_old_by_itself_is_told(company: Company) -> None:
    company.sync()
    company.now += timedelta(days=3)
    board = company.tools["board"]

    publish_all(company.workspace, company.store, lambda: company.now, None)

    assert board.places["sales"] == {"number": 10, "word": "at risk", "fresh": "stale"}


def test_a_forecast_is_published_where_there_is_one(company_of: Callable[[str], Company]) -> None:
    company = company_of(OKRS.replace("fields: {number: value, word", "fields: {number: value, ahead: forecast, word"))
    for day in range(6):
        company.sync(won=Decimal(10 + day))
        company.now += timedelta(days=1)

    assert company.number() == 15
    assert company.tools["board"].places["sales"]["ahead"] == 47


def test_names_move_with_their_key_result(company: Company, tmp_path: Any) -> None:
    company.sync()
    file = tmp_path / "okrs" / "a.yaml"
    file.write_text(file.read_text().replace("- id: sales\n", "- id: revenue\n        was: sales\n"))
    workspace = load(tmp_path)
    company.store.close()

    store = Store.open(f"sqlite:///{tmp_path}/store.sqlite", owner_of(workspace))

    assert Key("revenue", "2026-Q4") in {slot.key for slot in store.outbox.posts()}
    assert Key("sales", "2026-Q4") not in {slot.key for slot in store.outbox.posts()}
    store.close()
