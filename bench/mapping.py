"""CPU time of assessing and rolling up many key results: no source, no store. `python -m bench.mapping`."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from mapping.assess import CheckIn, NewCheckIn, Unchanged, assess
from mapping.formula import Formula
from mapping.model import KeyResult, Role, Toward, parse_cycle
from mapping.quantity import Quantity
from mapping.reading import Evidence, Reading
from mapping.rollup import Part, roll_up
from mapping.units import NUMBER

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
SIZES = (1_000, 10_000, 100_000)
A_OBJECTIVE = 5


def key_results(count: int) -> list[KeyResult]:
    formula, period = Formula.parse("won / all_deals * 100"), parse_cycle("2026-Q4")
    ways = [Toward(start=Quantity(Decimal(n)), target=Quantity(Decimal(n + 50))) for n in range(20)]
    return [
        KeyResult(
            id=f"kr{n}",
            title=f"Key result {n}",
            objective=f"o{n // A_OBJECTIVE}",
            role=Role.KEY_RESULT,
            unit=NUMBER,
            measure=ways[n % 20],
            formula=formula,
            period=period,
        )
        for n in range(count)
    ]


def reading(value: int, at: datetime) -> Reading:
    evidence = Evidence(connection="crm", query="SELECT COUNT(Id) FROM Opportunity", asked_at=at, as_of=at, rows=value)
    return Reading(value=Decimal(value), evidence=evidence)


def cpu_seconds(count: int) -> float:
    """Two passes, the first with new values, the second an hour later with a third of them changed."""
    given = key_results(count)
    last: dict[str, CheckIn] = {}
    start = time.process_time()
    for number in range(2):
        at = AT + timedelta(hours=number)
        for n, one in enumerate(given):
            won = n % 40 + 1 + (number if n % 3 == 0 else 0)
            found = assess(one, {"won": reading(won, at), "all_deals": reading(80, at)}, last.get(one.id), at)
            if isinstance(found, NewCheckIn | Unchanged):
                last[one.id] = found.check_in
        for first in range(0, count, A_OBJECTIVE):
            known = [last[one.id] for one in given[first : first + A_OBJECTIVE]]
            roll_up([Part(weight=Decimal(1), progress=k.progress, expected=k.expected, status=k.status) for k in known])
    return (time.process_time() - start) / 2


def main() -> None:
    print(f"{'key results':>11} {'CPU s':>8} {'ms each':>8}")
    for size in SIZES:
        seconds = cpu_seconds(size)
        print(f"{size:>11} {seconds:>8.2f} {seconds / size * 1000:>8.3f}")


if __name__ == "__main__":
    main()
