"""Outbound Messages: SOAP that Salesforce sends, and the answer that it waits for. Pure.

Source: SOAP API Developer Guide, "Outbound Messaging" and its WSDL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MOST_NOTIFICATIONS = 100
ID_LENGTH = 15
"""Characters of an id that count; the last three of 18 are a checksum."""
ACK = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    b'<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>'
    b"</soapenv:Body></soapenv:Envelope>"
)


class NoMessage(ValueError):
    """What stands there instead, in a few words."""


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """`notifications` are their ids, `objects` the API names of what they are about, in lower case."""

    organization: str
    notifications: tuple[str, ...]
    objects: frozenset[str]


def outbound_in(body: bytes) -> Outbound:
    """Raises NoMessage."""
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise NoMessage(f"the body is no XML that is read here: {type(error).__name__}") from None
    message = root.find(f"{SOAP}Body/{OUTBOUND}notifications")
    if message is None:
        raise NoMessage("the body is no Outbound Message")
    found = list(_notifications(message))
    organization = (message.findtext(f"{OUTBOUND}OrganizationId") or "").strip()
    if not organization or not found:
        raise NoMessage("the Outbound Message names no organization, or carries no notification")
    if len(found) > MOST_NOTIFICATIONS:
        raise NoMessage(f"the Outbound Message carries more than {MOST_NOTIFICATIONS} notifications")
    return Outbound(
        organization=organization,
        notifications=tuple(sorted(ident for ident, _ in found)),
        objects=frozenset(name for _, name in found),
    )


def same_id(one: str, other: str) -> bool:
    return one[:ID_LENGTH] == other[:ID_LENGTH]


def _notifications(message: Any) -> Iterator[tuple[str, str]]:
    for one in message.findall(f"{OUTBOUND}Notification"):
        ident = (one.findtext(f"{OUTBOUND}Id") or "").strip()
        record = one.find(f"{OUTBOUND}sObject")
        kind = "" if record is None else record.get(TYPE, "").rpartition(":")[2].strip()
        if not ident or not kind:
            raise NoMessage("a notification has no id, or no type of record")
        yield ident, kind.lower()
