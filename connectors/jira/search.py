"""All issues of a JQL, page by page; or how many there are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from connectors.errors import BadAnswer
from connectors.jira.client import JiraClient

ISSUES_A_PAGE = 5000
"""The most that /search/jql gives (Jira Cloud REST v3); with fields it gives fewer, as it likes."""
MOST_PAGES = 2000

Issues = dict[str, Mapping[str, Any]]


def all_issues(client: JiraClient, connection: str, jql: str, fields: Collection[str]) -> Issues:
    """Each issue's fields by its id; an issue that moved between two pages counts once. Raises ConnectorError."""
    found, _ = _pages(client, connection, jql, sorted(fields), None)
    return found


def count(client: JiraClient, connection: str, jql: str, limit: int) -> tuple[int, bool]:
    """How many issues there are, and whether that is exact: it is, up to `limit`. Raises ConnectorError."""
    if limit:
        found, complete = _pages(client, connection, jql, [], limit)
        if complete:
            return len(found), True
    answer = client.post("search/approximate-count", {"jql": jql})
    number = answer.get("count") if isinstance(answer, dict) else None
    if isinstance(number, bool) or not isinstance(number, int):
        raise BadAnswer("Jira answered a count without a number", connection=connection)
    return number, False


def _pages(client: JiraClient, connection: str, jql: str, fields: list[str], limit: int | None) -> tuple[Issues, bool]:
    """All issues, and true; or those of the pages that reach `limit`, and false where there are more."""
    body: dict[str, Any] = {"jql": jql, "maxResults": ISSUES_A_PAGE, "fields": fields or ["id"]}
    found: Issues = {}
    tokens: set[str] = set()
    while len(tokens) < MOST_PAGES:
        page = client.post("search/jql", body)
        issues = page.get("issues") if isinstance(page, dict) else None
        if not isinstance(issues, list) or not all(isinstance(issue, dict) and "id" in issue for issue in issues):
            raise BadAnswer("Jira answered a search without its issues", connection=connection)
        found |= {str(issue["id"]): issue.get("fields") or {} for issue in issues}
        token = page.get("nextPageToken")
        if not token:
            return found, True
        if token in tokens:
            raise BadAnswer("Jira gave the same page twice", connection=connection, fix="Run again.")
        if limit is not None and len(found) >= limit:
            return found, False
        tokens.add(token)
        body["nextPageToken"] = token
    raise BadAnswer(f"Jira gave more than {MOST_PAGES} pages", connection=connection, fix="Narrow the query.")
