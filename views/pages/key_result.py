"""The page of a key result: its value, where it comes from, why it moved, where it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mapping.assess import Input
from mapping.attention import NOTHING_KNOWN
from mapping.day import day_of, start_of
from mapping.facts import Event, KeyResultView
from mapping.outlook import outlook
from mapping.quantity import Quantity
from views import changes
from views.derivation import derivation
from views.formats import difference
from views.language import Language
from views.pages.facts import SiteFacts
from views.pages.model import KeyResultPage
from views.pictures.burnup import Course, burn_up
from views.pictures.small import confidence
from views.report.model import Line, NeedRow, ObjectiveRow
from views.report.rows import cause_rows

MOST_EVENTS = 40


def key_result_page(
    site: SiteFacts,
    view: KeyResultView,
    line: Line,
    needs: Sequence[NeedRow],
    above: Sequence[ObjectiveRow],
    language: Language,
) -> KeyResultPage:
    facts, key = site.facts, view.key_result.key
    known = facts.known.get(key, NOTHING_KNOWN)
    today = day_of(site.at, site.zone)
    seen = outlook(view, known.trail, today, site.zone)
    held = view.beside.check_in.value if view.beside and view.beside.state == "held" else None
    course = Course(view=view, trail=known.trail, today=today, zone=site.zone, forecast=seen.forecast, held=held)
    told = facts.becauses.get(key)
    events = list(reversed(site.events(key)))
    return KeyResultPage(
        view=view,
        line=line,
        above=above,
        needs=needs,
        since=start_of(facts.week.start, site.zone),
        course=burn_up(course, language),
        confidence=confidence(known.said, language),
        derivation=derivation(view.key_result, view.check_in, language) if view.check_in else (),
        causes=cause_rows(told, language) if told else (),
        old_inputs=_inputs(view),
        moved=difference(told.change, language) if told and told.change is not None else None,
        forecast=seen.forecast,
        values=seen.values,
        pace_needed=seen.pace_needed,
        events=[(event, said_of_event(event, language)) for event in events[:MOST_EVENTS]],
        earlier=max(0, len(events) - MOST_EVENTS),
        written=site.written.get(key),
        changes=list(reversed(known.changes))[:5],
    )


def said_of_event(event: Event, language: Language) -> str:
    if event.action is not None:
        shown = {name: told for name, told in event.action.details.items() if name != "system"}
        return changes.action(replace(event.action, details=shown), language)
    if event.closing is not None:
        return changes.closing(event.closing, language)
    made = event.value
    if made is None:
        return ""
    if event.rebuilt:
        return language.say("(rebuilt from what the source says today)")
    if event.void:
        return language.say("(void)")
    if made.by:
        return language.say("by {by}", by=made.by)
    return language.say("Read from {connections}", connections=", ".join(connections_of(made.inputs)))


def connections_of(inputs: Sequence[Input]) -> list[str]:
    return list(dict.fromkeys(used.evidence.connection for used in inputs))


def _inputs(view: KeyResultView) -> Mapping[str, Quantity]:
    return {used.name: used.quantity for used in view.check_in.inputs} if view.check_in else {}
