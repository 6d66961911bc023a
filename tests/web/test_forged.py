"""Deliveries that are forged, replayed, cut, enlarged, reordered and wrongly typed: none is accepted, none breaks anything.
`make torture` goes through 10,000 and more."""

from __future__ import annotations

import json
import random
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from connectors.base import Call
from tests.connectors.sections.ringing import standard_call
from tests.connectors.test_graph import notification
from tests.connectors.test_jira import jira_call
from tests.connectors.test_salesforce import message
from tests.sweep import dice, sweep
from tests.web.acme import TOKEN, Acme

TARGETS = ("numbers", "plain", "jira", "crm", "graph", "nothing")
WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e308,
    "",
    "x" * 5000,
    [],
    [[]],
    {},
    {"a": {}},
    "\0",
    "\ud800",
    10**30,
    [None] * 50,
)


def right_calls(acme: Acme, chance: random.Random) -> dict[str, Call]:
    """One of each kind that would be taken as it is."""
    number = str(chance.random())
    body = json.dumps({"type": "values.changed", "touched": ["a"], "n": number}).encode()
    return {
        "numbers": standard_call(f"msg_{number}", acme.now, body),
        "jira": jira_call(acme.now, "jira:issue_updated", n=number),
        "crm": Call(body=message("Opportunity", "Case"), rest=TOKEN),
        "graph": notification(n=number),
    }


def cut(call: Call, chance: random.Random) -> Call:
    return _with_body(call, call.body[: chance.randrange(len(call.body))])


def flipped(call: Call, chance: random.Random) -> Call:
    at = chance.randrange(len(call.body))
    return _with_body(call, call.body[:at] + bytes([call.body[at] ^ (1 << chance.randrange(8))]) + call.body[at + 1 :])


def noise(call: Call, chance: random.Random) -> Call:
    return _with_body(call, chance.randbytes(chance.randrange(2000)))


def wrongly_typed(call: Call, chance: random.Random) -> Call:
    try:
        found = json.loads(call.body)
    except ValueError:
        return noise(call, chance)
    place, key = found, chance.choice(list(found))
    while isinstance(place[key], dict) and place[key] and chance.random() < 0.7:
        place, key = place[key], chance.choice(list(place[key]))
    place[key] = chance.choice(WRONG)
    return _with_body(call, json.dumps(found).encode())


def swapped_headers(call: Call, chance: random.Random) -> Call:
    headers = {
        name: chance.choice(["", "v1,", "sha256=", "=" * 3000, value[::-1], "ÿ"])
        for name, value in call.headers.items()
    }
    return Call(body=call.body, headers=headers, rest=chance.choice(["", TOKEN[:-1], TOKEN.upper(), "%00", "a" * 3000]))


def nested(call: Call, chance: random.Random) -> Call:
    depth = chance.choice([50, 500, 50_000])
    return _with_body(call, b'{"value":' + b"[" * depth + b"]" * depth + b"}")


def _with_body(call: Call, body: bytes) -> Call:
    return Call(body=body, headers=call.headers, rest=call.rest)


MADE: tuple[Callable[[Call, random.Random], Call], ...] = (cut, flipped, noise, wrongly_typed, swapped_headers, nested)
UNSIGNED = {"crm", "graph"}
"""Nothing signs their bodies: the right secret stands beside them, and what it goes with may say anything. So theirs is
always another here."""


def test_nothing_forged_is_accepted(acme: Acme) -> None:
    chance = dice("forged")
    statuses: dict[int, int] = {}
    for number in range(sweep(400, 12_000)):
        if number == 300:
            tracemalloc.start()
        kind, call = chance.choice(list(right_calls(acme, chance).items()))
        if kind in UNSIGNED:
            call = Call(
                body=call.body.replace(b'clientState": "', b'clientState": "f'), headers=call.headers, rest="forged"
            )
        made = chance.choice(MADE)(call, chance)
        if (made.body, made.headers, made.rest) == (call.body, call.headers, call.rest) and kind not in UNSIGNED:
            continue
        status = acme.post(f"acme/{chance.choice([kind, kind, *TARGETS])}", _sendable(made)).status_code
        statuses[status] = statuses.get(status, 0) + 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert acme.touches(within=timedelta(days=1)) == []
    assert acme.woken == 0
    assert set(statuses) <= {401, 404, 413, 431}, statuses
    assert statuses[401] > 100
    assert peak < 30_000_000


def test_signed_nonsense_breaks_nothing_and_replays_count_once(acme: Acme) -> None:
    """Whoever has the secret may send what he likes, in any order."""
    chance = dice("signed nonsense")
    sent: list[Call] = []
    for number in range(sweep(60, 2000)):
        right = right_calls(acme, chance)
        body = wrongly_typed(right[chance.choice(["numbers", "jira", "graph"])], chance).body
        sent.append(standard_call(f"msg_{number}", acme.now, body.decode()[:100_000].encode()))
    order = [*sent, *sent, *sent]
    chance.shuffle(order)

    assert {acme.post("acme/numbers", call).status_code for call in order} == {200}
    kept = acme.keeper.store.inbox.last_calls()
    assert set(kept) == {"numbers"}
    assert acme.app.state.desk.results["acme", "numbers", "taken"] == len(sent)
    assert acme.app.state.desk.results["acme", "numbers", "repeated"] == 2 * len(sent)


def _sendable(call: Call) -> Call:
    """As the client of the tests can send it: headers in ASCII, a path without slashes."""
    headers = {name: value.encode("ascii", "replace").decode() for name, value in call.headers.items()}
    return Call(body=call.body, headers=headers, rest=call.rest.replace("/", "_"))
