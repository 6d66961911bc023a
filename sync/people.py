"""What a person does to a key result: checks in, pins, resumes, accepts, rejects. Each is one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from config.load import Binding
from mapping.assess import CheckIn, by_hand
from mapping.day import UTC, Zone, day_of
from mapping.errors import MappingError
from mapping.format import format_quantity
from mapping.model import Key
from mapping.parse import parse_quantity
from mapping.records import CHECK_IN, NOTE, PIN, RESUME, VOID, Action
from sync.clock import fix_of, went_back
from sync.store.store import Store
from sync.who import system_user


class Refused(Exception):
    """It can't be done; the message says why, and what to do instead."""


def check_in(
    store: Store,
    binding: Binding,
    at: datetime,
    *,
    by: str,
    zone: Zone,
    value: str | None = None,
    note: str | None = None,
    confidence: int | None = None,
    pin: bool = False,
) -> CheckIn | None:
    """A person's value, which the next automatic one replaces, unless it is pinned; or a note without a value. Raises
    Refused."""
    key = binding.key_result.key
    _refuse_closed(store, key, zone)
    last = store.last_check_ins([key]).get(key)
    made = None
    if value is not None:
        _refuse_unseen(last, at, zone)
        try:
            amount = parse_quantity(value, binding.key_result.unit)
            made = by_hand(binding.key_result, amount, last, at, by=by, zone=zone, note=note, confidence=confidence)
        except MappingError as error:
            raise Refused(f"{key.id}: {error}") from None
    details: dict[str, Any] = {"value": format_quantity(made.value)} if made else {}
    if last is not None and made is not None:
        details["from"] = format_quantity(last.value)
    details |= {name: given for name, given in (("note", note), ("confidence", confidence)) if given is not None}
    action = PIN if pin else CHECK_IN if made else NOTE
    details["system"] = system_user()
    done = Action(key_result=key.id, cycle=key.cycle, at=at, by=by, action=action, details=details)
    store.people.act(done, made, due=binding.due if made else ())
    return made


def resume(store: Store, binding: Binding, at: datetime, *, by: str) -> None:
    """Let the sources speak again. Raises Refused."""
    key = binding.key_result.key
    if key not in store.people.pinned():
        raise Refused(f"{key.id} is not pinned.")
    details = {"system": system_user()}
    store.people.act(Action(key_result=key.id, cycle=key.cycle, at=at, by=by, action=RESUME, details=details))


def void(store: Store, binding: Binding, at: datetime, *, of: str, by: str, zone: Zone, note: str | None) -> CheckIn:
    """Say that the check-in `of` that moment, as `history` shows it, was wrong. It stays in history, and counts no
    more. Raises Refused."""
    key = binding.key_result.key
    _refuse_closed(store, key, zone)
    known = store.history(key)
    found = [made for made in known if of.strip() in _names_of(made.at, zone)]
    if len(found) != 1:
        what = "several check-ins" if found else "no check-in that counts"
        last = ", ".join(_names_of(made.at, zone)[0] for made in (found or known)[-5:])
        raise Refused(f"{key.id} has {what} at {of}." + (f" Write one of these: {last}." if last else ""))
    (made,) = found
    details = {"value": format_quantity(made.value), "of": made.at.isoformat(), "note": note, "system": system_user()}
    done = Action(key_result=key.id, cycle=key.cycle, at=at, by=by, action=VOID, details=details)
    store.people.act(done, due=binding.due)
    return made


def _names_of(at: datetime, zone: Zone) -> list[str]:
    """From the exact one to its day."""
    here, day = at.astimezone(zone), day_of(at, zone).isoformat()
    return [
        here.isoformat(), at.isoformat(), f"{day} {here:%H:%M:%S}", f"{day} {here:%H:%M %Z}",
        f"{day} {here:%H:%M}", f"{day}T{here:%H:%M}", day,
    ]  # fmt: skip


def decide(
    store: Store,
    binding: Binding,
    at: datetime,
    *,
    by: str,
    accept: bool,
    zone: Zone = UTC,
    note: str | None = None,
) -> CheckIn:
    """Take the held value, or leave it. A rejected one is not held again until it changes. Raises Refused."""
    key = binding.key_result.key
    held = store.people.candidates().get(key)
    if held is None or held.state != "held":
        raise Refused(f"No value of {key.id} is held.")
    if accept:
        _refuse_unseen(store.last_check_ins([key]).get(key), at, zone)
    details = {"value": format_quantity(held.check_in.value), "reason": held.reason, "system": system_user()}
    details |= {"note": note} if note else {}
    said = "accepted" if accept else "rejected"
    action = Action(key_result=key.id, cycle=key.cycle, at=at, by=by, action=said, details=details)
    counted = replace(held.check_in, asked_at=at) if accept else None
    if not store.people.decide(held, action, counted, due=binding.due):
        raise Refused(f"{key.id} has a newer value now. Look at `okrsync explain {key.id}` once more.")
    return held.check_in


def _refuse_unseen(last: CheckIn | None, at: datetime, zone: Zone) -> None:
    """A value that would never be the current one is not taken as if it were."""
    if last is not None and (cause := went_back(last, at, zone)):
        raise Refused(f"{last.key_result}: {cause}. {fix_of(last, zone)}")


def _refuse_closed(store: Store, key: Key, zone: Zone) -> None:
    closing = store.people.closings().get(key)
    if closing is not None:
        raise Refused(
            f"{key.id} was {closing.outcome} on {day_of(closing.at, zone)}. A closed key result takes no check-in."
        )
