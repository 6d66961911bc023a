"""Tests about the connectors' tests: none is missing, and each connector has what every one must have."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml
from pydantic import TypeAdapter

import connectors
from connectors import registry
from tests.connectors.contract import ConnectorContract

FOLDER = Path(connectors.__file__ or "").parent
RULES = {
    "contract", "check-before-use", "readme", "fixed-file-names", "faults-complete", "concurrency-stated",
    "lost-and-back", "credentials-stop", "troubleshooting", "owner", "webhooks", "batching", "diagnostics-redacted",
    "known-limitations", "origin-links", "live-test", "strict-typing", "least-privilege-tested", "versioned-publish",
}  # fmt: skip


def test_every_connector_passes_the_contract() -> None:
    for name in registry.BUILT_IN:
        importlib.import_module(f"tests.connectors.test_{name}")

    assert {suite.spec.name for suite in ConnectorContract.__subclasses__()} == set(registry.BUILT_IN)


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_fixed_file_names(name: str) -> None:
    files = {path.name for path in (FOLDER / name).iterdir()}

    assert {"__init__.py", "spec.py", "pull.py", "README.md", "quality.yaml"} <= files
    assert not registry.spec(name).remote or "client.py" in files


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_the_quality_file_lists_every_rule(name: str) -> None:
    made = yaml.safe_load((FOLDER / name / "quality.yaml").read_text())

    assert set(made["rules"]) == RULES
    assert made["owner"]
    for rule, state in made["rules"].items():
        assert state in ("done", "todo") or (state["status"] == "exempt" and state["comment"]), rule


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_the_samples_of_the_readme_are_right(name: str) -> None:
    spec = registry.spec(name)
    text = re.sub(r"\$\{\w+_URL\}", "sqlite:////data/x.sqlite", (FOLDER / name / "README.md").read_text())
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    connections = [yaml.safe_load(block)["connections"] for block in blocks if block.startswith("connections:")]
    queries = [
        yaml.safe_load(line.removeprefix("value: "))[name]
        for block in blocks
        for line in block.splitlines()
        if line.startswith("value: ")
    ]

    assert connections
    assert queries
    for sample in connections:
        for options in sample.values():
            spec.options.model_validate(
                {key: value for key, value in options.items() if key not in ("type", "publish")}
            )
    for query in queries:
        TypeAdapter(spec.queries).validate_python(query)
    places = [
        yaml.safe_load(line.removeprefix("publish: "))[name]
        for block in blocks
        for line in block.splitlines()
        if line.startswith("publish: {")
    ]
    assert bool(places) == (spec.destination is not None and spec.remote)
    for place in places:
        TypeAdapter(spec.destination).validate_python(place)


def test_no_connector_makes_evidence_by_itself() -> None:
    """Types, ranges and texts of an answer are checked in one place."""
    makers = {
        path.name
        for path in FOLDER.rglob("*.py")
        if re.search(r"\b(Evidence|Reading)\(", path.read_text()) and path.name != "readings.py"
    }

    assert makers == set()


def test_no_connector_goes_by_an_unknown_name() -> None:
    with pytest.raises(KeyError):
        registry.spec("fax")


def test_specs_do_not_import_client_libraries() -> None:
    """Checking a configuration must stay quick."""
    import subprocess
    import sys

    script = (
        "import sys; from connectors.registry import BUILT_IN, spec; [spec(name) for name in BUILT_IN]; "
        "sys.exit(any(name in sys.modules for name in ('simple_salesforce', 'jira', 'msal')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
