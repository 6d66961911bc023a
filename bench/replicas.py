"""Many workspaces on one PostgreSQL, shared by 1, 2 and 4 workers: wall time, doubled passes, statements, a tick's lag.

python -m bench.replicas --postgres postgresql://postgres@127.0.0.1/bench --workspaces 100 --key-results 100
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import click
from sqlalchemy import create_engine, text

from bench import machine
from cli.sandbox import free_port
from config.load import load
from sandbox.server import Request, Response, Server
from sync.owner import owner_of
from sync.store.store import Store

CODE = "from cli.main import main; main()"


@click.command()
@click.option("--postgres", required=True, help="An empty database.")
@click.option("--workspaces", default=100, show_default=True)
@click.option("--key-results", default=100, show_default=True)
@click.option("--latency", default=0.2, show_default=True, help="Seconds of each answer of the tool.")
@click.option("--workers", "counts", multiple=True, type=int, default=(1, 2, 4), show_default=True)
@click.option("--minutes", default=10.0, show_default=True, help="At most, for each count of workers.")
def main(
    postgres: str, workspaces: int, key_results: int, latency: float, counts: tuple[int, ...], minutes: float
) -> None:
    click.echo("\n".join(machine.described()))
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            click.echo(measured(Path(folder), postgres, workspaces, key_results, latency, count, minutes * 60))


def measured(
    root: Path, postgres: str, workspaces: int, key_results: int, latency: float, workers: int, seconds: float
) -> str:
    asking = _Tool()
    _cleared(postgres, workspaces)
    with Server(asking, latency=latency) as tool:
        folders = [_workspace(root / f"w{n}", tool.url, postgres, n, key_results) for n in range(workspaces)]
        begun = time.monotonic()
        running = [_worker(folders) for _ in range(workers)]
        try:
            runs = _recorded(postgres, workspaces, begun + seconds)
        finally:
            for one in running:
                one.terminate()
            for one in running:
                one.wait()
    whole = time.monotonic() - begun
    first, last = min(begin for begin, _ in runs), max(end for _, end in runs)
    asked = asking.asked
    twice = sum(count > 1 for count in asked.values())
    span = (last - first).total_seconds()
    return (
        f"{workers} workers, {workspaces} workspaces of {key_results} key results at {latency:g} s a call: "
        f"{span:.1f} s from the first question to the last record ({whole:.0f} s with start-up); {len(runs)} passes "
        f"recorded, {len(runs) - workspaces} doubled; {sum(asked.values())} calls, {twice} asked twice"
    )


class _Tool:
    """Answers at once, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def answer(self, request: Request) -> Response:
        self.asked[request.path] += 1
        return Response.of({"value": 7})


def _cleared(postgres: str, workspaces: int) -> None:
    """One at a time: a transaction can't hold the locks of them all."""
    engine = create_engine(postgres)
    for name in ["public", *(f"w{n}" for n in range(workspaces))]:
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()


def _workspace(folder: Path, tool: str, postgres: str, n: int, key_results: int) -> Path:
    (folder / "okrs").mkdir(parents=True)
    joined = "&" if "?" in postgres else "?"
    store = f"{postgres}{joined}options={quote(f'-csearch_path=w{n}')}"
    (folder / "okrsync.yaml").write_text(
        f"connections:\n  http: {{url: '{tool}', allow_private: true}}\nstore: '{store}'\nqueue: '{postgres}'\n"
        "schedule: 1d\n"
    )
    rows = "".join(
        f"      - {{id: k{k}, title: K, start: 0, target: 100, value: {{http: {{get: /{n}/{k}, select: value}}}}}}\n"
        for k in range(key_results)
    )
    (folder / "okrs" / "a.yaml").write_text(
        "cycle: {name: all, start: 2020-01-01, end: 2090-12-31}\n"
        f"objectives:\n  - id: o\n    title: O\n    key_results:\n{rows}"
    )
    workspace = load(folder)
    Store.open(workspace.store, owner_of(workspace)).close()
    return folder


def _worker(folders: list[Path]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", CODE, "serve", "--role", "worker", "--admin-port", str(free_port(26_000))]
    with open(os.devnull, "w") as nothing:
        return subprocess.Popen([*command, *map(str, folders)], stderr=nothing, stdout=nothing)


def _recorded(postgres: str, workspaces: int, until: float) -> list[tuple[datetime, datetime]]:
    """Begin and end of each pass, once every workspace has one."""
    engine = create_engine(postgres)
    union = " UNION ALL ".join(f"SELECT {n} AS n, started_at, finished_at FROM w{n}.runs" for n in range(workspaces))
    try:
        while True:
            with engine.connect() as connection:
                rows = connection.execute(text(union)).all()
            if len({row[0] for row in rows}) == workspaces or time.monotonic() > until:
                return [(row[1], row[2]) for row in rows]
            time.sleep(1)
    finally:
        engine.dispose()


if __name__ == "__main__":
    main()
