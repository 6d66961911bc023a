"""The options of a Jira connection, and what the connector is."""

from __future__ import annotations

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from connectors.address import ServiceUrl
from connectors.base import Moment, Spec, query_forms
from connectors.hook_tokens import TokenOptions
from connectors.jira.destinations import JiraIssue
from connectors.jira.limits import A_SECOND, AT_FIRST
from connectors.jira.queries import FORMS

GATEWAY_PATH = "/ex/jira/"


class JiraOptions(TokenOptions):
    """A site, and one way to sign in to it: an account's e-mail and API token, a service account's client id and
    secret, or, on Data Center, a personal access token."""

    url: ServiceUrl = Field(
        description="The site, https://acme.atlassian.net; for a token with scopes and for a service account the "
        "gateway, https://api.atlassian.com/ex/jira/<cloud id>."
    )
    site: ServiceUrl | None = Field(
        default=None,
        description="The address at which people open the site, for links. Needed only if url is the gateway.",
    )
    deployment: Literal["cloud", "datacenter"] = Field(default="cloud", description="Which kind of Jira it is.")
    email: str | None = Field(default=None, min_length=1, description="The account that the API token belongs to.")
    token: SecretStr | None = Field(
        default=None,
        description="The API token (Cloud; it expires after a year at most) or personal access token (Data Center).",
    )
    client_id: str | None = Field(default=None, min_length=1, description="A service account's OAuth client id.")
    client_secret: SecretStr | None = Field(default=None, description="The secret of that client id.")
    login_url: ServiceUrl = Field(
        default="https://auth.atlassian.com",
        description="Where a service account signs in. The default is Atlassian's own address.",
    )
    concurrency: int = Field(
        default=32,
        ge=1,
        le=32,
        description="The most requests at once: ten at first, more while Jira answers, one after it asks to slow down.",
    )
    requests_per_second: float | None = Field(
        default=A_SECOND,
        gt=0,
        le=1000,
        description="Requests a second at most; 100 is what Jira Cloud allows an endpoint, for all who use the site.",
    )
    exact_count_limit: int = Field(
        default=10_000,
        ge=0,
        le=100_000,
        description="Counts up to this many issues are exact, a call for 5,000; beyond it is Atlassian's estimate.",
    )
    ask_again: float = Field(
        default=60,
        ge=0,
        le=3600,
        description="Seconds after which okrsync asks again what a webhook touched: Jira's index lags. 0 means never.",
    )

    @property
    def most_in_flight(self) -> int:
        """A company's own Jira gets more than ten at once only if its operator says so."""
        is_written = self.deployment == "cloud" or "concurrency" in self.model_fields_set
        return self.concurrency if is_written else min(AT_FIRST, self.concurrency)

    @property
    def people_url(self) -> str:
        """Where a person sees what we read."""
        return self.site or self.url

    @property
    def through_gateway(self) -> bool:
        return GATEWAY_PATH in f"{urlsplit(self.url).path}/"

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> Self:
        by_token = (self.email is not None, self.token is not None)
        by_client = (self.client_id is not None, self.client_secret is not None)
        if self.deployment == "datacenter":
            if by_token != (False, True) or any(by_client):
                raise ValueError("Data Center takes only `token`, a personal access token")
        elif (by_token, by_client) not in (((True, True), (False, False)), ((False, False), (True, True))):
            raise ValueError("write `email` and `token`, or `client_id` and `client_secret`")
        if all(by_client) and not self.through_gateway:
            raise ValueError("a service account works through url: https://api.atlassian.com/ex/jira/<cloud id>")
        if self.through_gateway and self.site is None:
            raise ValueError("write `site`, the address that people open (https://acme.atlassian.net), for links")
        return self


def write_moment(moment: Moment) -> str:
    """Milliseconds since 1970, for Jira reads texts of times in the time zone of the account, and numbers in none. A
    day, for fields that hold days, is a text."""
    return f'"{moment.day}"' if moment.form == "date" else str(int(moment.at.timestamp() * 1000))


SPEC = Spec(
    name="jira",
    title="Jira",
    options=JiraOptions,
    queries=query_forms(*FORMS),
    write_moment=write_moment,
    quotes="\"'",
    connector="connectors.jira.pull:JiraConnector",
    destination=JiraIssue,
    publishing_needs="Browse projects and Edit issues (a token with scopes: read:jira-work and write:jira-work)",
    bell="connectors.jira.webhook:JiraBell",
)
