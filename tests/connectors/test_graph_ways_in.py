"""The ways to sign in to Entra beside a client secret."""

from __future__ import annotations

import base64
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


def made_certificate(passphrase: str = "", *, pfx: bool = False) -> tuple[bytes, str]:
    """The key and certificate in one, PEM or PFX, and the public key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs12
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
    lock: Any = (
        serialization.BestAvailableEncryption(passphrase.encode()) if passphrase else serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    if pfx:
        return pkcs12.serialize_key_and_certificates(b"okrsync", key, certificate, None, lock), public
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, lock)
    return private + certificate.public_bytes(pem), public


def app(**way: Any) -> dict[str, Any]:
    return {"tenant": "contoso", "client_id": "okrsync", "client_secret": None, **way}


def test_by_certificate(server: Server, graph: GraphTenant) -> None:
    pem, graph.entra.public_key = made_certificate()
    strange, _ = made_certificate()

    (reading,) = ask(connect(server, **app(certificate=pem.decode())), USERS)
    (refused,) = ask(connect(server, **app(certificate=strange.decode())), USERS)

    assert reading.value == 5
    assert isinstance(refused, BadCredentials)


@pytest.mark.parametrize("passphrase", ["", "pass wörd"])
@pytest.mark.parametrize("pfx", [False, True])
@pytest.mark.parametrize("as_file", [False, True])
def test_by_any_form_of_certificate(
    server: Server, graph: GraphTenant, tmp_path: Path, passphrase: str, pfx: bool, as_file: bool
) -> None:
    content, graph.entra.public_key = made_certificate(passphrase, pfx=pfx)
    text = base64.encodebytes(content).decode() if pfx else content.decode()
    file = tmp_path / "app.pfx"
    file.write_bytes(content)
    way = {"certificate_file": str(file)} if as_file else {"certificate": text}
    opened = {"certificate_passphrase": passphrase} if passphrase else {}

    (reading,) = ask(connect(server, **app(**way, **opened)), USERS)

    assert getattr(reading, "value", reading) == 5


def key_on_a_curve() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def certificate_part(pem: bytes) -> str:
    return "-----BEGIN CERTIFICATE" + pem.decode().partition("-----BEGIN CERTIFICATE")[2]


BROKEN: dict[str, tuple[Any, str]] = {
    "no key": (lambda: "something else", "neither a PEM text"),
    "empty blocks": (lambda: "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", "a damaged key"),
    "a public key": (lambda: made_certificate()[1] + certificate_part(made_certificate()[0]), "contains a public key"),
    "a locked key": (lambda: made_certificate("secret")[0].decode(), "set certificate_passphrase"),
    "a locked PFX": (lambda: base64.b64encode(made_certificate("s", pfx=True)[0]).decode(), "certificate_passphrase"),
    "another's certificate": (
        lambda: (
            made_certificate()[0].decode().partition("-----BEGIN CERT")[0] + certificate_part(made_certificate()[0])
        ),
        "does not belong to the key",
    ),
    "no certificate": (
        lambda: made_certificate()[0].decode().partition("-----BEGIN CERT")[0],
        "contains no certificate",
    ),
    "a curve": (lambda: key_on_a_curve(), "contains no RSA key"),
    "cut": (lambda: made_certificate()[0].decode()[:900], "contains no private key"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_keys_that_are_none(server: Server, name: str) -> None:
    made, words = BROKEN[name]

    (error,) = ask(connect(server, **app(certificate=made())), USERS)

    assert isinstance(error, BadCredentials), error
    assert error.scope == "connection"
    assert words in error.message
    assert "BEGIN and END" in error.fix
    assert sum("/token" in call.path for call in server.calls) == 0


def test_a_wrong_passphrase_and_a_missing_file(server: Server, tmp_path: Path) -> None:
    pem, _ = made_certificate("right")
    pfx, _ = made_certificate("right", pfx=True)
    wrong = {"certificate_passphrase": "canary-wrong"}
    file = tmp_path / "key.pfx"

    found = ask(connect(server, **app(certificate=pem.decode(), **wrong)), USERS)
    found += ask(connect(server, **app(certificate=base64.b64encode(pfx).decode(), **wrong)), USERS)
    found += ask(connect(server, **app(certificate_file=str(file))), USERS)

    assert all(isinstance(one, BadCredentials) for one in found), found
    assert all("passphrase does not open" in one.message for one in found[:2])
    assert "can't be read (No such file or directory)" in found[2].message
    assert "canary" not in "".join(map(str, found))


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
        {"tenant": "t", "client_id": "c", "client_secret": "s", "certificate_passphrase": "p"},
    ],
)
def test_one_way_in(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        GraphOptions.model_validate(options)
