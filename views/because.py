"""Why a value moved, one sentence for each cause, with the evidence that it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from mapping.because import Because, Moved
from mapping.formula import Formula
from mapping.reading import Evidence
from views.formats import difference, value
from views.language import Language
from views.needs import what


@dataclass(frozen=True, kw_only=True)
class Cause:
    """`evidence` is of the value of now, None where the cause is a person or a file; `place` is a line of a file."""

    text: str
    evidence: Evidence | None = None
    place: str | None = None


def causes(told: Because, language: Language) -> list[Cause]:
    """The changes of the file first, since they change what the rest means."""
    found = [_change(told, number, language) for number in range(len(told.changes))]
    if told.rule is not None:
        text = language.say("The other rule alone makes {share}.", share=difference(told.rule, language))
        found.append(Cause(text=text))
    if told.after.by is not None:
        text = language.say("{by} gave the value by hand.", by=told.after.by)
        found.append(Cause(text=f"{text} “{told.after.note}”" if told.after.note else text))
    elif told.before.by is not None:
        found.append(Cause(text=language.say("The value of before was by hand, by {by}.", by=told.before.by)))
    alone = len(told.after.inputs) == 1 and _is_itself(told)
    return found + [Cause(text=_moved(one, language, alone=alone), evidence=one.seen_after) for one in told.inputs]


def _is_itself(told: Because) -> bool:
    """Whether the value is one input and nothing else, so that its numbers need not be told twice."""
    (used,) = told.after.inputs
    return Formula.parse(told.after.formula).text == used.name and used.quantity.amount == told.after.value.amount


def _change(told: Because, number: int, language: Language) -> Cause:
    change = told.changes[number]
    text = language.say(
        "The file changed: {what} {before} → {after}.",
        what=what(change, language), before=change.before or "-", after=change.after or "-",
    )  # fmt: skip
    return Cause(text=text, place=f"{change.file}:{change.line}")


def _moved(one: Moved, language: Language, *, alone: bool) -> str:
    rows = _rows(one, language)
    if alone:
        return rows or language.say("The source says so.")
    told = {"name": one.name, "before": value(one.before, language), "after": value(one.after, language)}
    if one.before is None:
        text = language.say("{name} is new: {after}.", **told)
    elif one.after is None:
        text = language.say("{name} counts no more; it was {before}.", **told)
    elif one.share is None:
        text = language.say("{name} went from {before} to {after}.", **told)
    else:
        share = difference(one.share, language)
        text = language.say("{name} went from {before} to {after}: {share}.", share=share, **told)
    return f"{text} {rows}" if rows else text


def _rows(one: Moved, language: Language) -> str:
    before, after = one.rows
    if before is None or after is None:
        return ""
    amount = one.after.amount if one.after else None
    if amount == after and one.before is not None and one.before.amount == before:
        # It counts rows, so that they are said already.
        difference_ = after - before
        if difference_ > 0:
            return language.many("{n} row more.", "{n} rows more.", difference_)
        return language.many("{n} row fewer.", "{n} rows fewer.", -difference_) if difference_ else ""
    if before == after:
        return language.many("Still {n} row stands behind it.", "Still {n} rows stand behind it.", after)
    return language.say("Behind it stand {after} rows, {before} before.", before=f"{before:,}", after=f"{after:,}")
