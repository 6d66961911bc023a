"""What stands behind a key result: where its numbers come from, and where in the OKR files it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from config.okr_file import CaseForm
from config.queries import Metric
from config.yaml_source import Path_
from mapping.model import KeyResult
from mapping.parse import SourceUnit
from mapping.posting import Slot
from mapping.recipes import definition


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A key result and, by the names in its formula, the metrics it is made of. `line` is where it stands in its file,
    `path` where in the file's data. `due` is what a new check-in of it is to be published to, that of the objectives
    above it included."""

    key_result: KeyResult
    metrics: Mapping[str, Metric]
    file: Path
    line: int
    path: Path_
    cases: tuple[CaseForm, ...] = ()
    due: tuple[Slot, ...] = ()

    @cached_property
    def units(self) -> dict[str, SourceUnit]:
        """What its metrics' bare numbers mean, where somebody said it."""
        return {name: metric.unit for name, metric in self.metrics.items() if metric.unit is not None}

    @cached_property
    def questions(self) -> dict[str, str]:
        """Its metrics' queries as the operator wrote them."""
        return {name: metric.question for name, metric in self.metrics.items()}

    @cached_property
    def meaning(self) -> str:
        """The name of what its values mean."""
        return definition(self.key_result, self.units, self.questions)
