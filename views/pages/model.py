"""What the pages show. A page is a template and one of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from markupsafe import Markup

from mapping.changes import Change, Written
from mapping.facts import Event, KeyResultView, ObjectiveView
from mapping.forecast import Forecast
from mapping.quantity import Quantity
from views.pages.links import Links
from views.report.model import Cause, Line, NeedRow, ObjectiveRow, Report


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What every page has around it. `here` is the place in the menu, `count` how much needs a person."""

    workspace: str
    links: Links
    at: datetime
    zone: str
    here: str
    count: int
    version: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Needs of one kind; `more` are not shown."""

    anchor: str
    code: str
    word: str
    rows: Sequence[NeedRow]
    more: int


@dataclass(frozen=True, kw_only=True)
class NowPage:
    """`rows` are objectives with their depth; where not `all_rows`, those at the top alone, without key results."""

    report: Report
    counts: Sequence[tuple[str, str, int]]
    groups: Sequence[Group]
    longer: Sequence[NeedRow]
    more_longer: int
    rows: Sequence[tuple[int, ObjectiveRow]]
    all_rows: bool
    sparks: Mapping[tuple[str, str], Markup]
    tree: Markup
    heat: Markup


@dataclass(frozen=True, kw_only=True)
class ObjectivesPage:
    rows: Sequence[tuple[int, ObjectiveRow]]


@dataclass(frozen=True, kw_only=True)
class ObjectivePage:
    view: ObjectiveView
    row: ObjectiveRow
    above: Sequence[ObjectiveRow]
    below: Sequence[ObjectiveRow]
    sparks: Mapping[tuple[str, str], Markup]
    needs: Sequence[NeedRow]


@dataclass(frozen=True, kw_only=True)
class KeyResultPage:
    """`since` is the day from which the causes are told; `pace` what is made and what would be needed a week."""

    view: KeyResultView
    line: Line
    above: Sequence[ObjectiveRow]
    needs: Sequence[NeedRow]
    since: datetime
    course: Markup | None
    confidence: Markup
    derivation: Sequence[str]
    causes: Sequence[Cause]
    old_inputs: Mapping[str, Quantity]
    moved: str | None
    forecast: Forecast | None
    values: int
    pace_needed: Quantity | None
    events: Sequence[tuple[Event, str]] = ()
    earlier: int = 0
    written: Written | None = None
    changes: Sequence[Change] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class PeoplePage:
    """Each with what they own and how much of it needs them."""

    people: Sequence[tuple[str | None, Sequence[Line], Sequence[NeedRow]]]
    sparks: Mapping[tuple[str, str], Markup]


@dataclass(frozen=True, kw_only=True)
class KpiPage:
    lines: Sequence[Line]
    sparks: Mapping[tuple[str, str], Markup]


@dataclass(frozen=True, kw_only=True)
class WeekPage:
    """`names` are the other editions, newest first."""

    report: Report
    names: Sequence[str]
