"""Why a value is not current, is held, or does not count: one sentence each."""

from __future__ import annotations

from mapping.assess import Failed, Held, NoValue, Pinned, SetAside, Skipped
from mapping.day import day_of
from mapping.facts import KeyResultView, Step
from mapping.foreign import clean
from views import ages
from views.formats import value
from views.language import Language
from views.recorded import reason

_MOST = 300
"""Characters of a note; `explain` shows all of it."""


def of_view(view: KeyResultView, language: Language) -> list[tuple[str, str]]:
    """Each with its kind: "held", "pinned", "skipped", "stale" or "said". None where the value is current and nobody
    said anything."""
    key, beside = view.key_result.id, view.beside
    if view.key_result.cancelled:
        return [("skipped", language.say("cancelled: {reason}", reason=view.key_result.cancelled))]
    if beside and beside.state == "held":
        return [
            (
                "held",
                _held(key, value(beside.check_in.value, language), reason(beside.reason or "", language), language),
            )
        ]
    found = []
    if beside:
        by = view.pinned.by if view.pinned else "?"
        shown = value(beside.check_in.value, language)
        found.append(("pinned", language.say("pinned by {by}. The sources say {value}.", by=by, value=shown)))
    if (told := ages.sentence(view.age, language)) is not None:
        found.append(("stale", told))
    words = _said(view, language)
    return [*found, ("said", words)] if words else found


def _said(view: KeyResultView, language: Language) -> str:
    """The last note and how sure somebody is, where anybody said so."""
    note, sure = view.note, view.confidence
    told = []
    if note is not None:
        when, text = day_of(note.at, language.zone), clean(note.note or "", _MOST)
        told.append(language.say("{by}, {when}: {note}", by=note.by, when=when, note=text))
    if sure is not None:
        if note is not None and (note.at, note.by) == (sure.at, sure.by):
            told.append(language.say("confidence {confidence} of 10", confidence=sure.confidence))
        else:
            told.append(
                language.say(
                    "{by}, {when}: confidence {confidence} of 10",
                    by=sure.by,
                    when=day_of(sure.at, language.zone),
                    confidence=sure.confidence,
                )
            )
    return " · ".join(told)


def of_step(step: Step, language: Language) -> tuple[str, str] | None:
    """The same for a pass."""
    key, kept = step.key_result.id, _kept(step, language)
    match step.assessment:
        case Held(check_in=made, reason=why):
            return "held", _held(key, value(made.value, language), f"{reason(why, language)}{kept}", language)
        case Pinned(check_in=made):
            shown = value(made.value, language)
            return "pinned", language.say("pinned. The sources say {value}.", value=shown)
        case SetAside(check_in=made):
            shown = value(made.value, language)
            return "skipped", language.say(
                "{value} was not recorded, because somebody spoke of it while it was asked for. "
                "The next sync looks again.",
                value=shown,
            )
        case Skipped(reason=why):
            return "skipped", language.say("not asked: {reason}.", reason=why)
        case NoValue(cause=cause) | Failed(cause=cause):
            return "stale", f"{cause}{kept}"
    return None


def _held(key: str, shown: str, why: str, language: Language) -> str:
    return language.say(
        "held. The sources say {value}, but {reason}. Run `okrsync accept {key}` or `okrsync reject {key}`.",
        value=shown, reason=why, key=key,
    )  # fmt: skip


def _kept(step: Step, language: Language) -> str:
    return language.say("; it keeps {value}", value=value(step.last.value, language)) if step.last else ""
