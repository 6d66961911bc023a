"""What Salesforce's calls touch, and which queries that can concern."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.base import EVERYTHING, Bell, Call, Delivery, Forged
from connectors.memories import Forgetful
from connectors.salesforce.objects import objects_of
from connectors.salesforce.queries import Report, Soql, Structured
from connectors.salesforce.spec import SPEC
from connectors.standard_webhooks import bell_of
from tests.connectors.contract import CANARY, NOW
from tests.connectors.sections.ringing import SHARED, standard_call
from tests.connectors.test_salesforce import message

TOKEN = "a-token-of-salesforce"
ORG = "00D000000000001EAA"


def bell(**options: Any) -> Bell:
    signed_in = {"url": "https://acme.my.salesforce.com", "client_id": "okrsync", "client_secret": CANARY}
    made = SPEC.options.model_validate({**signed_in, "hook_token": TOKEN, **options})
    return bell_of(SPEC, made, Forgetful(lambda: NOW))


def rung(call: Call, **options: Any) -> Delivery:
    delivery = bell(**options).ring(call, NOW)
    assert isinstance(delivery, Delivery)
    return delivery


@pytest.mark.parametrize(
    ("soql", "objects"),
    [
        ("SELECT COUNT() FROM Opportunity", {"opportunity"}),
        ("select sum(Amount) from Opportunity where StageName = 'from Case'", {"opportunity"}),
        ("SELECT COUNT(Id) FROM Opportunity o WHERE o.IsWon = true", {"opportunity"}),
        ("SELECT COUNT(Id) FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = true)",
         {"account", "opportunity"}),
        ("SELECT COUNT(Id) FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact WHERE Owner.Name = 'A')",
         {"account", "contact", "user", "group"}),
        ("SELECT COUNT(Id) FROM Contact WHERE Account.Owner.IsActive = true", {"contact", "account", "user", "group"}),
        ("SELECT COUNT(Id) FROM Contact c, c.Account a WHERE a.Industry = 'Media'", {"contact", "account"}),
        ("SELECT COUNT(Id) FROM Opportunity WHERE Opportunity.Account.Name = 'x'", {"opportunity", "account"}),
        ("SELECT COUNT(Id) FROM Deal__c WHERE Parent__r.Name = 'x'", None),
        ("SELECT COUNT(Id) FROM Task WHERE What.Name = 'x'", None),
        ("SELECT COUNT(Id) FROM Opportunity WHERE CALENDAR_YEAR(CloseDate) = 2026 GROUP BY StageName", {"opportunity"}),
        ("SELECT COUNT(Id) FROM Case WHERE Subject = 'open", None),
        ("SELECT TYPEOF What WHEN Account THEN Name END FROM Event", None),
    ],
)  # fmt: skip
def test_objects_of_a_soql(soql: str, objects: set[str] | None) -> None:
    assert objects_of(soql) == objects


def test_an_object_concerns_those_that_read_it() -> None:
    words = rung(Call(body=message("Opportunity", "Lead"), rest=TOKEN)).touched

    assert words == {"object:opportunity", "object:lead"}
    heard = bell()
    assert heard.concerns(Structured(object="Lead", count=True), words)
    assert heard.concerns(
        Soql(soql="SELECT COUNT() FROM Account WHERE Id IN (SELECT AccountId FROM Opportunity)"), words
    )
    assert heard.concerns(Soql(soql="SELECT COUNT() FROM Deal__c WHERE Parent__r.Name = 'x'"), words)
    assert heard.concerns(Report(report="00O000000000001AAA"), words)
    assert not heard.concerns(Structured(object="Case", count=True), words)


def test_an_outbound_message_is_acknowledged_and_known_again() -> None:
    first, again = rung(Call(body=message("Case"), rest=TOKEN)), rung(Call(body=message("Case"), rest=TOKEN))

    assert first.id == again.id
    assert not first.repeats
    assert b"<Ack>true</Ack>" in first.answer.content
    assert first.answer.content_type.startswith("text/xml")
    assert rung(Call(body=message("Case", "Case"), rest=TOKEN)).id != first.id


def test_a_certificate_counts_with_the_organization() -> None:
    told = {"hook_token": None, "hook_certificate": "CN=proxy.salesforce.com", "organization_id": ORG}
    call = Call(body=message("Case"), certificate="CN=proxy.salesforce.com")

    assert rung(call, **told).touched == {"object:case"}
    for wrong in ("", "CN=proxy.example.com"):
        with pytest.raises(Forged):
            bell(**told).ring(Call(body=call.body, certificate=wrong), NOW)
    with pytest.raises(Forged, match="another organization"):
        bell(**told).ring(
            Call(body=message("Case", organization="00D000000000002EAA"), certificate=call.certificate), NOW
        )
    with pytest.raises(ValidationError, match="needs organization_id"):
        bell(hook_certificate="CN=proxy.salesforce.com")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<a>",
        b"{}",
        message(),
        message("Case").replace(b"<OrganizationId>00D000000000001EAA</OrganizationId>", b""),
        message("Case").replace(b"<?xml", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><?xml')[:400],
        b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]>' + message("Case").partition(b"?>")[2],
        message(*["Case"] * 101),
        message("Case").replace(b'encoding="UTF-8"', b'encoding="nonsense"'),
        message("Case")[:-40],
        "é".encode("latin-1") * 10,
    ],
)
def test_what_is_no_message_is_refused(body: bytes) -> None:
    with pytest.raises(Forged):
        bell().ring(Call(body=body, rest=TOKEN), NOW)


def test_a_flow_sends_a_token() -> None:
    def flow(body: Any, token: str = TOKEN) -> Call:
        return Call(body=json.dumps(body).encode(), headers={"x-okrsync-token": token})

    assert rung(flow({"object": "Opportunity"})).touched == {"object:opportunity"}
    assert rung(flow({"objects": ["Case", "Lead"]})).touched == {"object:case", "object:lead"}
    assert rung(flow({"object": ["Case"]})).touched == {EVERYTHING}
    assert rung(flow({"id": 5})).touched == {EVERYTHING}
    assert rung(flow({})).repeats
    with pytest.raises(Forged):
        bell().ring(flow({}, "another-token-of-flows"), NOW)
    with pytest.raises(Forged):
        bell(hook_token=None).ring(flow({}, ""), NOW)


def test_apex_signs_by_the_standard() -> None:
    call = standard_call("a01-1", NOW, b'{"object": "Opportunity"}')

    assert rung(call, hook_secret=SHARED).touched == {"object:opportunity"}
