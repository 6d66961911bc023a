"""What the OKR files of now say, as it is kept beside the values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config.load import Binding, Workspace
from mapping.definition import Definition, snapshot
from mapping.recipes import RECIPE


def definitions_of(workspace: Workspace, bindings: Iterable[Binding]) -> Iterator[Definition]:
    objectives = {objective.id: objective for objective in workspace.objectives}
    for binding in bindings:
        key_result = binding.key_result
        yield Definition(
            key_result=key_result.id,
            cycle=key_result.period.name,
            snapshot=snapshot(key_result, objectives.get(key_result.objective), binding.questions),
            meaning=binding.meaning,
            recipe=RECIPE,
            file=_within(binding, workspace),
            line=binding.line,
        )


def _within(binding: Binding, workspace: Workspace) -> str:
    """The file as it is called from the workspace's folder."""
    file = binding.file
    return str(file.relative_to(workspace.root)) if file.is_relative_to(workspace.root) else str(file)
