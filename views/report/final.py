"""The report of a cycle that is over: scores, verdicts, what was carried over, what was learned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from mapping.facts import KeyResultView, ObjectiveReport
from mapping.foreign import clean
from mapping.model import Cycle
from mapping.progress import Verdict
from mapping.quantity import CONTEXT
from mapping.records import Closing
from views import words
from views.formats import NOTHING, moment, percent
from views.language import Language
from views.report.model import FORMAT, Days, Number, OfKeyResult, Shape
from views.report.outline import Block, Heading, Item, Rows, Sentence
from views.report.rows import number


@dataclass(frozen=True, kw_only=True)
class FinalFacts:
    """`open` is how many key results are not closed yet; their scores are those that are suggested."""

    workspace: str
    cycle: Cycle
    at: datetime
    reports: Sequence[ObjectiveReport]
    open: int


class FinalLine(OfKeyResult):
    value: Number | None
    aim: str
    progress: Decimal | None
    suggested: Decimal | None
    score: Decimal | None
    outcome: str
    outcome_word: str
    note: str | None
    by: str | None
    closed: bool


class FinalObjective(Shape):
    id: str
    title: str
    owner: str | None
    kind: str
    kind_word: str
    score: Decimal | None
    verdict: str | None
    verdict_word: str | None
    notes: tuple[str, ...]
    lines: tuple[FinalLine, ...]


class FinalReport(Shape):
    """`carried` are the titles of what goes on in the next cycle; `open` is how many are not closed yet."""

    format_version: int = FORMAT
    kind: Literal["cycle"] = "cycle"
    workspace: str
    language: str
    cycle: Days
    at: datetime
    provisional: bool
    open: int
    headline: str
    score: Decimal | None
    objectives: tuple[FinalObjective, ...]
    carried: tuple[str, ...]
    learned: tuple[str, ...]


def final_report(facts: FinalFacts, language: Language) -> FinalReport:
    objectives = tuple(_objective(one, language) for one in facts.reports)
    lines = [line for one in objectives for line in one.lines]
    scores = [one.score for one in objectives if one.score is not None]
    score = CONTEXT.divide(sum(scores, Decimal(0)), Decimal(len(scores))) if scores else None
    cycle = facts.cycle
    return FinalReport(
        workspace=clean(facts.workspace),
        language=language.code,
        cycle=Days(name=cycle.name, text=words.cycle(cycle, language), start=cycle.start, end=cycle.end),
        at=facts.at,
        provisional=bool(facts.open),
        open=facts.open,
        headline=_headline(facts, objectives, score, language),
        score=score,
        objectives=objectives,
        carried=tuple(line.title for line in lines if line.outcome == "postponed"),
        learned=tuple(f"{one.title}: {note}" for one in objectives for note in one.notes),
    )


def outline(made: FinalReport, language: Language) -> Iterator[Block]:
    say = language.say
    yield Heading(text=f"{made.workspace}: {made.cycle.text}", level=1)
    yield Sentence(text=made.headline)
    if made.provisional:
        yield Sentence(text=_open(made.open, language))
    for one in made.objectives:
        yield Heading(text=one.title)
        yield Sentence(text=judged(one))
        yield from (Sentence(text=note) for note in one.notes)
        heads = (say("Key result"), say("Value"), say("Progress"), say("Suggested"), say("Score"), say("Outcome"))
        yield Rows(heads=heads, rows=tuple(_row(line) for line in one.lines))
        yield from (Item(title=line.title, told=(line.note,)) for line in one.lines if line.note)
    yield Heading(text=say("Carried over"))
    nothing = Sentence(text=say("Nothing is carried over."))
    yield from (Item(title=title, told=()) for title in made.carried) if made.carried else [nothing]
    yield Heading(text=say("What was learned"))
    unsaid = Sentence(text=say("Nobody looked back on it yet."))
    yield from (Item(title=text, told=()) for text in made.learned) if made.learned else [unsaid]
    yield Sentence(text=say("as of {when}", when=moment(made.at, language)))


def judged(one: FinalObjective) -> str:
    """ "committed, 0.70, missed" """
    score = NOTHING if one.score is None else f"{one.score:.2f}"
    return ", ".join(filter(None, (one.kind_word, score, one.verdict_word)))


def _headline(
    facts: FinalFacts, objectives: Sequence[FinalObjective], score: Decimal | None, language: Language
) -> str:
    cycle = words.cycle(facts.cycle, language)
    if score is None:
        return language.say("{cycle} has no scores.", cycle=cycle)
    reached = sum(one.verdict in (Verdict.SUCCESS.value, Verdict.TOO_EASY.value) for one in objectives)
    return language.many(
        "{cycle} ends with a mean score of {score}: {n} of {total} objectives is a success.",
        "{cycle} ends with a mean score of {score}: {n} of {total} objectives are a success.",
        reached, cycle=cycle, score=f"{score:.2f}", total=len(objectives),
    )  # fmt: skip


def _open(count: int, language: Language) -> str:
    return language.many(
        "Provisional: {n} key result is not closed yet; its score is the suggested one.",
        "Provisional: {n} key results are not closed yet; their scores are the suggested ones.",
        count,
    )


def _objective(made: ObjectiveReport, language: Language) -> FinalObjective:
    one = made.objective
    return FinalObjective(
        id=one.id,
        title=clean(one.title),
        owner=None if one.owner is None else clean(one.owner),
        kind=one.kind.value,
        kind_word=words.kind(one.kind, language),
        score=made.score,
        verdict=made.verdict.value if made.verdict else None,
        verdict_word=words.verdict(made.verdict, language) if made.verdict else None,
        notes=tuple(map(clean, made.notes)),
        lines=tuple(_line(view, closing, one.owner, language) for view, closing in made.views),
    )


def _line(view: KeyResultView, closing: Closing, owner: str | None, language: Language) -> FinalLine:
    key_result = view.key_result
    whose = key_result.owner or owner
    return FinalLine(
        key_result=key_result.id,
        cycle=key_result.period.name,
        title=clean(key_result.title),
        owner=None if whose is None else clean(whose),
        value=number(view.check_in.value, language) if view.check_in else None,
        aim=words.aim(key_result, language),
        progress=view.progress,
        suggested=closing.suggested,
        score=closing.score,
        outcome=closing.outcome,
        outcome_word=words.ended(closing.outcome, language) if view.closing else language.say("not closed yet"),
        note=None if closing.note is None else clean(closing.note),
        by=clean(closing.by) if view.closing else None,
        closed=view.closing is not None,
    )


def _row(line: FinalLine) -> tuple[str, ...]:
    shown = [NOTHING if one is None else str(one) for one in (line.suggested, line.score)]
    return line.title, line.value.text if line.value else NOTHING, percent(line.progress), *shown, line.outcome_word
