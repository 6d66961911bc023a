"""The private key and certificate of an app, out of what people have: PEM, or PKCS#12 (PFX) as a file or in base64."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,60})-----[^-]*-----END \1-----")
MOST = 100_000


class NoKey(ValueError):
    """The message says what is wrong, in words that follow the option's name."""


def key_and_certificates(content: bytes, passphrase: str | None) -> dict[str, str]:
    """What msal takes: `private_key` and `public_certificate`, the app's own certificate first. Raises NoKey."""
    if len(content) > MOST:
        raise NoKey("is too long for a key and a certificate")
    secret = passphrase.encode() if passphrase else None
    try:
        key, certificates = _pem(content, secret) if b"-----BEGIN" in content else _pfx(content, secret)
    except NoKey:
        raise
    except UnsupportedAlgorithm:
        raise NoKey("is encrypted or written in an unsupported way: export it again") from None
    except (ValueError, TypeError):
        raise NoKey("can't be read" + ("" if passphrase else " without a passphrase, or is damaged")) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise NoKey("contains no RSA key, but Entra needs one")
    own = [one for one in certificates if one.public_key() == key.public_key()]
    if not own:
        raise NoKey(
            "contains a certificate that does not belong to the key" if certificates else "contains no certificate"
        )
    rest = [one for one in certificates if one is not own[0]]
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "private_key": private.decode(),
        "public_certificate": "".join(one.public_bytes(pem).decode() for one in (own[0], *rest)),
    }


def _pem(content: bytes, secret: bytes | None) -> tuple[object, list[x509.Certificate]]:
    blocks = [(match[1], match[0].encode()) for match in _BLOCK.finditer(content.decode("ascii", errors="replace"))]
    private = next((block for label, block in blocks if label.endswith("PRIVATE KEY")), None)
    if private is None:
        public = any(label.endswith("PUBLIC KEY") for label, _ in blocks)
        raise NoKey("contains a public key instead of the private key" if public else "contains no private key")
    locked = b"ENCRYPTED" in private
    if locked and secret is None:
        raise NoKey("contains an encrypted key: set certificate_passphrase")
    try:
        key = serialization.load_pem_private_key(private, secret if locked else None)
    except ValueError:
        raise NoKey(
            "contains a key that the passphrase does not open" if locked else "contains a damaged key"
        ) from None
    return key, [x509.load_pem_x509_certificate(block) for label, block in blocks if label == "CERTIFICATE"]


def _pfx(content: bytes, secret: bytes | None) -> tuple[object, list[x509.Certificate]]:
    """Key Vault gives a PFX in base64."""
    with contextlib.suppress(binascii.Error, ValueError):
        content = base64.b64decode(b"".join(content.split()), validate=True)
    if not content.startswith(b"\x30"):
        raise NoKey("is neither a PEM text with a key and a certificate nor a PFX")
    try:
        key, own, others = pkcs12.load_key_and_certificates(content, secret)
    except ValueError:
        raise NoKey(
            "is a PFX that the passphrase does not open"
            if secret
            else "is a PFX that needs certificate_passphrase, or is damaged"
        ) from None
    return key, [*([own] if own else []), *others]
