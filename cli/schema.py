"""`okrsync schema`"""

from __future__ import annotations

import click

from cli.session import print_json


@click.command()
@click.argument("kind", type=click.Choice(["okrs", "worker"]), default="okrs")
def schema(kind: str) -> None:
    """Print the JSON Schema of the OKR files (or of okrsync.yaml: `worker`), for editors.

    Put it beside your files and write on their first line:

        # yaml-language-server: $schema=okrs.schema.json
    """
    from config.schema import json_schema

    print_json(json_schema(kind))
