"""A PostgreSQL for all tests that want one, the run's seed, and how far sweeps go."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from connectors.redaction import redact
from tests import sweep
from tests.sweep import TORTURE

# No test writes into the user's own folders.
os.environ.setdefault("OKRSYNC_CACHE", "off")

settings.register_profile("test", deadline=None)
settings.register_profile(
    "torture", max_examples=2_000, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)
settings.load_profile("torture" if TORTURE else "test")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        sweep.SEED = config.workerinput["seed"]
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(sweep.SEED)


def pytest_configure_node(node: Any) -> None:
    """All workers of a run start from its seed."""
    node.workerinput["seed"] = sweep.SEED


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None:
        reporter.write_line(f"{'Torture' if TORTURE else 'Short sweeps'}; OKRSYNC_SEED={sweep.SEED} repeats this run.")


@pytest.fixture(autouse=True)
def no_secrets_of_other_tests() -> None:
    """A test's secret may be a word of another's message."""
    redact.forget_all()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of the tests' own, on a Unix socket, without touching any that runs here."""
    if "OKRSYNC_TEST_POSTGRES" in os.environ:
        yield os.environ["OKRSYNC_TEST_POSTGRES"]
        return
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("PostgreSQL is not installed; OKRSYNC_TEST_POSTGRES may name one")
    folder = Path(str(tmp_path_factory.mktemp("pg")))
    as_user: list[str] = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("PostgreSQL refuses to run as root, and there is no setpriv")
        as_user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        home = Path("/tmp") / f"okrsync-pg-{os.getpid()}"
        home.mkdir()
        os.chown(home, 65534, 65534)
        folder = home
    binaries, data = found[-1].parent, folder / "data"

    def run(*command: str | Path) -> None:
        subprocess.run([*as_user, *map(str, command)], check=True, capture_output=True, cwd=folder)

    run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N")
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    run(binaries / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)
