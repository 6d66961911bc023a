"""Reads and writes the store in the words of the rest: check-ins, readings, outcomes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection, Engine, Table, select

from connectors.base import Outcome
from mapping.assess import CheckIn
from mapping.reading import Reading
from mapping.records import Action, Candidate, KeyResultOutcome, LastRun, Reason
from sync.store.engine import for_writing, open_engine
from sync.store.newest import newest
from sync.store.past import Past
from sync.store.people import People, newest_candidates, write_actions, write_candidates
from sync.store.rows import check_in_of, check_in_row
from sync.store.tables import check_ins, outcomes, readings, runs


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


class Store:
    """The append-only record. Safe to use from several processes; each write is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.people = People(engine)
        self.past = Past(engine)

    @classmethod
    def open(cls, url: str) -> Self:
        """Raises StoreError."""
        return cls(open_engine(url))

    def close(self) -> None:
        self._engine.dispose()

    def last_check_ins(self, key_results: Collection[str] | None = None) -> dict[str, CheckIn]:
        """The newest check-in of each key result that has one."""
        with self._engine.connect() as connection:
            found = {row["key_result"]: check_in_of(row) for row in newest(connection, check_ins)}
        return found if key_results is None else {key: found[key] for key in key_results if key in found}

    def last_outcomes(self) -> dict[str, KeyResultOutcome]:
        with self._engine.connect() as connection:
            return {row["key_result"]: _outcome_of(row) for row in newest(connection, outcomes)}

    def history(self, key_result: str) -> list[CheckIn]:
        """All check-ins of one key result, oldest first."""
        with self._engine.connect() as connection:
            query = select(check_ins).where(check_ins.c.key_result == key_result).order_by(check_ins.c.id)
            return [check_in_of(dict(row)) for row in connection.execute(query).mappings()]

    def last_run(self) -> LastRun | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(runs).order_by(runs.c.id.desc()).limit(1)).mappings().first()
        if row is None:
            return None
        return LastRun(**{name: row[name] for name in LastRun.__dataclass_fields__})

    def record(self, run: RunRecord) -> int:
        """Write a pass, all of it or nothing. Returns how many check-ins were new.

        A check-in that another pass has recorded meanwhile is not written twice, nor is an outcome that the key
        result has already.
        """
        with for_writing(self._engine).begin() as connection:
            before = {row["key_result"]: check_in_of(row) for row in newest(connection, check_ins)}
            fresh = [made for made in run.new if not made.says_the_same_as(before.get(made.key_result))]
            known = {row["key_result"]: _outcome_of(row) for row in newest(connection, outcomes)}
            changed = [outcome for outcome in run.outcomes if not outcome.same_as(known.get(outcome.key_result))]
            inserted = connection.execute(
                runs.insert().values(
                    started_at=run.started_at,
                    finished_at=run.finished_at,
                    key_results=run.key_results,
                    check_ins=len(fresh),
                    failed=sum(outcome.state != "current" for outcome in run.outcomes),
                )
            )
            run_id = (inserted.inserted_primary_key or (0,))[0]
            _insert(connection, readings, (_reading_row(*answer) for answer in run.answers), run_id)
            _insert(connection, check_ins, (check_in_row(made) for made in fresh), run_id)
            _insert(connection, outcomes, (vars(outcome) for outcome in changed), run_id)
            _set_aside(connection, run)
            counted = {made.key_result for made in fresh}
            write_actions(connection, [action for action in run.actions if action.key_result in counted])
        return len(fresh)


def _set_aside(connection: Connection, run: RunRecord) -> None:
    """Candidates that tell something new; a hold ends where its key result has a value that counts again."""
    known = newest_candidates(connection)
    current = {outcome.key_result for outcome in run.outcomes if outcome.state == "current"}
    ended = [
        replace(one, at=run.started_at, state="dissolved")
        for key, one in known.items()
        if one.state in ("held", "pinned") and key in current
    ]
    new = [one for one in run.candidates if not one.same_as(known.get(one.key_result))]
    write_candidates(connection, [*ended, *new])


def _insert(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]], run_id: int) -> None:
    values = [{**row, "run_id": run_id} for row in rows]
    if values:
        connection.execute(table.insert(), values)


def _outcome_of(row: Mapping[str, Any]) -> KeyResultOutcome:
    return KeyResultOutcome(**{name: row[name] for name in KeyResultOutcome.__dataclass_fields__})


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
