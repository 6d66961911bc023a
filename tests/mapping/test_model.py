"""Laws of every kind of key result, and the worked examples of how OKR products roll up, score and judge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.errors import MappingError, UnitMismatch
from mapping.guards import doubt
from mapping.model import (
    Baseline,
    Cycle,
    Guards,
    Kind,
    Measure,
    Milestone,
    Pace,
    Ranges,
    Rate,
    Status,
    StayAbove,
    StayBelow,
    Toward,
    Within,
    parse_cycle,
)
from mapping.parse import parse_quantity
from mapping.progress import Verdict, end_of_rate, expected, progress, score, status, status_of_gap, verdict
from mapping.quantity import Quantity
from mapping.rollup import Part, objective_value, roll_up, roll_up_sum, shares
from mapping.units import money

Q4 = parse_cycle("2026-Q4")
AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
numbers = st.decimals(-1000, 1000, places=3).map(Quantity)
days = st.dates(date(2026, 9, 1), date(2027, 2, 1))


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    low, high = sorted(draw(st.lists(st.integers(-500, 500), min_size=2, max_size=2, unique=True)))
    ends = Quantity(Decimal(low)), Quantity(Decimal(high))
    return draw(
        st.sampled_from(
            [
                Toward(start=ends[0], target=ends[1]),
                Toward(start=ends[1], target=ends[0]),
                StayAbove(threshold=ends[1], risk=ends[0]),
                StayBelow(threshold=ends[0], risk=ends[1]),
                Within(low=ends[0], high=ends[1], risk=Quantity(Decimal(3))),
                Milestone(),
                Baseline(),
            ]
        )
    )


@given(measures(), numbers, numbers)
def test_progress_never_goes_against_the_way(measure: Measure, one: Quantity, two: Quantity) -> None:
    low, high = sorted((one, two), key=lambda quantity: quantity.amount)
    before, after = progress(measure, low), progress(measure, high)
    match measure:
        case Toward() | StayAbove() | Milestone():
            rising = not (isinstance(measure, Toward) and measure.target < measure.start)
            assert before is not None
            assert after is not None
            assert before <= after if rising else before >= after
        case StayBelow():
            assert before is not None
            assert after is not None
            assert before >= after
        case Baseline():
            assert before is after is None


@given(measures(), numbers, days)
def test_every_value_has_a_status_and_a_score(measure: Measure, value: Quantity, day: date) -> None:
    found, made = status(measure, value, Q4, day), progress(measure, value)

    assert found in Status
    assert (made is None) == isinstance(measure, Baseline)
    if made is not None:
        assert 0 <= score(made) <= 1
    if isinstance(measure, Toward):
        assert (found is Status.ACHIEVED) == (made is not None and made >= 1)
        assert (found is Status.OVERDUE) == (day > Q4.end and made is not None and made < 1)


@given(st.lists(st.tuples(days, st.integers(0, 100)), max_size=5), days, days)
def test_expected_progress_never_falls(given_phases: list[tuple[date, int]], one: date, two: date) -> None:
    inside = {day: part for day, part in given_phases if Q4.start <= day <= Q4.end}
    parts = sorted(inside.values())
    phases = tuple((day, Decimal(part) / 100) for day, part in zip(sorted(inside), parts, strict=True))
    for rate in (None, *Rate):
        pace = Pace(period=Q4, phases=phases, rate=rate)
        first, last = sorted((one, two))
        assert 0 <= expected(pace, first) <= expected(pace, last) <= 1


@given(days, st.sampled_from(Rate))
def test_a_day_belongs_to_the_end_of_its_own_period(day: date, rate: Rate) -> None:
    end = end_of_rate(rate, day)

    assert timedelta() <= end - day < timedelta(days=92)
    assert end_of_rate(rate, end) == end
    assert end_of_rate(rate, end + timedelta(days=1)) > end


# -- roll-up ----------------------------------------------------------------------------------------------------

parts = st.builds(
    Part,
    weight=st.integers(0, 5).map(Decimal),
    progress=st.none() | st.decimals("-1", "2", places=3),
    expected=st.decimals("0", "1", places=3),
    status=st.just(Status.ON_TRACK),
    share=st.none() | st.sampled_from([Decimal("0"), Decimal("0.1"), Decimal("0.125")]),
)


@given(st.lists(parts, min_size=1, max_size=7))
def test_a_roll_up_lies_between_its_parts(given_parts: list[Part]) -> None:
    rolled = roll_up(given_parts)
    counted = [part for part, share in zip(given_parts, shares(given_parts), strict=True) if share]
    known = [min(Decimal(1), max(Decimal(0), part.progress)) for part in counted if part.progress is not None]

    assert (rolled.known, rolled.total) == (len(known), len(counted))
    if known:
        assert rolled.progress is not None
        assert min(known) - Decimal("1e-20") <= rolled.progress <= max(known) + Decimal("1e-20")
    else:
        assert rolled.progress is None


@given(st.lists(parts, min_size=1, max_size=7))
def test_shares_are_the_whole_and_fixed_ones_stay(given_parts: list[Part]) -> None:
    found = shares(given_parts)

    assert abs(sum(found) - 1) < Decimal("1e-20") or not any(found)
    if any(part.share is None and part.weight for part in given_parts):
        for part, share in zip(given_parts, found, strict=True):
            assert part.share is None or abs(part.share - share) < Decimal("1e-20")


def part(done: str | None, *, share: str | None = None, value: str | None = None, weight: str = "1") -> Part:
    return Part(
        weight=Decimal(weight),
        share=Decimal(share) if share else None,
        progress=Decimal(done) if done is not None else None,
        expected=Decimal("0.5"),
        status=Status.ON_TRACK,
        value=parse_quantity(value) if value else None,
    )


def toward(start: str, target: str) -> Toward:
    return Toward(start=parse_quantity(start), target=parse_quantity(target))


def test_an_objective_with_a_number_follows_its_key_results() -> None:
    rolled = objective_value(toward("30", "60"), roll_up([part("0"), part("0.25"), part("0.20")]))

    assert rolled.progress == Decimal("0.15")
    assert rolled.value == parse_quantity("34.5")


def test_a_fixed_share_leaves_the_rest_to_the_others() -> None:
    assert shares([part("0", share="0.5"), part("0"), part("0")]) == [Decimal("0.5"), Decimal("0.25"), Decimal("0.25")]
    assert roll_up([part("1", share="0.5"), part("0"), part("0")]).progress == Decimal("0.5")
    assert roll_up([part("1", share="0"), part("0"), part("0.5")]).progress == Decimal("0.25")
    with pytest.raises(MappingError, match=r"110%, more than 100%"):
        shares([part("0", share="0.6"), part("0", share="0.5")])


def test_an_objective_may_be_the_sum_of_its_key_results() -> None:
    given_parts = [part("0.5", value="$4M"), part("0.2", value="$2M")]
    measure = toward("$0", "$12M")

    rolled = roll_up_sum(measure, given_parts, roll_up(given_parts))

    assert (rolled.value, rolled.progress) == (parse_quantity("$6M"), Decimal("0.5"))
    lacking = roll_up_sum(measure, [*given_parts, part(None)], roll_up(given_parts))
    assert (lacking.value, lacking.progress) == (None, None)
    with pytest.raises(UnitMismatch):
        roll_up_sum(measure, [part("0", value="EUR 4")], roll_up(given_parts))


@pytest.mark.parametrize(
    ("gap", "found"),
    [("0", "on track"), ("0.001", "behind"), ("0.25", "behind"), ("0.251", "at risk"), ("-1", "on track")],
)
def test_the_gap_decides(gap: str, found: str) -> None:
    assert status_of_gap(Decimal(gap)).value == found


def test_the_ranges_can_be_set() -> None:
    ranges = Ranges(behind=Decimal("0.1"), at_risk=Decimal("0.3"))

    assert [status_of_gap(Decimal(gap), ranges).value for gap in ("0.1", "0.2", "0.3", "0.31")] == [
        "on track",
        "behind",
        "behind",
        "at risk",
    ]
    with pytest.raises(MappingError):
        Ranges(behind=Decimal("0.4"), at_risk=Decimal("0.3"))


@pytest.mark.parametrize(
    ("given_score", "kind", "found"),
    [
        ("1.0", Kind.COMMITTED, Verdict.SUCCESS),
        ("0.9", Kind.COMMITTED, Verdict.MISSED),
        ("0.7", Kind.ASPIRATIONAL, Verdict.SUCCESS),
        ("0.9", Kind.ASPIRATIONAL, Verdict.SUCCESS),
        ("1.0", Kind.ASPIRATIONAL, Verdict.TOO_EASY),
        ("0.6", Kind.ASPIRATIONAL, Verdict.MISSED),
    ],
)
def test_commitments_and_aspirations_are_judged_differently(given_score: str, kind: Kind, found: Verdict) -> None:
    assert verdict(Decimal(given_score), kind) is found


# -- guards -----------------------------------------------------------------------------------------------------


@given(measures(), numbers)
def test_a_value_that_does_not_move_is_never_doubted(measure: Measure, value: Quantity) -> None:
    assert (
        doubt(Guards(), measure, value, value, moved=Decimal(0), same_meaning=True, as_of=[AT], at=AT, zone=UTC) is None
    )


def test_guards_can_be_switched_off() -> None:
    off = Guards(zero=False, leap=None, max_age=None, definition=False)
    way = toward("10", "20")

    found = doubt(
        off,
        way,
        Quantity(Decimal(0)),
        Quantity(Decimal(15)),
        moved=Decimal(-9),
        same_meaning=False,
        as_of=[AT - timedelta(days=900)],
        at=AT,
        zone=UTC,
    )

    assert found is None


def test_an_old_source_is_doubted_even_at_first() -> None:
    found = doubt(
        Guards(max_age=7),
        toward("10", "20"),
        Quantity(Decimal(15)),
        None,
        moved=None,
        same_meaning=True,
        as_of=[AT, AT - timedelta(days=8)],
        at=AT,
        zone=UTC,
    )

    assert found == "the data of its source is from 2026-11-16, more than 7 days ago"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Within(low=parse_quantity("5"), high=parse_quantity("5")),
        lambda: Within(low=parse_quantity("5"), high=Quantity(Decimal(6), money("USD"))),
        lambda: Pace(period=Q4, phases=((date(2027, 1, 1), Decimal(1)),)),
        lambda: Pace(period=Q4, phases=((date(2026, 11, 1), Decimal(1)), (date(2026, 12, 1), Decimal("0.5")))),
        lambda: Cycle(name="x", start=date(2026, 2, 1), end=date(2026, 1, 1)),
    ],
)
def test_what_makes_no_sense_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(MappingError):
        make()
