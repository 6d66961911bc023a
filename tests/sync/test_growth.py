"""What a pass costs grows with the key results and with nothing else: held in counts, never in seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

import mapping.formula
import sync.store.rows
from config import compiled
from config.load import Workspace, load
from connectors import registry
from connectors.memory.pull import MemoryConnector
from connectors.memory.spec import MemoryOptions
from sync.overview import overview
from sync.plan import make_plan
from sync.record import record
from sync.standing import standing_of
from sync.store.newest import newest
from sync.store.store import Store
from sync.store.tables import check_ins
from tests.sync.conftest import AT


def workspace(folder: Path, count: int, formula: str = "m{n}") -> Workspace:
    (folder / "okrs").mkdir(parents=True)
    (folder / "okrsync.yaml").write_text("connections:\n  memory: {}\n")
    lines = ["cycle: 2026-Q4", "guards: {leap: false, zero: false, plausible: false}", "metrics:"]
    lines += [f"  m{n}: {{memory: v{n}}}" for n in range(count)]
    lines.append("objectives:")
    for n in range(count):
        if n % 5 == 0:
            lines += [f"  - id: o{n}", f"    title: O{n}", *(["    parent: o0"] if n else []), "    key_results:"]
        lines.append(f'      - {{id: k{n}, title: K, start: 0, target: 100, value: "{formula.format(n=n)}"}}')
    (folder / "okrs" / "all.yaml").write_text("\n".join(lines) + "\n")
    return load(folder)


def one_pass(made: Workspace, store: Store, number: int) -> None:
    at = AT + timedelta(hours=number)
    memory = MemoryConnector("memory", MemoryOptions(), clock=lambda: at)
    memory.values |= {f"v{n}": Decimal(n * 7 + number) for n in range(len(made.bindings))}
    last = store.last_check_ins()
    plan = make_plan(made, {"memory": memory}, last, at, standing=standing_of(store, made.time_zone, last))
    record(plan, store, at)


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Statements, formulas that are parsed, and evidence that is decoded."""
    found: Counter[str] = Counter()

    def statement(*_: Any) -> None:
        found["statements"] += 1

    def counting(where: Any, name: str) -> None:
        real = getattr(where, name)

        def instead(*given: Any, **named: Any) -> Any:
            found[name] += 1
            return real(*given, **named)

        monkeypatch.setattr(where, name, instead)

    counting(mapping.formula, "_read")
    counting(sync.store.rows, "_input_from_json")
    counting(sync.store.rows, "check_in_of")
    counting(registry, "entry_points")
    event.listen(Engine, "before_cursor_execute", statement)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", statement)


def test_a_pass_sends_as_many_statements_for_many_key_results_as_for_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    for count in (20, 200):
        made = workspace(tmp_path / str(count), count)
        store = Store.open(f"sqlite:///{tmp_path}/{count}.sqlite")
        one_pass(made, store, 0)
        with counted(monkeypatch) as found:
            one_pass(made, store, 1)
            overview(made, store, AT + timedelta(hours=2))
        told.append(found["statements"])
        assert found["_input_from_json"] == 0, "nobody looked at the evidence of before"
        store.close()

    assert told[0] == told[1]


def test_a_pass_reads_each_last_check_in_once(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = workspace(tmp_path, 30)
    for number in range(4):
        one_pass(made, store, number)
    decoded: list[object] = []
    real = sync.store.store.check_in_of
    monkeypatch.setattr(sync.store.store, "check_in_of", lambda row: decoded.append(row) or real(row))

    one_pass(made, store, 3)

    assert len(decoded) == 30, "as many as there are key results, however many passes were before"


def test_the_newest_row_is_found_without_the_rest_of_the_history(tmp_path: Path) -> None:
    made = workspace(tmp_path, 5)
    store = Store.open(f"sqlite:///{tmp_path}/s.sqlite")
    steps = []
    for number in range(40):
        one_pass(made, store, number)
        if number in (3, 39):
            steps.append(_steps(store))
    assert steps[1] < steps[0] * 2, "ten times the history, and not twice the work"
    store.close()


def _steps(store: Store) -> int:
    """SQLite's own, each single one."""
    found = 0

    def step() -> int:
        nonlocal found
        found += 1
        return 0

    with store._engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.set_progress_handler(step, 1)
        try:
            assert len(newest(connection, check_ins)) == 5
        finally:
            driver.set_progress_handler(None, 1)
    return found


def test_names_in_formulas_are_looked_up_once_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with counted(monkeypatch) as found:
        workspace(tmp_path / "bare", 100)
        assert found["_read"] == 0, "one name alone is no formula to parse"
        workspace(tmp_path / "formulas", 100, "m{n} / (m0 + 1)")

    assert found["_read"] == 100
    assert found["entry_points"] <= 2, "installed packages are looked through once"


def test_equal_parts_of_what_is_kept_are_written_once(tmp_path: Path) -> None:
    sizes = []
    for count in (100, 200):
        made = workspace(tmp_path / str(count), count)
        lines: list[str] = []
        writer = compiled.Writer(lines.append, made.root, {"memory": "memory"})
        writer.values(made.objectives, made.kpis, dict(made.bindings))
        sizes.append(sum(map(len, lines)))

    assert sizes[1] < sizes[0] * 2.1
