"""Which connectors there are is found out once."""

from __future__ import annotations

import pytest

from connectors import registry


def test_the_installed_packages_are_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    registry.names.cache_clear()
    scans: list[str] = []
    monkeypatch.setattr(registry, "entry_points", lambda **asked: scans.append(asked["group"]) or ())

    assert registry.names() == registry.names() == tuple(sorted(registry.BUILT_IN))
    assert scans == [registry.GROUP]
    registry.names.cache_clear()
