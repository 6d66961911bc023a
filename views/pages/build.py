"""From the facts to the pages, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from markupsafe import Markup

from mapping.attention import NOTHING_KNOWN, with_owners
from mapping.facts import KeyResultView, ObjectiveView
from mapping.foreign import clean
from mapping.week import views_of
from views.language import Language
from views.pages.facts import SiteFacts
from views.pages.key_result import key_result_page
from views.pages.links import Links
from views.pages.model import Frame, Group, KpiPage, NowPage, ObjectivePage, ObjectivesPage, PeoplePage, WeekPage
from views.pictures.company import heat_map, in_order, tree
from views.pictures.small import sparkline
from views.report.build import report
from views.report.model import Line, NeedRow, ObjectiveRow, Report
from views.templating import rendered

MOST_NEEDS, MOST_LONGER = 25, 12
"""So many of each kind are shown at once; the page of people has all."""
MOST_LINES, MOST_OBJECTIVES = 150, 60
"""Of a larger company the first page shows the objectives at the top, and the page of objectives has all."""
GROUPS = (
    ("held", "held", ("held",)),
    ("not-current", "unavailable", ("unavailable", "no value", "stale")),
    ("behind", "at risk", ("past its date", "at risk", "behind")),
    ("other", "no owner", ("confidence fell twice", "no owner")),
)
Name = tuple[str, str]


class Pages:
    """Made once, asked for each page. Raises KeyError for what is not there."""

    def __init__(self, site: SiteFacts, language: Language) -> None:
        self.site, self.language = site, language

    @cached_property
    def report(self) -> Report:
        return report(self.site.facts, self.language)

    @cached_property
    def lines(self) -> dict[Name, Line]:
        found = [line for one in self.report.objectives for line in one.lines]
        return {(line.key_result, line.cycle): line for line in (*found, *self.report.kpis)}

    @cached_property
    def views(self) -> dict[Name, KeyResultView]:
        return {(view.key_result.id, view.key_result.period.name): view for view in views_of(self.site.facts.now)}

    @cached_property
    def objectives(self) -> dict[Name, ObjectiveRow]:
        return {(one.id, one.cycle): one for one in self.report.objectives}

    @cached_property
    def needs(self) -> dict[Name, list[NeedRow]]:
        found: dict[Name, list[NeedRow]] = {}
        for row in (*self.report.needs, *self.report.longer):
            found.setdefault((row.key_result, row.cycle), []).append(row)
        return found

    @cached_property
    def sparks(self) -> Mapping[Name, Markup]:
        known, at = self.site.facts.known, self.site.at
        return {
            name: sparkline(known.get(view.key_result.key, NOTHING_KNOWN).trail, at, view.shown_status, self.language)
            for name, view in self.views.items()
        }

    def now(self, links: Links) -> str:
        made, say = self.report, self.language.say
        words = {
            "held": say("Held"), "not-current": say("Not current"), "behind": say("At risk or newly behind"),
            "other": say("Other"),
        }  # fmt: skip
        found = [
            (anchor, code, words[anchor], [row for row in made.needs if row.why in whys])
            for anchor, code, whys in GROUPS
        ]
        groups = [
            Group(anchor=anchor, code=code, word=word, rows=rows[:MOST_NEEDS], more=len(rows[MOST_NEEDS:]))
            for anchor, code, word, rows in found
        ]
        sizes = {anchor: len(rows) for anchor, _, _, rows in found}
        counts = [
            ("held", say("held"), sizes["held"]),
            ("not-current", say("not current"), sizes["not-current"]),
            ("behind", say("at risk or behind"), sizes["behind"] + len(made.longer)),
            ("moved", say("moved most"), len(made.moves)),
            ("changed", say("rules or targets changed"), len(made.changes)),
        ]
        rows = self._tree()
        is_large = len(self.lines) > MOST_LINES
        if is_large:
            tops = [row.model_copy(update={"lines": ()}) for depth, row in rows if not depth]
            rows = [(0, row) for row in tops[:MOST_OBJECTIVES]]
        shown = () if is_large else self.site.facts.now.objectives
        page = NowPage(
            report=made,
            counts=counts,
            groups=groups,
            longer=made.longer[:MOST_LONGER],
            more_longer=len(made.longer[MOST_LONGER:]),
            rows=rows,
            all_rows=not is_large,
            sparks=self.sparks,
            tree=tree(shown, self.language),
            heat=heat_map(shown, self.language),
        )
        return self._page("now.html", "now", links, page)

    def all_objectives(self, links: Links) -> str:
        return self._page("objectives.html", "", links, ObjectivesPage(rows=self._tree()))

    def _tree(self) -> list[tuple[int, ObjectiveRow]]:
        nodes = in_order(self.site.facts.now.objectives)
        return [(node.depth, self.objectives[_name(node.view)]) for node in nodes]

    def objective(self, name: Name, links: Links) -> str:
        views = {_name(one): one for one in self.site.facts.now.objectives}
        view = views[name]
        below = [row for key, row in self.objectives.items() if views[key].objective.parent == view.objective.id]
        own = {line.key_result for line in self.objectives[name].lines}
        page = ObjectivePage(
            view=view,
            row=self.objectives[name],
            above=self._above(view.objective.parent),
            below=below,
            sparks=self.sparks,
            needs=[row for rows in self.needs.values() for row in rows if row.key_result in own],
        )
        return self._page("objective.html", "", links, page)

    def key_result(self, name: Name, links: Links) -> str:
        view = self.views[name]
        page = key_result_page(
            self.site, view, self.lines[name], self.needs.get(name, ()), self._above(view.key_result.objective or None),
            self.language,
        )  # fmt: skip
        return self._page("key_result.html", "", links, page)

    def people(self, links: Links) -> str:
        owned: dict[str | None, list[Line]] = {}
        for view, _, owner in with_owners(self.site.facts.now):
            name = view.key_result.id, view.key_result.period.name
            owned.setdefault(None if owner is None else clean(owner), []).append(self.lines[name])
        needed = {(row.key_result, row.cycle): [row] for row in self.report.needs}
        people = [
            (owner, lines, [row for one in lines for row in needed.get((one.key_result, one.cycle), ())])
            for owner, lines in sorted(owned.items(), key=lambda one: (one[0] is None, (one[0] or "").casefold()))
        ]
        return self._page("people.html", "people", links, PeoplePage(people=people, sparks=self.sparks))

    def kpis(self, links: Links) -> str:
        return self._page("kpis.html", "kpis", links, KpiPage(lines=self.report.kpis, sparks=self.sparks))

    def week(self, name: str | None, links: Links) -> str:
        """The newest where none is named."""
        weeks = {one.week.name: one for one in self.site.weeks}
        made = weeks[name] if name else next(iter(self.site.weeks), self.report)
        page = WeekPage(report=made, names=[one for one in weeks if one != made.week.name])
        return self._page("week.html", "week", links, page, r=made)

    def _above(self, parent: str | None) -> Sequence[ObjectiveRow]:
        """From the top down to the one of that id."""
        by_id = {one.objective.id: one for one in self.site.facts.now.objectives}
        found: list[ObjectiveRow] = []
        while parent is not None and parent in by_id:
            view = by_id.pop(parent)
            found.insert(0, self.objectives[_name(view)])
            parent = view.objective.parent
        return found

    def _page(self, template: str, here: str, links: Links, page: Any, **more: Any) -> str:
        facts = self.site.facts
        frame = Frame(
            workspace=clean(facts.workspace), links=links, at=facts.at, zone=self.site.zone.key, here=here,
            count=len(self.report.needs), version=self.site.version,
        )  # fmt: skip
        return rendered(template, self.language, f=frame, p=page, since=facts.week.start, **more)


def _name(view: ObjectiveView) -> Name:
    return view.objective.id, view.objective.period.name
