"""What a pass would record: reads the sources, writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.load import Binding, Workspace
from connectors.base import Connector, Outcome
from connectors.errors import ConnectorError
from mapping.assess import Assessment, CheckIn, Failed, NewCheckIn, NoValue, assess
from mapping.reading import Reading, Unavailable
from sync.pull import Answers, pull
from sync.questions import Questions, questions_for


@dataclass(frozen=True, kw_only=True)
class Step:
    """One key result in a plan: what is known of it, and what the pass makes of the answers."""

    binding: Binding
    last: CheckIn | None
    assessment: Assessment


@dataclass(frozen=True, kw_only=True)
class Plan:
    at: datetime
    steps: tuple[Step, ...]
    answers: Answers

    @property
    def new(self) -> list[CheckIn]:
        return [step.assessment.check_in for step in self.steps if isinstance(step.assessment, NewCheckIn)]

    @property
    def troubled(self) -> list[Failed | NoValue]:
        return [step.assessment for step in self.steps if isinstance(step.assessment, Failed | NoValue)]


def make_plan(
    workspace: Workspace,
    connectors: Mapping[str, Connector[Any]],
    last: Mapping[str, CheckIn],
    at: datetime,
    *,
    only: frozenset[str] = frozenset(),
    on_answer: Callable[[], None] = lambda: None,
) -> Plan:
    """Ask, and assess every key result against its last check-in. `only` limits it to those ids."""
    bindings = [binding for key, binding in workspace.bindings.items() if not only or key in only]
    questions = questions_for(workspace, bindings, at)
    answers = pull(questions.by_connection, connectors, on_answer, workspace.deadline)
    steps = tuple(_step(binding, questions, answers, last.get(binding.key_result.id), at) for binding in bindings)
    return Plan(at=at, steps=steps, answers=answers)


def _step(binding: Binding, questions: Questions, answers: Answers, last: CheckIn | None, at: datetime) -> Step:
    asked = questions.of[binding.key_result.id]
    readings = {name: _known(answers[question]) for name, question in asked.items()}
    units = {name: metric.unit for name, metric in binding.metrics.items() if metric.unit is not None}
    assessment = assess(binding.key_result, readings, last, at, metric_units=units)
    return Step(binding=binding, last=last, assessment=assessment)


def _known(outcome: Outcome) -> Reading | Unavailable:
    if isinstance(outcome, ConnectorError):
        return Unavailable(
            connection=outcome.connection,
            kind=outcome.kind,
            cause=outcome.message,
            fix=outcome.fix,
            temporary=outcome.temporary,
        )
    return outcome
