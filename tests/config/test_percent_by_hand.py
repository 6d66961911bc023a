"""A bare number on a percentage, by hand, is refused wherever a person can write one, with the two forms to choose from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from config.load import Workspace, load
from config.problems import ConfigError
from mapping.model import StayAbove, Toward, Within
from mapping.quantity import Quantity
from mapping.units import PERCENT
from sync.cases import run_cases

WORKER = "connections: {memory: {}}\n"
FORMS = "write 75%, or ratio 0.75"


def workspace(folder: Path, line: str, head: str = "") -> Workspace:
    (folder / "okrs").mkdir()
    (folder / "okrsync.yaml").write_text(WORKER)
    (folder / "okrs" / "a.yaml").write_text(
        f"cycle: 2026-Q4\nmetrics: {{m: {{memory: m}}, n: {{memory: n}}, hand: {{manual: {{2026-10-01: 75}}}}}}\n"
        f"objectives:\n- id: o\n  title: O\n{head}  key_results:\n  - {{id: a, title: A, {line}}}\n"
    )
    return load(folder)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("start: 60%, target: 75, value: m", f"75 has no unit, but 60% has one: {FORMS}"),
        ("start: 0.75, target: 80%, value: m", f"0.75 has no unit, but 80% has one: {FORMS}"),
        ("start: '75', target: 80%, value: m", f"75 has no unit, but 80% has one: {FORMS}"),
        ("unit: ratio, start: 60%, target: 75, value: m", f"75 has no unit, but 60% has one: {FORMS}"),
        ("unit: '%', start: 60%, target: 75, value: m", f"75 has no unit, but 60% has one: {FORMS}"),
        ("within: [70%, 75], value: m", f"75 has no unit, but 70% has one: {FORMS}"),
        ("stay_above: 80%, risk: 75, value: m", f"75 has no unit, but 80% has one: {FORMS}"),
        ("start: 12, target: $15M, value: m", "12 has no unit, but $15M has one: write it at both, or at none"),
        ("start: 60%, target: 80%, value: {manual: {2026-10-01: 75}}", f"75 was entered by hand without a unit, but a percentage is needed: {FORMS}"),
        ("start: 60%, target: 80%, value: {manual: {2026-10-01: 60%, 2026-11-01: 75}}", FORMS),
        ("unit: '%', start: 60, target: 80, value: {manual: {2026-10-01: 75}}", FORMS),
        ("percent_complete: true, value: {manual: {2026-10-01: 0.75}}", FORMS),
        ("start: 60%, target: 80%, value: hand", FORMS),
        ("start: 60%, target: 80%, value: 'max(hand, m)'", FORMS),
        ("start: 60%, target: hand, value: m", FORMS),
        ("start: 60%, target: 80%, value: {memory: m, default: 75}", FORMS),
        ("start: 60%, target: 80%, value: {memory: m, default: soon}", "default: 'soon' is not a value"),
    ],
)  # fmt: skip
def test_what_is_refused_at_load(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        workspace(tmp_path, line)

    assert f"{tmp_path / 'okrs' / 'a.yaml'}:7: " in str(caught.value)
    assert words in str(caught.value)


def test_an_objectives_own_number(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"o: 75 has no unit, but 60% has one: {FORMS}"):
        workspace(tmp_path, "start: 1, target: 2, value: m", head="  start: 60%\n  target: 75\n")


@pytest.mark.parametrize(
    ("line", "measure"),
    [
        ("start: 60%, target: ratio 0.75, value: m", Toward(start=Quantity(Decimal("0.6"), PERCENT), target=Quantity(Decimal("0.75"), PERCENT))),
        ("start: 0, target: 75%, value: m", Toward(start=Quantity(Decimal(0), PERCENT), target=Quantity(Decimal("0.75"), PERCENT))),
        ("unit: '%', start: 60, target: '75', value: m", Toward(start=Quantity(Decimal("0.6"), PERCENT), target=Quantity(Decimal("0.75"), PERCENT))),
        ("unit: ratio, start: 0.6, target: 0.75, value: m", Toward(start=Quantity(Decimal("0.6"), PERCENT), target=Quantity(Decimal("0.75"), PERCENT))),
        ("within: [70%, 75%], risk: 2%, value: m", Within(low=Quantity(Decimal("0.7"), PERCENT), high=Quantity(Decimal("0.75"), PERCENT), risk=Quantity(Decimal("0.02"), PERCENT))),
        ("stay_above: 75%, value: {manual: {2026-10-01: 75%}}", StayAbove(threshold=Quantity(Decimal("0.75"), PERCENT))),
        ("stay_above: 75%, value: {manual: {2026-10-01: ratio 0.75, 2026-10-02: null, 2026-10-03: 0}}", StayAbove(threshold=Quantity(Decimal("0.75"), PERCENT))),
        ("stay_above: 75%, value: {manual: {2026-10-01: 75}, unit: '%'}", StayAbove(threshold=Quantity(Decimal("0.75"), PERCENT))),
        ("stay_above: 75%, value: hand / n", StayAbove(threshold=Quantity(Decimal("0.75"), PERCENT))),
        ("stay_above: 75%, value: {memory: m, default: 0}", StayAbove(threshold=Quantity(Decimal("0.75"), PERCENT))),
        ("stay_above: 75%, value: {memory: m, default: 75%}", StayAbove(threshold=Quantity(Decimal("0.75"), PERCENT))),
    ],
)  # fmt: skip
def test_what_is_taken(tmp_path: Path, line: str, measure: object) -> None:
    assert workspace(tmp_path, line).bindings["a"].key_result.measure == measure


@pytest.mark.parametrize(
    ("expect", "wrong"),
    [
        ("value: 75%, progress: 75%", ()),
        ("value: ratio 0.75", ()),
        ("value: 75", (f"75 has no unit, but a percentage is needed: {FORMS}",)),
        ("progress: 0.75", (f"0.75 has no unit, but a percentage is needed: {FORMS}",)),
        ("expected: 75", (f"75 has no unit, but a percentage is needed: {FORMS}",)),
    ],
)
def test_tests_of_a_key_result(tmp_path: Path, expect: str, wrong: tuple[str, ...]) -> None:
    found = workspace(
        tmp_path,
        f"start: 0%, target: 100%, value: m, tests: [{{given: {{m: 0.75}}, at: 2026-11-15, expect: {{{expect}}}}}]",
    )

    (result,) = run_cases(found.bindings, found.time_zone)
    assert result.wrong == wrong


def test_a_test_sees_what_stands_for_nothing(tmp_path: Path) -> None:
    found = workspace(
        tmp_path,
        "start: 10, target: 100, value: {memory: m, default: 10}, tests: "
        "[{given: {value: null}, at: 2026-11-15, expect: {value: 10, progress: 0%}}]",
    )

    (result,) = run_cases(found.bindings, found.time_zone)
    assert result.wrong == ()
    assert found.bindings["a"].metrics["value"].question == "m, 10 where there is none"


def test_values_by_hand_keep_what_they_meant(tmp_path: Path) -> None:
    """What is asked is part of what a value means: it must read as it did."""
    found = workspace(
        tmp_path, "start: 1, target: 2, value: {manual: {2026-10-31: 120, 2026-11-15: 90.50, 2026-12-01: null}}"
    )
    query = found.bindings["a"].metrics["value"].query

    assert query.text() == "by hand: 120 on 2026-10-31, 90.50 on 2026-11-15, none on 2026-12-01"
    assert query.values[0] == (date(2026, 10, 31), Decimal(120))
