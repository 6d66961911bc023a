"""Prints docs/commands.md from the command line itself: `make docs`."""

from __future__ import annotations

import click

from cli import main

HEAD = """\
# The commands

This page is made from the command line itself by `make docs`. `okrsync COMMAND --help` says the same.

KR is the id of a key result. ID is the id of a key result, an initiative or a KPI, or of an objective, which stands for
all that belongs to it."""


def page() -> str:
    top = click.Context(main.cli, info_name="okrsync")
    parts = [HEAD, f"## Options of every command\n\n{_table(main.cli, top)}"]
    for command in main.COMMANDS:
        if command.hidden:
            continue
        parts += _sections(command, top)
    parts.append(f"## Exit codes\n\n{main.cli.epilog}")
    return "\n\n".join(parts) + "\n"


def _sections(command: click.Command, parent: click.Context) -> list[str]:
    context = click.Context(command, parent=parent, info_name=command.name)
    usage = f"{context.command_path} {' '.join(command.collect_usage_pieces(context))}"
    parts = [f"## `{usage}`", _paragraphs(command.help or ""), _table(command, context)]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            parts += _sections(command.commands[name], context)
    return parts


def _paragraphs(text: str) -> str:
    paragraphs = text.replace("\b\n", "").split("\n\n")
    return "\n\n".join(one if one.startswith("    ") else " ".join(one.split()) for one in paragraphs)


def _table(command: click.Command, context: click.Context) -> str:
    rows = [row for one in command.params if (row := one.get_help_record(context)) and row[1]]
    if not rows:
        return "It has no options of its own."
    cells = [(names.replace("|", "\\|"), " ".join(text.split()).replace("|", "\\|")) for names, text in rows]
    return "\n".join(["| option | meaning |", "| --- | --- |", *(f"| `{names}` | {text} |" for names, text in cells)])


if __name__ == "__main__":
    click.echo(page(), nl=False)
