"""What a tenant lists: sites, drives, files, named ranges. Every drive belongs to every site here."""

from __future__ import annotations

import re
from urllib.parse import quote

from sandbox.data import Data, Row, Workbook
from sandbox.graph.errors import not_found

_SEARCH = re.compile(r"search\(q='(.*)'\)", re.DOTALL)


def sites(data: Data, text: str, base: str) -> list[Row]:
    idents = sorted({*(site for site, _ in data.lists), *(key for key in data.analytics if "," in key)})
    made = [
        {"id": ident, "displayName": ident.partition(",")[2] or ident, "webUrl": f"{base}/sites/{quote(ident)}"}
        for ident in idents
    ]
    return [site for site in made if text in ("", "*") or text.casefold() in site["displayName"].casefold()]


def _check_site(data: Data, site: str) -> None:
    if site not in {row["id"] for row in sites(data, "", "")}:
        raise not_found("Requested site could not be found")


def drives(data: Data, site: str, base: str) -> list[Row]:
    _check_site(data, site)
    idents = sorted({drive for drive, _ in data.workbooks})
    return [
        {"id": ident, "name": "Documents", "driveType": "documentLibrary", "webUrl": f"{base}/{quote(ident)}"}
        for ident in idents
    ]


def lists(data: Data, site: str, base: str) -> list[Row]:
    _check_site(data, site)
    names = sorted(name for of, name in data.lists if of == site)
    return [{"id": name, "name": name, "displayName": name, "webUrl": f"{base}/Lists/{quote(name)}"} for name in names]


def files(data: Data, drive: str, asked: str, base: str) -> list[Row]:
    found = _SEARCH.fullmatch(asked)
    if found is None or drive not in {of for of, _ in data.workbooks}:
        raise not_found("Item not found")
    text = found[1].replace("''", "'").casefold()
    return [
        {"id": item, "name": book.name, "file": {}, "webUrl": f"{base}/sites/shared/{quote(book.name)}"}
        for (of, item), book in sorted(data.workbooks.items())
        if of == drive and text in book.name.casefold()
    ]


def names(book: Workbook) -> list[Row]:
    return [
        {"name": name, "type": "Range", "scope": "Workbook", "value": f"={place}", "visible": True}
        for name, place in book.names.items()
        if "!" not in name
    ]
