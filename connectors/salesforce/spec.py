"""The options and the query of a Salesforce connection."""

from __future__ import annotations

import re
from typing import Any, Self

from pydantic import Field, SecretStr, model_validator

from connectors.base import Moment, Options, Query, Spec
from connectors.wire import ServiceUrl


class SalesforceOptions(Options):
    """Signs in by client credentials (`client_secret`) or by JWT bearer (`username` and `private_key`)."""

    url: ServiceUrl = Field(description="The org's My Domain: https://acme.my.salesforce.com")
    client_id: str = Field(description="The consumer key of the External Client App.")
    client_secret: SecretStr | None = Field(default=None, description="Its consumer secret: client credentials.")
    username: str | None = Field(default=None, description="The integration user: JWT bearer.")
    private_key: SecretStr | None = Field(default=None, description="The app's private key, PEM: JWT bearer.")
    audience: str = Field(
        default="https://login.salesforce.com",
        description="Who the JWT is for; https://test.salesforce.com for a sandbox org.",
    )
    api_version: str = Field(default="68.0", pattern=r"^\d{2,3}\.0$", description="Winter '27 is 68.0.")
    timeout: float = Field(default=130, gt=0, le=600, description="Seconds; Salesforce itself gives a query up to 120.")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        by_secret = self.client_secret is not None
        by_key = self.username is not None and self.private_key is not None
        if by_secret == by_key or (not by_key and (self.username or self.private_key)):
            raise ValueError("write either client_secret, or username and private_key")
        return self


class Soql(Query):
    """`{salesforce: "SELECT SUM(Amount) FROM ..."}`, or long `{salesforce: {soql: ...}}`: one aggregate, one row."""

    soql: str = Field(min_length=1, max_length=100_000, description="A SELECT with exactly one aggregate.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"soql": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _is_select(self) -> Self:
        if not re.match(r"\s*select\b", self.soql, re.IGNORECASE):
            raise ValueError("a SOQL query begins with SELECT")
        return self

    def text(self) -> str:
        return " ".join(self.soql.split())


def write_moment(moment: Moment) -> str:
    """Unquoted, as SOQL wants it: a day for date fields, an instant in UTC for dateTime fields."""
    return moment.at.strftime("%Y-%m-%d" if moment.is_date else "%Y-%m-%dT%H:%M:%SZ")


SPEC = Spec(
    name="salesforce",
    title="Salesforce",
    options=SalesforceOptions,
    queries=Soql,
    write_moment=write_moment,
    connector="connectors.salesforce.pull:SalesforceConnector",
    short_form=True,
)
