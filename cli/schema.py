"""`okrsync schema`"""

from __future__ import annotations

import click

from cli.session import print_json

FILES = ("okrs", "worker")
OUTPUTS = ("show", "plan", "explain", "report", "final-report")


@click.command()
@click.argument("kind", type=click.Choice([*FILES, *OUTPUTS]), default="okrs")
def schema(kind: str) -> None:
    """Print the JSON Schema of the OKR files (or of okrsync.yaml: `worker`), for editors; or of what a command prints
    with --json.

    Put the schema of a file beside your files and write on their first line:

        # yaml-language-server: $schema=okrs.schema.json
    """
    if kind in FILES:
        from config.schema import json_schema

        print_json(json_schema(kind))
    else:
        from views import shapes

        print_json(shapes.json_schema(kind))
