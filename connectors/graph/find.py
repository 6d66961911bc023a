"""What a tenant has: sites, their drives and lists, workbooks, named cells, columns that hold numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from connectors.finding import Found, Kind, matching, parts, rows, words
from connectors.graph.client import GraphClient
from connectors.graph.schedule import Request

SITES, FILES = "Sites.Read.All", "Files.Read.All"
KINDS = (
    Kind(
        name="sites",
        about="SharePoint sites; the app needs more than Sites.Selected to list them",
        holds=("drives", "lists"),
    ),
    Kind(name="drives", about="document libraries of a site", within="SITE", holds=("files",)),
    Kind(name="files", about="workbooks in a drive", within="DRIVE", holds=("names",)),
    Kind(name="names", about="named cells of a workbook", within="DRIVE/ITEM"),
    Kind(name="lists", about="lists of a site", within="SITE", holds=("columns",)),
    Kind(name="columns", about="columns of a list that hold numbers", within="SITE/LIST"),
)
EXCEL = (".xlsx", ".xlsm", ".xlsb")


class Finding:
    def __init__(self, client: GraphClient, connection: str) -> None:
        self._client = client
        self._connection = connection

    def find(self, kind: str, text: str, within: str) -> Iterator[Found]:
        form = next(one.within for one in KINDS if one.name == kind)
        ids = parts(within, form.count("/") + 1, form, self._connection) if form else []
        match kind:
            case "sites":
                return matching(self._sites(text), text)
            case "drives":
                return matching(self._drives(*ids), text)
            case "files":
                return matching(self._files(ids[0], text), text)
            case "names":
                return matching(self._names(*ids), text)
            case "lists":
                return matching(self._lists(*ids), text)
        return matching(self._columns(*ids), text)

    def _sites(self, text: str) -> Iterator[Found]:
        for row in self._all(f"/sites?search={quote(text or '*', safe='')}", SITES):
            ident = words(row, "id")
            query = {"site_analytics": {"site": ident, "period": "last_seven_days"}}
            yield _found(row, words(row, "webUrl"), query, inside=ident)

    def _drives(self, site: str) -> Iterator[Found]:
        for row in self._all(f"/sites/{_safe(site)}/drives", SITES):
            drive = words(row, "id")
            yield _found(row, words(row, "webUrl"), _excel(drive, "ITEM", range="SHEET!B4"), inside=drive)

    def _files(self, drive: str, text: str) -> Iterator[Found]:
        words_asked = quote((text or ".xlsx").replace("'", "''"), safe="")
        for row in self._all(f"/drives/{_safe(drive)}/root/search(q='{words_asked}')", FILES):
            if words(row, "name").lower().endswith(EXCEL):
                item = words(row, "id")
                query = _excel(drive, item, range="SHEET!B4")
                yield _found(row, words(row, "webUrl"), query, inside=f"{drive}/{item}")

    def _names(self, drive: str, item: str) -> Iterator[Found]:
        book = f"/drives/{_safe(drive)}/items/{_safe(item)}"
        for row in self._all(f"{book}/workbook/names", FILES, workbook=book):
            if row.get("type") == "Range" and row.get("visible") is not False:
                name = words(row, "name")
                yield Found(title=name, detail=words(row, "value"), query=_excel(drive, item, name=name))

    def _lists(self, site: str) -> Iterator[Found]:
        for row in self._all(f"/sites/{_safe(site)}/lists", SITES):
            query = {"list": {"site": site, "list": words(row, "id"), "count": True}}
            yield _found(row, words(row, "webUrl"), query, inside=f"{site}/{words(row, 'id')}")

    def _columns(self, site: str, name: str) -> Iterator[Found]:
        for row in self._all(f"/sites/{_safe(site)}/lists/{_safe(name)}/columns", SITES):
            if _is_number(row):
                internal = words(row, "name")
                query = {"list": {"site": site, "list": name, "sum": internal}}
                yield Found(title=words(row, "displayName", "name"), detail=internal, query=query)

    def _all(self, path: str, permission: str, workbook: str = "") -> Iterator[Mapping[str, Any]]:
        asked = Request(path, permission, workbook=workbook)
        for page in self._client.pages(asked, self._client.get(asked)):
            yield from rows(page, self._connection)


def _is_number(column: Mapping[str, Any]) -> bool:
    calculated = column.get("calculated")
    kind = calculated.get("outputType") if isinstance(calculated, dict) else None
    return "number" in column or "currency" in column or kind in ("number", "currency")


def _found(row: Mapping[str, Any], detail: str, query: Mapping[str, Any], inside: str) -> Found:
    return Found(title=words(row, "displayName", "name", "id"), detail=detail, query=query, inside=inside)


def _excel(drive: str, item: str, **place: str) -> dict[str, Any]:
    return {"excel": {"drive": drive, "item": item, **place}}


def _safe(ident: str) -> str:
    return quote(ident, safe="!,")
