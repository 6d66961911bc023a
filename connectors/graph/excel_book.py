"""What a workbook file says of itself: sheets, names, tables, number formats and shared texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.graph.addresses import Box, box_of
from connectors.graph.xlsx import Enough, Package, Unreadable

EASTERN_FORMATS = {
    **dict.fromkeys((27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33), "h:mm:ss"),
}
"""Formats without a text of their own, as Excel in Chinese, Japanese and Korean writes them."""


@dataclass(frozen=True, kw_only=True)
class Table:
    sheet: str
    box: Box
    heads: list[str]
    header_rows: int
    totals_rows: int

    def body(self, column: int) -> Box:
        top, bottom = self.box.top + self.header_rows, self.box.bottom - self.totals_rows
        left = self.box.left + column
        return Box(left=left, right=left, top=top, bottom=bottom)


class Book:
    """What a workbook says of itself: `sheets` (parts by title in lower case), `titles`, `names` (addresses by sheet,
    "" for all, and name, both in lower case), `tables` by name in lower case. Raises Unreadable."""

    def __init__(self, package: Package) -> None:
        self.package = package
        main = next((part for kind, part in package.related("").values() if kind == "officeDocument"), None)
        if main is None:
            raise Unreadable("is not an Excel workbook")
        if main.endswith(".bin"):
            raise Unreadable("is a binary workbook (.xlsb)")
        self._related = package.related(main)
        self.titles: list[str] = []
        self.sheets: dict[str, str] = {}
        self.names: dict[tuple[str, str], str] = {}
        self._defined: dict[str, str] = {}
        package.walk(main, self._start, self._end)

    @cached_property
    def tables(self) -> dict[str, Table]:
        return {name: table for part in set(self.sheets.values()) for name, table in self._tables(part)}

    def part(self, kind: str) -> str | None:
        return next((part for found, part in self._related.values() if found == kind), None)

    def _start(self, element: str, attributes: Mapping[str, str]) -> None:
        if element == "sheet":
            title = attributes.get("name", "")
            self.titles.append(title)
            ident = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            kind, part = self._related.get(ident, ("", ""))
            if kind == "worksheet":
                self.sheets[title.lower()] = part
        elif element == "definedName":
            self._defined = dict(attributes)

    def _end(self, element: str, text: str) -> None:
        if element == "definedName":
            scope = self._defined.get("localSheetId")
            number = index(scope) if scope is not None else None
            if scope is None or (number is not None and number < len(self.titles)):
                sheet = "" if number is None else self.titles[number].lower()
                self.names[sheet, self._defined.get("name", "").lower()] = text.strip().removeprefix("=")

    def _tables(self, sheet: str) -> Iterable[tuple[str, Table]]:
        for kind, part in self.package.related(sheet).values():
            if kind != "table":
                continue
            own: dict[str, str] = {}
            heads: list[str] = []

            def start(
                element: str, attributes: Mapping[str, str], own: dict[str, str] = own, heads: list[str] = heads
            ) -> None:
                if element == "table":
                    own.update(attributes)
                elif element == "tableColumn":
                    # A line break in a header is written as _x000a_.
                    heads.append(
                        re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), attributes.get("name", ""))
                    )

            self.package.walk(part, start)
            box = box_of(own.get("ref", ""))
            rows = [own.get("headerRowCount", "1"), own.get("totalsRowCount", "0")]
            if box is None or box.right - box.left + 1 != len(heads) or not all(row in ("0", "1") for row in rows):
                raise Unreadable("describes an impossible table")
            name = own.get("displayName") or own.get("name") or ""
            yield (
                name.lower(),
                Table(sheet=sheet, box=box, heads=heads, header_rows=int(rows[0]), totals_rows=int(rows[1])),
            )

    def formats(self) -> list[str]:
        """The number format of each style."""
        part = self.part("styles")
        texts: dict[str, str] = {}
        numbers: list[str] = []
        inside = ""

        def start(element: str, attributes: Mapping[str, str]) -> None:
            nonlocal inside
            if element == "numFmt":
                texts[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif element in ("cellXfs", "cellStyleXfs"):
                inside = element
            elif element == "xf" and inside == "cellXfs":
                numbers.append(attributes.get("numFmtId", "0"))

        if part is not None and self.package.has(part):
            self.package.walk(part, start)
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        known = {str(number): form for number, form in (BUILTIN_FORMATS | EASTERN_FORMATS).items()}
        return [texts.get(number) or known.get(number, "General") for number in numbers]

    def texts(self, wanted: set[int]) -> dict[int, str]:
        """The shared texts with these numbers."""
        part = self.part("sharedStrings")
        reader = _Texts(wanted)
        if wanted and part is not None:
            self.package.walk(part, reader.start, reader.end)
        return reader.found


class _Texts:
    """Reads shared texts. What stands in `rPh` is how a text is pronounced, and no part of it."""

    def __init__(self, wanted: set[int]) -> None:
        self._wanted, self._last = wanted, max(wanted, default=-1)
        self._number = -1
        self._spoken = False
        self._parts: list[str] = []
        self.found: dict[int, str] = {}

    def start(self, element: str, _: Mapping[str, str]) -> None:
        if element == "si":
            self._number += 1
            self._parts.clear()
            if self._number > self._last:
                raise Enough
        self._spoken = self._spoken or element == "rPh"

    def end(self, element: str, text: str) -> None:
        if element == "t" and not self._spoken and self._number in self._wanted:
            self._parts.append(text[:1000])
        elif element == "rPh":
            self._spoken = False
        elif element == "si" and self._number in self._wanted:
            self.found[self._number] = "".join(self._parts[:100])


def index(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None
