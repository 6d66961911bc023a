"""Lets every connection sign in and judge its queries, connections side by side, whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from config.load import Connection, Workspace
from connectors.base import Account, Clock, Connector, Query, Reader
from connectors.errors import BadAnswer, BadCredentials, ConnectorError, Unreachable
from connectors.wire import DEADLINE_FIX
from mapping.model import OF_OBJECTIVE
from sync.connections import opened
from sync.publishing.judging import JudgedPlace, judged_by
from sync.pull import CONNECTIONS_AT_ONCE, DEFECT_FIX, stop_all
from sync.questions import Question, Questions, questions_for

log = structlog.get_logger("sync.judging")


@dataclass(frozen=True, kw_only=True)
class Use:
    """A key result that a query serves, and where the query stands."""

    key_result: str
    file: Path
    line: int


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """`query` is as it was asked, `place` where something is to be published; both are None where the connection as a
    whole is concerned. `fix` may say more than the error's own."""

    error: ConnectorError
    fix: str
    query: str | None = None
    place: str | None = None
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Judged:
    """`account` is None where the tool tells nobody, or nobody was let in; `queries` and `calls` where nothing was
    asked; `destinations` where nothing may be published."""

    connection: str
    account: Account | None = None
    queries: int | None = None
    calls: int | None = None
    destinations: int | None = None
    refusals: tuple[Refusal, ...] = ()


def judge(workspace: Workspace, clock: Clock) -> list[Judged]:
    """In the order of okrsync.yaml. What has not answered at the workspace's deadline is unreachable."""
    questions = questions_for(workspace, workspace.bindings.values(), clock())
    uses = _uses(workspace, questions)
    opened_now: dict[str, Connector] = {}

    def judged(connection: Connection) -> Judged:
        queries = questions.by_connection.get(connection.name, ())
        return _judged(workspace, connection, queries, uses, clock, opened_now)

    pool = ThreadPoolExecutor(max_workers=CONNECTIONS_AT_ONCE)
    asked = {
        name: pool.submit(copy_context().run, judged, connection)
        for name, connection in workspace.connections.items()
        if connection.spec.connector is not None
    }
    late = set(asked)
    try:
        done, _ = wait(asked.values(), timeout=workspace.deadline)
        late = {name for name, future in asked.items() if future not in done}
    finally:
        stop_all({name: connector for name, connector in list(opened_now.items()) if name in late})
        pool.shutdown(wait=False, cancel_futures=True)
    return [_too_late(name, workspace.deadline) if name in late else future.result() for name, future in asked.items()]


def _too_late(name: str, deadline: float) -> Judged:
    error = Unreachable(f"no answer came within {deadline:g} seconds", connection=name, fix=DEADLINE_FIX)
    return Judged(connection=name, refusals=(Refusal(error=error, fix=error.fix),))


def _uses(workspace: Workspace, questions: Questions) -> dict[Question, tuple[Use, ...]]:
    found: dict[Question, dict[Use, None]] = {}
    for key_result, named in questions.of.items():
        for name, question in named.items():
            metric = workspace.bindings[key_result].metrics[name]
            use = Use(key_result=key_result, file=metric.file, line=metric.line)
            found.setdefault(question, {})[use] = None
    return {question: tuple(each) for question, each in found.items()}


def _judged(
    workspace: Workspace,
    connection: Connection,
    queries: Collection[Query],
    uses: dict[Question, tuple[Use, ...]],
    clock: Clock,
    opened_now: dict[str, Connector],
) -> Judged:
    name = connection.name
    found = Judged(connection=name)
    refusals: list[Refusal] = []

    def refused(error: ConnectorError, query: Query | None = None) -> None:
        asked = None if query is None or error.scope == "connection" else query.text()
        used = () if query is None else uses[name, query]
        refusals.append(Refusal(error=error, fix=_fix(error, connection), query=asked, uses=used))

    def sign_in_and_ask() -> None:
        nonlocal found
        with opened(workspace.connections, [name], clock, workspace.time_zone) as connectors:
            connector = opened_now[name] = connectors[name]
            found = replace(found, account=connector.check())
            if isinstance(connector, Reader):
                found = replace(found, queries=len(queries), calls=connector.calls(queries))
                for query, error in connector.validate(queries):
                    if error:
                        refused(error, query)
            if connection.publishes:
                places = list(judged_by(workspace, connector))
                found = replace(found, destinations=len(places))
                refusals.extend(_refused_place(one, connection) for one in places if one.error)

    _guarded(name, sign_in_and_ask, refused)
    return replace(found, refusals=tuple(_once(refusals)))


def _refused_place(one: JudgedPlace, connection: Connection) -> Refusal:
    assert one.error is not None  # noqa: S101 - the caller has looked
    of = None if one.error.scope == "connection" else one.place
    use = Use(key_result=one.key.removeprefix(OF_OBJECTIVE), file=one.file, line=one.line)
    return Refusal(error=one.error, fix=_fix(one.error, connection), place=of, uses=(use,))


def _guarded(name: str, do: Callable[[], None], refused: Callable[[ConnectorError], None]) -> None:
    try:
        do()
    except ConnectorError as error:
        refused(error)
    except Exception as error:
        log.exception("connector failed", connection=name)
        refused(BadAnswer(f"the connector broke: {type(error).__name__}", connection=name, fix=DEFECT_FIX))


def _once(refusals: list[Refusal]) -> Iterator[Refusal]:
    """What concerns the connection, and was told of each of its queries, is one thing, with all that uses it."""
    alike: dict[tuple[str, str], list[Refusal]] = {}
    for index, one in enumerate(refusals):
        key = (one.error.kind, one.error.message) if one.error.scope == "connection" else ("", str(index))
        alike.setdefault(key, []).append(one)
    for same in alike.values():
        yield replace(same[0], uses=tuple(dict.fromkeys(use for one in same for use in one.uses)))


def _fix(error: ConnectorError, connection: Connection) -> str:
    if not isinstance(error, BadCredentials) or not connection.variables:
        return error.fix
    named = " and ".join(f"${{{name}}}" for name in connection.variables)
    whose = "its secret comes" if len(connection.variables) == 1 else "its secrets come"
    return f"{error.fix} In okrsync.yaml, {whose} from {named}."
