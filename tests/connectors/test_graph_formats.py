"""Excel's number formats, as they stand in workbooks of many countries: for cells of the API and of files alike."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

from connectors.errors import BadAnswer
from connectors.graph.cells import Cell, value_of
from connectors.graph.number_format import Kind, kind_of
from connectors.graph.queries import ExcelPlace
from mapping.units import DURATION, PERCENT

PLACE = ExcelPlace(drive="d", item="i", range="S!A1")
NUMBERS = [
    "General", "", "0", "#,##0.00", "[$CHF-807] #,##0", "[$CHF-807]\\ #,##0.00", "[$HUF-40E] #,##0", '#,##0\\ "HUF"',
    "#,##0 HUF", "[$PHP] #,##0.00", "[$THB] 0", "[$UAH-422] #,##0", "[$GHS] #,##0.00", "[$SHP]0", "[$MYR] 0",
    "[$€-407] #,##0", "#,##0.00\\ [$€-407]", "[$$-zh-TW]#,##0", "[$¥-411]#,##0", '[$₩-412]#,##0', "[$kr-41D] #,##0",
    "[White]0", "[Yellow]0", "[Red]0.0", "[Color10]0", "[Cyan]#,##0;[Red]-#,##0", "[>=100]0;0.0", '[>=1000]#,##0\\ "k"',
    "0.00E+00", "##0.0E+0", "# ?/?", "# ??/??", "@", "0_);(0)", "_-* #,##0.00\\ _€_-;\\-* #,##0.00\\ _€_-",
    '_("$"* #,##0_);_("$"* \\(#,##0\\);_("$"* "-"_);_(@_)', '0 "hours"', '0 "days"', "0\\d", '"Day "0',
    'General" h"', "0\\ \\s", '"yyyy" 0',
]  # fmt: skip
PERCENTS = ["0%", "0.0%", "0.00%;[Red]-0.00%", "[Green]0%", "0 %", "_-* 0%", "[$-409]0%"]
POINTS = ['0"%"', "0\\%", '0.0" %"', 'General"%"', '[Red]0"% of plan"']
DURATIONS = [
    "h:mm", "h:mm:ss", "mm:ss", "mm:ss.0", "mmss.0", "[h]:mm", "[hh]:mm:ss", "[h]:mm:ss.00", "[mm]:ss", "[m]", "[ss]", "[s].00",
    "[Red]h:mm", "[Red][h]:mm;[Blue]-[h]:mm", "h:mm;@", '[h]"h "mm"m"', 'h"시간" mm"분"', "[$-409]h:mm:ss", "h", "s",
]  # fmt: skip
MOMENTS = [
    "yyyy-mm-dd", "d/m/yyyy", "dd.mm.yyyy", "mm-dd-yy", "d-mmm-yy", "mmm-yy", "m/d/yy h:mm", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy",
    "[$-409]d\\-mmm\\-yyyy;@", 'yyyy"년" m"월" d"일"', "[$-411]ge.m.d", "mmm", "mm", "dddd", "h:mm AM/PM",
    "[$-F400]h:mm:ss\\ AM/PM", "h:mm A/P", "yyyy", "[Blue]d.m.yy", "yyyy-mm-dd\\Thh:mm:ss",
]  # fmt: skip
TABLE = [
    *((form, Kind.NUMBER) for form in NUMBERS),
    *((form, Kind.PERCENT) for form in PERCENTS),
    *((form, Kind.POINTS) for form in POINTS),
    *((form, Kind.DURATION) for form in DURATIONS),
    *((form, Kind.MOMENT) for form in MOMENTS),
]


@pytest.mark.parametrize(("form", "kind"), TABLE)
def test_what_a_format_says(form: str, kind: Kind) -> None:
    assert kind_of(form, Decimal(100)) is kind


@pytest.mark.parametrize("form", BUILTIN_FORMATS.values())
def test_the_formats_that_every_excel_has_as_openpyxl_knows_them(form: str) -> None:
    kind = kind_of(form, Decimal(1))

    assert (kind in (Kind.MOMENT, Kind.DURATION)) == is_date_format(form)
    assert kind is Kind.DURATION or not is_timedelta_format(form)


@pytest.mark.parametrize(
    ("form", "value", "kind"),
    [
        ("[<1]0.0%;0", "0.5", Kind.PERCENT),
        ("[<1]0.0%;0", "5", Kind.NUMBER),
        ("[>=100]0;[h]:mm", "99", Kind.DURATION),
        ("0;[Red]-0%", "-0.5", Kind.PERCENT),
        ("0%;-0%;0", "0", Kind.NUMBER),
    ],
)
def test_the_value_chooses_the_section(form: str, value: str, kind: Kind) -> None:
    assert kind_of(form, Decimal(value)) is kind


@given(st.text(st.sampled_from(list('"\\[];@_*$hmsydHMSAP/%0#?.-,gebE+ €<>=')), max_size=40), st.integers(-5, 5))
def test_any_text_is_some_kind(form: str, value: int) -> None:
    assert kind_of(form, Decimal(value)) in Kind


@pytest.mark.parametrize(
    ("value", "form", "amount", "unit"),
    [
        ("100", "[$CHF-807] #,##0", "100", None),
        ("0.42", "0%", "0.42", PERCENT),
        ("75", '0"%"', "0.75", PERCENT),
        ("0.5", "0.0\\%", "0.005", PERCENT),
        ("0.125", "[Red]h:mm", "10800", DURATION),
        ("1.5", "[h]:mm", "129600", DURATION),
    ],
)
def test_the_value_of_a_cell(value: str, form: str, amount: str, unit: object) -> None:
    cells = [Cell(value=Decimal(value), kind="Double", form=form)]

    assert value_of(PLACE, cells, "the cell", "m365") == (Decimal(amount), unit)


def test_a_date_is_no_number() -> None:
    cells = [Cell(value=46350, kind="Double", form="dd.mm.yyyy")]

    with pytest.raises(BadAnswer, match=r"a date or a time of day \(dd.mm.yyyy\) instead of a number"):
        value_of(PLACE, cells, "the cell", "m365")


@pytest.mark.parametrize(
    "value", [Decimal("1E-999999"), Decimal("1e400"), Decimal("NaN"), Decimal("0." + "1" * 5000), 10**30]
)
def test_absurd_numbers_are_refused(value: object) -> None:
    with pytest.raises(BadAnswer, match="impossible"):
        value_of(PLACE, [Cell(value=value, kind="Double", form="General")], "the cell", "m365")
