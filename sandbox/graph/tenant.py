"""Routes requests to Entra, batches, workbooks, lists, plans, users and reports."""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from sandbox.data import Data, Row, SharePointList, Workbook
from sandbox.graph import lists, places, workbooks
from sandbox.graph.entra import Entra
from sandbox.graph.errors import Refused, bad_request, not_found
from sandbox.graph.haste import Haste
from sandbox.graph.subscriptions import Subscriptions
from sandbox.server import Request, Response

BATCH_CAP = 20
REFUSAL = ("accessDenied", "The workbook API refuses this app.")
REFUSALS = {
    409: ("EditModeCannotAcquireLock", "Somebody is editing this workbook."),
    423: ("EditModeCannotAcquireLock", "Somebody is editing this workbook."),
    429: ("EditModeCannotAcquireLockTooManyRequests", "Too many requests for this workbook."),
    500: ("GenericFileOpenError", "The workbook can't be opened."),
    503: ("serviceNotAvailable", "The service is not available."),
    504: ("MaxRequestDurationExceeded", "The request took too long."),
}
NO_PERIOD = ("getOffice365ActivationCounts", "getOffice365ActivationsUserCounts", "getOffice365ActivationsUserDetail")
PERIODS = ("D7", "D30", "D90", "D180")
_REPORT = re.compile(r"(get\w+)(?:\(\)|\(period='(\w+)'\))?")
FAILED_BEFORE = {"error": {"code": "FailedDependency", "message": "A request that this one depends on failed."}}
LOCKED = {"error": {"code": "EditModeCannotAcquireLockTooManyRequests", "message": "Another request holds it."}}


class GraphTenant:
    """`collisions` counts requests that met a workbook's lock. `workbooks_refuse` is a status that the workbook API
    answers from now on, though files can be downloaded, `sessions_refuse` the same for making a session, and
    `session_ends` how a session ends ("invalidSessionReCreatable"). `item_faults` holds (part of a URL, status,
    headers): each answers the next such item of a batch."""

    def __init__(
        self,
        data: Data,
        *,
        tenant: str = "contoso",
        client_id: str = "okrsync",
        client_secret: str = "sandbox-secret",  # noqa: S107 - opens nothing but the sandbox
        page_size: int = 200,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._data = data
        self._haste = Haste(ticks)
        self._page_size = page_size
        self._clock = clock
        self._lock = threading.Lock()
        self._pages: dict[str, list[Row]] = {}
        self._downloads: dict[str, bytes] = {}
        self._busy: set[str] = set()
        self._sessions: set[str] = set()
        self.collisions = 0
        self.written: list[tuple[str, Row]] = []
        self.workbooks_refuse: int | None = None
        self.sessions_refuse: int | None = None
        self.session_ends = "invalidSessionReCreatable"
        self.entra = Entra(tenant, client_id, client_secret, clock)
        self.subscriptions = Subscriptions(clock)
        self.item_faults: list[tuple[str, int, dict[str, str]]] = []

    def expire_tokens(self) -> None:
        self.entra.tokens.clear()

    def answer(self, request: Request) -> Response:
        signed_in = self.entra.answer(request)
        if signed_in is not None:
            return signed_in
        if request.path.startswith("/download/"):
            return self._download(request)
        try:
            if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.entra.tokens:
                raise self._challenge()
            if request.path == "/v1.0/$batch" and request.method == "POST":
                return self._batch(request)
            if request.path.startswith("/v1.0/subscriptions"):
                return self.subscriptions.answer(request)
            return self._one(request)
        except Refused as refused:
            return Response.of(refused.body(self._clock), status=refused.status, headers=refused.headers)

    def expire_sessions(self) -> None:
        self._sessions.clear()

    def _challenge(self) -> Refused:
        wanted = self.entra.challenge
        claims = f', error="insufficient_claims", claims="{wanted}"' if wanted else ""
        header = {"WWW-Authenticate": f'Bearer realm="", authorization_uri="https://login/common"{claims}'}
        text = "Access token has expired or is not yet valid."
        return Refused(401, "InvalidAuthenticationToken", text, headers=header)

    def _batch(self, request: Request) -> Response:
        try:
            parts = request.json()["requests"]
        except (ValueError, KeyError, TypeError):
            raise bad_request("Invalid batch payload format.") from None
        if len(parts) > BATCH_CAP:
            raise bad_request(f"Number of batch request steps exceeds the maximum value of {BATCH_CAP}.")
        if len({str(part.get("id", "")).lower() for part in parts}) < len(parts):
            raise bad_request("Request ids in a batch must be unique.")
        with self._locked_books(parts) as unlocked:
            answers: dict[str, Row] = {}
            for part in parts:
                before = [answers[name]["status"] for name in part.get("dependsOn", [])]
                if any(status >= 400 for status in before):
                    answers[part["id"]] = {"id": part["id"], "status": 424, "headers": {}, "body": FAILED_BEFORE}
                elif part["url"] in unlocked:
                    answers[part["id"]] = self._item(part, request)
                else:
                    answers[part["id"]] = {"id": part["id"], "status": 429, "headers": {}, "body": LOCKED}
        return Response.of({"responses": list(reversed(answers.values()))})

    @contextmanager
    def _locked_books(self, parts: list[dict[str, Any]]) -> Iterator[set[str]]:
        """The URLs that may run: of requests to one workbook that are not in a chain, and of those to one that another
        call is busy with, none but the first."""
        chained = any(part.get("dependsOn") for part in parts)
        taken: set[str] = set()
        allowed: set[str] = set()
        for part in parts:
            book = _book_of(part["url"])
            with self._lock:
                if book is None or (chained and book in taken):
                    allowed.add(part["url"])
                elif book not in self._busy:
                    self._busy.add(book)
                    taken.add(book)
                    allowed.add(part["url"])
                else:
                    self.collisions += 1
        try:
            yield allowed
        finally:
            with self._lock:
                self._busy -= taken

    def _item(self, part: dict[str, Any], outer: Request) -> dict[str, Any]:
        fault = self._item_fault(part["url"])
        if fault:
            status, headers = fault
            body = Refused(status, "TooManyRequests", "Please retry after").body(self._clock)
            return {"id": part["id"], "status": status, "headers": headers, "body": body}
        parts = urlsplit(part["url"])
        query = {key: values[-1] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in part.get("headers", {}).items()}
        headers["host"] = outer.headers.get("host", "")
        sent = json.dumps(part["body"]).encode() if "body" in part else b""
        asked = Request(method=part["method"], path=f"/v1.0{parts.path}", query=query, headers=headers, body=sent)
        try:
            status, body = 200, self._route(asked)
        except Refused as refused:
            status, body = refused.status, refused.body(self._clock)
        if isinstance(body, Response):
            plain = base64.b64encode(body.body).decode()
            return {"id": part["id"], "status": body.status, "headers": body.headers, "body": plain}
        return {"id": part["id"], "status": status, "headers": {"Content-Type": "application/json"}, "body": body}

    def _item_fault(self, url: str) -> tuple[int, dict[str, str]] | None:
        with self._lock:
            for index, (text, status, headers) in enumerate(self.item_faults):
                if text in url:
                    del self.item_faults[index]
                    return status, headers
        return None

    def _one(self, request: Request) -> Response:
        with self._locked_books([{"id": "0", "url": request.path.removeprefix("/v1.0")}]) as allowed:
            if not allowed:
                raise Refused(429, "EditModeCannotAcquireLockTooManyRequests", "Another request holds the workbook.")
            made = self._route(request)
        return made if isinstance(made, Response) else Response.of(made)

    def _route(self, request: Request) -> Any:
        self._haste.check(request.path)
        if request.method == "POST" and request.path.endswith("/workbook/createSession"):
            return self._session(request)
        if request.method == "PATCH":
            return self._write(request)
        if request.method != "GET":
            raise Refused(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
        base = f"http://{request.headers.get('host')}"
        match [unquote(part) for part in request.path.removeprefix("/v1.0/").split("/")]:
            case ["organization"]:
                return {"value": [{"id": "00000000-0000-0000-0000-000000000001", "displayName": "Contoso"}]}
            case ["drives", drive, "items", item]:
                return self._drive_item(drive, item, request)
            case ["drives", drive, "items", item, "workbook", *rest]:
                return self._workbook(self._book(drive, item), rest, request)
            case ["drives", drive, "items", item, "content"]:
                return self._ticket(workbooks.packed(self._book(drive, item)), request)
            case ["drives", _, "items", key, "analytics", period] | ["sites", key, "analytics", period]:
                return self._analytics(key, period)
            case ["sites"]:
                return self._page(request, lambda: places.sites(self._data, request.query.get("search", ""), base))
            case ["sites", site, "drives"]:
                return self._page(request, lambda: places.drives(self._data, site, base))
            case ["sites", site, "lists"]:
                return self._page(request, lambda: places.lists(self._data, site, base))
            case ["drives", drive, "root", asked]:
                return self._page(request, lambda: places.files(self._data, drive, asked, base))
            case ["sites", site, "lists", name]:
                self._list(site, name)
                return {"id": name, "displayName": name, "name": name}
            case ["sites", site, "lists", name, "columns"]:
                return {"value": lists.columns(self._list(site, name))}
            case ["sites", site, "lists", name, "items"]:
                return self._page(request, lambda: lists.items(self._list(site, name), request))
            case ["sites", site, "lists", name, "items", ident]:
                return lists.item(self._list(site, name), ident, request)
            case ["planner", "tasks", ident]:
                return self._task(ident)
            case ["planner", "plans", plan, "tasks"]:
                if plan not in self._data.plans:
                    raise not_found("The requested item is not found.")
                return self._page(request, lambda: self._data.plans[plan])
            case ["planner", "buckets", bucket, "tasks"]:
                tasks = [task for plan in self._data.plans.values() for task in plan if task.get("bucketId") == bucket]
                return self._page(request, lambda: tasks)
            case ["users", "$count"]:
                return self._count(request, lists.matching(self._data.users, request.query.get("$filter")))
            case ["groups", "$count"]:
                return self._count(request, self._data.groups)
            case ["groups", group, "members" | "transitiveMembers", "$count"] if group in self._data.groups:
                return self._count(request, self._data.groups[group])
            case ["security", "secureScores"]:
                return self._page(request, lambda: self._data.scores)
            case ["employeeExperience", "learningProviders", provider, "learningCourseActivities"]:
                if provider not in self._data.courses:
                    raise not_found("The provider was not found.")
                return self._page(request, lambda: self._data.courses[provider])
            case ["reports", function]:
                return self._report(function, request)
            case ["copilot", "reports", function]:
                return self._report(function, request, copilot=True)
        raise Refused(404, "BadRequest", "Resource not found for the segment.")

    def _write(self, request: Request) -> Any:
        match [unquote(part) for part in request.path.removeprefix("/v1.0/").split("/")]:
            case ["sites", site, "lists", name, "items", ident, "fields"]:
                made = lists.write(self._list(site, name), ident, request)
                self.written.append((request.path, request.json()))
                return made
            case ["planner", "tasks", ident]:
                task = self._task(ident)
                if "if-match" not in request.headers:
                    raise bad_request("The If-Match header must be specified for this type of request.")
                if request.headers["if-match"] != task["@odata.etag"]:
                    raise Refused(412, "PreconditionFailed", "The If-Match header contains an old version.")
                self.change_task(ident, **request.json())
                self.written.append((request.path, request.json()))
                return Response(status=204)
        raise Refused(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")

    def _task(self, ident: str) -> Row:
        for tasks in self._data.plans.values():
            for task in tasks:
                if task.get("id") == ident:
                    task.setdefault("@odata.etag", 'W/"J1"')
                    return task
        raise not_found("The requested item is not found.")

    def change_task(self, ident: str, **fields: Any) -> None:
        """As a person does, too."""
        task = self._task(ident)
        number = int(task["@odata.etag"][4:-1]) + 1
        task.update({**fields, "@odata.etag": f'W/"J{number}"'})

    def items_of(self, site: str, name: str) -> list[Row]:
        return self._list(site, name).items

    def _book(self, drive: str, item: str) -> Workbook:
        if (drive, item) not in self._data.workbooks:
            raise not_found("The resource could not be found.")
        return self._data.workbooks[drive, item]

    def _drive_item(self, drive: str, item: str, request: Request) -> Row:
        book = self._book(drive, item)
        return {
            "id": item,
            "name": book.name,
            "size": book.size or len(workbooks.packed(book)),
            "eTag": f'"{{{item}}},1"',
            "lastModifiedDateTime": book.modified,
            "webUrl": f"http://{request.headers.get('host')}/sites/shared/{quote(book.name)}",
        }

    def _session(self, request: Request) -> Response:
        _, drive, _, item, *_ = [unquote(part) for part in request.path.removeprefix("/v1.0/").split("/")]
        self._book(drive, item)
        if self.sessions_refuse is not None:
            raise Refused(self.sessions_refuse, *REFUSALS.get(self.sessions_refuse, REFUSAL))
        made = f"cluster=sandbox&session={secrets.token_urlsafe(12)}"
        with self._lock:
            self._sessions.add(made)
        return Response.of({"id": made, "persistChanges": False}, status=201)

    def _analytics(self, key: str, period: str) -> Row:
        if key not in self._data.analytics or period not in ("allTime", "lastSevenDays"):
            raise not_found()
        return self._data.analytics[key]

    def _workbook(self, book: Workbook, rest: list[str], request: Request) -> Any:
        if self.workbooks_refuse is not None:
            raise Refused(self.workbooks_refuse, *REFUSALS.get(self.workbooks_refuse, REFUSAL))
        session = request.headers.get("workbook-session-id")
        if session is not None and session not in self._sessions:
            raise Refused(404, "itemNotFound", "The session is not there.", inner=self.session_ends)
        match rest:
            case ["worksheets", sheet, "names", name, "range"]:
                return workbooks.named_range(book, name, sheet)
            case ["worksheets", sheet, address] if address.startswith("range"):
                return workbooks.sheet_range(book, sheet, workbooks.split_address(address))
            case ["names"]:
                return {"value": places.names(book)}
            case ["names", name, "range"]:
                return workbooks.named_range(book, name)
            case ["tables", table, "columns", column, "dataBodyRange"]:
                return workbooks.table_column(book, table, column)
            case ["tables", table, "headerRowRange" | "dataBodyRange" as part]:
                return workbooks.table_part(book, table, part)
        raise Refused(404, "ItemNotFound", "The requested resource doesn't exist.")

    def _list(self, site: str, name: str) -> SharePointList:
        if (site, name) not in self._data.lists:
            raise not_found("The specified list was not found.")
        return self._data.lists[site, name]

    def _page(self, request: Request, rows: Callable[[], list[Row]]) -> Row:
        """One page; its next link carries an opaque token, and every other option of the request."""
        token = request.query.get("$skiptoken")
        if token is not None and token not in self._pages:
            raise bad_request("The skip token is invalid or expired.")
        left = rows() if token is None else self._pages[token]
        size = min(int(request.query.get("$top", self._page_size)), self._page_size)
        page: Row = {"value": left[:size]}
        if len(left) > size:
            made = secrets.token_urlsafe(16)
            with self._lock:
                self._pages[made] = left[size:]
            rest = {**request.query, "$skiptoken": made}
            options = "&".join(f"{key}={quote(value)}" for key, value in rest.items())
            page["@odata.nextLink"] = f"http://{request.headers.get('host')}{request.path}?{options}"
        return page

    def _count(self, request: Request, counted: Sized) -> Response:
        if request.headers.get("consistencylevel") != "eventual":
            raise Refused(400, "Request_BadRequest", "$count is not currently supported.")
        return Response(body=f"\ufeff{len(counted)}".encode(), headers={"Content-Type": "text/plain"})

    def _report(self, asked: str, request: Request, *, copilot: bool = False) -> Response:
        match = _REPORT.fullmatch(asked)
        name, period = (match[1], match[2]) if match else (asked, None)
        if name not in self._data.reports or name.startswith("getMicrosoft365Copilot") != copilot:
            raise not_found(f"Resource not found for the segment '{name}'.")
        if (period is None) != (name in NO_PERIOD):
            raise Refused(400, "BadRequest", f"Resource not found for the segment '{asked}'.")
        if period is not None and period not in (*PERIODS, *(("ALL",) if copilot else ())):
            raise Refused(
                400,
                "InvalidArgument",
                "Invalid period value specified in request. It should be one of D7, D30, D90, D180.",
            )
        return self._ticket(b"\xef\xbb\xbf" + self._data.reports[name].encode(), request)

    def _ticket(self, content: bytes, request: Request) -> Response:
        """A redirect to a place that takes no credential but its own address."""
        ticket = secrets.token_urlsafe(16)
        with self._lock:
            self._downloads[ticket] = content
        port = request.headers.get("host", "").rpartition(":")[2]
        return Response(status=302, headers={"Location": f"http://localhost:{port}/download/{ticket}"})

    def _download(self, request: Request) -> Response:
        content = self._downloads.get(request.path.rpartition("/")[2])
        if content is None or "authorization" in request.headers:
            return Response(status=403)
        return Response(body=content, headers={"Content-Type": "application/octet-stream"})


def _book_of(url: str) -> str | None:
    book, found, _ = url.partition("/workbook")
    return book if found else None
