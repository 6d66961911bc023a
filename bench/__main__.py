"""Runs the topics and prints their page. `--write` puts it into bench/README.md too, as the last run there."""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from importlib import import_module
from pathlib import Path

import click

from bench import machine, topics
from bench.page import Page, put_into
from bench.processes import Failed
from bench.runs import FULL, SMALL, USUAL, Bench, Sizes, TimeIsUp

README = Path(__file__).with_name("README.md")


@click.command()
@click.option("--full", is_flag=True, help="100,000 key results, and growth. It takes long.")
@click.option("--small", is_flag=True, help="Tiny sizes, to see that it works. The numbers mean nothing.")
@click.option("--only", "chosen", multiple=True, help="A topic by its module's name; all of them without it.")
@click.option("--minutes", default=8.5, show_default=True, help="After so long nothing more is begun.")
@click.option("--write", is_flag=True, help="Put the page into bench/README.md.")
def main(full: bool, small: bool, chosen: tuple[str, ...], minutes: float, write: bool) -> None:
    sizes = SMALL if small else FULL if full else USUAL
    page = Page()
    failed = measure(chosen or (topics.FULL if full else topics.USUAL), sizes, minutes * 60, page)
    click.echo(str(page))
    if write:
        put_into(README, "full" if full else "usual", str(page))
    sys.exit(1 if failed else 0)


def measure(names: tuple[str, ...], sizes: Sizes, seconds: float, page: Page) -> bool:
    """Whether something failed. A topic that fails costs no other."""
    begun, before, failed = time.monotonic(), machine.load(), False
    page.say("\n".join(f"- {line}" for line in machine.described()))
    for name in names:
        topic = import_module(f"bench.topics.{name}")
        click.echo(f"{topic.TITLE} ...", err=True)
        page.say(f"### {topic.TITLE}")
        page.say(topic.ABOUT)
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(folder=Path(folder), sizes=sizes, until=begun + seconds)
            try:
                bench.look_at_the_clock()
                topic.run(bench, page)
            except TimeIsUp:
                page.say(f"What is missing here was not measured: the {seconds / 60:g} minutes were over.")
            except Exception as error:
                failed = True
                page.say(f"It failed: {str(error)[:500] if isinstance(error, Failed) else type(error).__name__}")
                traceback.print_exc()
    whole = time.monotonic() - begun
    page.say(f"Load of the machine {before} at the beginning, {machine.load()} at the end; {whole:.0f} s in all.")
    return failed


if __name__ == "__main__":
    main()
