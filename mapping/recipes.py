"""The name of what a value means, and what earlier versions called the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from mapping.model import KeyResult, Open
from mapping.parse import SourceUnit
from mapping.quantity import CONTEXT, Quantity

RECIPE = 1
"""The version of what `definition` is made of. It grows whenever the same meaning comes out under another name, be it
that a connector writes the same query in another way: names of two recipes can't be compared."""

_text = json.JSONEncoder(sort_keys=True).encode


def definition(
    key_result: KeyResult,
    metric_units: Mapping[str, SourceUnit] | None = None,
    questions: Mapping[str, str] | None = None,
) -> str:
    """A short name for what the value means: its formula, unit and kind of measure, and the metrics' units and
    questions. Start and target are no part of it: to change them is an adjustment, not another meaning."""
    measure = "Toward" if isinstance(key_result.measure, Open) else type(key_result.measure).__name__
    units = {name: written(Quantity(source.factor, source.unit)) for name, source in (metric_units or {}).items()}
    meaning = [key_result.formula.text, str(key_result.unit), measure, units, dict(questions or {})]
    return hashlib.sha256(_text(meaning).encode()).hexdigest()[:16]


def written(quantity: Quantity) -> str:
    """The same for 10 and 10.0."""
    return f"{quantity.amount.normalize(CONTEXT):f} {quantity.unit}"


def older_names(
    key_result: KeyResult, metric_units: Mapping[str, SourceUnit], questions: Mapping[str, str]
) -> frozenset[str]:
    """The names that recipes before the numbered ones give to what a key result means now. A query may have been
    written in another way then, so that a name which is missing here proves nothing."""
    return frozenset((_first(key_result, metric_units, questions), definition(key_result, metric_units, questions)))


def _first(key_result: KeyResult, metric_units: Mapping[str, SourceUnit], questions: Mapping[str, str]) -> str:
    """Start and target were part of it."""
    measure = key_result.measure
    aims = {name: written(aim) for name, aim in vars(measure).items() if isinstance(aim, Quantity)}
    units = {name: written(Quantity(source.factor, source.unit)) for name, source in metric_units.items()}
    meaning = [key_result.formula.text, str(key_result.unit), type(measure).__name__, aims, units, dict(questions)]
    return hashlib.sha256(_text(meaning).encode()).hexdigest()[:16]
