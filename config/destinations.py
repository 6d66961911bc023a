"""Where check-ins are published, as written in OKR files: `publish: {jira: {issue: OKR-12, fields: {...: value}}}`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from config.problems import Problem
from config.settings import PUBLISH, Connection
from config.suggest import did_you_mean
from config.validate import field_names, problems_of
from config.yaml_source import Path_, Source
from connectors import registry
from connectors.base import Destination
from mapping.model import Key
from mapping.posting import PostKind, Slot
from mapping.published import FRESHNESS, WORDS, Content, mistake, names

_BESIDE = ("connection", "on_conflict", "statuses")
EXAMPLE = "Write `publish: {TOOL: {..., fields: {FIELD: value}}}`"


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A destination of a key result, or of an objective. `overwrite` is true if okrsync may overwrite what somebody
    else wrote. `words` are the place's words for our statuses. `file` and `line` are its place in the OKR files."""

    key: Key
    connection: str
    destination: Destination
    overwrite: bool = False
    words: Mapping[str, Content] = field(default_factory=dict)
    file: Path = field(compare=False)
    line: int = field(compare=False)

    def facts(self, kind: PostKind) -> tuple[tuple[str, str], ...]:
        """Freshness is published separately: no value is published that is not fresh."""
        return tuple(
            (name, fact) for name, fact in self.destination.facts() if (fact == FRESHNESS) == (kind == FRESHNESS)
        )

    def slot(self, kind: PostKind) -> Slot:
        return Slot(
            key_result=self.key.id,
            cycle=self.key.cycle,
            connection=self.connection,
            place=self.destination.text(),
            kind=kind,
        )

    @property
    def slots(self) -> list[Slot]:
        kinds: tuple[PostKind, ...] = ("value", "freshness")
        return [self.slot(kind) for kind in kinds if self.facts(kind)]


class DestinationReader:
    def __init__(
        self, connections: Mapping[str, Connection], problems: list[Problem], unusable: Collection[str] = ()
    ) -> None:
        """`unusable` are the names of connections with problems that are already reported."""
        self._connections = connections
        self._problems = problems
        self._unusable = set(unusable)
        self._taken: dict[tuple[str, str, str], Problem] = {}

    def read(self, given: Any, key: Key, source: Source, path: Path_, *, objective: bool) -> tuple[Publication, ...]:
        """The correct ones. The problems of the others are added to `problems`."""
        if given is None:
            return ()
        several = isinstance(given, list)
        made = (
            self._one(one, key, source, (*path, index) if several else path, objective=objective)
            for index, one in enumerate(given if several else [given])
        )
        return tuple(filter(None, made))

    def _one(self, given: Any, key: Key, source: Source, path: Path_, *, objective: bool) -> Publication | None:
        if not isinstance(given, dict):
            self._add(source, path, "publish names no destination", EXAMPLE)
            return None
        tools = [str(name) for name in given if name not in _BESIDE]
        if len(tools) != 1:
            self._add(source, path, "a destination must name exactly one tool", f"Write one of {', '.join(_tools())}")
            return None
        (tool,) = tools
        if tool not in _tools():
            what = (
                f"okrsync can't publish to {tool}" if tool in registry.names() else f"there is no tool called {tool!r}"
            )
            self._add(source, (*path, tool), what, did_you_mean(tool, _tools()))
            return None
        before = len(self._problems)
        connection = self._connection(tool, given.get("connection"), source, path)
        destination = self._destination(tool, given[tool], source, (*path, tool), objective=objective)
        overwrite = self._overwrite(given.get("on_conflict", "keep"), source, (*path, "on_conflict"))
        words = self._words(given.get("statuses", {}), source, (*path, "statuses"))
        if connection is None or destination is None or len(self._problems) > before:
            return None
        where = (*path, tool)
        self._take(connection, destination, source, where)
        return Publication(
            key=key,
            connection=connection,
            destination=destination,
            overwrite=overwrite,
            words=words,
            file=source.file,
            line=source.line(where),
        )

    def _connection(self, tool: str, named: Any, source: Source, path: Path_) -> str | None:
        own = {name: one for name, one in self._connections.items() if one.spec.name == tool}
        open_ = sorted(name for name, one in own.items() if one.publishes)
        if named is not None and named not in own:
            if named not in self._unusable:
                where = (*path, "connection")
                self._add(source, where, f"there is no {tool} connection {named!r}", did_you_mean(str(named), open_))
            return None
        if named is None and not own:
            if not self._unusable:
                self._add(
                    source, path, f"there is no {tool} connection", "Add one under `connections:` in okrsync.yaml"
                )
            return None
        chosen = named if named is not None else tool if tool in open_ else open_[0] if len(open_) == 1 else None
        if chosen is None and open_:
            self._add(
                source,
                path,
                f"there are several {tool} connections",
                f"Write `connection:` with one of {', '.join(open_)}",
            )
            return None
        if chosen is None or not own[chosen].publishes:
            closed = chosen or ", ".join(sorted(own))
            fix = f"Write `{PUBLISH}: true` in that connection in okrsync.yaml, best with a separate credential"
            self._add(source, path, f"publishing to the connection {closed} is not allowed", fix)
            return None
        return str(chosen)

    def _destination(
        self, tool: str, given: Any, source: Source, path: Path_, *, objective: bool
    ) -> Destination | None:
        try:
            made: Destination = adapter(tool).validate_python(given)
        except ValidationError as error:
            self._problems += problems_of(error, source, path, field_names(registry.spec(tool).destination))
            return None
        facts = made.facts()
        if not facts:
            self._add(source, path, "the destination publishes no fact", "Write `fields: {FIELD: value}`")
        for name, fact in facts:
            if wrong := mistake(fact, objective=objective):
                where = (*path, "fields", name)
                self._add(source, where, wrong, did_you_mean(fact, names(objective=objective)))
        return made

    def _overwrite(self, given: Any, source: Source, path: Path_) -> bool:
        if given not in ("keep", "overwrite"):
            self._add(source, path, f"on_conflict can't be {given!r}", "Write keep or overwrite")
        return bool(given == "overwrite")

    def _words(self, given: Any, source: Source, path: Path_) -> dict[str, Content]:
        if not isinstance(given, dict):
            self._add(
                source,
                path,
                "statuses must be pairs of a status and a word",
                "Write `statuses: {on track: Green, at risk: Red}`",
            )
            return {}
        made: dict[str, Content] = {}
        for status, word in given.items():
            if status not in WORDS:
                self._add(source, (*path, status), f"there is no status {status!r}", did_you_mean(str(status), WORDS))
            elif isinstance(word, bool) or not isinstance(word, str | int | Decimal) or word == "":
                self._add(source, (*path, status), f"no word is given for {status}", f"Write `{status}: ...`")
            else:
                made[status] = word if isinstance(word, str) else Decimal(word)
        return made

    def _take(self, connection: str, destination: Destination, source: Source, path: Path_) -> None:
        """Two destinations of one field would overwrite each other for ever."""
        for name, _ in destination.facts():
            here = source.problem(path, f"two destinations write {name} of {destination.text()}")
            first = self._taken.setdefault((connection, destination.text(), name), here)
            if first is not here:
                fix = f"The other one is at {first.file}:{first.line}. Choose another field for one of them"
                self._problems.append(replace(here, fix=fix))

    def _add(self, source: Source, path: Path_, message: str, fix: str = "") -> None:
        self._problems.append(source.problem(path, message, fix))


def _tools() -> list[str]:
    return [name for name in registry.names() if registry.spec(name).destination is not None]


@cache
def adapter(tool: str) -> TypeAdapter[Any]:
    return TypeAdapter(registry.spec(tool).destination)
