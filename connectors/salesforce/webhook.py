"""Judges what Salesforce sends: Outbound Messages, and HTTP callouts of Flows and Apex.

Nothing in an Outbound Message proves where it comes from, so that its address ends with a secret, or a proxy vouches
for Salesforce's client certificate, which is the same for all orgs: the organization's id tells whose it is. A Flow
can't sign, and sends a token; Apex can, by Standard Webhooks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.base import EVERYTHING, Answer, Bell, Call, Delivery, Forged
from connectors.hook_bodies import named_in, object_of, words_of
from connectors.hook_tokens import HEADER, check_token
from connectors.salesforce.objects import objects_of
from connectors.salesforce.outbound import ACK, NoMessage, outbound_in, same_id
from connectors.salesforce.queries import Report, SalesforceQuery
from connectors.signatures import is_one_of, named


class SalesforceBell(Bell):
    def ring(self, call: Call, now: datetime) -> Delivery | Answer:  # noqa: ARG002 - nothing of this tells a time
        if HEADER in call.headers:
            check_token(call, self.options)
            return self._callout(call)
        certificates = [self.options.hook_certificate] if self.options.hook_certificate else []
        right_place, right_caller = (
            is_one_of(call.rest, self.options.hook_tokens()),
            is_one_of(call.certificate, certificates),
        )
        if not right_place and not right_caller:
            raise Forged("neither the address nor the client certificate is right")
        return self._message(call)

    def concerns(self, query: SalesforceQuery, touched: frozenset[str]) -> bool:
        if not touched or EVERYTHING in touched or isinstance(query, Report):
            return bool(touched)
        objects = objects_of(query.soql)
        return objects is None or not touched.isdisjoint(f"object:{name}" for name in objects)

    def _message(self, call: Call) -> Delivery:
        try:
            message = outbound_in(call.body)
        except NoMessage as error:
            raise Forged(str(error)) from None
        wanted = self.options.organization_id
        if wanted is not None and not same_id(message.organization, wanted):
            raise Forged("the Outbound Message is from another organization")
        return Delivery(
            id=named(message.organization, *message.notifications),
            touched=frozenset(f"object:{name}" for name in message.objects),
            answer=Answer(content=ACK, content_type="text/xml; charset=utf-8"),
        )

    def _callout(self, call: Call) -> Delivery:
        """Its author may send the same bytes each time."""
        return Delivery(id=named(call.body), touched=self.said(object_of(call.body)), repeats=True)

    def said(self, event: dict[str, Any]) -> frozenset[str]:
        """`{"object": "Opportunity"}`, `{"objects": [...]}`, or anything else, which may concern all."""
        if "touched" in event:
            return words_of(event)
        return named_in(event.get("objects", [event.get("object")]), "object:")
