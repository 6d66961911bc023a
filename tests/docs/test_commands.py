"""Every line of a page that calls okrsync is one that the command line takes, and every target of make is there."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from cli.main import cli
from tests.docs.pages import ROOT, Block, every_block, pages

OKRSYNC = re.compile(r"(?:\.venv/bin/)?okrsync$")
TARGETS = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)


def lines(block: Block) -> Iterator[str]:
    text = re.sub(r"\\\n\s*", "", block.text)
    for line in text.splitlines():
        if block.language == "sh" or line.startswith("$ "):
            yield line.removeprefix("$ ").strip()


def commands(line: str) -> Iterator[list[str]]:
    """What okrsync is called with in a line of a shell, also behind `docker run IMAGE`."""
    words = shlex.split(re.sub(r"<\([^)]*\)", "FILE", line), comments=True)
    for part in _parts(words):
        container = "docker" in part[:2] and "run" in part
        ours = [at for at, word in enumerate(part) if OKRSYNC.fullmatch(word)]
        called = [at for at in ours if container or all(re.match(r"\w+=|exec$", word) for word in part[:at])]
        if called and (not container or part[-1] != "okrsync"):
            yield part[called[-1] + 1 :]


def _parts(words: list[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word in {"|", "&&", "||", ";", "&", ">", ">>", "2>"}:
            yield part
            part = []
        else:
            part.append(word.rstrip(";"))
    yield part


def refuse_unless_taken(arguments: list[str]) -> None:
    command: click.Command = cli
    name, context = "okrsync", None
    rest = list(arguments)
    while True:
        try:
            context = command.make_context(name, rest, parent=context)
        except click.exceptions.Exit:
            return
        except click.BadParameter as error:
            if "does not exist" not in str(error):
                raise
            return
        if not isinstance(command, click.Group):
            return
        rest = [*context._protected_args, *context.args]
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        assert name is not None
        command = found


@pytest.mark.parametrize("block", every_block("sh", "console"), ids=str)
def test_the_command_line_takes_it(block: Block) -> None:
    for line in lines(block):
        for arguments in commands(line):
            refuse_unless_taken(arguments)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_within_a_sentence_are_commands(page: Path) -> None:
    """`okrsync NAME`, with arguments or without."""
    for said in re.findall(r"(?<!`)`(okrsync [^`]+)`", page.read_text()):
        for arguments in commands(" ".join(said.split())):
            if not _stands_for_something(arguments):
                with contextlib.suppress(click.MissingParameter):
                    refuse_unless_taken(arguments)


def _stands_for_something(arguments: list[str]) -> bool:
    """`okrsync COMMAND`, or only where the workspace is."""
    return (
        not arguments
        or arguments[0].isupper()
        or "[OPTIONS]" in arguments
        or (arguments[0] == "-c" and len(arguments) == 2)
    )


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_targets_of_make_are_there(page: Path) -> None:
    named = re.findall(r"`make ([a-z-]+)|^(?: {4})?make ([a-z-]+)", page.read_text(), re.MULTILINE)

    assert [name for pair in named for name in pair if name and name not in TARGETS] == []


@pytest.mark.parametrize("block", every_block("yaml"), ids=str)
def test_manifests_call_commands_that_are_there(block: Block) -> None:
    for arguments in _container_arguments(list(yaml.safe_load_all(block.text))):
        refuse_unless_taken(arguments)


def _container_arguments(node: object) -> Iterator[list[str]]:
    if isinstance(node, dict):
        if "image" in node and isinstance(said := node.get("args") or node.get("command"), list):
            yield [str(one) for one in said]
        for child in node.values():
            yield from _container_arguments(child)
    elif isinstance(node, list):
        for child in node:
            yield from _container_arguments(child)
