"""Assessing and rolling up alone: no source, no store, no files."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bench.page import Page
from bench.processes import spread
from bench.runs import Bench
from mapping.assess import CheckIn, NewCheckIn, Unchanged, assess
from mapping.formula import Formula
from mapping.model import KeyResult, Role, Toward, parse_cycle
from mapping.quantity import Quantity
from mapping.reading import Evidence, Reading
from mapping.rollup import Part, roll_up
from mapping.units import NUMBER

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
AN_OBJECTIVE = 5
RUNS = 5
TITLE = "Assessing alone"
ABOUT = """CPU time in one process, of assessing and rolling up key results of one formula over two readings each: the
mean of a pass of new values and one in which a third of them changed."""


def key_results(count: int) -> list[KeyResult]:
    formula, period = Formula.parse("won / all_deals * 100"), parse_cycle("2026-Q4")
    ways = [Toward(start=Quantity(Decimal(n)), target=Quantity(Decimal(n + 50))) for n in range(20)]
    return [
        KeyResult(
            id=f"kr{n}",
            title=f"Key result {n}",
            objective=f"o{n // AN_OBJECTIVE}",
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
        for first in range(0, count, AN_OBJECTIVE):
            known = [last[one.id] for one in given[first : first + AN_OBJECTIVE]]
            roll_up([Part(weight=Decimal(1), progress=k.progress, expected=k.expected, status=k.status) for k in known])
    return (time.process_time() - start) / 2


def run(bench: Bench, page: Page) -> None:
    table = page.table("key results", "runs", "CPU s", "CPU ms each")
    for size in bench.sizes.assessed:
        seconds = [cpu_seconds(size) for _ in range(RUNS)]
        table.add(f"{size:,}", RUNS, spread(seconds), spread([one / size * 1000 for one in seconds], digits=3))
