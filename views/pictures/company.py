"""The company at a glance: objectives by level and whom they serve, teams by how they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from mapping.facts import ObjectiveView
from mapping.freshness import Freshness
from mapping.model import Level, Status
from views import ages, words
from views.formats import percent
from views.language import Language
from views.templating import clamped, rendered

ROW, INDENT = 30, 22
COLUMNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("achieved", frozenset({Status.ACHIEVED})),
    ("on track", frozenset({Status.ON_TRACK, Status.IN_PROGRESS})),
    ("behind", frozenset({Status.BEHIND})),
    ("at risk", frozenset({Status.AT_RISK, Status.OVERDUE})),
    ("stale", frozenset({Freshness.STALE, Freshness.UNAVAILABLE, Freshness.NO_VALUE, Freshness.UNKNOWN})),
    ("not started", frozenset({Status.NOT_STARTED})),
)


@dataclass(frozen=True, kw_only=True)
class Node:
    """`top` is where it is drawn, `joins` where the one that it serves is."""

    view: ObjectiveView
    depth: int
    top: int
    joins: int | None


def in_order(views: Sequence[ObjectiveView]) -> list[Node]:
    """Each below the one that it serves; those that serve none that is shown come by level."""
    shown = {view.objective.id for view in views}
    below: dict[str | None, list[ObjectiveView]] = {}
    for view in sorted(views, key=lambda one: list(Level).index(one.objective.level)):
        parent = view.objective.parent if view.objective.parent in shown else None
        below.setdefault(parent, []).append(view)
    found: list[Node] = []

    def add(parent: str | None, depth: int, joins: int | None) -> None:
        for view in below.get(parent, ()):
            top = len(found) * ROW
            found.append(Node(view=view, depth=depth, top=top, joins=joins))
            add(view.objective.id, depth + 1, top)

    add(None, 0, None)
    return found


def tree(views: Sequence[ObjectiveView], language: Language) -> Markup:
    """Empty where there are no objectives."""
    nodes = in_order(views)
    if not nodes:
        return Markup("")
    rows = [
        {
            "node": node,
            "x": node.depth * INDENT,
            "title": node.view.objective.title,
            "level": words.level(node.view.objective.level, language),
            "status": node.view.shown_status.value,
            "word": ages.shown(node.view.shown_status, language),
            "progress": percent(node.view.roll_up.progress),
            "part": clamped(node.view.roll_up.progress),
        }
        for node in nodes
    ]
    model = {
        "rows": rows, "height": len(nodes) * ROW + 4, "row": ROW, "indent": INDENT,
        "text": language.many("{n} objective, by whom it serves.", "{n} objectives, by whom they serve.", len(nodes)),
    }  # fmt: skip
    return Markup(rendered("pictures/tree.svg", language, **model))  # noqa: S704 - from a template that escapes


def heat_map(views: Sequence[ObjectiveView], language: Language) -> Markup:
    """How many key results of each team stand how. A team is what `teams:` names, else the objective's owner."""
    counts: dict[str, dict[str, int]] = {}
    for view in views:
        names = view.objective.about.teams or (view.objective.owner or language.say("no owner"),)
        for name in names:
            row = counts.setdefault(name, dict.fromkeys((code for code, _ in COLUMNS), 0))
            for one in view.key_results:
                code = next((code for code, those in COLUMNS if one.shown_status in those), None)
                if code is not None:
                    row[code] += 1
    counts = {name: row for name, row in sorted(counts.items()) if any(row.values())}
    if not counts:
        return Markup("")
    heads = [(code, _head(code, language)) for code, _ in COLUMNS]
    model = {
        "heads": heads,
        "rows": [(name, [(code, row[code], _heat(row[code], sum(row.values()))) for code, _ in COLUMNS])
                 for name, row in counts.items()],
        "height": len(counts) * ROW + 34, "row": ROW,
        "text": language.many("{n} team by the status of its key results.",
                              "{n} teams by the status of their key results.", len(counts)),
    }  # fmt: skip
    return Markup(rendered("pictures/heat.svg", language, **model))  # noqa: S704 - from a template that escapes


def _head(code: str, language: Language) -> str:
    return language.say("not current") if code == "stale" else words.status(Status(code), language)


def _heat(count: int, whole: int) -> str:
    """From none to all, in four steps that print tells apart."""
    return f"h{-(-4 * count // whole)}" if count else "h0"
