"""What the OKR files of now say, as it is kept beside the values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config.load import Binding, Workspace
from mapping.definition import Definition, snapshot
from mapping.parse import SourceUnit
from mapping.recipes import RECIPE, definition


def definitions_of(workspace: Workspace, bindings: Iterable[Binding]) -> Iterator[Definition]:
    objectives = {objective.id: objective for objective in workspace.objectives}
    for binding in bindings:
        key_result = binding.key_result
        questions = texts_of(binding)
        yield Definition(
            key_result=key_result.id,
            cycle=key_result.period.name,
            snapshot=snapshot(key_result, objectives.get(key_result.objective), questions),
            meaning=definition(key_result, units_of(binding), questions),
            recipe=RECIPE,
            file=_within(binding, workspace),
            line=binding.source.line(binding.path),
        )


def units_of(binding: Binding) -> dict[str, SourceUnit]:
    return {name: metric.unit for name, metric in binding.metrics.items() if metric.unit is not None}


def texts_of(binding: Binding) -> dict[str, str]:
    """Its metrics' queries as the operator wrote them."""
    return {name: metric.question for name, metric in binding.metrics.items()}


def _within(binding: Binding, workspace: Workspace) -> str:
    """The file as it is called from the workspace's folder."""
    file = binding.source.file
    return str(file.relative_to(workspace.root)) if file.is_relative_to(workspace.root) else str(file)
