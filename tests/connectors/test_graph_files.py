"""Workbooks read from their files: against openpyxl as another reader, and against files made to do harm."""

from __future__ import annotations

import io
import random
import resource
import time
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from connectors.errors import BadAnswer, ConnectorError, NotFound
from connectors.graph import xlsx
from connectors.graph.cells import value_of
from connectors.graph.excel_file import read
from connectors.graph.queries import ExcelPlace
from tests.connectors.workbook_files import CELL, SHEET, book, packed, parts


def place(**where: Any) -> ExcelPlace:
    return ExcelPlace(drive="d", item="i", **where)


def value(content: bytes, **where: Any) -> Any:
    """The value and unit, or the error."""
    one = place(**where)
    try:
        found = read(content, "B.xlsx", "m365", [one])[one]
        return found if isinstance(found, ConnectorError) else value_of(one, found, "the cell", "m365")
    except ConnectorError as error:
        return error


def written(sheets: dict[str, list[list[Any]]], **more: Any) -> bytes:
    file = openpyxl.Workbook()
    file.remove(file.worksheets[0])
    for title, rows in sheets.items():
        sheet = file.create_sheet(title)
        for row in rows:
            sheet.append(row)
    for scope, name, target in more.get("names", ()):
        (file[scope] if scope else file).defined_names[name] = DefinedName(name, attr_text=target)
    for sheet_name, name, ref, totals in more.get("tables", ()):
        table = Table(displayName=name, ref=ref, totalsRowCount=totals)
        file[sheet_name].add_table(table)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def test_every_cell_as_openpyxl_reads_it() -> None:
    chance = random.Random(9)
    made = [lambda: chance.randint(-9999, 9999), lambda: chance.random() * 10 ** chance.randint(-8, 12), lambda: None]
    made += [lambda: chance.choice(["soon", "<&>", "", "한국"]), lambda: chance.choice([True, False])]
    rows = [[chance.choice(made)() for _ in range(12)] for _ in range(40)]
    content = written({"It's": rows, "Other": [[1]]})
    judge = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["It's"]
    places = {
        (row, column): place(range=f"'It''s'!{openpyxl.utils.get_column_letter(column)}{row}")
        for row in range(1, 41)
        for column in range(1, 13)
    }

    found = read(content, "B.xlsx", "m365", list(places.values()))

    for (row, column), one in places.items():
        cells, expected = found[one], judge.cell(row=row, column=column).value
        assert isinstance(cells, list)
        (cell,) = cells
        if isinstance(expected, (bool, str)):
            assert cell.value == expected
        else:
            assert cell.value == ("" if expected is None else Decimal(repr(expected)))


def test_names_tables_and_totals() -> None:
    rows = [["Month", "Amount"], ["Jan", 1], ["Feb", 2.5], ["Sum", 3.5]]
    content = written(
        {"Data": rows, "Two words": [[8]]},
        names=[("", "Visits", "Data!$B$2"), ("Two words", "Own", "'Two words'!$A$1"), ("", "Wide", "Data!$A$1:$B$2")],
        tables=[("Data", "Sales", "A1:B4", 1)],
    )

    assert value(content, name="visits") == (1, None)
    assert value(content, name="Two words!Own") == (8, None)
    assert value(content, table="sales", column="Amount", measure="sum") == (Decimal("3.5"), None)
    assert value(content, table="Sales", column="Month", measure="count") == (2, None)
    missing = value(content, name="Own")
    assert isinstance(missing, NotFound)
    assert "write Two words!Own" in missing.fix
    assert "more than one cell" in value(content, name="Wide").message
    assert isinstance(value(content, table="Sales", column="Betrag", measure="sum"), NotFound)
    assert isinstance(value(content, range="Nowhere!A1"), NotFound)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c r="A1" s="1"><v>100</v></c>', (Decimal(100), None)),
        ("<c><v>7</v></c>", (Decimal(7), None)),
        ('<c r="A1"><v>1.2345678901234567</v></c>', (Decimal("1.2345678901234567"), None)),
        ('<c r="A1"/>', (None, None)),
        ('<c r="A1" t="str"><f>""</f><v></v></c>', (None, None)),
        ('<c r="A1" t="s"><v>0</v></c>', "contains 'soon' instead"),
        ('<c r="A1" t="s"><v>1</v></c>', "contains 'later' instead"),
        ('<c r="A1" t="s"><v>99</v></c>', "a text that is missing"),
        ('<c r="A1" t="inlineStr"><is><t>in</t><t>line</t></is></c>', "contains 'inline' instead"),
        ('<c r="A1" t="b"><v>1</v></c>', "contains 'True' instead"),
        ('<c r="A1" t="e"><v>#N/A</v></c>', "contains the error #N/A"),
        ('<c r="A1" t="d"><v>2026-11-24</v></c>', "contains '2026-11-24' instead"),
        ('<c r="A1" s="2"><v>46350</v></c>', "a date or a time of day"),
        ('<c r="A1"><f>1+1</f></c>', "never calculated"),
        ('<c r="A1"><v>twelve</v></c>', "contains 'twelve' instead"),
        ('<c r="A1"><v>1E-999999</v></c>', "impossible"),
        ('<c r="A1"><v>NaN</v></c>', "impossible"),
    ],
)
def test_cells_of_every_kind(cell: str, expected: Any) -> None:
    found = value(book(f'<row r="1">{cell}</row>'), range="S!A1")

    if isinstance(expected, str):
        assert isinstance(found, BadAnswer)
        assert expected in found.message
    else:
        assert found == expected


def test_one_bad_place_spares_the_others() -> None:
    good, bad = place(range="S!A1"), place(name="Nowhere")

    found = read(book(), "B.xlsx", "m365", [bad, good])

    assert isinstance(found[bad], NotFound)
    assert isinstance(found[good], list)


HOSTILE: dict[str, Any] = {
    "nothing": lambda: b"",
    "a web page": lambda: b"<html>sorry",
    "an encrypted or old file": lambda: bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
    "a cut file": lambda: book()[:300],
    "no parts": lambda: packed({}),
    "no sheet": lambda: packed({**parts(), "xl/worksheets/sheet1.xml": b""}),
    "a broken sheet": lambda: book(sheet="<worksheet><sheetData><row"),
    "a broken workbook": lambda: packed({**parts(), "xl/workbook.xml": "<<"}),
    "LZMA": lambda: packed(parts(), zipfile.ZIP_LZMA),
    "BZIP2": lambda: packed(parts(), zipfile.ZIP_BZIP2),
    "an unknown encoding": lambda: book(sheet='<?xml version="1.0" encoding="klingon"?><worksheet/>'),
    "a document type": lambda: book(sheet='<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'),
    "a row at no place": lambda: book('<row r="x"><c><v>1</v></c></row>'),
    "a cell at no place": lambda: book('<row r="5"><c r="5"><v>1</v></c></row>'),
    "very many cells": lambda: book('<row r="5">' + '<c r="B5"/>' * 150_000 + "</row>"),
    "deep": lambda: book("<a>" * 500_000),
    "one long attribute": lambda: book(f'<row r="1" x="{"y" * 8_000_000}"/>'),
    "one long text": lambda: book(f'<row r="1"><c r="A1" t="str"><v>{"y" * 8_000_000}</v></c></row>'),
    "many names": lambda: book("".join(f"<a{n}/>" for n in range(200_000))),
    "unpacks to much": lambda: book(sheet=SHEET.format(rows=" " * 12_000_000 + CELL)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_their_own_query_little(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ELEMENTS", 100_000)
    monkeypatch.setattr(xlsx, "MOST_UNPACKED", 9_000_000)
    content = HOSTILE[name]()
    before, peak = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    found = value(content, range="S!A5")

    assert isinstance(found, BadAnswer), found
    assert "B.xlsx" in found.message
    assert time.process_time() - before < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 100_000


def test_a_merged_range_of_a_whole_sheet_costs_nothing() -> None:
    sheet = SHEET.format(rows=CELL).replace(
        "</worksheet>", '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    )
    before = time.process_time()

    assert value(book(sheet=sheet), range="S!A1") == (7, None)
    assert time.process_time() - before < 1


def test_a_locked_part_is_refused() -> None:
    content = bytearray(book())
    for sign, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = 0
        while (at := content.find(sign, at)) >= 0:
            content[at + flag] |= 1
            at += 4

    assert isinstance(value(bytes(content), range="S!A1"), BadAnswer)


def test_changed_bytes_are_our_errors_or_values() -> None:
    chance = random.Random(10)
    whole = book(names='<definedName name="N">S!$A$1</definedName>')
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        del content[len(content) - chance.choice([0, 0, 0, chance.randrange(200)]) :]
        for where in ({"range": "S!A1"}, {"name": "N"}, {"table": "T", "column": "C", "measure": "sum"}):
            found = value(bytes(content), **where)
            assert isinstance(found, tuple | ConnectorError), found


def test_changed_parts_are_our_errors_or_values() -> None:
    chance = random.Random(11)
    names = '<definedName name="N" localSheetId="0">S!$A$1</definedName>'
    signs = [*list("<>/\"'=&; rstc019AZx-"), "<!--", "]]>", "&#0;", "\ud7ff", "</c>", '<c r="A1">', "<f/>"]
    for _ in range(400):
        content = {key: str(part) for key, part in parts(names=names).items()}
        key = chance.choice(list(content))
        text = content[key]
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            text = text[:at] + chance.choice(signs) + text[at + chance.randint(0, 3) :]
        made = packed({**content, key: text})
        for where in ({"range": "S!A1"}, {"name": "S!N"}):
            assert isinstance(value(made, **where), tuple | ConnectorError)
