"""Writes docs/faults.md."""

from __future__ import annotations

import os
from pathlib import Path

from tests.connectors.contract import CANARY, FakeTime
from tests.faults.table import document, rows

if __name__ == "__main__":
    import connectors.wire

    os.environ["SECRET"] = CANARY
    connectors.wire.time = FakeTime()  # type: ignore[assignment]
    Path("docs/faults.md").write_text(document(rows()))
