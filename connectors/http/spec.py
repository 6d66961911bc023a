"""The options and the query of a JSON API."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from connectors.address import ServiceUrl
from connectors.base import Moment, Options, Query, Spec
from connectors.extract import JmesPath
from connectors.http.destinations import FORMS
from connectors.written import forms_by_key


class Failure(BaseModel):
    """How an API says with status 200 that it failed: Marketo answers `{success: false, errors: [{code, message}]}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    when: JmesPath = Field(
        description="A JMESPath expression that is true if the answer is a failure: success == `false`"
    )
    message: JmesPath = Field(description="Where the API's message is: errors[0].message")
    code: JmesPath | None = Field(default=None, description="Where the error code is: errors[0].code")
    sign_in_again: tuple[str, ...] = Field(default=(), description="Codes that mean that the token has expired.")
    throttled: tuple[str, ...] = Field(default=(), description="Codes that mean to try again later.")
    denied: tuple[str, ...] = Field(default=(), description="Codes that mean a missing permission.")


class HttpOptions(Options):
    """One API, and at most one way to sign in: a `secret` in a header, `bearer`, `username` and `password`, or OAuth
    client credentials (`token_url`, `client_id`, `client_secret`)."""

    url: ServiceUrl = Field(description="The base address of the API: https://api.example.com")
    header: str = Field(
        default="Authorization", pattern=r"^[A-Za-z0-9-]+$", description="The name of the header that carries `secret`."
    )
    secret: SecretStr | None = Field(default=None, description="The value of that header.")
    bearer: SecretStr | None = Field(default=None, description="A bearer token.")
    username: str | None = Field(default=None, min_length=1, description="Basic authentication, with `password`.")
    password: SecretStr | None = Field(default=None, description="Basic authentication, with `username`.")
    token_url: ServiceUrl | None = Field(
        default=None, description="The address that gives a token for OAuth client credentials."
    )
    client_id: str | None = Field(default=None, min_length=1, description="OAuth client id.")
    client_secret: SecretStr | None = Field(default=None, description="OAuth client secret.")
    scope: str | None = Field(default=None, description="OAuth scope, where the API wants one.")
    token_by: Literal["body", "basic", "query"] = Field(
        default="body",
        description="How client id and secret are sent: in a form, by basic authentication, or in the address.",
    )
    params: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="Secret parameters of each request to `url`, such as an API key in the address.",
    )
    check: str | None = Field(
        default=None,
        pattern=r"^/[^#]*$",
        description="A path that every signed-in account may read, for `okrsync check --connect`.",
    )
    hosts: tuple[str, ...] = Field(default=(), description="Other hosts to which the links to further pages may point.")
    signing_secret: SecretStr | None = Field(
        default=None,
        description="The secret that signs events (Standard Webhooks): whsec_ and 24 to 64 bytes in base64.",
    )
    allow_private: bool = Field(default=False, description="Whether the address may be in a private network.")
    failure: Failure | None = Field(default=None, description="How the API reports a failure with status 200.")

    @field_validator("signing_secret")
    @classmethod
    def _is_a_signing_secret(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            try:
                raw = base64.b64decode(given.get_secret_value().removeprefix("whsec_"), validate=True)
            except ValueError:
                raw = b""
            if not given.get_secret_value().startswith("whsec_") or not 24 <= len(raw) <= 64:
                raise ValueError("it is whsec_ and 24 to 64 bytes in base64, as the receiver shows it")
        return given

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        ways = {
            "secret": (self.secret,),
            "bearer": (self.bearer,),
            "username and password": (self.username, self.password),
            "token_url, client_id and client_secret": (self.token_url, self.client_id, self.client_secret),
        }
        begun = [name for name, parts in ways.items() if any(part is not None for part in parts)]
        if len(begun) > 1:
            raise ValueError(f"write one way to sign in, not {' and '.join(begun)}")
        if begun and any(part is None for part in ways[begun[0]]):
            raise ValueError(f"write {begun[0]} together")
        return self


class HttpQuery(Query):
    """`{http: {get: /v1/stats, select: data.users}}`: a GET, and a JMESPath to its number."""

    get: str = Field(pattern=r"^/[^#]*$", max_length=8000, description="A path below `url`, with its query.")
    params: tuple[tuple[str, str], ...] = Field(default=(), description="More query parameters, by name.")
    select: JmesPath = Field(
        description="A JMESPath expression that gives one number: data.users, length(items), sum(items[].amount)"
    )
    as_of: JmesPath | None = Field(default=None, description="A JMESPath expression that gives the time of the number.")
    items: JmesPath | None = Field(
        default=None, description="With `next`: where the list of a page is. `select` then sees {items: [all of them]}."
    )
    next: JmesPath | None = Field(
        default=None, description="Where the link or token of the next page is. null means the last page."
    )
    next_param: str | None = Field(default=None, min_length=1, description="The parameter that carries the token.")

    @field_validator("params", mode="before", json_schema_input_type=dict[str, str | int | float | bool])
    @classmethod
    def _pairs(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            return tuple((str(key), value if isinstance(value, str) else str(value)) for key, value in given.items())
        return given

    @model_validator(mode="after")
    def _pages(self) -> Self:
        if (self.items is None) != (self.next is None):
            raise ValueError("write items and next together")
        if self.next_param is not None and self.next is None:
            raise ValueError("next_param needs next beside it")
        return self

    @property
    def pages(self) -> tuple[str, tuple[tuple[str, str], ...], str | None, str | None, str | None]:
        """Equal for queries that read the same pages."""
        return self.get, self.params, self.items, self.next, self.next_param

    def text(self) -> str:
        params = "".join(f" {name}={value}" for name, value in self.params)
        return f"{self.select} of GET {self.get}{params}"


def write_moment(moment: Moment) -> str:
    """ISO 8601: a day, or an instant in UTC."""
    return moment.iso if moment.form == "time" else moment.day.isoformat()


SPEC = Spec(
    name="http",
    title="JSON API",
    options=HttpOptions,
    queries=HttpQuery,
    write_moment=write_moment,
    connector="connectors.http.pull:HttpConnector",
    publishing_needs="the right to write at the paths that are named",
    destination=forms_by_key(FORMS, "a destination"),
    any_shape=True,
)
