"""A report as headings, sentences and tables: what Markdown and plain text have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from views.formats import NOTHING, day_at, moment, percent, shift, short_day, short_day_at
from views.language import Language
from views.report.model import Cause, ChangeRow, Line, MoveRow, NeedRow, Report, WordRow


@dataclass(frozen=True, kw_only=True)
class Heading:
    text: str
    level: int = 2


@dataclass(frozen=True, kw_only=True)
class Sentence:
    text: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """A point of a list: who or what it is of, and what is told of it, one text a line."""

    title: str
    told: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The first column is text, the others are aligned to their end."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Sentence | Item | Rows


def outline(made: Report, language: Language) -> Iterator[Block]:
    say = language.say
    yield Heading(text=f"{made.workspace}: {made.week.text}", level=1)
    if made.provisional:
        yield Sentence(text=say("Provisional: this week still runs."))
    yield Sentence(text=made.headline)
    yield Sentence(text=made.dek)
    yield Heading(text=_counted(say("Needs you"), len(made.needs)))
    yield from (
        (_need(row, language) for row in made.needs) if made.needs else [Sentence(text=say("Nothing needs you."))]
    )
    if made.longer:
        titles = "; ".join(row.title for row in made.longer)
        yield Sentence(text=f"{say('Behind for longer:')} {titles}.")
    yield Heading(text=f"{say('Moved most')} ({say('points since {day}', day=short_day(made.week.start, language))})")
    nothing = Sentence(text=say("Nothing moved by a point or more."))
    yield from map(_move, made.moves) if made.moves else [nothing]
    yield Heading(text=_counted(say("Changed rules and targets"), len(made.changes)))
    unchanged = Sentence(text=say("No rule or target changed."))
    yield from (_change(row, language) for row in made.changes) if made.changes else [unchanged]
    yield from _objectives(made, language)
    yield Heading(text=say("Could not be said"))
    if made.unsaid:
        titles = "; ".join(row.title for row in made.unsaid)
        yield Sentence(text=say("Without a current value: {titles}.", titles=titles))
    yield Sentence(text=made.unsaid_text)
    yield Heading(text=say("Words from people"))
    yield from (
        (_word(row, language) for row in made.words) if made.words else [Sentence(text=say("Nobody wrote a note."))]
    )
    yield Sentence(text=footer(made, language))


def footer(made: Report, language: Language) -> str:
    say, when = language.say, moment(made.at, language)
    told = [
        say("Provisional report, as of {when}.", when=when)
        if made.provisional
        else say("Edition of {week}, as of {when}. It will not change.", week=made.week.text, when=when),
        say("Run {run}.", run=made.run) if made.run else "",
        say("{n} of {total} results were read in the last 7 days.", n=made.read_lately, total=made.results),
    ]
    return " ".join(filter(None, told))


def _objectives(made: Report, language: Language) -> Iterator[Block]:
    say = language.say
    yield Heading(text=say("By objective"))
    for one in made.objectives:
        yield Heading(text=one.title, level=3)
        yield Sentence(text=", ".join((f"{percent(one.progress)}", one.word, *one.details)))
        yield _table(one.lines, language)
    if made.kpis:
        yield Heading(text=say("KPIs"), level=3)
        yield _table(made.kpis, language)


def _table(lines: Sequence[Line], language: Language) -> Rows:
    say = language.say
    heads = (say("Key result"), say("Value"), say("Progress"), say("Expected"), say("Points"), say("Status"))
    return Rows(heads=heads, rows=tuple(_line(row, language) for row in lines))


def _line(row: Line, language: Language) -> tuple[str, ...]:
    status = language.say("held") if row.held else row.word
    if row.was:
        status = f"{status} ({language.say('was {status}', status=row.was)})"
    return (
        row.title,
        row.value.text if row.value else NOTHING,
        percent(row.progress),
        percent(row.expected),
        NOTHING if row.points is None or row.expected is None else shift(row.points),
        status,
    )


def _need(row: NeedRow, language: Language) -> Item:
    owner = f" ({row.owner})" if row.owner else ""
    text = language.say("{word} {text}", word=row.word, text=row.text)
    return Item(title=f"{row.title}{owner}", told=tuple(filter(None, (text, row.fix, *row.also))))


def _move(row: MoveRow) -> Item:
    told = f"{row.before.text} → {row.after.text}"
    return Item(title=f"{shift(row.points)} {row.title}", told=(told, *map(_cause, row.causes)))


def _cause(one: Cause) -> str:
    """With the evidence that it rests on."""
    if one.place:
        return f"{one.text} [{one.place}]"
    return f"{one.text} [{one.source.connection}]" if one.source else one.text


def _change(row: ChangeRow, language: Language) -> Item:
    told = f"{row.word} {row.before or NOTHING} → {row.after or NOTHING}"
    return Item(title=row.title, told=(f"{told}; {day_at(row.at, language)}, {row.file}:{row.line}",))


def _word(row: WordRow, language: Language) -> Item:
    said = [f"“{row.note}”"] if row.note else []
    if row.confidence is not None:
        if row.confidence_before not in (None, row.confidence):
            text = language.say("confidence {n} of 10, was {before}", n=row.confidence, before=row.confidence_before)
        else:
            text = language.say("confidence {confidence} of 10", confidence=row.confidence)
        said.append(text)
    return Item(title=f"{row.by}, {short_day_at(row.at, language)}, {row.title}", told=tuple(said))


def _counted(text: str, number: int) -> str:
    return f"{text} ({number})"
