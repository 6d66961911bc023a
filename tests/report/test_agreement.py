"""Report, its JSON and `show` tell the same numbers, whatever the workspace."""

from __future__ import annotations

import re
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.errors import BadQuery
from sync.site import site_facts
from tests.report.lived import START, Lived
from tests.sweep import sweep
from views.formats import percent
from views.language import ENGLISH
from views.pages.site import files

MEASURES = (
    "start: 0, target: 100", "start: 100, target: 0", "start: 10%, target: 90%", "start: $0, target: $5000",
    "stay_above: 50", "stay_below: 20%", "within: [10, 60]", "baseline: true", "milestone: true",
)  # fmt: skip
KEY_RESULT = "      - {{id: k{n}, title: K{n}, {measure}, weight: {weight}, value: {{memory: m{n}, connection: crm}}}}"
amounts = st.one_of(st.decimals(-50, 150, places=2), st.just("fails"), st.none())
key_results = st.lists(
    st.tuples(st.sampled_from(MEASURES), st.integers(0, 3), st.lists(amounts, min_size=3, max_size=3)),
    min_size=1,
    max_size=6,
)


def okrs(made: list[tuple[str, int, list[Any]]]) -> str:
    rows = [KEY_RESULT.format(n=n, measure=measure, weight=weight) for n, (measure, weight, _) in enumerate(made)]
    half = max(1, len(rows) // 2)
    lines = ["cycle: 2026-Q4", "objectives:"]
    for number, part in enumerate(filter(None, (rows[:half], rows[half:]))):
        lines += [f"  - id: o{number}", f"    title: O{number}", "    key_results:", *part]
    return "\n".join(lines) + "\n"


@settings(max_examples=sweep(5, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key_results, st.sampled_from([8, 9, 13, 40]))
def test_report_and_show_agree(
    capsys: pytest.CaptureFixture[str], made: list[tuple[str, int, list[Any]]], later: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lived = Lived(Path(folder) / "acme", lambda: capsys.readouterr())
        lived.write(okrs(made))
        for turn, day in enumerate((0, 4, 8)):
            lived.sync(day, **{f"m{n}": answer(values[turn]) for n, (_, _, values) in enumerate(made)})

        shown = lived.json("show", "--json", day=later)
        told = lived.json("report", "--week", "now", "--format", "json", day=later)
        text = lived.okrsync("report", "--week", "now", "--format", "markdown", day=later)
        page = lived.okrsync("report", "--week", "now", "--format", "html", day=later)

        drawn = [(name, one) for name, one in site_of(lived, later) if name.endswith(".html")]

    assert not [name for name, one in drawn if re.search(r'"-?(nan|inf)', one)]
    assert told["at"] == (START + timedelta(days=later)).isoformat().replace("+00:00", "Z")
    for seen, row in zip(shown["objectives"], told["objectives"], strict=True):
        assert [seen[name] for name in ("id", "progress", "known", "total")] == [
            row[name] for name in ("id", "progress", "known", "total")
        ]
        assert seen["shown_status"] == row["status"]
        for one, line in zip(seen["key_results"], row["lines"], strict=True):
            check_in = one["check_in"]
            assert (one["progress"], one["shown_status"], one["freshness"]["age"]) == (
                line["progress"], line["status"], line["age"],
            )  # fmt: skip
            assert (check_in and Decimal(check_in["value"])) == (line["value"] and Decimal(line["value"]["amount"]))
            assert line["expected"] in (None, one["expected"])
            if one["progress"] is not None:
                assert percent(Decimal(one["progress"])) in text
                assert percent(Decimal(one["progress"])) in page


def site_of(lived: Lived, day: int) -> list[tuple[str, str]]:
    with lived.store() as store:
        made = site_facts(lived.workspace, store, START + timedelta(days=day), ENGLISH)
        return [] if made is None else list(files(made, ENGLISH))


def answer(given: Any) -> Any:
    return BadQuery("it is broken", connection="crm", fix="mend it") if given == "fails" else given
