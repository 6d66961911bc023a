"""What people say of key results: check-ins by hand, pins, answers to holds, closings. Append-only as all else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, Table, select

from mapping.assess import CheckIn
from mapping.model import Key
from mapping.posting import Slot
from mapping.records import PIN, RESUME, Action, Candidate, CandidateState, Closing, Said
from sync.store.newest import newest, of, order
from sync.store.outbox import make_due
from sync.store.rows import check_in_in, check_in_json, check_in_row
from sync.store.said import newest_said
from sync.store.tables import actions, candidates, check_ins, closings
from sync.store.writing import writing


class People:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def candidates(self, until: datetime | None = None) -> dict[Key, Candidate]:
        """The newest of each key result that has one, whatever became of it."""
        with self._engine.connect() as connection:
            return newest_candidates(connection, until=until)

    def pinned(self, until: datetime | None = None) -> dict[Key, Action]:
        """The key results at which a person's value stands until it is resumed."""
        with self._engine.connect() as connection:
            query = select(actions).where(actions.c.action.in_([PIN, RESUME])).order_by(*order(actions))
            query = query if until is None else query.where(actions.c.at <= until)
            last = {action.key: action for action in map(action_of, map(dict, connection.execute(query).mappings()))}
        return {key: action for key, action in last.items() if action.action == PIN}

    def closings(self, until: datetime | None = None) -> dict[Key, Closing]:
        with self._engine.connect() as connection:
            return newest_closings(connection, until)

    def all_closings(self, key: Key) -> list[Closing]:
        """Oldest first, and each time that it was opened again."""
        with self._engine.connect() as connection:
            query = select(closings).where(of(closings, key)).order_by(*order(closings))
            return [_closing_of(row) for row in connection.execute(query).mappings()]

    def said(self, what: Literal["note", "confidence"] | None = None, until: datetime | None = None) -> dict[Key, Said]:
        """The last of each key result: a note, how sure somebody is, or anything."""
        with self._engine.connect() as connection:
            return newest_said(connection, what, until)

    def last(self, *names: str) -> dict[Key, Action]:
        """The newest of these names at each key result that has one."""
        with self._engine.connect() as connection:
            query = select(actions).where(actions.c.action.in_(names)).order_by(*order(actions))
            return {one.key: one for one in map(action_of, map(dict, connection.execute(query).mappings()))}

    def actions(self, key: Key) -> list[Action]:
        """Oldest first."""
        with self._engine.connect() as connection:
            query = select(actions).where(of(actions, key)).order_by(*order(actions))
            return [action_of(dict(row)) for row in connection.execute(query).mappings()]

    def act(self, action: Action, check_in: CheckIn | None = None, *, due: Sequence[Slot] = ()) -> None:
        """Write down what was done, with the check-in that it makes, if any, and where that is `due`."""
        with writing(self._engine) as connection:
            write_actions(connection, [action])
            make_due(connection, due, action.at)
            if check_in is not None:
                connection.execute(check_ins.insert().values(**check_in_row(check_in), run_id=None))

    def decide(self, held: Candidate, action: Action, check_in: CheckIn | None, *, due: Sequence[Slot] = ()) -> bool:
        """Accept or reject a hold. False, and nothing is written, where it is no longer the newest."""
        with writing(self._engine) as connection:
            if newest_candidates(connection, [held.key]).get(held.key) != held:
                return False
            state: CandidateState = "accepted" if check_in is not None else "rejected"
            write_candidates(connection, [replace(held, at=action.at, state=state)])
            write_actions(connection, [action])
            if check_in is not None:
                connection.execute(check_ins.insert().values(**check_in_row(check_in), run_id=None))
                make_due(connection, due, action.at)
        return True

    def move_in(
        self, made: Sequence[CheckIn], done: Sequence[Action], ended: Sequence[Closing], about: Sequence[Action]
    ) -> int:
        """Write down what another product knew, all or none. What is there already from an earlier time stays as it is;
        `about` says of a key result that something of it was moved in, and is written where anything was. Returns how
        many values were new."""
        with writing(self._engine) as connection:
            known, acted = _moments(connection, check_ins), _moments(connection, actions)
            closed = newest(connection, closings)
            values = [one for one in made if (*one.key, one.at) not in known]
            notes = [one for one in done if (*one.key, one.at) not in acted]
            rows = [_closing_row(one) for one in ended if one.key not in closed]
            if values:
                connection.execute(check_ins.insert(), [check_in_row(one) | {"run_id": None} for one in values])
            if rows:
                connection.execute(closings.insert(), rows)
            fresh = {one.key for one in (*values, *notes)}
            write_actions(connection, [*notes, *(one for one in about if one.key in fresh)])
        return len(values)

    def close(
        self, made: Sequence[Closing], said: Sequence[Action] = (), *, due: Mapping[Key, Sequence[Slot]] | None = None
    ) -> None:
        """All or none, with what is said beside it. What is closed already, by another hand meanwhile, stays as it is,
        and only that is opened again which is closed. `due` is where each is to be published."""
        with writing(self._engine) as connection:
            known = newest_closings(connection)
            fresh = [one for one in made if (one.key in known) == (one.outcome == "reopened")]
            if fresh:
                rows = [_closing_row(one) for one in fresh]
                connection.execute(closings.insert(), rows)
                for one in fresh:
                    make_due(connection, (due or {}).get(one.key, ()), one.at)
            write_actions(connection, said)


def _moments(connection: Connection, table: Table) -> set[tuple[str, str, datetime]]:
    found = connection.execute(select(table.c.key_result, table.c.cycle, table.c.at))
    return {(row[0], row[1], row[2]) for row in found}


def _closing_row(made: Closing) -> dict[str, Any]:
    return {name: getattr(made, name) for name in _fields(Closing)}


def newest_closings(connection: Connection, until: datetime | None = None) -> dict[Key, Closing]:
    """Of what is closed now, or was then."""
    found = newest(connection, closings, until=until).items()
    return {key: _closing_of(row) for key, row in found if row["outcome"] != "reopened"}


def newest_candidates(
    connection: Connection, keys: Sequence[Key] | None = None, until: datetime | None = None
) -> dict[Key, Candidate]:
    names = [name for name in _fields(Candidate) if name != "check_in"]
    return {
        key: Candidate(**{name: row[name] for name in names}, check_in=check_in_in(row))
        for key, row in newest(connection, candidates, keys, until=until).items()
    }


def write_candidates(connection: Connection, made: Sequence[Candidate]) -> None:
    rows = [{**candidate_row(one), "run_id": None} for one in made]
    if rows:
        connection.execute(candidates.insert(), rows)


def candidate_row(made: Candidate) -> dict[str, Any]:
    return {name: getattr(made, name) for name in _fields(Candidate)} | {"check_in": check_in_json(made.check_in)}


def write_actions(connection: Connection, made: Sequence[Action]) -> None:
    rows = [{**action_row(one), "run_id": None} for one in made]
    if rows:
        connection.execute(actions.insert(), rows)


def action_row(made: Action) -> dict[str, Any]:
    return {name: getattr(made, name) for name in _fields(Action)} | {"details": dict(made.details)}


def _closing_of(row: Mapping[Any, Any]) -> Closing:
    return Closing(**{name: row[name] for name in _fields(Closing)})


def action_of(row: Mapping[str, Any]) -> Action:
    return Action(**{name: row[name] for name in _fields(Action)})


def _fields(kind: Any) -> list[str]:
    return list(kind.__dataclass_fields__)
