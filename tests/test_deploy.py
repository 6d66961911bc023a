"""What `deploy/` holds is right by the schemas of Kubernetes and Compose, keeps the restricted pod security, and calls
okrsync as its command line is. No cluster and no Docker are needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.docs.test_commands import refuse_unless_taken
from tests.test_house import ROOT

MANIFESTS = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
COMPOSE = ROOT / "deploy" / "compose" / "compose.yaml"
VERSIONS = ("1.30", "1.33")


def documents() -> Iterator[Any]:
    for file in MANIFESTS:
        for one in yaml.safe_load_all(file.read_text()):
            yield pytest.param(one, id=f"{file.stem}-{one['kind']}-{one['metadata']['name']}")


def pods() -> Iterator[Any]:
    for parameter in documents():
        (one,) = parameter.values
        spec = one.get("spec", {})
        template = spec.get("jobTemplate", {}).get("spec", spec).get("template")
        if template:
            yield pytest.param(template["spec"], one["kind"], id=str(parameter.id))


@pytest.mark.parametrize("document", documents())
def test_kubernetes_takes_it(document: dict[str, Any]) -> None:
    for version in VERSIONS:
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize(("pod", "kind"), pods())
def test_pods_keep_the_restricted_security(pod: dict[str, Any], kind: str) -> None:
    context = pod["securityContext"]
    assert context["runAsNonRoot"]
    assert context["runAsUser"] == 10001
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not pod["automountServiceAccountToken"]
    assert {key for volume in pod["volumes"] for key in volume} - {"name"} <= {
        "configMap", "secret", "emptyDir", "persistentVolumeClaim",
    }  # fmt: skip
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}
    mounted = {mount["name"]: mount.get("readOnly", False) for mount in container["volumeMounts"]}
    assert mounted["secrets"]
    assert mounted["workspace"]
    if kind == "Deployment":
        assert {"livenessProbe", "readinessProbe", "startupProbe"} <= container.keys()
        assert pod["terminationGracePeriodSeconds"] > 30
    refuse_unless_taken(container["args"])


def test_compose_takes_it() -> None:
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", COMPOSE]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout


def test_services_of_compose_are_confined_and_watched() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    for name in ("migrate", "web", "worker"):
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
        refuse_unless_taken(services[name]["command"])
    assert services["worker"]["deploy"]["replicas"] == 2
    assert all(services[name]["healthcheck"].get("test") for name in ("postgres", "web", "worker"))


def test_an_empty_variable_leaves_it_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from config.load import load
    from tests.sync.conftest import OKRS, WORKER

    monkeypatch.setenv("OKRSYNC_STORE", "")
    (tmp_path / "okrs").mkdir()
    (tmp_path / "okrsync.yaml").write_text(WORKER + "store: sqlite:///of-the-file.sqlite\n")
    (tmp_path / "okrs" / "a.yaml").write_text(OKRS)

    assert load(tmp_path).store.endswith("/of-the-file.sqlite")
