"""Facts as rows of a report, in one language. Texts of others are cleaned here, for every form of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from mapping.attention import NOT_CURRENT, Need, Shift, Why
from mapping.because import Because
from mapping.changes import Change
from mapping.facts import KeyResultView, ObjectiveView
from mapping.foreign import clean
from mapping.model import Key, Role
from mapping.quantity import Quantity
from mapping.reading import Evidence
from mapping.trail import Said
from views import ages, needs, summary, words
from views.because import causes
from views.formats import value
from views.language import Language
from views.report.model import (
    Cause,
    ChangeRow,
    Line,
    MoveRow,
    NeedRow,
    Number,
    ObjectiveRow,
    Source,
    WordRow,
)

FOLD = Decimal("0.03")
"""What moved less, and changed no status, is folded away."""


def need_row(own: Sequence[Need], language: Language) -> NeedRow:
    """Of all that one key result needs."""
    first, *others = own
    return NeedRow(
        **_of(first.view, first.owner),
        why=first.why.value,
        word=needs.word(first.why, language),
        since=first.since,
        text=clean(needs.sentence(first, language)),
        fix=clean(first.view.age.fix) if first.why in NOT_CURRENT and first.view.age.fix else None,
        also=tuple(clean(needs.told(one, language)) for one in others if one.why is not Why.CHANGED),
    )


def move_row(shift: Shift, told: Because | None, language: Language) -> MoveRow:
    made = shift.view.check_in
    assert made is not None  # noqa: S101 - what has no value did not move
    return MoveRow(
        **_of(shift.view, shift.owner),
        points=shift.by,
        before=number(shift.before.value, language),
        after=number(made.value, language),
        causes=cause_rows(told, language) if told else (),
    )


def cause_rows(told: Because, language: Language) -> tuple[Cause, ...]:
    return tuple(
        Cause(text=clean(one.text), source=source(one.evidence) if one.evidence else None, place=one.place)
        for one in causes(told, language)
    )


def change_row(change: Change, view: KeyResultView, owner: str | None, language: Language) -> ChangeRow:
    return ChangeRow(
        **_of(view, owner),
        what=change.what.value,
        word=clean(needs.what(change, language)),
        before=None if change.before is None else clean(change.before),
        after=None if change.after is None else clean(change.after),
        at=change.at,
        file=clean(change.file),
        line=change.line,
    )


def line(
    view: KeyResultView, was: KeyResultView | None, owner: str | None, moved: Decimal | None, language: Language
) -> Line:
    """`was` is the same when the week began; `moved` by how much its progress differs, measured as now."""
    expects = words.has_expectation(view.key_result)
    points = moved if view.age.is_current else None
    before = view.progress - moved if view.progress is not None and moved is not None else None
    held = view.beside is not None and view.beside.state == "held"
    same = was is not None and was.shown_status == view.shown_status
    return Line(
        **_of(view, owner),
        role=view.key_result.role.value,
        sources=_sources(view),
        value=number(view.check_in.value, language) if view.check_in else None,
        aim=words.aim(view.key_result, language),
        progress=view.progress,
        expected=view.expected if expects else None,
        before=before,
        points=points,
        status=view.shown_status.value,
        word=ages.shown(view.shown_status, language),
        was=words.status(view.status, language) if not view.age.is_current and view.status else None,
        held=held,
        current=view.age.is_current,
        counts=view.age.counts,
        age=int(view.age.age.total_seconds()) if view.age.age is not None else None,
        folded=same and not held and view.age.is_current and abs(points or Decimal(0)) < FOLD,
    )


def objective_row(view: ObjectiveView, lines: Sequence[Line], language: Language) -> ObjectiveRow:
    objective, rolled = view.objective, view.roll_up
    return ObjectiveRow(
        id=objective.id,
        title=clean(objective.title),
        owner=_cleaned(objective.owner),
        level=objective.level.value,
        cycle=objective.period.name,
        about=clean(summary.about(objective, language)),
        progress=rolled.progress,
        expected=rolled.expected,
        status=view.shown_status.value,
        word=ages.shown(view.shown_status, language),
        known=rolled.known,
        total=rolled.total,
        details=tuple(map(clean, summary.details(view, language))),
        lines=tuple(lines),
    )


def word_row(said: Said, view: KeyResultView, owner: str | None, before: Said | None) -> WordRow:
    return WordRow(
        **_of(view, owner),
        by=clean(said.by),
        at=said.at,
        note=_cleaned(said.note),
        confidence=said.confidence,
        confidence_before=before.confidence if before else None,
    )


def number(quantity: Quantity, language: Language) -> Number:
    return Number(amount=quantity.amount, unit=str(quantity.unit), text=value(quantity, language))


def source(seen: Evidence) -> Source:
    return Source(
        connection=seen.connection, query=seen.query, asked_at=seen.asked_at, as_of=seen.as_of, rows=seen.rows,
        link=seen.link,
    )  # fmt: skip


def is_counted(view: KeyResultView) -> bool:
    return view.key_result.role is Role.KEY_RESULT


def by_key(views: Sequence[KeyResultView]) -> Mapping[Key, KeyResultView]:
    return {view.key_result.key: view for view in views}


def _of(view: KeyResultView, owner: str | None) -> dict[str, str | None]:
    key_result = view.key_result
    return {
        "key_result": key_result.id,
        "cycle": key_result.period.name,
        "title": clean(key_result.title),
        "owner": _cleaned(owner),
    }


def _sources(view: KeyResultView) -> tuple[str, ...]:
    """The connections, or the person, that the value is from."""
    made = view.check_in
    if made is None:
        return ()
    return (clean(made.by),) if made.by else tuple(dict.fromkeys(used.evidence.connection for used in made.inputs))


def _cleaned(text: str | None) -> str | None:
    return None if text is None else clean(text)
