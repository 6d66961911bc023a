"""Passes one after the other, an hour apart by the clock they are given, some values changed before each.

`python -m bench.growth WORKSPACE PASSES CHANGED` prints what was recorded, and the CPU milliseconds of a pass at the
beginning and at the end.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from statistics import mean

from cli.logs import set_up_logging
from config.load import load
from sync.clock import utc_now
from sync.owner import owner_of
from sync.passes import run_pass
from sync.store.store import Store

AN_HOUR = timedelta(hours=1)


def main(folder: Path, passes: int, changed: int) -> dict[str, float]:
    set_up_logging()
    workspace = load(folder)
    values: dict[str, Decimal | None] = workspace.connections["memory"].options.values
    names = list(values)
    store = Store.open(workspace.store, owner_of(workspace))
    begun = utc_now() - passes * AN_HOUR
    spent: list[float] = []
    check_ins = 0
    for number in range(passes):
        for place in range(number * changed, (number + 1) * changed):
            values[names[place % len(names)]] = Decimal(number % 97) + Decimal(place % len(names)) / 100
        at = begun + number * AN_HOUR
        started = time.process_time()
        made = run_pass(workspace, store, lambda at=at: at, reason="schedule")  # type: ignore[misc]
        spent.append(time.process_time() - started)
        check_ins += made.recorded
    store.close()
    tenth = max(1, passes // 10)
    return {
        "check_ins": check_ins,
        "first": mean(spent[:tenth]) * 1000,
        "last": mean(spent[-tenth:]) * 1000,
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
