"""Times the asking alone: 1,000 key results over 300 distinct queries of one tool, everything loaded before.

`python -m bench.pulls FOLDER CONNECTION` reads the sandbox's addresses from the environment and prints seconds and
concurrency as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from config.load import load
from sync.clock import utc_now
from sync.connections import opened
from sync.pull import pull
from sync.questions import questions_for


def main(folder: Path, only: str) -> dict[str, dict[str, float]]:
    workspace = load(folder)
    at = utc_now()
    asked = questions_for(workspace, workspace.bindings.values(), at).by_connection
    found: dict[str, dict[str, float]] = {}
    for name, queries in ((only, asked[only]),):
        with opened(workspace.connections, [name], utc_now, workspace.time_zone) as connectors:
            start = time.perf_counter()
            answers = pull({name: queries}, connectors)
            seconds = time.perf_counter() - start
        bad = [outcome for outcome in answers.values() if not hasattr(outcome, "evidence")]
        if bad:
            sys.exit(f"{name}: {bad[0]}")
        concurrency = workspace.connections[name].options.concurrency
        found[name] = {"seconds": seconds, "concurrency": concurrency, "queries": len(queries)}
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
