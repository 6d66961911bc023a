"""What an operator writes to sign in at Entra, whatever tool lies behind it. Imports no client library."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from connectors.address import ServiceUrl
from connectors.base import Options


class EntraOptions(Options):
    """An Entra app, and one way to sign in as it: a client secret, a certificate, a token of a federated workload, or
    the managed identity of the machine."""

    tenant: str | None = Field(
        default=None, min_length=1, description="The tenant's id or domain, such as contoso.onmicrosoft.com."
    )
    client_id: str | None = Field(default=None, min_length=1, description="The app registration's client id.")
    client_secret: SecretStr | None = Field(default=None, description="Its client secret.")
    certificate: SecretStr | None = Field(
        default=None,
        description="Its certificate and private key in one text: PEM (as `cat key.pem cert.pem`), or a PFX in base64.",
    )
    certificate_file: Path | None = Field(default=None, description="A file with both, PEM or PFX.")
    certificate_passphrase: SecretStr | None = Field(default=None, description="The passphrase of the key or the PFX.")
    federated_token_file: Path | None = Field(
        default=None,
        description="A file with a token that the platform renews: AZURE_FEDERATED_TOKEN_FILE on Kubernetes.",
    )
    managed_identity: str | None = Field(
        default=None, min_length=1, description="`system`, or the client id of a user-assigned managed identity."
    )
    login_url: ServiceUrl = Field(
        default="https://login.microsoftonline.com", description="Another in national clouds."
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        ways = ("client_secret", "certificate", "certificate_file", "federated_token_file", "managed_identity")
        if sum(getattr(self, way) is not None for way in ways) != 1:
            raise ValueError(f"write one of {', '.join(ways)}")
        if self.certificate_passphrase is not None and self.certificate is None and self.certificate_file is None:
            raise ValueError("certificate_passphrase needs certificate or certificate_file beside it")
        if self.managed_identity is None and (self.tenant is None or self.client_id is None):
            raise ValueError("write tenant and client_id")
        if self.managed_identity is not None and (self.tenant or self.client_id):
            raise ValueError("a managed identity needs neither tenant nor client_id")
        return self

    def secrets(self) -> list[str]:
        """What must never be shown."""
        secrets = (self.client_secret, self.certificate, self.certificate_passphrase)
        return [secret.get_secret_value() for secret in secrets if secret]
