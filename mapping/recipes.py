"""What earlier versions called the meaning of a value, to tell whether a name of theirs is that of today's meaning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from mapping.assess import definition, written
from mapping.model import KeyResult
from mapping.parse import SourceUnit
from mapping.quantity import Quantity


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
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()[:16]
