"""The ways to sign in to Entra beside a client secret."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.errors import BadCredentials
from connectors.graph.spec import GraphOptions
from sandbox.graph import GraphTenant
from sandbox.server import Server
from tests.connectors.contract import NOW
from tests.connectors.test_graph_queries import ask, connect, fake_time, graph, server

__all__ = ["fake_time", "graph", "server"]

USERS = {"count": "users"}


def made_certificate() -> tuple[str, str]:
    """The key and certificate in one text, and the public key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "okrsync")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain).decode()
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    return private + certificate.public_bytes(pem).decode(), public


def app(**way: Any) -> dict[str, Any]:
    return {"tenant": "contoso", "client_id": "okrsync", "client_secret": None, **way}


def test_by_certificate(server: Server, graph: GraphTenant) -> None:
    pem, graph.entra.public_key = made_certificate()
    strange, _ = made_certificate()

    (reading,) = ask(connect(server, **app(certificate=pem)), USERS)
    (refused,) = ask(connect(server, **app(certificate=strange)), USERS)
    (broken,) = ask(connect(server, **app(certificate="no key")), USERS)

    assert reading.value == 5
    assert isinstance(refused, BadCredentials)
    assert isinstance(broken, BadCredentials)
    assert "BEGIN and END" in broken.fix


def test_by_workload_identity(server: Server, graph: GraphTenant, tmp_path: Path) -> None:
    graph.entra.federated_token = "of-the-platform"
    file = tmp_path / "token"
    connector = connect(server, **app(federated_token_file=str(file)))

    (missing,) = ask(connector, USERS)
    file.write_text("of-the-platform\n")
    (reading,) = ask(connect(server, **app(federated_token_file=str(file))), USERS)

    assert isinstance(missing, BadCredentials)
    assert str(file) in missing.message
    assert reading.value == 5


@pytest.mark.parametrize(("identity", "key"), [("system", ""), ("user-assigned", "user-assigned")])
def test_by_managed_identity(
    server: Server, graph: GraphTenant, monkeypatch: pytest.MonkeyPatch, identity: str, key: str
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{server.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    graph.entra.identities[key] = "header"
    connector = connect(server, tenant=None, managed_identity=identity)

    (reading,) = ask(connector, USERS)
    (refused,) = ask(connect(server, tenant=None, managed_identity="somebody"), USERS)

    assert reading.value == 5
    assert connector.check().name == f"managed identity {identity}"
    assert isinstance(refused, BadCredentials)


@pytest.mark.parametrize(
    "options",
    [
        {"tenant": "t", "client_id": "c"},
        {"tenant": "t", "client_id": "c", "client_secret": "s", "certificate": "p"},
        {"client_id": "c", "client_secret": "s"},
        {"managed_identity": "system", "tenant": "t"},
    ],
)
def test_one_way_in(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        GraphOptions.model_validate(options)
