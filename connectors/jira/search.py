"""What a JQL finds on a Cloud site: all issues, page by page, or how many there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import Any, Protocol

from connectors.jira.client import JiraClient

ISSUES_A_PAGE = 5000
"""The most that /search/jql gives (Jira Cloud REST v3); with fields it gives fewer, as it likes."""
PARSE_AT_ONCE = 100
CHANGES_AT_ONCE = 1000
"""The most issues that /changelog/bulkfetch takes."""

Issues = dict[str, Mapping[str, Any]]
Histories = dict[str, list[Mapping[str, Any]]]


class Search(Protocol):
    """All raise ConnectorError."""

    def issues(self, jql: str, fields: Collection[str]) -> Issues:
        """Each issue's fields by its id; an issue that moved between two pages counts once."""
        ...

    def count(self, jql: str, limit: int) -> tuple[int, bool]:
        """How many issues there are, and whether that is exact: it is, up to `limit`."""
        ...

    def histories(self, jql: str, ids: Sequence[str]) -> Histories:
        """What changed in the status of each of the issues, by id; an issue may be missing that never changed."""
        ...

    def refusals(self, jqls: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each JQL, and why Jira refuses it for this account, "" where it does not."""
        ...


class CloudSearch:
    def __init__(self, client: JiraClient) -> None:
        self._client = client

    def issues(self, jql: str, fields: Collection[str]) -> Issues:
        found: Issues = {}
        for page in self._pages(jql, sorted(fields)):
            found |= page
        return found

    def count(self, jql: str, limit: int) -> tuple[int, bool]:
        if limit:
            found: set[str] = set()
            pages = self._pages(jql, [])
            for page in pages:
                found |= page.keys()
                if len(found) >= limit:
                    break
            else:
                return len(found), True
        answer = self._client.post("search/approximate-count", {"jql": jql})
        number = answer.get("count") if isinstance(answer, dict) else None
        if isinstance(number, bool) or not isinstance(number, int):
            raise self._client.bad_answer("a number for a count")
        return number, False
