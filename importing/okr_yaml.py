"""The tree as OKR files, one for each period."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from importing.model import (
    ImportedCheckIn,
    ImportedInitiative,
    ImportedKeyResult,
    ImportedObjective,
    ImportedTree,
    Period,
)
from importing.slugs import slug
from importing.standing import written

_HEAD = (
    "# Imported. Values are by hand, as they were last known. Put a query in their place, and they keep\n"
    "# themselves current.\n"
)
_OF_THE_TARGET = ("number", "ratio")
"""Units whose bare values a key result reads as they stand; a currency is a third."""


def write(tree: ImportedTree, ids: Mapping[str, str], there: Collection[str] = ()) -> dict[str, str]:
    """The text of each file by its name, which is none of those that are `there`. Raises nothing: what can't be written
    is not in a tree."""
    by_period: dict[Period, dict[str, Any]] = defaultdict(lambda: defaultdict(list))
    for objective in tree.objectives:
        by_period[objective.period]["objectives"].append(_objective(objective, ids))
    for kpi in tree.kpis:
        by_period[kpi.period]["kpis"].append(_key_result(kpi, ids))
    files: dict[str, str] = {}
    for period in sorted(by_period, key=lambda one: (one.start, one.end, one.name)):
        body = {"cycle": _cycle(period), **by_period[period]}
        files[_file_name(period, {*files, *there})] = _HEAD + _dump(body)
    return files


def _file_name(period: Period, taken: Collection[str]) -> str:
    stem = period.name if period.is_calendar else slug(period.name) or f"{period.start}-{period.end}"
    name, number = f"{stem}.yaml", 2
    # Some file systems take 2026-Q1 and 2026-q1 for one.
    lowered = {one.lower() for one in taken}
    while name.lower() in lowered:
        name, number = f"{stem}-{number}.yaml", number + 1
    return name


def _cycle(period: Period) -> Any:
    if period.is_calendar:
        return period.name
    return {"name": period.name, "start": period.start, "end": period.end}


def _objective(made: ImportedObjective, ids: Mapping[str, str]) -> dict[str, Any]:
    body = {
        "id": ids[made.key],
        "title": made.title,
        "level": made.level.value,
        "kind": made.kind.value,
        **written(made.about),
        "parent": ids[made.parent] if made.parent else None,
        "key_results": [_key_result(one, ids, made.period) for one in made.key_results],
        "initiatives": [_initiative(one, ids, made.period) for one in made.initiatives],
    }
    return {name: value for name, value in body.items() if value}


def _key_result(made: ImportedKeyResult, ids: Mapping[str, str], of: Period | None = None) -> dict[str, Any]:
    aim = {
        "start": made.start,
        "target": made.target,
        "stay_above": made.stay_above,
        "stay_below": made.stay_below,
    }
    return {
        "id": ids[made.key],
        "title": made.title,
        **({"cycle": _cycle(made.period)} if of not in (None, made.period) else {}),
        **{name: value for name, value in aim.items() if value is not None},
        **({"baseline": True} if made.baseline else {}),
        "unit": made.unit,
        "value": _value(made.check_ins, made.unit, made.period.start),
        **({"phases": {day: _percent(share) for day, share in made.phases}} if made.phases else {}),
        **written(made.about),
        **({"weight": made.weight} if made.weight != 1 else {}),
    }


def _initiative(made: ImportedInitiative, ids: Mapping[str, str], of: Period) -> dict[str, Any]:
    body: dict[str, Any] = {"id": ids[made.key], "title": made.title}
    # Without a value it is nothing that is kept current, and what was said of it has no place.
    if made.check_ins or made.ending:
        body["value"] = _value(made.check_ins, "%", of.start)
    return {**body, **written(made.about)}


def _value(check_ins: tuple[ImportedCheckIn, ...], unit: str, otherwise: date) -> dict[str, Any]:
    """Where nothing is known yet the file says so, since a key result needs a value. A bare percentage or duration
    would be taken for a ratio, or refused, so its unit stands beside it."""
    known: dict[date, Decimal | None] = {made.day: made.value for made in check_ins if made.value is not None}
    beside = {} if unit in _OF_THE_TARGET or unit.isupper() else {"unit": unit}
    return {"manual": known or {otherwise: None}, **beside}


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"


class _Dumper(yaml.SafeDumper):
    """Nothing that `config.yaml_source` would read as something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - that reader refuses every alias
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # PyYAML's own rules are YAML 1.1's: it would leave 1.5e3 bare, which the reader takes for a number.
    bare = re.fullmatch(r"[A-Za-z][^\n]*", value) is not None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if bare else '"')


def _decimal(dumper: yaml.SafeDumper, value: Decimal) -> yaml.Node:
    text = f"{value.normalize():f}" if value else "0"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Decimal, _decimal)


def _dump(body: dict[str, Any]) -> str:
    return yaml.dump(body, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False)
