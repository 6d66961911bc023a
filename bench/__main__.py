"""Runs the measurements and prints them. `--latency` is the sandbox's, in seconds."""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import click

from bench import mapping
from bench.world import write_data, write_okrs, write_shared

OKRSYNC = (sys.executable, "-c", "from cli.main import main; main()")
PLAIN = (sys.executable, "-m", "bench.plain")
SIGN_IN = {"salesforce": 1, "jira": 1, "graph": 2}
"""Calls that come one after the other before the rest: token; account; discovery and token."""
SHARED, DISTINCT, SAMPLE = 1000, 300, 60
TOOLS = ("SALESFORCE", "JIRA", "GRAPH")


@dataclass(frozen=True, kw_only=True)
class Measured:
    seconds: float
    megabytes: float
    calls: int


@contextmanager
def sandbox(data: Path, latency: float) -> Iterator[dict[str, str]]:
    with subprocess.Popen(
        [*OKRSYNC, "sandbox", "--port", "0", "--data", str(data), "--latency", str(latency)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield dict(process.stdout.readline().removeprefix("export ").strip().split("=", 1) for _ in range(6))
        finally:
            process.terminate()


def calls(environment: dict[str, str]) -> int:
    return sum(len(json.load(urlopen(f"{environment[f'{tool}_URL']}/__sandbox/calls"))) for tool in TOOLS)


def measure(command: list[str], environment: dict[str, str]) -> Measured:
    before, start = calls(environment), time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{command} failed")
    return Measured(seconds=seconds, megabytes=_megabytes(usage), calls=calls(environment) - before)


def _megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def least_calls(count: int) -> int:
    """What the tools' limits allow: data (five SELECTs a call, with two for the currency; a search for each JQL; all
    cells of one sheet as one range), and a sign-in each (Jira: the account; Entra: discovery and token)."""
    each = [len(range(tool, count, 3)) for tool in range(3)]
    return -(-(each[0] + 2) // 5) + min(each[1], 400) + 1 + 4


def help_seconds() -> tuple[float, float]:
    def run(*command: str) -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - start

    bare = median(run("-c", "pass") for _ in range(9))
    whole = median(run("-c", "from cli.main import run; run(['--help'])") for _ in range(9))
    return whole, whole - bare


@click.command()
@click.option("--latency", default=0.2, show_default=True, help="The slower sandbox's latency in seconds.")
@click.option("--count", "counts", multiple=True, type=int, default=(100, 1000), help="How many key results.")
def main(latency: float, counts: tuple[int, ...]) -> None:
    whole, own = help_seconds()
    click.echo(f"okrsync --help: {whole:.3f} s, {own:.3f} s beyond bare Python")
    header = f"{'key results':>11} {'latency':>8} | {'okrsync':>24} | {'plain loop':>24} | {'ratio of':>15} | least"
    click.echo(header)
    figures = f"{'s':>8} {'calls':>6} {'MB':>8}"
    click.echo(f"{'':>11} {'s':>8} | {figures} | {figures} | {'s':>7} {'calls':>7} | calls")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder / "data")
        for count in counts:
            write_okrs(folder / str(count), count)
        for delay in (0.0, latency):
            with sandbox(folder / "data", delay) as environment:
                for count in counts:
                    line(folder / str(count), count, delay, environment)
        shared(folder, latency)
    click.echo("\nassessing and rolling up, CPU alone")
    mapping.main()


def shared(folder: Path, delay: float) -> None:
    """1,000 key results over 300 distinct queries, tool by tool. The plain loop asks once for each key result, so that
    a sample of it is enough. The least seconds are those of the calls, as many at once as `concurrency` allows."""
    write_shared(folder / "shared", SHARED, DISTINCT)
    click.echo(f"\n{SHARED} key results over {DISTINCT} distinct queries of one tool, {delay} s latency, asking alone")
    click.echo(f"{'tool':>11} | {'s':>6} {'calls':>6} {'least':>6} {'least s':>8} {'ratio':>6} | plain loop s   ratio")
    for index, tool in enumerate(TOOLS):
        with sandbox(folder / "data", delay) as environment:
            name = tool.lower()
            command = [sys.executable, "-m", "bench.pulls", str(folder / "shared"), name]
            answer = subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=True)
            ours = json.loads(answer.stdout)[name]
            made = calls(environment)
            plain = measure([*PLAIN, str(SAMPLE), str(index)], environment)
        least = {"salesforce": -(-DISTINCT // 5), "jira": DISTINCT, "graph": -(-DISTINCT // 20)}[name]
        first = SIGN_IN[name]
        rounds = first + math.ceil((made - first) / ours["concurrency"])
        ideal = rounds * delay
        whole = plain.seconds * SHARED / SAMPLE
        seconds = ours["seconds"]
        click.echo(
            f"{name:>11} | {seconds:>6.2f} {made:>6} {least:>6} {ideal:>8.2f} {seconds / ideal:>6.2f} | "
            f"{whole:>12.1f} {whole / seconds:>7.1f}"
        )


def line(folder: Path, count: int, delay: float, environment: dict[str, str]) -> None:
    environment = {**environment, "OKRSYNC_STORE": f"sqlite:///{folder}/store-{delay}.sqlite"}
    ours = measure([*OKRSYNC, "-c", str(folder), "sync", "--json"], environment)
    plain = measure([*PLAIN, str(count)], environment)
    click.echo(
        f"{count:>11} {delay:>8.1f} | {ours.seconds:>8.2f} {ours.calls:>6} {ours.megabytes:>8.0f} | "
        f"{plain.seconds:>8.2f} {plain.calls:>6} {plain.megabytes:>8.0f} | "
        f"{plain.seconds / ours.seconds:>7.1f} {plain.calls / ours.calls:>7.1f} | {least_calls(count)}"
    )


if __name__ == "__main__":
    main()
