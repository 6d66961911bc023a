"""From the facts of a week to its report in one language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from mapping.attention import Need, Why, by_key_result, needs_a_person, with_owners
from mapping.facts import KeyResultView
from mapping.foreign import clean
from mapping.model import Key
from mapping.rollup import RollUp
from mapping.trail import Said
from mapping.week import WeekFacts, mean_of_cycle, views_of
from views import words
from views.formats import percent, shift, short_day
from views.language import Language
from views.report.model import Days, Line, MoveRow, Report
from views.report.rows import by_key, change_row, line, move_row, need_row, objective_row, word_row

MOST_MOVES = 6
LEAST_MOVE = Decimal("0.01")
"""A move of less than a point is none to tell."""
LATELY = timedelta(days=7)


def report(facts: WeekFacts, language: Language) -> Report:
    views = views_of(facts.now)
    owners = {view.key_result.key: owner for view, _, owner in with_owners(facts.now)}
    of = by_key(views)
    now, before = mean_of_cycle(facts.now, facts.cycle.name), mean_of_cycle(facts.before, facts.cycle.name)
    counted = {
        key: tuple(need for need in own if needs_a_person(need)) for key, own in by_key_result(facts.needs).items()
    }
    rows = [need_row(own, language) for own in counted.values() if own]
    longer = [need for need in facts.needs if need.why is Why.BEHIND and not need.newly and not counted[need.key]]
    moves = _moves(facts, language)
    lines = _lines(facts, owners, language)
    return Report(
        workspace=clean(facts.workspace),
        language=language.code,
        time_zone=language.zone.key,
        cycle=Days(
            name=facts.cycle.name, text=words.cycle(facts.cycle, language), start=facts.cycle.start,
            end=facts.cycle.end,
        ),
        week=Days(
            name=facts.week.name,
            text=language.say(
                "week {n}, {first} to {last}",
                n=facts.week.number, first=short_day(facts.week.start, language),
                last=short_day(facts.week.end, language),
            ),
            start=facts.week.start, end=facts.week.end,
        ),
        at=facts.at,
        provisional=not facts.over,
        run=facts.now.last_run.run_id if facts.now.last_run else None,
        headline=f"{_standing(facts, now, before, language)} {_needed(len(rows), len(views), language)}",
        dek=_dek(moves, language),
        progress=now.progress,
        expected=now.expected,
        before=before.progress,
        known=now.known,
        total=now.total,
        results=len(views),
        read_lately=sum(one.age.age is not None and one.age.age <= LATELY for one in views),
        needs=tuple(rows),
        longer=tuple(need_row([need], language) for need in longer),
        moves=tuple(moves),
        changes=tuple(change_row(one, of[one.key], owners[one.key], language) for one in facts.changes),
        objectives=tuple(
            objective_row(
                one,
                [lines[view.key_result.key] for view in (*one.key_results, *one.initiatives)],
                language,
            )
            for one in facts.now.objectives
        ),
        kpis=tuple(lines[view.key_result.key] for view in facts.now.kpis),
        unsaid=tuple(need_row([need], language) for need in _unsaid(facts)),
        unsaid_text=_unsaid_text(now, language),
        words=tuple(
            word_row(said, of[said.key], owners[said.key], _said_before(said, facts.known[said.key].said))
            for said in facts.said
        ),
    )  # fmt: skip


def _standing(facts: WeekFacts, now: RollUp, before: RollUp, language: Language) -> str:
    cycle = words.cycle(facts.cycle, language)
    if now.progress is None:
        return language.say("Nothing is known of {cycle} yet.", cycle=cycle)
    told = {"cycle": cycle, "progress": percent(now.progress), "expected": percent(now.expected)}
    if before.progress is None:
        return language.say("{cycle} is at {progress}, where {expected} was expected.", **told)
    # The difference of what is printed, so that a reader can add it up.
    points = _whole(now.progress) - _whole(before.progress)
    told["points"] = f"{abs(points):,}"
    if points > 0:
        return language.say(
            "{cycle} is at {progress}, where {expected} was expected: {points} points more than a week ago.", **told
        )
    if points < 0:
        return language.say(
            "{cycle} is at {progress}, where {expected} was expected: {points} points less than a week ago.", **told
        )
    return language.say("{cycle} is at {progress}, as a week ago; {expected} was expected.", **told)


def _whole(fraction: Decimal) -> int:
    return int(percent(fraction).rstrip("%").replace(",", ""))


def _needed(count: int, results: int, language: Language) -> str:
    if not count:
        return language.say("Nothing needs you.")
    return language.many(
        "{n} of {total} results needs you.", "{n} of {total} results need you.", count, total=f"{results:,}"
    )


def _dek(moves: Sequence[MoveRow], language: Language) -> str:
    up = next((one for one in moves if one.points > 0), None)
    down = next((one for one in moves if one.points < 0), None)
    told = []
    if up:
        told.append(language.say("Up most: {title} ({points} points).", title=up.title, points=shift(up.points)))
    if down:
        told.append(language.say("Down most: {title} ({points} points).", title=down.title, points=shift(down.points)))
    return " ".join(told) or language.say("Nothing moved by a point or more.")


def _moves(facts: WeekFacts, language: Language) -> list[MoveRow]:
    told = [one for one in facts.shifts if abs(one.by) >= LEAST_MOVE][:MOST_MOVES]
    told.sort(key=lambda one: (one.by < 0, -abs(one.by)))
    return [move_row(one, facts.becauses.get(one.view.key_result.key), language) for one in told]


def _lines(facts: WeekFacts, owners: dict[Key, str | None], language: Language) -> dict[Key, Line]:
    was = by_key(views_of(facts.before))
    moved = {one.view.key_result.key: one.by for one in facts.shifts}
    return {
        key: line(view, was.get(key), owners[key], _by(view, was.get(key), moved.get(key)), language)
        for key, view in by_key(views_of(facts.now)).items()
    }


def _by(view: KeyResultView, was: KeyResultView | None, moved: Decimal | None) -> Decimal | None:
    """None where it had no value when the week began."""
    if view.progress is None or was is None or was.check_in is None:
        return None
    return moved or Decimal(0)


def _unsaid(facts: WeekFacts) -> list[Need]:
    return [need for need in facts.needs if need.why in (Why.UNAVAILABLE, Why.NO_VALUE, Why.STALE)]


def _unsaid_text(now: RollUp, language: Language) -> str:
    missing = now.total - now.known
    if not missing:
        return language.say("Each mean above counts all of its key results.")
    return language.many(
        "{n} of {total} key results has no value that is young enough, and is in no mean above.",
        "{n} of {total} key results have no value that is young enough, and are in no mean above.",
        missing,
        total=f"{now.total:,}",
    )


def _said_before(said: Said, all_of_it: Sequence[Said]) -> Said | None:
    earlier = [one for one in all_of_it if one.at < said.at and one.confidence is not None]
    return earlier[-1] if earlier and said.confidence is not None else None
