"""A pass against hostile sources fits its time and its memory."""

from __future__ import annotations

import pytest

from tests.faults.hostile import KINDS, measured
from tests.sweep import sweep

MOST_MEGABYTES = 300


@pytest.mark.parametrize("kind", sweep(("endless",), KINDS))
def test_a_pass_over_hostile_answers_fits_its_memory_and_time(kind: str) -> None:
    found = measured(kind, timeout=3, deadline=20)

    assert found.troubled == found.asked
    assert found.megabytes < MOST_MEGABYTES
    assert found.seconds < 25
