"""The OpenAPI document, and whoever makes up calls from it."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error

from tests.sweep import sweep
from tests.web.acme import Acme
from tests.web.test_api import token

KNOWN = {"workspace": "acme", "connection": "numbers"}


def try_everything(acme: Acme, examples: int) -> int:
    """Raises where a call fails. Returns how many operations there are."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", acme.app)
    operations = [one.ok() for one in schema.get_all_operations()]
    for operation in operations:
        try_one(operation, {"Authorization": f"Bearer {token(acme)}"}, examples)
    assert any(word for _, _, word in acme.app.state.desk.results)
    return len(operations)


def try_one(operation: Any, headers: dict[str, str], examples: int) -> None:
    turn = count(1)

    @settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def call(case: Any) -> None:
        # Names that are made up are nobody's, and get no further.
        case.path_parameters |= KNOWN if next(turn) % 3 else {}
        case.validate_response(case.call(headers=headers), checks=[not_a_server_error])

    call()


def test_no_call_that_the_document_allows_breaks_the_server(acme: Acme) -> None:
    assert try_everything(acme, sweep(8, 1000)) >= 3


def test_a_broken_server_would_be_seen(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acme.keeper.store.inbox, "ask", lambda *_: 1 // 0)
    monkeypatch.setattr("web.api.SyncRequest.model_validate_json", lambda _: type("Any", (), {"key_results": []}))

    with pytest.raises((ZeroDivisionError, ExceptionGroup)):
        try_everything(acme, 3)
