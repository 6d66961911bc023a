"""Pages until the last one, and no further than they bring something new. All raise ConnectorError."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

from connectors.errors import BadAnswer
from connectors.jira.client import JiraClient
from connectors.jira.values import whole

MOST_PAGES = 2000
FRUITLESS = 3
"""Pages in a row without anything new that are put up with: Jira filters some after it has cut them."""

Row = dict[str, Any]
Identity = Callable[[Row], Hashable]


def ident(row: Row) -> Hashable:
    return str(row.get("id"))


class Progress:
    """Ends what goes on for ever."""

    def __init__(self, client: JiraClient, identity: Identity) -> None:
        self._client = client
        self._identity = identity
        self._seen: set[Hashable] = set()
        self._fruitless = 0
        self._pages = 0

    def note(self, rows: list[Row]) -> None:
        """One more page that is not the last. Raises BadAnswer."""
        before = len(self._seen)
        self._seen.update(map(self._identity, rows))
        self._fruitless = 0 if len(self._seen) > before else self._fruitless + 1
        self._pages += 1
        if self._fruitless >= FRUITLESS:
            raise BadAnswer(
                f"Jira sent {FRUITLESS} pages without anything new",
                connection=self._client.connection,
                fix="Run again.",
            )
        if self._pages >= MOST_PAGES:
            raise BadAnswer(
                f"Jira sent more than {MOST_PAGES} pages", connection=self._client.connection, fix="Narrow the query."
            )


def by_token(
    client: JiraClient, path: str, body: Mapping[str, Any], holds: str, identity: Identity = ident
) -> Iterator[tuple[list[Row], bool]]:
    """What `holds` lists in each page of a POST that is paged by `nextPageToken`, and whether there is more."""
    asked = dict(body)
    tokens: set[str] = set()
    progress = Progress(client, identity)
    while True:
        page = client.post(path, asked)
        listed = client.listed(page, holds)
        token = _token(client, page)
        yield listed, token is not None
        if token is None:
            return
        if token in tokens:
            raise BadAnswer("Jira sent the same page twice", connection=client.connection, fix="Run again.")
        tokens.add(token)
        progress.note(listed)
        asked["nextPageToken"] = token


def _token(client: JiraClient, page: Mapping[str, Any]) -> str | None:
    token, is_last = page.get("nextPageToken"), page.get("isLast")
    if not isinstance(token, str | None) or not isinstance(is_last, bool | None):
        raise client.bad_answer("a valid page token")
    if not token and is_last is False:
        raise client.bad_answer("the token of the page that follows")
    return token or None


def by_start(client: JiraClient, ask: Callable[[int], Any], holds: str) -> Iterator[list[Row]]:
    """What `holds` lists in each page of a list that is paged by `startAt`, whose last page says so or reaches
    `total`. Raises BadAnswer where pages end before that."""
    start = 0
    progress = Progress(client, ident)
    while True:
        page = ask(start)
        listed = client.listed(page, holds)
        yield listed
        start += len(listed)
        is_last, total = page.get("isLast"), page.get("total")
        if not isinstance(is_last, bool | None):
            raise client.bad_answer(f"whether there are more {holds}")
        if total is not None:
            total = whole(total, f"the number of its {holds}", client.connection)
        if is_last or (total is not None and start >= total) or (is_last is None and total is None and not listed):
            return
        if not listed:
            raise client.bad_answer(f"all of its {holds}")
        progress.note(listed)
