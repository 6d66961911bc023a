"""What people say of key results: check-ins by hand, pins, answers to holds, closings. Append-only as all else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, select

from mapping.assess import CheckIn
from mapping.records import PIN, RESUME, Action, Candidate, CandidateState, Closing
from sync.store.engine import for_writing
from sync.store.newest import newest
from sync.store.rows import check_in_from_json, check_in_json, check_in_row
from sync.store.tables import actions, candidates, check_ins, closings


class People:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def candidates(self) -> dict[str, Candidate]:
        """The newest of each key result that has one, whatever became of it."""
        with self._engine.connect() as connection:
            return newest_candidates(connection)

    def pinned(self) -> dict[str, Action]:
        """The key results at which a person's value stands until it is resumed."""
        with self._engine.connect() as connection:
            query = select(actions).where(actions.c.action.in_([PIN, RESUME])).order_by(actions.c.id)
            last = {row["key_result"]: _action_of(dict(row)) for row in connection.execute(query).mappings()}
        return {key: action for key, action in last.items() if action.action == PIN}

    def closings(self) -> dict[str, Closing]:
        with self._engine.connect() as connection:
            found = connection.execute(select(closings)).mappings()
            return {row["key_result"]: Closing(**{key: row[key] for key in _fields(Closing)}) for row in found}

    def actions(self, key_result: str) -> list[Action]:
        """Oldest first."""
        with self._engine.connect() as connection:
            query = select(actions).where(actions.c.key_result == key_result).order_by(actions.c.id)
            return [_action_of(dict(row)) for row in connection.execute(query).mappings()]

    def act(self, action: Action, check_in: CheckIn | None = None) -> None:
        """Write down what was done, with the check-in that it makes, if any."""
        with for_writing(self._engine).begin() as connection:
            write_actions(connection, [action])
            if check_in is not None:
                connection.execute(check_ins.insert().values(**check_in_row(check_in), run_id=None))

    def decide(self, held: Candidate, action: Action, check_in: CheckIn | None) -> bool:
        """Accept or reject a hold. False, and nothing is written, where it is no longer the newest."""
        with for_writing(self._engine).begin() as connection:
            if newest_candidates(connection).get(held.key_result) != held:
                return False
            state: CandidateState = "accepted" if check_in is not None else "rejected"
            write_candidates(
                connection,
                [
                    Candidate(
                        key_result=held.key_result,
                        at=action.at,
                        state=state,
                        reason=held.reason,
                        check_in=held.check_in,
                    )
                ],
            )
            write_actions(connection, [action])
            if check_in is not None:
                connection.execute(check_ins.insert().values(**check_in_row(check_in), run_id=None))
        return True

    def close(self, made: Sequence[Closing]) -> None:
        """All or none. What is closed already, by another hand meanwhile, stays as it is."""
        with for_writing(self._engine).begin() as connection:
            known = set(connection.execute(select(closings.c.key_result)).scalars())
            rows = [_closing_row(one) for one in made if one.key_result not in known]
            if rows:
                connection.execute(closings.insert(), rows)


def newest_candidates(connection: Connection) -> dict[str, Candidate]:
    return {
        row["key_result"]: Candidate(
            key_result=row["key_result"],
            at=row["at"],
            state=row["state"],
            reason=row["reason"],
            check_in=check_in_from_json(row["check_in"]),
        )
        for row in newest(connection, candidates)
    }


def write_candidates(connection: Connection, made: Sequence[Candidate]) -> None:
    rows = [
        {
            "key_result": one.key_result,
            "at": one.at,
            "state": one.state,
            "reason": one.reason,
            "check_in": check_in_json(one.check_in),
        }
        for one in made
    ]
    if rows:
        connection.execute(candidates.insert(), rows)


def write_actions(connection: Connection, made: Sequence[Action]) -> None:
    rows = [{**{key: getattr(one, key) for key in _fields(Action)}, "details": dict(one.details)} for one in made]
    if rows:
        connection.execute(actions.insert(), rows)


def _closing_row(made: Closing) -> dict[str, Any]:
    return {key: getattr(made, key) for key in _fields(Closing)}


def _action_of(row: Mapping[str, Any]) -> Action:
    return Action(**{key: row[key] for key in _fields(Action)})


def _fields(kind: Any) -> list[str]:
    return list(kind.__dataclass_fields__)
