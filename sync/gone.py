"""What no OKR file names any more, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from config.load import Workspace
from mapping.errors import MappingError
from mapping.model import Key, KeyResult, Objective, Role, parse_cycle
from mapping.recalled import key_result, objective
from mapping.records import BACK, LEFT
from sync.store.store import Store


@dataclass(frozen=True, kw_only=True)
class Gone:
    """Whole objectives with all that belonged to them, and KPIs, each cycle by itself."""

    objectives: tuple[Objective, ...] = ()
    kpis: tuple[KeyResult, ...] = ()


NOTHING_GONE = Gone()


def gone_keys(workspace: Workspace, store: Store) -> list[Key]:
    named = {one.key_result.key for one in workspace.bindings.values()}
    return [key for key in store.defined.named() if key not in named]


def gone(workspace: Workspace, store: Store, cycle: str | None = None) -> Gone:
    """Of this cycle, or of all. A key result whose objective is still in a file is not among them: the file says what
    belongs to that."""
    keys = [key for key in gone_keys(workspace, store) if cycle in (None, key.cycle)]
    if not keys:
        return NOTHING_GONE
    there = {(one.id, one.period.name) for one in workspace.objectives}
    there |= {(one.id, made.period.name) for one in workspace.objectives for made in one.key_results}
    last = store.last_check_ins(keys)
    own: dict[tuple[str, str], list[KeyResult]] = {}
    said: dict[tuple[str, str], Mapping[str, Any]] = {}
    kpis: list[KeyResult] = []
    for key, known in sorted(store.defined.last(keys).items()):
        made = _recalled(key, known.snapshot, dict(last[key].aims) if key in last else {})
        of = known.snapshot.get("objective")
        if made is None:
            continue
        if of is None:
            kpis += [made] if made.role is Role.KPI else []
        elif (of["id"], key.cycle) not in there:
            own.setdefault((of["id"], key.cycle), []).append(made)
            said[of["id"], key.cycle] = of
    found = tuple(objective(said[one], tuple(made)) for one, made in own.items())
    return Gone(objectives=found, kpis=tuple(kpis))


@dataclass(frozen=True, kw_only=True)
class Moves:
    """What left the files since the last pass while its cycle runs, and what came back."""

    left: tuple[Key, ...] = ()
    back: tuple[Key, ...] = ()


NOTHING_MOVED = Moves()


def moves(workspace: Workspace, store: Store, today: date) -> Moves:
    """What is closed may go."""
    told = store.people.last(LEFT, BACK)
    away = {key for key, action in told.items() if action.action == LEFT}
    named = {one.key_result.key for one in workspace.bindings.values()}
    closed = store.people.closings()
    fresh = [key for key in gone_keys(workspace, store) if key not in away and key not in closed]
    ends = _ends(workspace, store, fresh)
    return Moves(left=tuple(key for key in fresh if today <= ends[key.cycle]), back=tuple(sorted(away & named)))


def _ends(workspace: Workspace, store: Store, keys: Iterable[Key]) -> dict[str, date]:
    """The last day of each cycle: its name tells it, or else what its file said."""
    found: dict[str, date] = {}
    for key in keys:
        if key.cycle in found:
            continue
        try:
            found[key.cycle] = parse_cycle(key.cycle, workspace.calendar).end
        except MappingError:
            said = store.defined.last([key])[key].snapshot["cycle"]
            found[key.cycle] = date.fromisoformat(said["end"])
    return found


def _recalled(key: Key, said: Mapping[str, Any], aims: Mapping[str, Any]) -> KeyResult | None:
    try:
        return key_result(key, said, aims)
    except (MappingError, KeyError, ValueError):
        # A snapshot of another version, which says less. Its values are still in history and export.
        return None
