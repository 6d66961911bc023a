"""Every YAML sample of the pages is loaded as what it is: okrsync.yaml, an OKR file or a part of one, a column map."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.destinations import adapter
from config.load import load
from config.okr_file import KeyResultForm, OkrFile
from config.secrets import Secrets
from config.settings import WorkerSettings
from importing.columns import ColumnMap, read_map
from mapping.published import mistake
from tests.docs.pages import ROOT, Block, every_block

WORKER = """\
connections:
  salesforce: {url: "http://127.0.0.1:9", client_id: okrsync, client_secret: sandbox-secret, currency: USD}
  jira: {url: "http://127.0.0.1:9", email: okrsync@example.com, token: sandbox-secret}
  graph: {tenant: contoso, client_id: okrsync, client_secret: sandbox-secret}
  http: {url: "http://127.0.0.1:9"}
  sql: {url: "${WAREHOUSE_URL}"}
  memory: {values: {uptime: 0.9984}}
"""
OKRS = """\
cycle: 2026-Q4
objectives:
  - {id: one, title: One, key_results: [{id: a, title: A, start: 0, target: 9, value: {manual: {2026-10-31: 4}}}]}
"""
METRICS = (
    "metrics: {won: {manual: {2026-10-31: 4}}, matched: {manual: {2026-10-31: 4}}, contacts: {manual: {2026-10-31: 4}}}"
)
WORKER_NAMES = {"connections", *WorkerSettings.model_fields}
OKR_NAMES = set(OkrFile.model_fields)
READMES = ROOT / "connectors"  # tests/connectors/test_all.py tries those
REPOSITORY = {"apiVersion", "services", "jobs"}  # manifests; what they call is tried in test_commands.py
SAMPLES = [one for one in every_block("yaml") if READMES not in one.page.parents]


def written(folder: Path, worker: str, okrs: str) -> Path:
    (folder / "okrs").mkdir()
    (folder / "okrsync.yaml").write_text(worker)
    (folder / "okrs" / "sample.yaml").write_text(okrs)
    return folder


def any_secret(worker: str) -> Secrets:
    names = re.findall(r"\$\{(\w+)\}", worker)
    values = {name: "postgresql://okrsync@db/okrs" if name.endswith(("_URL", "_STORE")) else "x" * 32 for name in names}
    return Secrets.of(values)


def dumped(document: object) -> str:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


@pytest.mark.parametrize("block", SAMPLES, ids=str)
def test_a_sample_is_right(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAREHOUSE_URL", "sqlite:////tmp/x.sqlite")
    queries = re.findall(r"^value: (.+)$", block.text, re.MULTILINE)
    document: Any = {} if len(queries) > 1 else next(yaml.safe_load_all(block.text))
    names = set(document) if isinstance(document, dict) else set()
    if queries:
        loaded(tmp_path, WORKER, dumped(with_key_results([key_result(yaml.safe_load(one)) for one in queries])))
    elif names & REPOSITORY:
        assert list(yaml.safe_load_all(block.text))
    elif names == {"tests"}:
        loaded(tmp_path, WORKER, dumped(with_key_results([tried(document)])))
    elif names == {"publish"}:
        (tool,) = set(document["publish"]) - {"connection", "on_conflict", "statuses"}
        facts = adapter(tool).validate_python(document["publish"][tool]).facts()
        assert [wrong for _, fact in facts if (wrong := mistake(fact))] == []
    elif isinstance(document, list):
        loaded(tmp_path, WORKER, dumped(with_list(document)))
    elif names and names <= set(ColumnMap.model_fields):
        (tmp_path / "columns.yaml").write_text(block.text)
        assert read_map(tmp_path / "columns.yaml")
    elif names and names <= WORKER_NAMES:
        text = block.text if "connections" in names else block.text + WORKER
        loaded(tmp_path, re.sub(r"(?m)^ +\w+_file: .*\n", "", text), OKRS)
    else:
        assert names <= OKR_NAMES, f"nothing that okrsync reads has {names - OKR_NAMES}"
        text = block.text if names & {"objectives", "kpis"} else block.text + OKRS.replace("cycle: 2026-Q4\n", "")
        text = text if "cycle" in names else f"cycle: 2026-Q4\n{text}"
        loaded(tmp_path, WORKER, text, more=names & {"objectives", "kpis"})


def loaded(folder: Path, worker: str, okrs: str, more: object = None) -> None:
    workspace = load(written(folder, worker, okrs), any_secret(worker) if "${" in worker else None)

    assert workspace.bindings or more


def with_key_results(key_results: list[dict[str, Any]]) -> dict[str, Any]:
    objective = {"id": "o", "title": "O", "key_results": key_results}
    return {"cycle": "2026-Q4", **yaml.safe_load(METRICS), "objectives": [objective]}


def key_result(value: Any, at: list[int] = [0]) -> dict[str, Any]:  # noqa: B006 - a counter of ids
    at[0] += 1
    return {"id": f"kr-{at[0]}", "title": "KR", "baseline": True, "value": value}


def tried(document: dict[str, Any]) -> dict[str, Any]:
    return {"id": "kr", "title": "KR", "start": "80%", "target": "90%", "value": "matched / contacts", **document}


def with_list(items: list[dict[str, Any]]) -> dict[str, Any]:
    assert all(set(item) <= set(KeyResultForm.model_fields) for item in items)
    return with_key_results(items)
