"""Routes requests to a site's searches, fields, issues and account."""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.data import Data, Row
from sandbox.jira.agile import Boards
from sandbox.jira.changes import bulk, histories, resolutions, statuses
from sandbox.jira.dates import Dates
from sandbox.jira.edits import editable, edited
from sandbox.jira.fields import Fields
from sandbox.jira.functions import Functions
from sandbox.jira.haste import Haste
from sandbox.jira.jql import JqlError
from sandbox.jira.places import filters, page, projects
from sandbox.jira.tables import Tables
from sandbox.jira.translate import Translator, Where
from sandbox.jira.worklogs import embedded, worklog_page
from sandbox.server import Request, Response

MAX_PAGE, MAX_PAGE_WITH_FIELDS, DEFAULT_PAGE = 5000, 100, 50
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
REMOVED = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
KNOWN = {"X-Seraph-LoginReason": "OK"}
ANONYMOUS = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
ACCOUNT = "5b10ac8d82e05b22cc7d4ef5"
_BODY_KEYS = {"jql", "fields", "maxResults", "nextPageToken", "expand", "properties", "fieldsByKeys", "failFast"}
_BODY_KEYS |= {"reconcileIssues"}


class Refused(Exception):
    def __init__(self, status: int, *messages: str) -> None:
        super().__init__(*messages)
        self.status = status
        self.body = {"errorMessages": list(messages), "errors": {}}


class JiraSite:
    """`deployment` is "cloud" (e-mail and token, /search/jql) or "datacenter" (a bearer token, /rest/api/2/search).
    `page_size` caps every page; `signs` is false where answers do not say whom they were given to. `share` is the part
    of Cloud's limits of haste that the site's other users leave, by the clock of `ticks`."""

    def __init__(
        self,
        data: Data,
        *,
        email: str = "okrsync@example.com",
        token: str = "sandbox-token",  # noqa: S107 - opens nothing but the sandbox
        time_zone: str = "UTC",
        page_size: int | None = None,
        deployment: str = "cloud",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        signs: bool = True,
        share: float = 1,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cloud = deployment == "cloud"
        self._token = token
        self.basic = f"{email}:{token}"
        self._email = email
        self._zone = ZoneInfo(time_zone)
        self._page_size = page_size
        self._clock = clock
        self._signs = signs
        self._haste = Haste(share, ticks) if self._cloud else None
        self._tables = Tables(data.jira)
        people = self._tables.fetch("SELECT DISTINCT assignee_id FROM issue WHERE assignee_id IS NOT NULL")
        self._functions = Functions(self._tables, ACCOUNT, {"jira-software-users": [row[0] for row in people]})
        self._fields = Fields(data.jira_fields, data.jira)
        self._boards = Boards(data.jira, self._fields, page_size)
        self._properties: dict[tuple[str, str], Any] = {}
        self.edits: list[str] = []
        self.edited: list[Row] = []
        self._read_only = False
        self._expired = False
        self._sees_projects = True

    def hide_projects(self) -> None:
        """From now on the account may see no project: searches that name none answer with nothing."""
        self._sees_projects = False

    def change(self, key: str, fields: Row) -> None:
        """As a person does in a browser."""
        self._tables.write(key, fields)

    def field(self, key: str, name: str) -> Any:
        return self._found(key)["fields"].get(name)

    def forbid_edits(self) -> None:
        """From now on the account may read alone."""
        self._read_only = True

    def expire_token(self) -> None:
        """From now on the token is as an expired one: searches answer 200 with nothing, as to an anonymous user."""
        self._expired = True

    def answer(self, request: Request) -> Response:
        match = re.fullmatch(r"/rest/(api|agile)/([\d.]+|latest)/(.+?)/?", request.path)
        if not match:
            return Response.of({"errorMessages": ["No such resource"], "errors": {}}, status=404)
        if not self._is_known(request):
            body = {"errorMessages": ["Client must be authenticated to access this resource."], "errors": {}}
            return Response.of(body, status=401, headers=ANONYMOUS)
        if self._haste is not None and (refused := self._haste.refusal(request, match[3])):
            return refused
        return self._signed(self._answered(request, match))

    def _signed(self, answer: Response) -> Response:
        """With who it was given to, as Cloud (by the account) and Data Center (by the name) say it."""
        if not self._signs:
            headers = {name: value for name, value in answer.headers.items() if name != "X-Seraph-LoginReason"}
        elif self._cloud:
            headers = {**answer.headers, **({} if self._expired else {"X-AACCOUNTID": ACCOUNT})}
        else:
            headers = {**answer.headers, "X-AUSERNAME": "anonymous" if self._expired else "okrsync"}
        return replace(answer, headers=headers)

    def _answered(self, request: Request, match: re.Match[str]) -> Response:
        try:
            return self._agile(request, match[3]) if match[1] == "agile" else self._route(request, match[3])
        except Refused as refused:
            return Response.of(refused.body, status=refused.status)
        except JqlError as error:
            return Response.of({"errorMessages": [str(error)], "errors": {}}, status=400)

    def _is_known(self, request: Request) -> bool:
        header = request.headers.get("authorization", "")
        if not self._cloud:
            return header == f"Bearer {self._token}"
        try:
            return base64.b64decode(header.removeprefix("Basic ")).decode() == self.basic
        except (binascii.Error, UnicodeDecodeError):
            return False

    def _route(self, request: Request, path: str) -> Response:
        if self._expired:
            return self._as_anonymous(path)
        match path.split("/"):
            case ["myself"]:
                return Response.of(self._myself(), headers=KNOWN)
            case ["serverInfo"]:
                kind = "Cloud" if self._cloud else "Server"
                base = f"http://{request.headers.get('host')}"
                numbers = {"version": "1001.0.0", "versionNumbers": [1001, 0, 0], "buildNumber": 100}
                return Response.of({"baseUrl": base, "deploymentType": kind, **numbers})
            case ["field"]:
                return Response.of([_without_options(one) for one in self._fields.described])
            case ["search", "jql"] if self._cloud:
                return Response.of(self._search(request), headers=KNOWN)
            case ["search", "approximate-count"] if self._cloud and request.method == "POST":
                return Response.of({"count": self._tables.count(*self._bounded(_body(request).get("jql", "")))})
            case ["search"] if self._cloud:
                raise Refused(410, REMOVED)
            case ["search"]:
                return Response.of(self._old_search(request))
            case ["jql", "parse"] if request.method == "POST":
                return Response.of({"queries": [self._parsed(text) for text in _body(request).get("queries", [])]})
            case ["status"]:
                return Response.of(statuses(self._tables.issues))
            case ["resolution"]:
                return Response.of(resolutions(self._tables.issues))
            case ["project", "search"] if self._cloud:
                return Response.of(page(projects(self._tables.issues), request.query, "query", self._page_size))
            case ["project"] if not self._cloud:
                return Response.of(projects(self._tables.issues))
            case ["filter", "search"] if self._cloud:
                return Response.of(page(filters(self._tables.issues), request.query, "filterName", self._page_size))
            case ["filter", "favourite"]:
                return Response.of(filters(self._tables.issues))
            case ["mypermissions"]:
                return Response.of(self._permissions(request), headers=KNOWN)
            case ["changelog", "bulkfetch"] if self._cloud and request.method == "POST":
                return self._changes(request)
            case ["issue", key, "worklog"]:
                return Response.of(worklog_page(self._found(key), request.query, self._page_size))
            case ["issue", key, "editmeta"]:
                if key not in self._tables.position:
                    raise Refused(404, "Issue does not exist or you do not have permission to see it.")
                shown = {} if self._read_only else editable(self._fields.described)
                return Response.of({"fields": shown})
            case ["issue", key]:
                return self._issue(request, key)
            case ["issue", key, "properties", name]:
                return self._property(request, key, name)
        raise Refused(404, "No such resource")

    def _agile(self, request: Request, path: str) -> Response:
        if self._expired:
            return self._as_anonymous(path)
        answer = self._boards.answer(path.split("/"), request.query)
        if answer is None:
            raise Refused(
                404,
                "The requested board cannot be viewed because it either does not exist or you do not "
                "have permission to view it.",
            )
        return Response.of(answer)

    def _changes(self, request: Request) -> Response:
        page = bulk(self._tables.issues, _body(request), self._page_size)
        if page is None:
            raise Refused(400, "Invalid request payload.")
        return Response.of(page)

    def _as_anonymous(self, path: str) -> Response:
        if path == "search/jql":
            return Response.of({"issues": [], "isLast": True}, headers=ANONYMOUS)
        if path == "search/approximate-count":
            return Response.of({"count": 0}, headers=ANONYMOUS)
        if path in ("field", "jql/parse", "serverInfo"):
            return Response.of([] if path == "field" else {}, headers=ANONYMOUS)
        body = {"errorMessages": ["Client must be authenticated to access this resource."], "errors": {}}
        return Response.of(body, status=401, headers=ANONYMOUS)

    def _myself(self) -> dict[str, Any]:
        return {
            "accountId": ACCOUNT,
            "emailAddress": self._email,
            "displayName": "okrsync",
            "active": True,
            "timeZone": str(self._zone),
        }

    def _translated(self, jql: str) -> tuple[Where, bool]:
        dates = Dates(self._clock(), self._zone)
        return Translator(self._tables, self._fields, self._functions, dates).translate(jql)

    def _bounded(self, jql: str) -> tuple[str, list[Any]]:
        where, restricts = self._translated(jql)
        if not restricts:
            raise Refused(400, UNBOUNDED)
        return where.sql, where.parameters

    def _search(self, request: Request) -> dict[str, Any]:
        asked = _asked(request)
        unknown = set(asked) - _BODY_KEYS
        if unknown:
            raise Refused(400, f"Invalid request payload: unknown property {sorted(unknown)[0]!r}")
        jql = asked.get("jql") or ""
        self._bounded(jql)
        where, _ = self._translated(jql)
        wanted = asked.get("fields") or ["id"]
        cap = MAX_PAGE if set(wanted) <= {"id", "key"} else MAX_PAGE_WITH_FIELDS
        size = min(int(asked.get("maxResults") or DEFAULT_PAGE), cap, self._page_size or cap)
        start = _offset(asked.get("nextPageToken"), jql)
        positions = self._tables.positions(where.sql, where.parameters, where.order)
        page: dict[str, Any] = {"issues": [self._shown(index, wanted) for index in positions[start : start + size]]}
        if start + size < len(positions):
            page["nextPageToken"] = _token(start + size, jql)
        return {**page, "isLast": start + size >= len(positions)}

    def _old_search(self, request: Request) -> dict[str, Any]:
        asked = _asked(request)
        where, _ = self._translated(asked.get("jql") or "")
        positions = self._tables.positions(where.sql, where.parameters, where.order)
        start = int(asked.get("startAt") or 0)
        size = min(int(asked.get("maxResults", DEFAULT_PAGE)), self._page_size or 1000)
        wanted = asked.get("fields") or ["*navigable"]
        issues = [self._shown(index, wanted) for index in positions[start : start + size]]
        if "changelog" in asked.get("expand", []):
            for index, issue in zip(positions[start : start + size], issues, strict=True):
                changes = histories(self._tables.issues[index])
                issue["changelog"] = {"startAt": 0, "total": len(changes), "histories": changes}
        return {"startAt": start, "maxResults": size, "total": len(positions), "issues": issues}

    def _shown(self, index: int, wanted: list[str]) -> Row:
        issue = self._tables.issues[index]
        if "worklog" in wanted:
            issue = {**issue, "fields": {**issue["fields"], "worklog": embedded(issue, self._page_size)}}
        shown: Row = {"id": issue["id"], "key": issue["key"]}
        if set(wanted) <= {"id", "key"}:
            return shown if "key" in wanted else {"id": issue["id"]}
        if any(name in ("*all", "*navigable") for name in wanted):
            return {**shown, "fields": issue["fields"]}
        return {**shown, "fields": {name: issue["fields"].get(name) for name in wanted if name not in ("id", "key")}}

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            self._translated(text)
        except JqlError as error:
            return {"query": text, "errors": [str(error)]}
        return {"query": text, "structure": {}}

    def _permissions(self, request: Request) -> dict[str, Any]:
        asked = [name for name in request.query.get("permissions", "").split(",") if name]
        if self._cloud and not asked:
            raise Refused(400, "The permissions query parameter is required.")
        return {
            "permissions": {
                name: {
                    "id": "10",
                    "key": name,
                    "name": name.replace("_", " ").capitalize(),
                    "type": "PROJECT",
                    "description": "",
                    "havePermission": self._sees_projects,
                }
                for name in asked or ["BROWSE_PROJECTS"]
            }
        }

    def _found(self, key: str) -> Row:
        for issue in self._tables.issues:
            if key in (issue["key"], issue["id"]):
                return issue
        raise Refused(404, "Issue does not exist or you do not have permission to see it.")

    def _issue(self, request: Request, key: str) -> Response:
        if key not in self._tables.position:
            raise Refused(404, "Issue does not exist or you do not have permission to see it.")
        index = self._tables.position[key]
        if request.method == "PUT":
            return self._edit(key, self._tables.issues[index]["fields"], _body(request))
        asked = request.query.get("fields", "*all").split(",")
        shown = self._shown(index, asked)
        named = [name for name in request.query.get("properties", "").split(",") if name]
        if named:
            held = {name: self._properties[key, name] for name in named if (key, name) in self._properties}
            shown = {**shown, "properties": held}
        return Response.of(shown)

    def _edit(self, key: str, before: Row, body: dict[str, Any]) -> Response:
        if self._read_only:
            raise Refused(403, "You do not have permission to edit issues in this project.")
        after, wrong = edited(before, body, self._fields.described, cloud=self._cloud)
        if wrong:
            return Response.of({"errorMessages": [], "errors": wrong}, status=400)
        self._tables.write(key, after)
        for one in body.get("properties") or ():
            self._properties[key, one["key"]] = one["value"]
        self.edits.append(key)
        self.edited.append(body.get("fields") or {})
        return Response(status=204)

    def _property(self, request: Request, key: str, name: str) -> Response:
        if key not in self._tables.position:
            raise Refused(404, "Issue does not exist or you do not have permission to see it.")
        if request.method == "PUT":
            known = (key, name) in self._properties
            self._properties[key, name] = request.json()
            return Response(status=200 if known else 201)
        if (key, name) not in self._properties:
            raise Refused(404, f"The property {name} does not exist.")
        return Response.of({"key": name, "value": self._properties[key, name]})


def _without_options(described: Row) -> Row:
    """What a select list may hold is told by the edit screen alone."""
    return {name: value for name, value in described.items() if name != "options"}


def _body(request: Request) -> dict[str, Any]:
    try:
        body = request.json()
    except ValueError:
        raise Refused(400, "There was an error parsing JSON.") from None
    if not isinstance(body, dict):
        raise Refused(400, "Invalid request payload.")
    return body


def _asked(request: Request) -> dict[str, Any]:
    if request.method == "POST":
        return _body(request)
    asked: dict[str, Any] = dict(request.query)
    if "fields" in asked:
        asked["fields"] = asked["fields"].split(",")
    return asked


def _token(start: int, jql: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([start, jql]).encode()).decode()


def _offset(token: str | None, jql: str) -> int:
    if not token:
        return 0
    try:
        start, of = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        raise Refused(400, "The page token is invalid or expired.") from None
    if of != jql:
        raise Refused(400, "The page token belongs to another query.")
    return int(start)
