"""Tokens are made, listed and revoked on the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from cli.main import run
from sync.store.store import Store
from tests.connectors.contract import NOW

OKRSYNC = "workspace: acme\ntime_zone: UTC\nconnections:\n  memory: {values: {a: 5}}\n"
OKRS = """
cycle: 2026-Q4
objectives:
  - {id: o, title: O, key_results: [{id: k, title: K, start: 0, target: 10, value: {memory: a}}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text(OKRSYNC)
    (tmp_path / "okrs" / "a.yaml").write_text(OKRS)
    return tmp_path


def test_the_life_of_a_token(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = [NOW]

    def okrsync(*arguments: str) -> tuple[int, str]:
        code = run(["--config", str(folder), "token", *arguments], lambda: now[0])
        return code, capsys.readouterr().out

    assert okrsync("list") == (0, "There is no token. `okrsync token create --scope sync` makes one.\n")
    _, secret = okrsync("create", "--scope", "sync", "--name", "CI", "--days", "30", "--by", "ada")
    assert secret.startswith("okr_")
    assert len(secret.splitlines()) == 1
    _, text = okrsync("list", "--json")
    assert secret.strip() not in text
    (made,) = json.loads(text)["tokens"]
    assert (made["name"], made["by"], made["scope"], made["state"]) == ("CI", "ada", "sync", "valid")
    store = Store.read(f"sqlite:///{folder / 'okrsync.sqlite'}")
    assert store.tokens.find(secret.strip(), "sync", NOW) is not None

    assert "CI" in okrsync("list")[1]
    assert okrsync("revoke", made["id"]) == (0, f"{made['id']} is revoked.\n")
    assert okrsync("revoke", made["id"])[0] == 2
    assert "revoked" in okrsync("list")[1]
    assert store.tokens.find(secret.strip(), "sync", NOW) is None
    store.close()

    okrsync("create", "--scope", "sync", "--days", "1")
    now[0] += timedelta(days=1)
    assert "expired" in okrsync("list")[1]
    assert okrsync("create")[0] == 2
