"""What a JQL finds on Data Center: pages by offset with a total, under an order that holds still."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from connectors.errors import BadAnswer, BadQuery
from connectors.jira.client import JiraClient
from connectors.jira.jql import split
from connectors.jira.paging import Progress, ident
from connectors.jira.search import Histories, Issues, by_id
from connectors.jira.values import whole

ISSUES_A_PAGE = 1000
"""What `jira.search.views.default.max` allows as installed; a site that allows fewer gives fewer."""


class DataCenterSearch:
    """/rest/api/2/search; https://docs.atlassian.com/software/jira/docs/api/REST/latest/"""

    def __init__(self, client: JiraClient) -> None:
        self._client = client

    def issues(self, jql: str, fields: Collection[str]) -> Issues:
        found: Issues = {}
        for page in self._pages(jql, sorted(fields)):
            found |= by_id(self._client, page, has_fields=bool(fields))
        return found

    def count(self, jql: str) -> tuple[int, bool]:
        return self._total(self._client.post("search", {"jql": jql, "maxResults": 0})), True

    def histories(self, jql: str, ids: Sequence[str]) -> Histories:
        wanted = set(ids)
        found: Histories = {}
        for page in self._pages(jql, ["status"], expand=["changelog"]):
            for issue in page:
                if (key := str(issue.get("id"))) not in wanted:
                    continue
                log = issue.get("changelog")
                histories = self._client.listed(log, "histories")
                if isinstance(log, dict) and log.get("total", len(histories)) != len(histories):
                    raise self._client.bad_answer(f"the whole history of {issue.get('key')}")
                found[key] = list(histories)
        return found

    def refusals(self, jqls: Sequence[str]) -> Iterator[tuple[str, str]]:
        """There is no parser to ask: a search for nothing is refused in the same words."""
        for jql in jqls:
            try:
                self.count(jql)
            except BadQuery as error:
                yield jql, error.message
            else:
                yield jql, ""

    def _pages(self, jql: str, fields: Sequence[str], **more: Any) -> Iterator[list[dict[str, Any]]]:
        body = {"jql": ordered(jql), "maxResults": ISSUES_A_PAGE, "fields": list(fields) or ["id"], **more}
        ids: set[str] = set()
        start = 0
        progress = Progress(self._client, ident)
        while True:
            page = self._client.post("search", {**body, "startAt": start})
            issues = self._client.listed(page, "issues")
            yield issues
            start += len(issues)
            ids |= by_id(self._client, issues, has_fields=False).keys()
            total = self._total(page)
            if start >= total or not issues:
                break
            progress.note(issues)
        if len(ids) < total:
            # An issue that leaves an earlier page pulls another over the edge, where nobody sees it.
            raise BadAnswer(
                f"issues changed while they were read: {len(ids)} of {total} were seen",
                connection=self._client.connection,
                fix="Run again.",
            )

    def _total(self, page: Mapping[str, Any] | Any) -> int:
        return whole(page.get("total") if isinstance(page, dict) else None, "a total", self._client.connection)


def ordered(jql: str) -> str:
    """The same issues, by key: pages of another order may repeat an issue and drop another."""
    return f"{split(jql)[0]} ORDER BY key".strip()
