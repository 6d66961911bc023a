from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.acme import Acme


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Acme]:
    made = Acme(tmp_path, monkeypatch)
    yield made
    made.close()
