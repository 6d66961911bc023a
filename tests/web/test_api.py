"""Scripts ask for a pass, with a token of the workspace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sync.store.errors import StoreError
from sync.touched import concerned
from tests.web.acme import Acme

PATH = "/api/v1/workspaces/{}/sync"


def token(acme: Acme, *, days: int | None = None) -> str:
    expires_at = None if days is None else acme.now + timedelta(days=days)
    _, secret = acme.keeper.store.tokens.create(name="ci", scope="sync", by="ada", at=acme.now, expires_at=expires_at)
    return secret


def post(acme: Acme, secret: str | None, *, to: str = "acme", **more: Any) -> Any:
    headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
    return acme.client.post(PATH.format(to), headers=headers, **more)


def test_all_key_results_are_asked(acme: Acme) -> None:
    answer = post(acme, token(acme))

    assert (answer.status_code, answer.json()) == (202, {"queued": []})
    assert acme.woken == 1
    assert concerned(acme.workspace, acme.touches(), acme.now, acme.keeper.store) == set(acme.workspace.bindings)


def test_some_are(acme: Acme) -> None:
    answer = post(acme, token(acme), json={"key_results": ["second", "first", "first"]})

    assert (answer.status_code, answer.json()) == (202, {"queued": ["first", "second"]})
    assert concerned(acme.workspace, acme.touches(), acme.now, acme.keeper.store) == {"first", "second"}


def test_without_a_valid_token_every_workspace_looks_the_same(acme: Acme) -> None:
    secret, short = token(acme), token(acme, days=1)
    acme.now += timedelta(days=1)
    for one in acme.keeper.store.tokens.all():
        if one.expires_at is None:
            assert acme.keeper.store.tokens.revoke(one.id, acme.now)

    answers = [
        post(acme, None),
        post(acme, ""),
        post(acme, "okr_wrong", json={"key_results": 5}),
        post(acme, secret),
        post(acme, short),
        post(acme, secret, to="nobody"),
    ]

    assert {(one.status_code, one.text) for one in answers} == {(401, answers[0].text)}
    assert acme.touches() == []


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"nonsense", 400, "Invalid JSON"),
        (b"[]", 400, "the body: "),
        (b'{"key_results": "first"}', 400, "key_results: "),
        (b'{"keys": []}', 400, "keys: "),
        (b'{"key_results": ["third"]}', 404, "no key result 'third'"),
    ],
)
def test_what_can_not_be_asked_is_told(acme: Acme, body: bytes, status: int, said: str) -> None:
    answer = post(acme, token(acme), content=body)

    assert answer.status_code == status
    assert said in answer.json()["detail"]
    assert acme.touches() == []


def test_a_store_that_is_gone(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise StoreError("The disk is full.", temporary=True)

    secret = token(acme)
    monkeypatch.setattr(acme.keeper.store.inbox, "ask", broken)

    assert post(acme, secret).status_code == 503


def test_the_store_holds_no_token(acme: Acme) -> None:
    secret = token(acme)

    (kept,) = acme.keeper.store.tokens.all()
    assert secret not in repr(kept)
    assert secret.startswith("okr_")
    assert secret.encode() not in (acme.keeper.path / "okrsync.sqlite").read_bytes()
