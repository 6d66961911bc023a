"""`okrsync connectors`"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from cli.session import json_option, print_json
from cli.terminal import out

if TYPE_CHECKING:
    from connectors.base import Spec

NAME_WIDTH = 12
_YAML = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


@click.command()
@click.argument("name", required=False)
@json_option
def connectors(name: str | None, as_json: bool) -> None:
    """List the connectors and what each can do, or show one with its options and samples."""
    from connectors import registry

    if name is None:
        _print_all([registry.spec(each) for each in registry.names()], as_json)
        return
    if name not in registry.names():
        from config.suggest import did_you_mean

        raise click.ClickException(f"There is no connector {name!r}. {did_you_mean(name, registry.names())}")
    spec = registry.spec(name)
    if as_json:
        print_json({**_summary(spec), "options": _options(spec), "samples": _samples(spec)})
    else:
        _print_one(spec)


def _print_all(specs: list[Spec], as_json: bool) -> None:
    if as_json:
        print_json([_summary(spec) for spec in specs])
        return
    to = out()
    for spec in specs:
        forms = _forms(spec)
        queries = f" Queries: {', '.join(forms)}." if forms else ""
        about = f"{spec.title}: {', '.join(spec.capabilities)}.{queries}"
        to.line((f"{spec.name:<{NAME_WIDTH}}", "bold"), about, hang=NAME_WIDTH)
    to.blank()
    to.line("`okrsync connectors NAME` shows options and samples.")


def _print_one(spec: Spec) -> None:
    to = out()
    to.line((spec.title, "bold"), f" ({spec.name})")
    to.blank()
    to.line(("Options in okrsync.yaml", "bold"))
    for option in _options(spec):
        default = "required" if option["required"] else _shown(option["default"])
        secret = " A secret: write ${VARIABLE}." if option["secret"] else ""
        to.line((option["name"], "bold"), f" ({default})" if default else "", indent=2)
        to.line(f"{option['description']}{secret}", indent=6)
    for sample in _samples(spec):
        to.blank()
        to.text(sample.rstrip())
    to.blank()
    to.line(f"connectors/{spec.name}/README.md has the set-up step by step, limits and errors.")


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
    return _YAML.findall(readme.read_text(encoding="utf-8")) if readme.is_file() else []
