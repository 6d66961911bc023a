"""An objective in a line or two, and what to say where nothing is shown."""

from __future__ import annotations

from mapping.facts import ObjectiveView, Overview
from mapping.model import Cycle, Objective
from views.formats import day, value
from views.language import Language
from views.selection import Selection
from views.words import cycle, level


def about(objective: Objective, language: Language) -> str:
    """ "team, ada@contoso.com, 2026-Q4" """
    parts = (level(objective.level, language), *objective.about.owners, cycle(objective.period, language))
    return ", ".join(parts)


def details(view: ObjectiveView, language: Language) -> list[str]:
    """Its own number, how much of it is known, and how many objectives count in it."""
    measure, rolled = view.objective.measure, view.roll_up
    told = [] if view.in_files else [language.say("in no OKR file any more")]
    if measure is not None:
        now, target = value(rolled.value, language), value(measure.target, language)
        told.append(language.say("{now} of {target}", now=now, target=target))
    missing = rolled.total - rolled.known
    if missing:
        told.append(
            language.many(
                "{n} of {total} has no current value",
                "{n} of {total} have no current value",
                missing,
                total=rolled.total,
            )
        )
    dropped = sum(one.key_result.cancelled is not None for one in view.key_results)
    if dropped:
        told.append(language.many("{n} is cancelled and does not count", "{n} are cancelled and do not count", dropped))
    if view.aligned:
        told.append(language.many("{n} aligned objective counts", "{n} aligned objectives count", len(view.aligned)))
    return told


def nothing(seen: Overview, chosen: Selection, language: Language) -> str:
    """Why nothing is shown, and what to ask for instead."""
    periods = [view.objective.period for view in seen.objectives]
    periods += [one.key_result.period for view in seen.objectives for one in view.key_results]
    periods += [view.key_result.period for view in seen.kpis]
    if any(period.start <= chosen.today <= period.end for period in periods) or not periods or chosen.cycle:
        return language.say("Nothing matches. Leave out a filter, or write `--cycle all`.")
    today = day(chosen.today, language)
    over = [period for period in periods if period.end < chosen.today]
    if over:
        return _over(today, max(over, key=lambda period: period.end), language)
    following = min(periods, key=lambda period: period.start)
    return language.say(
        "No cycle is running on {today}. The next one, {cycle}, starts on {start}.",
        today=today, cycle=cycle(following, language), start=day(following.start, language),
    )  # fmt: skip


def _over(today: str, last: Cycle, language: Language) -> str:
    return language.say(
        "No cycle is running on {today}. The last one, {cycle}, ended on {end}. "
        "Run `okrsync show --cycle {name}` to see it.",
        today=today, cycle=cycle(last, language), end=day(last.end, language), name=last.name,
    )  # fmt: skip
