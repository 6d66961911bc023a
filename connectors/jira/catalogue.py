"""What a site lists for all its issues: fields, statuses, resolutions. Each list is asked for once, when needed."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from connectors.errors import BadAnswer, BadQuery, ConnectorError
from connectors.jira.client import JiraClient
from connectors.jira.fields import FieldNames
from connectors.jira.values import category


class Statuses:
    """The statuses that there are now. One that was deleted stands in histories only."""

    def __init__(self, listed: Any, connection: str) -> None:
        rows = _rows(listed, "its statuses", connection)
        self._by_id: dict[str, str] = {}
        self._by_name: dict[str, set[str]] = {}
        self.names: list[str] = []
        for row in rows:
            kind = category({"status": row}, connection)
            name = str(row.get("name", ""))
            self._by_id[str(row["id"])] = kind
            self._by_name.setdefault(name.casefold(), set()).add(kind)
            self.names.append(name)

    def kind(self, ident: str, name: str) -> str | None:
        """The category's key. A status that is gone is taken for those that have its name now, if these agree; None
        where nobody can tell."""
        if ident in self._by_id:
            return self._by_id[ident]
        kinds = self._by_name.get(name.casefold(), set())
        return next(iter(kinds)) if len(kinds) == 1 else None

    def knows(self, given: str) -> bool:
        return given in self._by_id or given.casefold() in self._by_name


class Catalogue:
    """All raise ConnectorError. Threads may share it."""

    def __init__(self, client: JiraClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._asked: dict[str, Any] = {}

    def fields(self) -> FieldNames:
        return FieldNames(self._list("field"), self._client.connection)

    def statuses(self) -> Statuses:
        return Statuses(self._list("status"), self._client.connection)

    def check_resolutions(self, given: Iterable[str]) -> None:
        """Raises BadQuery for one that the site does not have."""
        rows = _rows(self._list("resolution"), "its resolutions", self._client.connection)
        unknown("resolution", given, [str(row.get("name", "")) for row in rows], self._client.connection)

    def _list(self, path: str) -> Any:
        with self._lock:
            if path not in self._asked:
                try:
                    self._asked[path] = self._client.get(path)
                except ConnectorError as error:
                    self._asked[path] = error
            found = self._asked[path]
        if isinstance(found, ConnectorError):
            raise found
        return found


def unknown(what: str, given: Iterable[str], names: Iterable[str], connection: str) -> None:
    """Raises BadQuery where something given is not among the names, whatever the case."""
    known = {name.casefold(): name for name in names}
    for one in given:
        if one.casefold() in known:
            continue
        near = get_close_matches(one.casefold(), known, n=3)
        raise BadQuery(
            f"there is no {what} {one!r}",
            connection=connection,
            fix=f"Did you mean {' or '.join(repr(known[name]) for name in near)}?"
            if near
            else f"There are: {', '.join(list(known.values())[:20])}.",
        )


def _rows(listed: Any, what: str, connection: str) -> list[Mapping[str, Any]]:
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "id" in one for one in listed):
        raise BadAnswer(f"Jira's answer does not contain {what}", connection=connection)
    return listed
