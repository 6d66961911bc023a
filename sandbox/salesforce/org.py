"""Routes requests to an org's sign-in, queries, composite requests, limits, records and reports."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from zoneinfo import ZoneInfo

from sandbox.data import Data, Row
from sandbox.salesforce.edits import Edits
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.evaluate import Answer, Evaluator
from sandbox.salesforce.signin import SignIn
from sandbox.salesforce.tables import Tables, described, object_of
from sandbox.server import Request, Response

NEWEST, OLDEST = 68, 31
COMPOSITE_CAP = 25
LONGEST_URL = 16_000
USER = "005000000000001AAA"
_PATH = re.compile(r"/services/data/v(\d+)\.0(/.*)?")
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


class SalesforceOrg:
    """`reports` are analytics results by report id, answered as they are. `query_cap` is how many queries one
    composite request may hold; `daily_limit` how many calls a day. `currency` is the corporate one of an org with
    several; `zone` the running user's. `delays` are the seconds that a query takes in whose text a key stands, and
    `troubles` how it is refused, once for each."""

    def __init__(
        self,
        data: Data,
        *,
        client_id: str = "okrsync",
        client_secret: str = "sandbox-secret",  # noqa: S107 - opens nothing but the sandbox
        username: str = "okrsync@example.com",
        public_key: str | None = None,
        page_size: int = 2000,
        daily_limit: int = 100_000,
        query_cap: int = 5,
        currency: str | None = None,
        zone: str = "UTC",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._username = username
        self._page_size = page_size
        self._daily_limit = daily_limit
        self._query_cap = query_cap
        self._lock = threading.Lock()
        self._cursors: dict[str, list[dict[str, Any]]] = {}
        listed = [_listed(ident, made) for ident, made in data.salesforce_reports.items()]
        self._tables = Tables(_with_currency({"Report": listed, **data.salesforce}, currency))
        self._zone = zone
        self._evaluator = Evaluator(self._tables, clock, ZoneInfo(zone), USER)
        self.delays: dict[str, float] = {}
        self.troubles: dict[str, list[Refused]] = {}
        self.asked: list[str] = []
        self.sign_in = SignIn(client_id, client_secret, username, public_key, clock)
        self.reports: dict[str, Any] = dict(data.salesforce_reports)
        self.used = 0
        self.edits = Edits(self._tables)

    def record(self, name: str, ident: str) -> dict[str, Any]:
        fields = ", ".join(field for field, _ in self._tables.types[name.lower()].values())
        return self._evaluator.run(f"SELECT {fields} FROM {name} WHERE Id = '{ident}'").records[0]  # noqa: S608

    def expire_sessions(self) -> None:
        self.sign_in.tokens.clear()

    def answer(self, request: Request) -> Response:
        if len(urlencode(request.query)) + len(request.path) > LONGEST_URL:
            return Response(status=414, body=b"<h1>Bad Message 414</h1><pre>reason: URI Too Long</pre>")
        host = request.headers.get("host", "127.0.0.1")
        if request.path == "/services/oauth2/token" and request.method == "POST":
            return self.sign_in.answer(request, host)
        if not self.sign_in.knows(request):
            return Response.of(EXPIRED, status=401)
        with self._lock:
            self.used += 1
            used = self.used
        limits = {"Sforce-Limit-Info": f"api-usage={min(used, self._daily_limit)}/{self._daily_limit}"}
        try:
            if used > self._daily_limit:
                raise Refused("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
            return Response.of(self._route(request), headers=limits)
        except Refused as refused:
            return Response.of(refused.body, status=refused.status, headers=limits)

    def _route(self, request: Request) -> Any:
        if request.path == "/services/oauth2/userinfo":
            return {
                "preferred_username": self._username,
                "organization_id": "00D000000000001AAA",
                "user_id": USER,
                "name": "okrsync",
                "zoneinfo": self._zone,
            }
        if request.path.rstrip("/") == "/services/data":
            return [{"label": "Winter '27", "url": f"/services/data/v{NEWEST}.0", "version": f"{NEWEST}.0"}]
        match = _PATH.fullmatch(request.path)
        if not match:
            raise _not_found()
        version, rest = int(match[1]), match[2] or "/"
        if version < OLDEST:
            raise Refused("UNSUPPORTED_API_VERSION", "The requested API version has been retired.", 410)
        if version > NEWEST:
            raise _not_found()
        if rest == "/composite" and request.method == "POST":
            return self._composite(request, match[1])
        if rest == "/composite/sobjects" and request.method == "PATCH":
            return self.edits.collection(request)
        return self._read(request.method, rest, request.query, match[1])

    def _read(self, method: str, rest: str, query: dict[str, str], version: str) -> Any:
        match rest.strip("/").split("/"):
            case ["query"] if "explain" in query:
                self._evaluator.run(query["explain"])
                return {"plans": [{"cardinality": 1, "leadingOperationType": "TableScan", "relativeCost": 1.0}]}
            case ["query"] if "q" in query:
                answer = self._run(query["q"])
                return self._page(answer.records, answer.total, 0, version)
            case ["query", locator]:
                return self._more(locator, version)
            case ["sobjects"]:
                names = sorted(self._tables.names.values())
                return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [object_of(name) for name in names]}
            case ["limits"]:
                left = self._daily_limit - self.used
                return {"DailyApiRequests": {"Max": self._daily_limit, "Remaining": left}}
            case ["sobjects", name, "describe"]:
                found = described(self._tables, name)
                if found is None:
                    raise _not_found()
                return self.edits.described(found)
            case ["analytics", "reports", report] if method in ("GET", "POST"):
                return self._report(report)
            case ["analytics", "reports", report, "describe"]:
                found = self._report(report)
                return {key: found[key] for key in ("reportMetadata", "reportExtendedMetadata") if key in found}
        raise _not_found()

    def _run(self, soql: str) -> Answer:
        self.asked.append(soql)
        for key, seconds in self.delays.items():
            if key in soql:
                time.sleep(seconds)
        with self._lock:
            trouble = next((some.pop(0) for key, some in self.troubles.items() if key in soql and some), None)
        if trouble is not None:
            raise trouble
        return self._evaluator.run(soql)

    def _report(self, report: str) -> Any:
        if report not in self.reports:
            raise Refused("NOT_FOUND", "The report was not found or you don't have access to it.", 404)
        return self.reports[report]

    def _page(self, records: list[dict[str, Any]], total: int, start: int, version: str) -> dict[str, Any]:
        end = start + self._page_size
        page: dict[str, Any] = {"totalSize": total, "done": end >= len(records), "records": records[start:end]}
        if end < len(records):
            with self._lock:
                name = f"01g{len(self._cursors):012d}"
                self._cursors[name] = records
            page["nextRecordsUrl"] = f"/services/data/v{version}.0/query/{name}-{end}"
        return page

    def _more(self, locator: str, version: str) -> dict[str, Any]:
        name, _, start = locator.partition("-")
        if name not in self._cursors or not start.isdigit():
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        records = self._cursors[name]
        return self._page(records, len(records), int(start), version)

    def _composite(self, request: Request, version: str) -> dict[str, Any]:
        try:
            asked = request.json()["compositeRequest"]
        except (ValueError, KeyError, TypeError):
            raise Refused("JSON_PARSER_ERROR", "compositeRequest is missing") from None
        queries = sum("/query" in part.get("url", "") for part in asked)
        over = (
            f"The request can’t contain more than {COMPOSITE_CAP} operations."
            if len(asked) > COMPOSITE_CAP
            else f"The request can’t contain more than {self._query_cap} query operations."
            if queries > self._query_cap
            else ""
        )
        if over:
            refused = Refused("LIMIT_EXCEEDED", over)
            return {"compositeResponse": [_part(refused.body, 400, None)]}
        return {"compositeResponse": [self._sub_request(part, version) for part in asked]}

    def _sub_request(self, part: dict[str, Any], version: str) -> dict[str, Any]:
        reference = part.get("referenceId")
        url = urlsplit(part.get("url", ""))
        prefix = f"/services/data/v{version}.0"
        query = {key: values[-1] for key, values in parse_qs(url.query).items()}
        try:
            if not url.path.startswith(prefix):
                raise _not_found()
            body = self._read(part.get("method", "GET"), unquote(url.path.removeprefix(prefix)), query, version)
            return _part(body, 200, reference)
        except Refused as refused:
            return _part(refused.body, refused.status, reference)


def _with_currency(objects: dict[str, list[Row]], currency: str | None) -> dict[str, list[Row]]:
    if currency is None:
        return objects
    return {**objects, "CurrencyType": [{"Id": "01L1", "IsoCode": currency, "IsCorporate": True}]}


def _listed(ident: str, report: Row) -> Row:
    about = report.get("reportMetadata") or {}
    return {"Id": ident, "Name": about.get("name") or ident, "FolderName": "Public Reports"}


def _part(body: Any, status: int, reference: str | None) -> dict[str, Any]:
    return {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference}


def _not_found() -> Refused:
    return Refused("NOT_FOUND", "The requested resource does not exist", 404)
