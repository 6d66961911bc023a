"""Writes one finished pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from importlib.metadata import version
from typing import Any

import structlog
from sqlalchemy import Connection, Table, func, select
from sqlalchemy.exc import DataError, IntegrityError, StatementError

from connectors.base import Outcome
from mapping.assess import CheckIn
from mapping.definition import Definition
from mapping.model import Key
from mapping.posting import Slot
from mapping.published import FRESHNESS
from mapping.reading import Reading
from mapping.records import Action, Candidate, KeyResultOutcome, Reason
from sync.store.asking import tell_asked
from sync.store.newest import newest
from sync.store.outbox import make_due
from sync.store.people import action_row, candidate_row, newest_candidates
from sync.store.rows import CHECK_IN, check_in_of, check_in_row
from sync.store.tables import actions, candidates, check_ins, closings, definitions, outcomes, readings, runs

log = structlog.get_logger("sync.store")
Seen = tuple[int, int]
"""The last action and the last closing, by number."""
NOT_RECORDED = "NotRecorded"
Row = tuple[Table, dict[str, Any]]
_OF_MEANING = ("definition", "recipe", "aims")


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One finished pass, as it is written in one transaction. `run_id` is the pass's own name, as its log lines carry
    it; names of later passes sort after it. `asked_at` is when it began to ask."""

    run_id: str
    reason: Reason
    asked_at: datetime
    started_at: datetime
    finished_at: datetime
    key_results: int
    new: tuple[CheckIn, ...]
    outcomes: tuple[KeyResultOutcome, ...]
    answers: tuple[tuple[str, str, Outcome], ...]
    """Connection, query as sent, and what it gave."""
    candidates: tuple[Candidate, ...] = ()
    actions: tuple[Action, ...] = ()
    filed: tuple[Action, ...] = ()
    """What left the OKR files, or came back."""
    definitions: tuple[Definition, ...] = ()
    adopted: tuple[CheckIn, ...] = ()
    """What is recorded already, with its meaning under the name that this version gives it."""
    seen: Seen | None = None
    """How far people's words were read before."""
    only: frozenset[str] = frozenset()
    """The key results that were asked, where it was not all."""
    due: Mapping[Key, tuple[Slot, ...]] = field(default_factory=dict)
    """Where what is new of a key result is to be published."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """How many check-ins were new, the key results of which the store can't keep what came out, and those of which a
    person spoke meanwhile."""

    check_ins: int
    refused: Mapping[Key, KeyResultOutcome] = field(default_factory=dict)
    aside: frozenset[Key] = frozenset()


def record(connection: Connection, run: RunRecord) -> Recorded:
    """A check-in that another pass has recorded meanwhile is not written twice, nor is an outcome that the key
    result has already; what was asked earlier never replaces what was asked later. Where a person said something
    meanwhile that the pass knows nothing of, its answers are kept, and the next pass makes something of them.
    """
    aside = _said_since(connection, run.seen)
    run = _without(run, aside)
    # Only what is new is compared again: the pass has read the rest already.
    keys = {made.key for made in run.new}
    before = newest(connection, check_ins, keys, columns=CHECK_IN)
    fresh = [made for made in run.new if _is_news(made, before.get(made.key))]
    inserted = connection.execute(
        runs.insert().values(
            run_id=run.run_id,
            reason=run.reason,
            version=_version(),
            asked_at=run.asked_at,
            started_at=run.started_at,
            finished_at=run.finished_at,
            key_results=run.key_results,
            check_ins=len(fresh),
            failed=sum(outcome.state != "current" for outcome in run.outcomes),
        )
    )
    run_id: int = (inserted.inserted_primary_key or (0,))[0]
    tell_asked(connection, run.only, run.asked_at)
    _insert(connection, {readings: (_reading_row(*answer) for answer in run.answers)}, run_id)
    news = {made.key for made in fresh}
    parts = {
        definitions: _definitions(connection, run),
        check_ins: map(check_in_row, fresh),
        candidates: map(candidate_row, _set_aside(connection, run)),
        actions: (action_row(one) for one in (*(one for one in run.actions if one.key in news), *run.filed)),
    }
    refused = _insert(connection, parts, run_id)
    fared = [_not_recorded(one, refused[one.key]) if one.key in refused else one for one in run.outcomes]
    known = {key: outcome_of(row) for key, row in newest(connection, outcomes).items()}
    changed = [one for one in fared if _is_told(one, known.get(one.key))]
    _insert(connection, {outcomes: (vars(outcome) for outcome in changed)}, run_id)
    make_due(connection, _due(run, news - refused.keys(), changed), run.finished_at)
    count = len(news - refused.keys())
    if refused:
        failed = sum(outcome.state != "current" for outcome in fared)
        connection.execute(runs.update().where(runs.c.id == run_id).values(check_ins=count, failed=failed))
    _adopt(connection, run)
    return Recorded(
        check_ins=count,
        refused={one.key: one for one in fared if one.key in refused},
        aside=frozenset(aside),
    )


def _due(run: RunRecord, news: Iterable[Key], fared: Iterable[KeyResultOutcome]) -> Iterator[Slot]:
    """A new value, and whether it is still fresh, each by itself: what went stale is told without a value."""
    for key in news:
        yield from (slot for slot in run.due.get(key, ()) if slot.kind == "value")
    for outcome in fared:
        slots = run.due.get(outcome.key, ())
        yield from (slot for slot in slots if slot.kind == FRESHNESS and slot.key == outcome.key)


def recorded(connection: Connection, run: RunRecord) -> Recorded | None:
    """What a run came to that is recorded already, None where it is not."""
    count = connection.execute(select(runs.c.check_ins).where(runs.c.run_id == run.run_id)).scalar()
    if count is None:
        return None
    known = {key: outcome_of(row) for key, row in newest(connection, outcomes).items()}
    fared = {one.key for one in run.outcomes}
    return Recorded(
        check_ins=count, refused={key: one for key, one in known.items() if key in fared and one.kind == NOT_RECORDED}
    )


def last_said(connection: Connection) -> Seen:
    action, closing = (connection.execute(select(func.max(table.c.id))).scalar() for table in (actions, closings))
    return action or 0, closing or 0


def _said_since(connection: Connection, seen: Seen | None) -> set[Key]:
    if seen is None:
        return set()
    return {
        Key(*row)
        for table, last in zip((actions, closings), seen, strict=True)
        for row in connection.execute(select(table.c.key_result, table.c.cycle).where(table.c.id > last))
    }


def _without(run: RunRecord, keys: set[Key]) -> RunRecord:
    if not keys:
        return run
    return replace(
        run,
        new=tuple(one for one in run.new if one.key not in keys),
        outcomes=tuple(one for one in run.outcomes if one.key not in keys),
        candidates=tuple(one for one in run.candidates if one.key not in keys),
        actions=tuple(one for one in run.actions if one.key not in keys),
        adopted=tuple(one for one in run.adopted if one.key not in keys),
    )


def outcome_of(row: Mapping[str, Any]) -> KeyResultOutcome:
    return KeyResultOutcome(**{name: row[name] for name in KeyResultOutcome.__dataclass_fields__})


def _is_news(made: CheckIn, row: Mapping[str, Any] | None) -> bool:
    if row is None:
        return True
    last = check_in_of(row)
    return made.asked_at >= last.asked_at and not made.says_the_same_as(last)


def _is_told(outcome: KeyResultOutcome, last: KeyResultOutcome | None) -> bool:
    return last is None or (outcome.at >= last.at and not outcome.same_as(last))


def _definitions(connection: Connection, run: RunRecord) -> Iterator[dict[str, Any]]:
    known = {key: row["hash"] for key, row in newest(connection, definitions, columns=[definitions.c.hash]).items()}
    changed = [one for one in run.definitions if known.get(one.key) != one.hash]
    return (
        {
            "key_result": one.key_result,
            "cycle": one.cycle,
            "at": run.asked_at,
            "hash": one.hash,
            "meaning": one.meaning,
            "recipe": one.recipe,
            "snapshot": dict(one.snapshot),
            "file": one.file,
            "line": one.line,
        }
        for one in changed
    )


def _set_aside(connection: Connection, run: RunRecord) -> list[Candidate]:
    """Candidates that tell something new; a hold ends where its key result has a value that counts again."""
    known = newest_candidates(connection)
    current = {outcome.key for outcome in run.outcomes if outcome.state == "current"}
    ended = [
        replace(one, at=run.started_at, state="dissolved")
        for key, one in known.items()
        if one.state in ("held", "pinned") and key in current
    ]
    return [*ended, *(one for one in run.candidates if not one.same_as(known.get(one.key)))]


def _adopt(connection: Connection, run: RunRecord) -> None:
    """A value of before says the same under another name; that is written where it stands, for it is no news."""
    rows = newest(connection, check_ins, [made.key for made in run.adopted]) if run.adopted else {}
    for made in run.adopted:
        row = rows[made.key]
        if row["recipe"] < made.recipe:
            here = check_ins.c.id == row["id"]
            named = {name: value for name, value in check_in_row(made).items() if name in _OF_MEANING}
            connection.execute(check_ins.update().where(here).values(**named))


def _insert(
    connection: Connection, parts: Mapping[Table, Iterable[Mapping[str, Any]]], run_id: int
) -> dict[Key | None, str]:
    """All at once; where the database refuses a row, each key result by itself, whole or not at all, and each row of
    none. Returns why, by key result (None where the row is of none)."""
    rows = [(table, {**row, "run_id": run_id}) for table, made in parts.items() for row in made]
    if not rows or _why_not(connection, rows) is None:
        return {}
    shares: dict[Any, list[Row]] = {}
    for number, (table, row) in enumerate(rows):
        shares.setdefault(_key_of(row) or number, []).append((table, row))
    refused = {}
    for share in shares.values():
        reason = _why_not(connection, share)
        if reason is not None:
            key = _key_of(share[0][1])
            refused[key] = reason
            tables = ", ".join(table.name for table in dict.fromkeys(table for table, _ in share))
            log.error("the result can't be written", tables=tables, key_result=key and key.id, cause=reason)
    return refused


def _key_of(row: Mapping[str, Any]) -> Key | None:
    return Key(row["key_result"], row["cycle"]) if "key_result" in row else None


def _why_not(connection: Connection, rows: Iterable[Row]) -> str | None:
    """None where they are written, all of them."""
    by_table: dict[Table, list[dict[str, Any]]] = {}
    for table, row in rows:
        by_table.setdefault(table, []).append(row)
    try:
        with connection.begin_nested():
            for table, values in by_table.items():
                connection.execute(table.insert(), values)
    except (DataError, IntegrityError) as error:
        return str(error.orig).splitlines()[0]
    except (StatementError, OverflowError, ValueError) as error:
        return f"{type(error).__name__}: a value is out of bounds"
    return None


def _not_recorded(outcome: KeyResultOutcome, reason: str) -> KeyResultOutcome:
    return replace(
        outcome,
        state="unavailable",
        kind=NOT_RECORDED,
        cause=f"the store can't keep the answer of its source: {reason}",
        fix="Check the answer of the source. If it is right, this is a defect of okrsync: please report it.",
    )


def _reading_row(connection: str, query: str, outcome: Outcome) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(
        ("value", "unit", "asked_at", "as_of", "rows", "link", "note", "error", "cause")
    )
    row |= {"connection": connection, "query": query}
    if isinstance(outcome, Reading):
        seen = outcome.evidence
        row |= {"value": outcome.value, "unit": str(outcome.unit) if outcome.unit else None}
        row |= {name: getattr(seen, name) for name in ("query", "asked_at", "as_of", "rows", "link", "note")}
    else:
        row |= {"error": outcome.kind, "cause": outcome.message}
    return row


@cache
def _version() -> str:
    return version("okrsync")
