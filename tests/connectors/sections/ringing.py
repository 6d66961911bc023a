"""A tool that rings: 29 to 36. A bell is judged without any connection open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.base import Answer, Bell, Call, Delivery, Forged
from connectors.memories import Forgetful
from tests.connectors.sections.base import CANARY, NOW, Section


@dataclass(frozen=True, kw_only=True)
class Hook:
    """`signed` makes a right call at a time, `unknown` one of an event that means nothing to us. `touches` is a query in
    its YAML form that the call may concern, `spares` one that it can't, None where every query is concerned.
    `handshake` is a call and what is echoed, None where the tool has none. `dated` is false where the tool sends no
    time."""

    signed: Callable[[Any], Call]
    unknown: Callable[[Any], Call]
    touches: Any
    spares: Any = None
    handshake: tuple[Call, str] | None = None
    dated: bool = True


class RingingSection(Section):
    @pytest.fixture
    def hook(self) -> Hook:
        return self.missing("rings")  # type: ignore[no-any-return]

    @pytest.fixture
    def unsigned(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options without what a call is judged by."""
        return self.missing("rings")  # type: ignore[no-any-return]

    @pytest.fixture
    def bell(self, options: dict[str, Any]) -> Bell:
        if self.spec.bell is None:
            self.missing("rings")
        return self.bell_of(options)

    def test_29_a_signed_call_is_a_delivery(self, bell: Bell, hook: Hook) -> None:
        delivery = bell.ring(hook.signed(NOW), NOW)

        assert isinstance(delivery, Delivery), delivery
        assert delivery.id
        assert delivery.touched
        assert delivery.answer.status in (200, 202, 204)
        assert bell.concerns(self.query(hook.touches), delivery.touched)
        assert hook.spares is None or not bell.concerns(self.query(hook.spares), delivery.touched)

    def test_30_one_byte_is_changed(self, bell: Bell, hook: Hook) -> None:
        call = hook.signed(NOW)
        for at in {0, len(call.body) // 2, len(call.body) - 1}:
            changed = call.body[:at] + bytes([call.body[at] ^ 1]) + call.body[at + 1 :]
            with pytest.raises(Forged):
                bell.ring(replace(call, body=changed), NOW)

    def test_31_no_signature(self, bell: Bell, hook: Hook) -> None:
        with pytest.raises(Forged):
            bell.ring(replace(hook.signed(NOW), headers={}, query={}, rest=""), NOW)

    def test_31_no_secret(self, unsigned: dict[str, Any], hook: Hook) -> None:
        with pytest.raises(Forged):
            self.bell_of(unsigned).ring(hook.signed(NOW), NOW)

    def test_32_a_stale_time(self, bell: Bell, hook: Hook) -> None:
        if not hook.dated:
            pytest.skip("the tool sends no time")
        for at in (NOW - timedelta(hours=1), NOW + timedelta(hours=1)):
            with pytest.raises(Forged):
                bell.ring(hook.signed(at), NOW)

    def test_33_a_handshake_echoes_exactly(self, bell: Bell, hook: Hook) -> None:
        if hook.handshake is None:
            pytest.skip("the tool has no handshake")
        call, echoed = hook.handshake

        answer = bell.ring(call, NOW)

        assert isinstance(answer, Answer)
        assert answer.status == 200
        assert answer.content.decode() == echoed
        assert answer.content_type.startswith("text/plain")

    def test_34_an_unknown_event_touches_nothing(self, bell: Bell, hook: Hook) -> None:
        delivery = bell.ring(hook.unknown(NOW), NOW)

        assert isinstance(delivery, Delivery), delivery
        assert delivery.touched == frozenset()
        assert not bell.concerns(self.query(hook.touches), delivery.touched)

    def test_35_it_is_pure(self, bell: Bell, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: Any, **__: Any) -> Any:
            raise AssertionError("a bell opens no connection")

        monkeypatch.setattr("socket.socket.connect", refuse)

        assert isinstance(bell.ring(hook.signed(NOW), NOW), Delivery)
        assert CANARY not in repr(bell)

    def test_36_the_same_call_has_the_same_id(self, bell: Bell, hook: Hook) -> None:
        first, second = (bell.ring(hook.signed(NOW), NOW) for _ in range(2))

        assert isinstance(first, Delivery)
        assert isinstance(second, Delivery)
        assert first.id == second.id

    def bell_of(self, options: dict[str, Any]) -> Bell:
        return self.spec.load_bell()(self.spec.options.model_validate(options), memory=Forgetful(lambda: NOW))
