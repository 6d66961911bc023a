"""Where numbers end: what no source and no operator can make of a value, whatever they write."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.assess import Failed, Held, NewCheckIn, assess
from mapping.errors import FormulaError, MappingError, Undefined, UnitMismatch
from mapping.format import format_quantity
from mapping.formula import Formula
from mapping.model import Cycle, KeyResult, Role, Status, Toward, parse_cycle
from mapping.parse import SourceUnit, parse_quantity, parse_unit
from mapping.progress import score, status
from mapping.quantity import Quantity
from mapping.reading import Evidence, Reading
from mapping.recipes import definition
from mapping.rollup import Part, roll_up
from mapping.units import DURATION, NUMBER, PERCENT, Unit, money

USD, EUR = money("USD"), money("EUR")
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
EVIDENCE = Evidence(connection="crm", query="SELECT 1", asked_at=AT, as_of=AT)
NUMBERS = {"a": Quantity(Decimal(8)), "b": Quantity(Decimal(2))}


def key_result(formula: str, start: str = "0", target: str = "10") -> KeyResult:
    measure = Toward(start=parse_quantity(start), target=parse_quantity(target))
    return KeyResult(
        id="kr",
        title="KR",
        objective="o",
        role=Role.KEY_RESULT,
        unit=measure.target.unit,
        measure=measure,
        formula=Formula.parse(formula),
        period=parse_cycle("2026-Q4"),
    )


def reading(value: str) -> Reading:
    return Reading(value=Decimal(value), evidence=EVIDENCE)


# -- what a source says ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "1e26", "-1e6000"])
@pytest.mark.parametrize("unit", [None, "%"])
def test_what_is_no_measurement_fails_and_names_its_source(value: str, unit: str | None) -> None:
    units = {"b": parse_unit(unit)} if unit else {}

    found = assess(key_result("a / b"), {"a": reading("1"), "b": reading(value)}, None, AT, metric_units=units)

    assert isinstance(found, Failed)
    assert "b from crm" in found.cause
    assert not found.temporary


@given(st.decimals(), st.decimals())
def test_no_answer_of_a_source_raises(one: Decimal, other: Decimal) -> None:
    readings = {"a": Reading(value=one, evidence=EVIDENCE), "b": Reading(value=other, evidence=EVIDENCE)}

    found = assess(key_result("a / b + 1"), readings, None, AT)

    if isinstance(found, NewCheckIn):
        assert found.check_in.value.amount.is_finite()
        assert found.check_in.progress.is_finite()
    else:
        assert isinstance(found, Failed | Held)


def test_zero_is_a_value() -> None:
    made = assess(key_result("a"), {"a": reading("0")}, None, AT)

    assert isinstance(made, NewCheckIn)
    assert made.check_in.value == Quantity(Decimal(0))


def test_a_key_result_whose_unit_is_not_its_measures_fails_alone() -> None:
    odd = dataclasses.replace(key_result("a"), unit=USD)

    assert isinstance(assess(odd, {"a": reading("5")}, None, AT), Failed)


def test_a_failed_sum_shows_its_numbers() -> None:
    found = assess(key_result("a / b"), {"a": reading("5"), "b": reading("0")}, None, AT)

    assert isinstance(found, Failed)
    assert found.cause == "a / b = 5 / 0: division by zero"


# -- what a value means ---------------------------------------------------------------------------------------


def test_a_changed_question_or_unit_is_a_changed_definition() -> None:
    asked = {"a": "SELECT COUNT(Id) FROM Contact", "b": "SELECT COUNT(Id) FROM Lead"}
    ratio = key_result("a / b")

    def meaning(**given: object) -> str:
        made = assess(ratio, {"a": reading("1"), "b": reading("2")}, None, AT, **given)  # type: ignore[arg-type]
        assert isinstance(made, NewCheckIn)
        return made.check_in.definition

    assert meaning(questions=asked) == meaning(questions=dict(reversed(asked.items())))
    assert len({meaning(), meaning(questions=asked), meaning(questions={**asked, "b": "SELECT 2"})}) == 3
    assert meaning(metric_units={"a": parse_unit("number")}) != meaning()


def test_how_a_number_is_written_is_no_part_of_its_meaning() -> None:
    def meaning(factor: str) -> str:
        return definition(key_result("a"), {"a": SourceUnit(NUMBER, Decimal(factor))})

    assert meaning("10") == meaning("10.0")
    assert meaning("10") != meaning("11")


# -- quantities -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1e24", "-1e999999"])
def test_what_is_no_measurement_is_no_quantity(amount: str) -> None:
    with pytest.raises(Undefined):
        Quantity(Decimal(amount))


def test_a_result_does_not_depend_on_the_threads_decimal_context() -> None:
    third = Quantity(Decimal(1)) / Quantity(Decimal(3))
    parts = [Part(weight=Decimal(1), progress=third.amount, expected=Decimal(0), status=None)] * 3
    rolled = roll_up(parts)
    with localcontext() as context:
        context.prec = 3
        context.rounding = ROUND_DOWN

        assert Quantity(Decimal(1)) / Quantity(Decimal(3)) == third
        assert abs(third) == third
        assert roll_up(parts) == rolled
        assert format_quantity(Quantity(Decimal("1234567.89"), USD)) == "$1,234,567.89"
        assert format_quantity(Quantity(Decimal("0.66666"), PERCENT)) == "66.666%"


@pytest.mark.parametrize("written", ["12 ops", "per 5", "12 usd", "-$-5", Decimal("1e400"), Decimal("NaN"), "9" * 30])
def test_what_only_looks_like_a_value_is_refused(written: str | Decimal) -> None:
    with pytest.raises(MappingError, match="not a value"):
        parse_quantity(written)


@pytest.mark.parametrize(
    ("written", "amount", "unit"),
    [
        ("30K", "30000", NUMBER),
        ("$12m", "12000000", USD),
        ("12M USD", "12000000", USD),
        ("$-5", "-5", USD),
        ("1h 30m", "5400", DURATION),
        ("2w", "1209600", DURATION),
        ("250ms", "0.25", DURATION),
    ],
)
def test_more_ways_to_write_values(written: str, amount: str, unit: Unit) -> None:
    assert parse_quantity(written) == Quantity(Decimal(amount), unit)


def test_minutes_where_millions_were_meant() -> None:
    with pytest.raises(MappingError, match="write 12M for millions"):
        parse_quantity("12m", USD)


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        ("0.5", USD, "$0.50"),
        ("0.0042", USD, "$0.0042"),
        ("-0.00001", USD, "$0"),
        ("1234.5", money("KRW"), "₩1,235"),
        ("0.99995", PERCENT, "99.995%"),
        ("0.3333333333", PERCENT, "33.33%"),
        ("-0.00001", NUMBER, "0"),
        ("-0.00001", DURATION, "0s"),
        ("59.9999", DURATION, "59.9999s"),
        ("9.99999999e23", PERCENT, "99,999,999,900,000,000,000,000,000%"),
    ],
)
def test_no_digit_that_matters_is_lost(amount: str, unit: Unit, text: str) -> None:
    assert format_quantity(Quantity(Decimal(amount), unit)) == text


def test_compact_money_rises_to_the_next_scale() -> None:
    assert format_quantity(Quantity(Decimal("999999"), USD), compact=True) == "$1M"


# -- formulas -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["clamp(a)", "abs(a, b)", "round(a, 1, 2)", "a + 0x10", "a + 1e400", "a + ...", "~a", "a @ b", "a[1:2]",
     "'%1000000000d' % a", "-" * 499 + "a", "round", "(a for a in b)"],
)  # fmt: skip
def test_more_formulas_are_refused(text: str) -> None:
    with pytest.raises(MappingError):
        Formula.parse(text).evaluate(NUMBERS)


def test_literals_keep_every_digit() -> None:
    digits = "0.1234567890123456789012"

    assert Formula.parse(f"a * 0 + {digits}").evaluate(NUMBERS).amount == Decimal(digits)


def test_a_formula_over_several_lines() -> None:
    formula = Formula.parse("(won\n  + lost)\n / deals\n")

    assert formula.text == "(won + lost) / deals"
    assert formula.filled({"won": "1", "lost": "2", "deals": "3"}) == "(1 + 2) / 3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("roun(a)", "did you mean 'round'"),
        ("a + b[0]", "at character 5"),
        ("aa + b + won", "no metric 'aa'"),
        ("max + 1", "no metric 'max'"),
        ("clamp(a, 5, 1)", "in this order"),
        ("round(a, 1.5)", "0 to 12 digits"),
        ("round(a, 99)", "0 to 12 digits"),
        ("round(a, -1)", "0 to 12 digits"),
    ],
)
def test_what_a_formula_is_told(text: str, said: str) -> None:
    with pytest.raises(FormulaError, match=said):
        Formula.parse(text).evaluate(NUMBERS)


def test_unlike_units_are_not_compared() -> None:
    with pytest.raises(UnitMismatch):
        Formula.parse("max(a, b)").evaluate({"a": Quantity(Decimal(1), USD), "b": Quantity(Decimal(1), EUR)})


# -- progress and roll-up -------------------------------------------------------------------------------------


def test_exactly_on_pace_is_on_track_in_thirds_too() -> None:
    period = Cycle(name="ninety days", start=date(2026, 1, 1), end=date(2026, 4, 1))
    measure = Toward(start=parse_quantity(0), target=parse_quantity(90))

    found = {status(measure, parse_quantity(day), period, period.start + timedelta(days=day)) for day in range(1, 90)}

    assert found == {Status.ON_TRACK}


@pytest.mark.parametrize(("value", "found"), [("5", Status.BEHIND), ("4.99", Status.AT_RISK)])
def test_25_points_behind_is_behind_in_thirds_too(value: str, found: Status) -> None:
    period = Cycle(name="ninety days", start=date(2026, 1, 1), end=date(2026, 4, 1))
    measure = Toward(start=parse_quantity(0), target=parse_quantity(12))

    assert status(measure, parse_quantity(value), period, period.start + timedelta(days=60)) is found


@pytest.mark.parametrize(("made", "scored"), [("-1", "0.0"), ("0.65", "0.7"), ("0.649", "0.6"), ("7", "1.0")])
def test_score(made: str, scored: str) -> None:
    assert str(score(Decimal(made))) == scored


def test_start_and_target_must_differ_and_be_alike() -> None:
    with pytest.raises(MappingError, match="are the same"):
        Toward(start=parse_quantity("80%"), target=parse_quantity("0.8"))
    with pytest.raises(UnitMismatch):
        Toward(start=parse_quantity("$1"), target=parse_quantity("€2"))


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ([("1", Status.ACHIEVED), ("1.2", Status.ACHIEVED)], Status.ACHIEVED),
        ([("0", Status.NOT_STARTED), ("0", Status.NOT_STARTED)], Status.NOT_STARTED),
        ([("1.9", Status.ACHIEVED), ("0", Status.AT_RISK)], Status.ON_TRACK),
        ([("0.4", Status.BEHIND), ("0.5", Status.ON_TRACK)], Status.BEHIND),
        ([("0.2", Status.AT_RISK), ("0.2", Status.AT_RISK)], Status.AT_RISK),
    ],
)
def test_the_status_of_an_objective(parts: list[tuple[str, Status]], found: Status) -> None:
    made = [Part(weight=Decimal(1), progress=Decimal(p), expected=Decimal("0.5"), status=s) for p, s in parts]

    assert roll_up(made).status is found
