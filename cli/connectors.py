"""`okrsync connectors`"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from cli.session import console, json_option, print_json

if TYPE_CHECKING:
    from connectors.base import Spec

_YAML = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


@click.command()
@click.argument("name", required=False)
@json_option
def connectors(name: str | None, as_json: bool) -> None:
    """What numbers can be read from, and what else a tool does: all connectors, or one with its options and samples."""
    from connectors import registry

    if name is None:
        _print_all([registry.spec(each) for each in registry.names()], as_json)
        return
    if name not in registry.names():
        from config.suggest import did_you_mean

        raise click.ClickException(f"there is no connector {name!r}. {did_you_mean(name, registry.names())}")
    spec = registry.spec(name)
    if as_json:
        print_json({**_summary(spec), "options": _options(spec), "samples": _samples(spec)})
    else:
        _print_one(spec)


def _print_all(specs: list[Spec], as_json: bool) -> None:
    if as_json:
        print_json([_summary(spec) for spec in specs])
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Connector", "Tool", "What it does", "Queries"):
        table.add_column(column)
    for spec in specs:
        table.add_row(spec.name, spec.title, ", ".join(spec.capabilities), ", ".join(_forms(spec)))
    out = console()
    out.print(table)
    out.print("\n`okrsync connectors NAME` shows options and samples.", markup=False)


def _print_one(spec: Spec) -> None:
    from rich.table import Table

    out = console()
    out.print(f"[bold]{spec.title}[/] ({spec.name})\n")
    table = Table(box=None, pad_edge=False, header_style="bold", title="Options in okrsync.yaml", title_justify="left")
    for column in ("Option", "Default", "What it is"):
        table.add_column(column)
    for option in _options(spec):
        default = "required" if option["required"] else _shown(option["default"])
        secret = " A secret: write ${VARIABLE}." if option["secret"] else ""
        table.add_row(option["name"], default, f"{option['description']}{secret}")
    out.print(table)
    for sample in _samples(spec):
        out.print(f"\n{sample.rstrip()}", markup=False, soft_wrap=True)
    out.print(f"\nconnectors/{spec.name}/README.md has the set-up step by step, limits and errors.", markup=False)


def _shown(default: Any) -> str:
    return "" if default is None else f"{default}"


def _summary(spec: Spec) -> dict[str, Any]:
    return {"name": spec.name, "title": spec.title, "can": list(spec.capabilities), "queries": _forms(spec)}


def _forms(spec: Spec) -> list[str]:
    """The words that a query of this connector begins with."""
    from typing import get_args

    from pydantic import BaseModel

    def models(given: Any) -> list[type[BaseModel]]:
        if isinstance(given, type) and issubclass(given, BaseModel):
            return [given]
        return [model for part in get_args(given) for model in models(part)]

    return [next(iter(model.model_fields)) for model in models(spec.queries)]


def _options(spec: Spec) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "required": field.is_required(),
            "default": None if field.is_required() else field.default,
            "secret": "SecretStr" in str(field.annotation),
            "description": field.description or "",
        }
        for name, field in spec.options.model_fields.items()
    ]


def _samples(spec: Spec) -> list[str]:
    """The samples of the connector's README, which the tests hold to be right."""
    from importlib.resources import files

    readme = files(spec.package) / "README.md"
    return _YAML.findall(readme.read_text()) if readme.is_file() else []
