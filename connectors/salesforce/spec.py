"""The options of a Salesforce connection, and what the connector is."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator

from connectors.address import ServiceUrl
from connectors.base import Moment, Spec, query_forms
from connectors.hook_tokens import TokenOptions
from connectors.salesforce.destinations import SalesforceRecord
from connectors.salesforce.queries import Report, Soql, Structured


class SalesforceOptions(TokenOptions):
    """An org, and one way to sign in to it: client credentials (`client_secret`), JWT bearer (`username` and
    `private_key`), a session that somebody else opened (`session_id`), or, until Summer '27, a `password`."""

    url: ServiceUrl = Field(description="The org's My Domain: https://acme.my.salesforce.com")
    client_id: str | None = Field(default=None, min_length=1, description="The External Client App's consumer key.")
    client_secret: SecretStr | None = Field(default=None, description="Its consumer secret, for client credentials.")
    username: str | None = Field(
        default=None, min_length=1, description="The integration user, for JWT bearer and for a password."
    )
    private_key: SecretStr | None = Field(
        default=None, description="The app's private key in PEM form, for JWT bearer."
    )
    session_id: SecretStr | None = Field(
        default=None, description="The access token of a session that is already open."
    )
    password: SecretStr | None = Field(
        default=None, description="The user's password: SOAP login(), which Salesforce ends with Summer '27."
    )
    security_token: SecretStr | None = Field(default=None, description="The user's security token, with `password`.")
    audience: ServiceUrl = Field(
        default="https://login.salesforce.com",
        description="Who the JWT is for; https://test.salesforce.com for a sandbox org.",
    )
    api_version: str = Field(
        default="68.0", pattern=r"^\d{2,3}\.0$", description="The API version. Winter '27 is 68.0."
    )
    currency: str | None = Field(
        default=None,
        pattern=r"^[A-Z]{3}$",
        description="The org's corporate currency, in which Salesforce sums money. If left out, okrsync asks for it.",
    )
    quota_share: float = Field(
        default=0.8, gt=0, le=1, description="Stop when this share of the org's API calls of 24 hours is used."
    )
    hook_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Flows send it in X-Okrsync-Token; the address for Outbound Messages ends with it.",
    )
    hook_certificate: str | None = Field(
        default=None,
        min_length=1,
        description="What the proxy says about Salesforce's client certificate, for Outbound Messages without a token.",
    )
    organization_id: str | None = Field(
        default=None,
        pattern=r"^00D\w{12}(\w{3})?$",
        description="The org's id, 00D... okrsync refuses Outbound Messages from other orgs.",
    )
    timeout: float = Field(
        default=130,
        gt=0,
        le=600,
        description="Seconds that one request may take. Salesforce itself allows a query 120.",
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        given = {
            name
            for name in ("client_id", "client_secret", "username", "private_key", "session_id", "password")
            if getattr(self, name) is not None
        }
        ways = (
            {"client_id", "client_secret"},
            {"client_id", "username", "private_key"},
            {"session_id"},
            {"username", "password"},
        )
        if given not in ways:
            raise ValueError(
                "write one of: client_id and client_secret; client_id, username and private_key; session_id; "
                "username and password"
            )
        if self.security_token is not None and self.password is None:
            raise ValueError("security_token needs password beside it")
        if self.hook_certificate is not None and self.organization_id is None:
            raise ValueError("hook_certificate needs organization_id: every org shows the same certificate")
        return self


def write_moment(moment: Moment) -> str:
    """Unquoted, as SOQL wants it: a day for date fields, an instant in UTC for dateTime fields."""
    return f"{moment.at:%Y-%m-%dT%H:%M:%SZ}" if moment.form == "time" else moment.day.isoformat()


SPEC = Spec(
    name="salesforce",
    title="Salesforce",
    options=SalesforceOptions,
    queries=query_forms(Soql, Structured, Report, text=Soql),
    write_moment=write_moment,
    connector="connectors.salesforce.pull:SalesforceConnector",
    destination=SalesforceRecord,
    publishing_needs="API Enabled, Read and Edit on the object, and edit access to the fields that are named",
    bell="connectors.salesforce.webhook:SalesforceBell",
    short_form=True,
    quotes="'",
)
