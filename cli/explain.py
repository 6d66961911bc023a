"""`okrsync explain`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import exits, style
from cli.ids import offer_both
from cli.session import Session, json_option, lang_option, language_of, pass_session, print_json
from cli.table import Cell, Column, print_table
from cli.terminal import Terminal, out

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mapping.assess import CheckIn
    from mapping.facts import KeyResultView, ObjectiveView
    from mapping.posting import Post
    from mapping.records import Action
    from sync.why import Why
    from views.language import Language


@click.command()
@click.argument("key", metavar="ID", shell_complete=offer_both)
@lang_option
@json_option
@pass_session
def explain(session: Session, key: str, lang: str | None, as_json: bool) -> int:
    """Show where the value of a key result comes from, down to the query, the rows and the time. For an objective, show
    what its progress is made of, and the same for each of its key results."""
    from cli.ids import key_results
    from mapping.facts import find
    from sync.overview import overview
    from sync.publishing.contents import posts_by_key
    from sync.why import why
    from views import data, publishing

    workspace = session.workspace()
    keys = key_results([key], workspace)
    with session.store(workspace) as store:
        seen = overview(workspace, store, session.clock())
        views = [find(seen, one) for one in keys]
        found = [(view, store.people.actions(view.key_result.key)) for view in views]
        posts = posts_by_key(store)
        whys = {one.key_result.key: why(store, one, seen.at, workspace.time_zone) for one in views}
    of = None if key in workspace.bindings else next(one for one in seen.objectives if one.objective.id == key)
    if as_json:
        told = [
            data.explanation(view, actions, workspace.time_zone)
            | data.why(whys[view.key_result.key].because, whys[view.key_result.key].outlook, workspace.time_zone)
            | {"published": publishing.posts_data(posts.get(view.key_result.key, ()))}
            for view, actions in found
        ]
        print_json(told[0] if of is None else data.roll_up(of, told))
        return exits.CURRENT
    language = language_of(workspace, lang)
    if of is not None:
        _print_parts(of, language)
    for number, (view, actions) in enumerate(found):
        if number or of is not None:
            out().blank()
        _print(view, language)
        _print_why(whys[view.key_result.key], language)
        _print_actions(actions, language)
        _print_posts(posts.get(view.key_result.key, ()), language)
    return exits.CURRENT


def _print_parts(view: ObjectiveView, language: Language) -> None:
    """The mean by share that an objective's progress is."""
    from views import formats, summary

    to, rolled = out(), view.roll_up
    to.line((view.objective.title, "bold"), " ", (f"({summary.about(view.objective, language)})", "dim"))
    status = style.status(rolled.status, language)[0]
    told = {"progress": formats.percent(rolled.progress), "status": status}
    if view.objective.by_sum:
        to.line(language.say("progress {progress}, {status}, by the sum of the values of its parts:", **told))
    else:
        to.line(language.say("progress {progress}, {status}, the mean of its parts by share:", **told))
    columns = [
        Column(title=language.say("Part")),
        Column(title=language.say("Share"), right=True),
        Column(title=language.say("Progress"), right=True),
        Column(title=language.say("Status")),
    ]
    rows: list[list[Cell]] = [
        [one.title, formats.percent(one.share), formats.percent(one.progress), style.status(one.status, language)]
        for one in view.parts
    ]
    print_table(to, columns, rows)
    details = summary.details(view, language)
    if details:
        to.line((", ".join(details), "dim"))


def _print(view: KeyResultView, language: Language) -> None:
    to = out()
    made, key_result = view.check_in, view.key_result
    to.line((key_result.title, "bold"), " ", (f"({key_result.id})", "dim"))
    if made is None:
        to.line(language.say("No value is recorded yet. Run `okrsync sync`."))
    else:
        _print_value(to, view, made, language)
    if view.beside:
        _print_beside(to, view, language)
    from views import ages

    if (told := ages.sentence(view.age, language)) is not None:
        to.blank()
        to.line(style.MARKS["stale"], " ", told, hang=2)
        if view.age.fix:
            to.line(view.age.fix, indent=2)


def _print_why(found: Why, language: Language) -> None:
    """Why it moved, and where it goes."""
    from views import formats
    from views.because import causes

    to, told, seen = out(), found.because, found.outlook
    if told is not None:
        old, since = formats.value(told.before.value, language), formats.moment(told.before.at, language)
        to.blank()
        to.line(language.say("Why it is no longer {value}, as on {when}:", value=old, when=since))
        for cause in causes(told, language):
            to.line(cause.text, indent=2, hang=4)
    if seen.forecast is not None:
        to.blank()
        to.line(
            language.say(
                "If it goes on like this: {value} on {day}, between {low} and {high} (a hint, from {n} values).",
                value=formats.value(seen.forecast.value, language), day=formats.short_day(seen.forecast.on, language),
                low=formats.value(seen.forecast.low, language), high=formats.value(seen.forecast.high, language),
                n=seen.forecast.values,
            )
        )  # fmt: skip
    if seen.pace_needed is not None and seen.values > 1:
        if seen.forecast is None:
            to.blank()
        needed = formats.difference(seen.pace_needed, language)
        to.line(language.say("The target needs {pace} a week from now on.", pace=needed))


def _print_value(to: Terminal, view: KeyResultView, made: CheckIn, language: Language) -> None:
    from views import formats
    from views.derivation import derivation

    shown = {"value": formats.value(made.value, language), "when": formats.moment(made.at, language)}
    to.line(
        language.say("{value}, recorded {when} by {by}", by=made.by, **shown)
        if made.by
        else language.say("{value}, recorded {when}", **shown)
    )
    _print_formula(to, made, language)
    to.blank()
    for line in derivation(view.key_result, made, language):
        to.line(line, indent=2, hang=4)
    if view.status is not None and view.status is not made.status:
        now = {"expected": formats.percent(view.expected), "status": style.status(view.status, language)[0]}
        to.line(language.say("now {expected} is expected: {status}", **now), indent=2)
    if made.note:
        to.line(language.say("note: {note}", note=made.note), indent=2, hang=4)
    if made.confidence is not None:
        to.line(language.say("confidence {confidence} of 10", confidence=made.confidence), indent=2)


def _print_formula(to: Terminal, made: CheckIn, language: Language) -> None:
    from views import formats, words

    shown = formats.value(made.value, language)
    if not made.inputs:
        return
    steps = " = ".join(dict.fromkeys([made.formula, made.filled, shown]))
    if steps != f"{made.inputs[0].name} = {shown}":
        to.blank()
        to.whole(steps, indent=2)
    for used in made.inputs:
        seen = used.evidence
        to.blank()
        to.whole(f"{used.name} = {formats.value(used.quantity, language)}", indent=2)
        to.whole(language.say("asked {connection}: {query}", connection=seen.connection, query=seen.query), indent=4)
        to.line(words.asked(seen, language), indent=4, hang=6)
        if seen.note:
            to.line(seen.note, indent=4, hang=6)
        if seen.link:
            to.whole(seen.link, indent=4)


def _print_beside(to: Terminal, view: KeyResultView, language: Language) -> None:
    """What the sources say and does not count."""
    from views import formats
    from views.recorded import reason

    beside = view.beside
    if beside is None:
        return
    shown = {"value": formats.value(beside.check_in.value, language), "when": formats.moment(beside.at, language)}
    if beside.state == "held":
        sentence = language.say(
            "held since {when}: {value}, but {reason}.", reason=reason(beside.reason or "", language), **shown
        )
    else:
        sentence = language.say("not counted since {when}: {value}, because another value is pinned.", **shown)
    to.blank()
    to.line(style.MARKS[beside.state], " ", sentence, hang=2)
    if beside.state == "held":
        key = view.key_result.id
        to.line(language.say("Run `okrsync accept {key}` or `okrsync reject {key}`.", key=key), indent=2)
    _print_formula(to, beside.check_in, language)


def _print_actions(actions: list[Action], language: Language) -> None:
    from views import changes, formats

    to = out()
    if actions:
        to.blank()
        to.line((language.say("What was changed"), "bold"))
    for action in actions:
        when = formats.moment(action.at, language)
        to.line(f"{when}  {changes.action(action, language)}", indent=2, hang=4)


def _print_posts(posts: Iterable[Post], language: Language) -> None:
    """What was published where."""
    from views import formats, publishing

    to = out()
    for number, one in enumerate(posts):
        if not number:
            to.blank()
            to.line((language.say("Where it is published"), "bold"))
        when = formats.moment(one.sent_at, language) if one.sent_at else ""
        to.line(f"{publishing.place(one)}: {publishing.state(one, language)} {when}".rstrip(), indent=2, hang=4)
        if one.sent:
            to.line(publishing.fields(one.sent, language), indent=4, hang=6)
        if one.is_open and one.cause:
            to.line(one.cause, indent=4, hang=6)
        if one.link:
            to.whole(one.link, indent=4)
