"""What a site has: fields that hold numbers, boards, filters, projects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.finding import Found, Kind, matching, rows, words
from connectors.jira.client import JiraClient
from connectors.jira.fields import NO_NUMBERS
from connectors.jira.paging import by_start

KINDS = (
    Kind(name="fields", about="number fields"),
    Kind(name="boards", about="Scrum boards, for their velocity"),
    Kind(name="filters", about="saved filters; Data Center lists only the account's favourites"),
    Kind(name="projects", about="projects"),
)


def find(client: JiraClient, kind: str, text: str, *, is_cloud: bool) -> Iterator[Found]:
    match kind:
        case "fields":
            return matching(_fields(client), text)
        case "boards":
            return matching(_boards(client, text), text)
        case "filters":
            return matching(_filters(client, text, is_cloud=is_cloud), text)
    return matching(_projects(client, text, is_cloud=is_cloud), text)


def _fields(client: JiraClient) -> Iterator[Found]:
    listed = rows(client.get("field"), client.connection)
    named = [words(row, "name").casefold() for row in listed]
    for row in listed:
        schema = row.get("schema")
        kind = words(schema, "type") if isinstance(schema, dict) else ""
        name, ident = words(row, "name", "id"), words(row, "id")
        if not ident or not kind or kind in NO_NUMBERS:
            continue
        meant = name if named.count(name.casefold()) == 1 else ident
        yield Found(title=name, detail=f"{ident}, {kind}", query={"sum": meant, "jql": "project = KEY"})


def _boards(client: JiraClient, text: str) -> Iterator[Found]:
    asked = {"type": "scrum", **({"name": text} if text else {})}
    for page in by_start(client, lambda start: client.agile("board", startAt=str(start), **asked), "values"):
        for row in page:
            number = row.get("id")
            if isinstance(number, int) and number > 0:
                location = row.get("location")
                project = words(location, "displayName", "projectName") if isinstance(location, dict) else ""
                detail = f"board {number}{f', {project}' if project else ''}"
                yield Found(title=words(row, "name", "id"), detail=detail, query={"velocity": number})


def _filters(client: JiraClient, text: str, *, is_cloud: bool) -> Iterator[Found]:
    asked = {"expand": "jql", **({"filterName": text} if text else {})}
    for page in _pages(client, "filter/search", asked) if is_cloud else [client.get("filter/favourite")]:
        for row in rows(page, client.connection):
            if ident := words(row, "id"):
                yield Found(
                    title=words(row, "name", "id"), detail=words(row, "jql"), query={"count": f"filter = {ident}"}
                )


def _projects(client: JiraClient, text: str, *, is_cloud: bool) -> Iterator[Found]:
    asked = {"query": text} if text else {}
    for page in _pages(client, "project/search", asked) if is_cloud else [client.get("project")]:
        for row in rows(page, client.connection):
            if key := words(row, "key"):
                jql = f'project = "{key}" AND resolved >= {{cycle.start}}'
                yield Found(title=words(row, "name", "key"), detail=key, query={"count": jql})


def _pages(client: JiraClient, path: str, asked: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
    return by_start(client, lambda start: client.get(path, startAt=str(start), **asked), "values")
