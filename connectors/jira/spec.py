"""The options and the queries of a Jira connection."""

from __future__ import annotations

from pydantic import Field, SecretStr

from connectors.base import Moment, Options, Query, Spec, query_forms
from connectors.wire import ServiceUrl


class JiraOptions(Options):
    """A Cloud site, by an account's e-mail and API token."""

    url: ServiceUrl = Field(description="The site: https://acme.atlassian.net")
    email: str = Field(description="The account that the token belongs to.")
    token: SecretStr = Field(description="Its API token; lives a year at most.")
    exact_count_limit: int = Field(
        default=10_000,
        ge=0,
        le=100_000,
        description="Counts up to this many issues are exact, a call for 5,000; beyond it is Atlassian's estimate.",
    )


class Count(Query):
    """How many issues match."""

    count: str = Field(min_length=1, description="A JQL.")

    @property
    def jql(self) -> str:
        return self.count

    def text(self) -> str:
        return f"count of: {self.count}"


class Sum(Query):
    """The sum of a number field over the issues that match; none where no issue has a value."""

    sum: str = Field(min_length=1, description="A field's name or id: Story Points, customfield_10016, timespent.")
    jql: str = Field(min_length=1, description="A JQL.")

    def text(self) -> str:
        return f"sum of {self.sum} over: {self.jql}"


class PercentDone(Query):
    """The share of the matching issues whose status category is done, by their number or by a number field."""

    percent_done: str = Field(min_length=1, description="A JQL.")
    by: str = Field(default="count", description="`count`, or a field's name or id.")

    @property
    def jql(self) -> str:
        return self.percent_done

    def text(self) -> str:
        return f"share done by {self.by} of: {self.percent_done}"


JiraQuery = Count | Sum | PercentDone


def write_moment(moment: Moment) -> str:
    """Milliseconds since 1970: Jira reads date texts in the time zone of the account, numbers in none."""
    return str(int(moment.at.timestamp() * 1000))


SPEC = Spec(
    name="jira",
    title="Jira",
    options=JiraOptions,
    queries=query_forms(Count, Sum, PercentDone),
    write_moment=write_moment,
    connector="connectors.jira.pull:JiraConnector",
)
