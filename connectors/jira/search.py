"""What a JQL finds on a Cloud site: all issues, page by page, or how many there are."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from connectors.jira.client import JiraClient
from connectors.jira.paging import by_token
from connectors.jira.values import whole

ISSUES_A_PAGE = 5000
"""The most that /search/jql gives (Jira Cloud REST v3); with fields it gives fewer, as it likes."""
PARSE_AT_ONCE = 100
CHANGES_AT_ONCE = 1000
"""The most issues that /changelog/bulkfetch takes."""
CHANGES_A_PAGE = 10_000

Issues = dict[str, Mapping[str, Any]]
Histories = dict[str, list[Mapping[str, Any]]]


class Search(Protocol):
    """All raise ConnectorError."""

    def issues(self, jql: str, fields: Collection[str]) -> Issues:
        """Each issue's fields by its id; an issue that moved between two pages counts once."""
        ...

    def count(self, jql: str) -> tuple[int, bool]:
        """How many issues there are, and whether that is exact."""
        ...

    def histories(self, jql: str, ids: Sequence[str]) -> Histories:
        """What happened to the status of the issues that the JQL gave, by id; one that never changed may be missing."""
        ...

    def refusals(self, jqls: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each JQL, and why Jira refuses it for this account; "" where it does not."""
        ...


class CloudSearch:
    def __init__(self, client: JiraClient, exact_count_limit: int) -> None:
        self._client = client
        self._limit = exact_count_limit

    def issues(self, jql: str, fields: Collection[str]) -> Issues:
        found: Issues = {}
        for page, _ in self._pages(jql, sorted(fields)):
            found |= page
        return found

    def count(self, jql: str) -> tuple[int, bool]:
        estimate: int | None = None
        found: set[str] = set()
        for page, more in self._pages(jql, []) if self._limit else ():
            found |= page.keys()
            if not more:
                return len(found), True
            if estimate is None:
                # One call tells whether the other pages are worth theirs.
                estimate = self._estimate(jql)
            if max(estimate, len(found)) >= self._limit:
                break
        return self._estimate(jql) if estimate is None else estimate, False

    def _estimate(self, jql: str) -> int:
        answer = self._client.post("search/approximate-count", {"jql": jql})
        number = answer.get("count") if isinstance(answer, dict) else None
        return whole(number, "a number for a count", self._client.connection)

    def histories(self, jql: str, ids: Sequence[str]) -> Histories:  # noqa: ARG002 - Data Center's needs it
        found: Histories = {}
        for start in range(0, len(ids), CHANGES_AT_ONCE):
            asked = list(ids[start : start + CHANGES_AT_ONCE])
            body = {"issueIdsOrKeys": asked, "fieldIds": ["status"], "maxResults": CHANGES_A_PAGE}
            for page, _ in by_token(self._client, "changelog/bulkfetch", body, "issueChangeLogs", self._changes):
                for log in page:
                    # One issue's changes may go on on the next page.
                    found.setdefault(str(log.get("issueId")), []).extend(self._client.listed(log, "changeHistories"))
        return found

    def refusals(self, jqls: Sequence[str]) -> Iterator[tuple[str, str]]:
        for start in range(0, len(jqls), PARSE_AT_ONCE):
            asked = list(jqls[start : start + PARSE_AT_ONCE])
            answer = self._client.post("jql/parse", {"queries": asked}, validation="strict")
            parsed = self._client.listed(answer, "queries")
            said = [one.get("errors") or [] for one in parsed]
            if len(said) != len(asked) or not all(isinstance(errors, list) for errors in said):
                raise self._client.bad_answer("a verdict on each query")
            for jql, errors in zip(asked, said, strict=True):
                yield jql, " ".join(map(str, errors))

    def _pages(self, jql: str, fields: Sequence[str]) -> Iterator[tuple[Issues, bool]]:
        body = {"jql": jql, "maxResults": ISSUES_A_PAGE, "fields": list(fields) or ["id"]}
        for page, more in by_token(self._client, "search/jql", body, "issues"):
            yield by_id(self._client, page, has_fields=bool(fields)), more

    def _changes(self, log: Mapping[str, Any]) -> Hashable:
        histories = self._client.listed(log, "changeHistories")
        return str(log.get("issueId")), tuple(str(change.get("id")) for change in histories)


def by_id(client: JiraClient, page: Sequence[Mapping[str, Any]], *, has_fields: bool) -> Issues:
    """Each issue's fields by its id. Raises BadAnswer where fields were asked for and are missing."""
    found: Issues = {}
    for issue in page:
        ident, fields = issue.get("id"), issue.get("fields", None if has_fields else {})
        if isinstance(ident, bool) or not isinstance(ident, str | int):
            raise client.bad_answer("the ids of its issues")
        if not isinstance(fields, dict):
            raise client.bad_answer(f"the fields of issue {ident}")
        found[str(ident)] = fields
    return found
