"""The weekly report as data: the numbers, and each sentence about them in one language. Its schema is that of
`okrsync report --format json`; an edition is kept in this form."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

FORMAT = 1
"""Another number is another form; new fields are none."""


class Shape(BaseModel):
    model_config = ConfigDict(frozen=True)


class Number(Shape):
    """`amount` is in the base form of the unit: percentages as fractions, durations in seconds."""

    amount: Decimal
    unit: str
    text: str


class Source(Shape):
    """The evidence of a number."""

    connection: str
    query: str
    asked_at: datetime
    as_of: datetime
    rows: int | None
    link: str | None


class Cause(Shape):
    """`place` is a line of a file."""

    text: str
    source: Source | None = None
    place: str | None = None


class OfKeyResult(Shape):
    key_result: str
    cycle: str
    title: str
    owner: str | None


class NeedRow(OfKeyResult):
    """`why` is the worst of its reasons, `also` tells the others."""

    why: str
    word: str
    since: datetime | None
    text: str
    fix: str | None = None
    also: tuple[str, ...] = ()


class MoveRow(OfKeyResult):
    """`points` is how far the progress moved, as a fraction."""

    points: Decimal
    before: Number
    after: Number
    causes: tuple[Cause, ...]


class ChangeRow(OfKeyResult):
    what: str
    word: str
    before: str | None
    after: str | None
    at: datetime
    file: str
    line: int


class Line(OfKeyResult):
    """`status` is what people see; `was` the last status of what is not current. `before` is the progress when the week
    began, `age` the seconds since the value was last known to be so."""

    role: str
    sources: tuple[str, ...]
    value: Number | None
    aim: str
    progress: Decimal | None
    expected: Decimal | None
    before: Decimal | None
    points: Decimal | None
    status: str
    word: str
    was: str | None
    held: bool
    current: bool
    counts: bool
    age: int | None
    folded: bool


class ObjectiveRow(Shape):
    id: str
    title: str
    owner: str | None
    level: str
    cycle: str
    about: str
    progress: Decimal | None
    expected: Decimal | None
    status: str
    word: str
    known: int
    total: int
    details: tuple[str, ...]
    lines: tuple[Line, ...]


class WordRow(OfKeyResult):
    """What a person said; `confidence_before` is the one that they gave before."""

    by: str
    at: datetime
    note: str | None
    confidence: int | None
    confidence_before: int | None


class Days(Shape):
    name: str
    text: str
    start: date
    end: date


class Report(Shape):
    """`needs` is what needs a person, `longer` what has been behind for longer than this week. A `provisional` one is
    of a week that still runs."""

    format_version: int = FORMAT
    kind: Literal["week"] = "week"
    workspace: str
    language: str
    time_zone: str
    cycle: Days
    week: Days
    at: datetime
    provisional: bool
    run: str | None
    headline: str
    dek: str
    progress: Decimal | None
    expected: Decimal | None
    before: Decimal | None
    known: int
    total: int
    results: int
    read_lately: int
    needs: tuple[NeedRow, ...]
    longer: tuple[NeedRow, ...]
    moves: tuple[MoveRow, ...]
    changes: tuple[ChangeRow, ...]
    objectives: tuple[ObjectiveRow, ...]
    kpis: tuple[Line, ...]
    unsaid: tuple[NeedRow, ...]
    unsaid_text: str
    words: tuple[WordRow, ...]
