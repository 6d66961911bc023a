"""What a pass would record: reads the sources, writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from config.load import Binding, Metric, Workspace
from connectors.base import Connector, Outcome
from connectors.errors import ConnectorError
from mapping.assess import CheckIn, Failed, Held, NewCheckIn, NoValue, Skipped, Unchanged, assess
from mapping.day import Zone, day_of
from mapping.definition import Definition
from mapping.facts import Step
from mapping.format import format_quantity
from mapping.model import Key, KeyResult
from mapping.reading import Reading, Unavailable
from mapping.records import Candidate
from sync.clock import fix_of, went_back
from sync.connections import readers
from sync.definitions import definitions_of
from sync.doubts import upheld
from sync.gone import NOTHING_MOVED, Moves
from sync.pull import Answers, pull, sent
from sync.questions import Questions, questions_for


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What people have said: where their value stands whatever comes, and where no longer; what the sources had said
    before them; what they rejected, what they doubted (and what waits for them); what is closed (with how and when)."""

    pinned: frozenset[Key] = frozenset()
    resumed: frozenset[Key] = frozenset()
    automatic: Mapping[Key, CheckIn] = field(default_factory=dict)
    rejected: Mapping[Key, CheckIn] = field(default_factory=dict)
    doubted: Mapping[Key, Candidate] = field(default_factory=dict)
    closed: Mapping[Key, str] = field(default_factory=dict)
    seen: tuple[int, int] | None = None
    """How far their words were read in the store."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`calls` is what was sent, by connection, `usage` what is used of what a connection allows in 24
    hours; `definitions` what the OKR files said, `moves` what left them."""

    at: datetime
    steps: tuple[Step, ...]
    answers: Answers
    calls: Mapping[str, int] = field(default_factory=dict)
    usage: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    seen: tuple[int, int] | None = None
    moves: Moves = NOTHING_MOVED

    @property
    def new(self) -> list[CheckIn]:
        return [step.assessment.check_in for step in self.steps if isinstance(step.assessment, NewCheckIn)]

    @property
    def troubled(self) -> list[Failed | NoValue]:
        return [step.assessment for step in self.steps if isinstance(step.assessment, Failed | NoValue)]

    @property
    def held(self) -> list[Held]:
        return [step.assessment for step in self.steps if isinstance(step.assessment, Held)]


def make_plan(
    workspace: Workspace,
    connectors: Mapping[str, Connector],
    last: Mapping[Key, CheckIn],
    at: datetime,
    *,
    standing: Standing | None = None,
    only: frozenset[str] = frozenset(),
    on_answer: Callable[[], None] = lambda: None,
) -> Plan:
    """Ask, and assess every key result against its last check-in. `only` limits it to those ids. Nothing is asked of a
    key result outside its days, or after it is closed."""
    standing, zone = standing or Standing(), workspace.time_zone
    bindings = [binding for key, binding in workspace.bindings.items() if not only or key in only]
    skipped = {
        binding.key_result.id: why_skipped(binding.key_result, standing, day_of(at, zone)) for binding in bindings
    }
    asked = [binding for binding in bindings if skipped[binding.key_result.id] is None]
    questions = questions_for(workspace, asked, at)
    able = readers(connectors)
    answers = pull(questions.by_connection, able, on_answer, workspace.deadline)

    def step(binding: Binding) -> Step:
        before = last.get(binding.key_result.key)
        reason = skipped[binding.key_result.id]
        if reason is not None:
            return Step(key_result=binding.key_result, last=before, assessment=Skipped(reason=reason))
        return _step(binding, questions, answers, before, standing, at, zone)

    return Plan(
        at=at,
        steps=tuple(map(step, bindings)),
        answers=answers,
        calls=sent(able, questions.by_connection),
        usage={name: used for name, one in able.items() if (used := one.usage) is not None},
        definitions=tuple(definitions_of(workspace, bindings)),
        seen=standing.seen,
    )


def why_skipped(key_result: KeyResult, standing: Standing, day: date) -> str | None:
    """Why a key result is not asked on that day, None where it is."""
    if key_result.key in standing.closed:
        return standing.closed[key_result.key]
    if key_result.cancelled:
        return f"cancelled: {key_result.cancelled}"
    if day < key_result.period.start:
        return f"starts on {key_result.period.start}"
    if day > key_result.last_day:
        settled = f", settled by {key_result.last_day}" if key_result.settle else ""
        return f"ended on {key_result.period.end}{settled}"
    return None


def _step(
    binding: Binding,
    questions: Questions,
    answers: Answers,
    last: CheckIn | None,
    standing: Standing,
    at: datetime,
    zone: Zone,
) -> Step:
    key_result = binding.key_result
    asked = questions.of[key_result.id].items()
    readings = {name: known(answers[question], binding.metrics[name]) for name, question in asked}
    assessment = assess(
        key_result,
        readings,
        last,
        at,
        zone=zone,
        metric_units=binding.units,
        meaning=binding.meaning,
        pinned=key_result.key in standing.pinned,
        automatic=standing.automatic.get(key_result.key),
        stands=key_result.key not in standing.resumed,
    )
    if last and isinstance(assessment, NewCheckIn | Held):
        cause = went_back(last, assessment.check_in.asked_at, zone)
        if cause is not None:
            return Step(key_result=key_result, last=last, assessment=_not_counted(cause, fix_of(last, zone)))
    assessment = upheld(assessment, standing.doubted.get(key_result.key), last, binding)
    rejected = standing.rejected.get(key_result.key)
    if isinstance(assessment, Held) and assessment.check_in.says_the_same_as(rejected):
        assessment = Unchanged(check_in=last) if last is not None else _rejected(assessment.check_in)
    return Step(key_result=binding.key_result, last=last, assessment=assessment)


def _not_counted(cause: str, fix: str) -> Failed:
    return Failed(kind="ClockWentBack", cause=cause, fix=fix, connection=None, temporary=False)


def _rejected(made: CheckIn) -> NoValue:
    """A first value that a person rejected leaves nothing."""
    (first, *_) = made.inputs
    cause = f"a person rejected {format_quantity(made.value)}, and the source still gives the same value"
    return NoValue(cause=cause, connection=first.evidence.connection)


def known(outcome: Outcome, metric: Metric) -> Reading | Unavailable:
    """An answer in the words of the mapping."""
    if isinstance(outcome, ConnectorError):
        return Unavailable(
            connection=outcome.connection,
            kind=outcome.kind,
            cause=outcome.message,
            fix=outcome.fix,
            temporary=outcome.temporary,
        )
    return metric.known(outcome)
