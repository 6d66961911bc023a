"""Keys and sign-ins that are none, each with words that say which."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from connectors.errors import BadAnswer, BadCredentials, ConnectorError
from connectors.salesforce.pull import SalesforceConnector
from connectors.salesforce.spec import SalesforceOptions
from tests.connectors.contract import NOW
from tests.connectors.test_salesforce_queries import HOST, SOAP, ask, by_password, fake_time

__all__ = ["fake_time"]
COUNT = "SELECT COUNT(Id) FROM Opportunity"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
PLAIN = serialization.NoEncryption()
LOCKED = RSA.private_bytes(PEM, PKCS8, serialization.BestAvailableEncryption(b"canary")).decode()
PUBLIC = RSA.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
CURVE = ec.generate_private_key(ec.SECP256R1()).private_bytes(PEM, PKCS8, PLAIN).decode()
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def by_key(key: str) -> SalesforceConnector:
    given = {"url": HOST, "client_id": "c", "username": "u", "private_key": key}
    return SalesforceConnector("crm", SalesforceOptions.model_validate(given), clock=lambda: NOW)


@pytest.mark.parametrize(
    ("key", "words", "fix"),
    [
        (LOCKED, "encrypted", "openssl pkey"),
        (PUBLIC, "public key", "private key"),
        (CERTIFICATE, "certificate", "private key"),
        (CURVE, "not an RSA", "RSA"),
        ("no key", "not an RSA private key in PEM form", "BEGIN"),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "not an RSA private key", "BEGIN"),
    ],
)
def test_what_is_no_private_key(key: str, words: str, fix: str) -> None:
    (error,) = ask(by_key(key), COUNT)

    assert isinstance(error, BadCredentials)
    assert words in error.message
    assert fix in error.fix
    assert error.scope == "connection"
    with pytest.raises(BadCredentials):
        by_key(key).check()


@responses.activate
@pytest.mark.parametrize("token", [["x"], {"a": 1}, 5, "", "a b", "a\r\nX: y", "ü", None])
def test_a_token_that_is_none(token: Any) -> None:
    responses.post(f"{HOST}/services/oauth2/token", json={"access_token": token, "expires_in": [1]})
    given = {"url": HOST, "client_id": "c", "client_secret": "s"}
    connector = SalesforceConnector("crm", SalesforceOptions.model_validate(given), clock=lambda: NOW)

    (error,) = ask(connector, COUNT)

    assert isinstance(error, BadAnswer)
    assert error.scope == "connection"


@responses.activate
@pytest.mark.parametrize("body", ["<html>Sign in", "", "<a>" * 5000, "\x00", "<r><sessionId>s</sessionId></r>"])
def test_a_soap_answer_that_is_none(body: str) -> None:
    responses.post(SOAP, body=body)

    (error,) = ask(by_password(), COUNT)

    assert isinstance(error, ConnectorError)
    assert error.scope == "connection"
