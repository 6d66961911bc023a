from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mapping.assess import CheckIn, Failed, Held, NewCheckIn, NoValue, Unchanged, assess
from mapping.formula import Formula
from mapping.model import KeyResult, Role, Status, Toward, parse_cycle
from mapping.parse import parse_quantity, parse_unit
from mapping.quantity import Quantity
from mapping.reading import Evidence, Reading, Unavailable
from mapping.units import DURATION, PERCENT, Unit, money

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def reading(value: str | None, unit: Unit | None = None) -> Reading:
    evidence = Evidence(connection="crm", query="SELECT 1", asked_at=AT, as_of=AT, rows=3)
    return Reading(value=None if value is None else Decimal(value), unit=unit, evidence=evidence)


def key_result(start: str, target: str, formula: str) -> KeyResult:
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


RATIO = key_result("80%", "90%", "matched / contacts")
READINGS = {"matched": reading("83"), "contacts": reading("100")}


def first() -> CheckIn:
    made = assess(RATIO, READINGS, None, AT)
    assert isinstance(made, NewCheckIn)
    return made.check_in


def test_a_first_check_in() -> None:
    made = first()

    assert made.value == Quantity(Decimal("0.83"), PERCENT)
    assert made.progress == Decimal("0.3")
    assert made.status is Status.AT_RISK
    assert made.filled == "83 / 100"
    assert [used.name for used in made.inputs] == ["contacts", "matched"]
    assert made.inputs[0].evidence.rows == 3


def test_the_same_again_is_unchanged() -> None:
    later = assess(RATIO, READINGS, first(), AT + timedelta(hours=1))

    assert later == Unchanged(check_in=first())


def test_time_alone_changes_the_status_in_the_end() -> None:
    on_track = assess(RATIO, READINGS, None, AT.replace(month=10, day=10))
    assert isinstance(on_track, NewCheckIn)
    assert on_track.check_in.status is Status.ON_TRACK

    assert isinstance(assess(RATIO, READINGS, on_track.check_in, AT), NewCheckIn)


def test_a_changed_definition_is_held() -> None:
    other = key_result("80%", "90%", "0 + matched / contacts")

    assert isinstance(assess(other, READINGS, first(), AT), Held)
    assert isinstance(assess(other, READINGS, first(), AT, guarded=False), NewCheckIn)


def test_another_target_is_an_adjustment_and_no_other_meaning() -> None:
    found = assess(key_result("80%", "95%", "matched / contacts"), READINGS, first(), AT)

    assert isinstance(found, NewCheckIn)
    assert found.check_in.definition == first().definition
    assert dict(found.check_in.aims)["target"] == parse_quantity("95%")


def test_no_value_is_not_zero() -> None:
    found = assess(RATIO, {**READINGS, "matched": reading(None)}, first(), AT)

    assert isinstance(found, NoValue)
    assert "SELECT 1" in found.cause


def test_an_unavailable_source_fails_with_its_cause() -> None:
    lost = Unavailable(connection="crm", kind="Throttled", cause="slow down", fix="wait", temporary=True)

    found = assess(RATIO, {**READINGS, "contacts": lost}, first(), AT)

    assert found == Failed(kind="Throttled", cause="slow down", fix="wait", connection="crm", temporary=True)


def test_division_by_zero_fails() -> None:
    found = assess(RATIO, {**READINGS, "contacts": reading("0")}, None, AT)

    assert isinstance(found, Failed)
    assert "division by zero" in found.cause
    assert not found.temporary


def test_a_bare_number_is_no_duration() -> None:
    time = key_result("2m37s", "3m45s", "t")

    found = assess(time, {"t": reading("198")}, None, AT)
    assert isinstance(found, Failed)
    assert "unit: seconds" in found.cause

    made = assess(time, {"t": reading("3.3")}, None, AT, metric_units={"t": parse_unit("minutes")})
    assert isinstance(made, NewCheckIn)
    assert made.check_in.value == Quantity(Decimal("198.0"), DURATION)


def test_other_money_is_refused() -> None:
    deals = key_result("$0", "$10", "won")

    found = assess(deals, {"won": reading("5", money("EUR"))}, None, AT)

    assert isinstance(found, Failed)
    assert "EUR" in found.cause


def test_a_source_that_counts_percent() -> None:
    uptime = key_result("90%", "100%", "up")

    made = assess(uptime, {"up": reading("99.5")}, None, AT, metric_units={"up": parse_unit("%")})

    assert isinstance(made, NewCheckIn)
    assert made.check_in.value == Quantity(Decimal("0.995"), PERCENT)


def test_a_unit_that_cannot_be_told_is_asked_for() -> None:
    sales = key_result("$1", "$900", "won")
    told = {"won": replace(reading("500"), untold="the org does not say in which currency it adds up money")}

    refused = assess(sales, told, None, AT)
    said = assess(sales, told, None, AT, metric_units={"won": parse_unit("USD")})
    plain = assess(key_result("1", "900", "won"), told, None, AT)

    assert isinstance(refused, Failed)
    assert "unit of won" in refused.cause
    assert "in which currency" in refused.cause
    assert "`unit: EUR`" in refused.cause
    assert isinstance(said, NewCheckIn)
    assert said.check_in.value == Quantity(Decimal(500), money("USD"))
    assert isinstance(plain, Failed)


def test_tool_and_file_disagree_on_the_unit() -> None:
    found = assess(
        key_result("$0", "$10", "won"),
        {"won": reading("5", money("EUR"))},
        None,
        AT,
        metric_units={"won": parse_unit("USD")},
    )

    assert isinstance(found, Failed)
    assert "EUR in its source" in found.cause
