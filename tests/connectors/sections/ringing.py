"""A tool that rings: 29 to 36. A bell is judged without any connection open."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from standardwebhooks import Webhook

from connectors.base import Answer, Bell, Call, Delivery, Forged
from connectors.memories import Forgetful
from connectors.standard_webhooks import bell_of
from tests.connectors.sections.base import CANARY, NOW, Section


@dataclass(frozen=True, kw_only=True)
class Hook:
    """`signed` makes a right call at a time, `unknown` one of an event that means nothing to us. `touches` is a query in
    its YAML form that the call may concern, `spares` one that it can't, None where every query is concerned.
    `handshake` is a call and what is echoed, None where the tool has none. `stale` is how far from now a time is refused
    that a call tells, None where it tells none. `proof` is what in the body proves its origin, where that is not all of
    it, and `bare` then a call without it."""

    signed: Callable[[Any], Call]
    unknown: Callable[[Any], Call]
    touches: Any
    spares: Any = None
    handshake: tuple[Call, str] | None = None
    stale: timedelta | None = timedelta(hours=1)
    proof: bytes | None = None
    bare: Call | None = None


class RingingSection(Section):
    remembered: ClassVar[dict[str, str]] = {}
    """What the store knows of the connection's subscriptions."""

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
        first, last = 0, len(call.body) - 1
        if hook.proof is not None:
            first = call.body.index(hook.proof)
            last = first + len(hook.proof) - 1
        for at in {first, (first + last) // 2, last}:
            changed = call.body[:at] + bytes([call.body[at] ^ 1]) + call.body[at + 1 :]
            with pytest.raises(Forged):
                bell.ring(replace(call, body=changed), NOW)

    def test_31_no_signature(self, bell: Bell, hook: Hook) -> None:
        with pytest.raises(Forged):
            bell.ring(hook.bare or replace(hook.signed(NOW), headers={}, query={}, rest=""), NOW)

    def test_31_no_secret(self, unsigned: dict[str, Any], hook: Hook) -> None:
        with pytest.raises(Forged):
            self.bell_of(unsigned).ring(hook.signed(NOW), NOW)

    def test_31_two_secrets_are_valid_at_once(self, options: dict[str, Any], hook: Hook) -> None:
        """The tool's side still signs with the one before."""
        named = {f"{name}_before": value for name, value in options.items() if name in ("hook_secret", "hook_token")}
        fresh = {name.removesuffix("_before"): "another-secret-of-ours" for name in named}
        if not named:
            self.missing("rings")

        assert isinstance(self.bell_of({**options, **fresh, **named}).ring(hook.signed(NOW), NOW), Delivery)
        with pytest.raises(Forged):
            self.bell_of({**options, **fresh}).ring(hook.signed(NOW), NOW)

    def test_32_a_stale_time(self, bell: Bell, hook: Hook) -> None:
        if hook.stale is None:
            pytest.skip("the tool sends no time")
        for at in (NOW - hook.stale, NOW + hook.stale):
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
        memory = Forgetful(lambda: NOW)
        for key, value in self.remembered.items():
            memory.put(key, value)
        return bell_of(self.spec, self.spec.options.model_validate(options), memory)


class StandardRingingSection(Section):
    """Whatever the tool: a call that is signed by Standard Webhooks. Signed here by the standard's own library."""

    @pytest.fixture
    def heard(self, options: dict[str, Any]) -> Callable[[Call], Delivery | Answer]:
        def judge(call: Call, **changed: Any) -> Delivery | Answer:
            made = self.spec.options.model_validate({**options, "hook_secret": SHARED, **changed})
            return bell_of(self.spec, made, Forgetful(lambda: NOW)).ring(call, NOW)

        return judge

    def test_29_standard_signatures_are_heard(self, heard: Callable[..., Delivery | Answer]) -> None:
        delivery = heard(standard_call("msg_1", NOW, b'{"touched": ["a"]}'))

        assert isinstance(delivery, Delivery)
        assert delivery.id == "msg_1"
        assert not delivery.repeats

    def test_30_to_32_others_are_not(self, heard: Callable[..., Delivery | Answer]) -> None:
        right = standard_call("msg_1", NOW, b"{}")
        wrong = [
            replace(right, body=b"[]"),
            replace(right, headers={**right.headers, "webhook-id": "msg_2"}),
            replace(right, headers={**right.headers, "webhook-signature": ""}),
            replace(right, headers={**right.headers, "webhook-signature": "v1,"}),
            replace(right, headers={**right.headers, "webhook-timestamp": "1e9"}),
            standard_call("msg_1", NOW - timedelta(minutes=6), b"{}"),
            standard_call("msg_1", NOW + timedelta(minutes=6), b"{}"),
        ]
        for call in wrong:
            with pytest.raises(Forged):
                heard(call)
        with pytest.raises(Forged):
            heard(right, hook_secret=None)

        assert isinstance(heard(right, hook_secret="another-secret-of-ours", hook_secret_before=SHARED), Delivery)


SHARED = f"whsec_{base64.b64encode(CANARY.encode() * 2).decode()}"


def standard_call(identity: str, at: datetime, body: bytes) -> Call:
    made = Webhook(SHARED).sign(identity, at, body.decode())
    stamp = str(int(at.timestamp()))
    return Call(body=body, headers={"webhook-id": identity, "webhook-timestamp": stamp, "webhook-signature": made})
