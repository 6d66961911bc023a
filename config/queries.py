"""Queries as written in OKR files: `{jira: {count: ...}, connection: eu-jira, unit: hours}`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from config.placeholders import mistakes
from config.problems import Problem
from config.settings import Connection
from config.suggest import did_you_mean
from config.validate import field_names, problems_of
from config.yaml_source import Path_, Source
from connectors import registry
from connectors.base import Query
from mapping.errors import MappingError
from mapping.format import format_quantity
from mapping.parse import SourceUnit, parse_quantity, parse_unit
from mapping.quantity import Quantity
from mapping.reading import Reading, or_else
from mapping.units import NUMBER

_BESIDE = ("connection", "unit", "default")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A named value: a query to one connection, what its bare numbers mean, and what counts where the source has no
    value. `file` and `line` are where the query stands."""

    connection: str
    query: Query
    unit: SourceUnit | None
    default: Quantity | None = None
    file: Path = field(compare=False)
    line: int = field(compare=False)

    @cached_property
    def question(self) -> str:
        """All that decides what its values mean, but their unit."""
        other = "" if self.default is None else f", {format_quantity(self.default)} where there is none"
        return f"{self.query.meaning}{other}"

    @property
    def bare_number(self) -> Decimal | None:
        """A number that a person wrote into it and nobody said the unit of."""
        if self.unit is not None:
            return None
        default = self.default
        if default is not None and default.unit == NUMBER and default.amount != 0:
            return default.amount
        return self.query.bare_number

    def known(self, reading: Reading) -> Reading:
        """What its source said, or what stands for a value that is not there."""
        return reading if self.default is None else or_else(reading, self.default, counted=self.unit is not None)


class QueryReader:
    def __init__(
        self, connections: dict[str, Connection], problems: list[Problem], unusable: Collection[str] = ()
    ) -> None:
        """A tool that needs no connection of the operator's gets one in `connections` when it is used. `unusable` are
        the names of connections that are wrong themselves, which has been said."""
        self._unusable = set(unusable)
        self._connections = connections
        self._problems = problems

    def read(self, given: Mapping[str, Any], source: Source, path: Path_) -> Metric | None:
        """None where something is wrong; what it is has been added to the problems."""
        tools = [key for key in given if key not in _BESIDE]
        if len(tools) != 1:
            self._add(source, path, "a query must name exactly one tool", f"Write one of {', '.join(self._tools())}")
            return None
        tool = tools[0]
        if tool not in registry.names():
            self._add(source, (*path, tool), f"there is no tool called {tool!r}", did_you_mean(tool, self._tools()))
            return None
        spec = registry.spec(tool)
        if spec.queries is None:
            can = " and ".join(spec.capabilities)
            self._add(
                source, (*path, tool), f"{tool} can't be read, it {can}", f"Write one of {', '.join(self._tools())}"
            )
            return None
        connection = self._connection(tool, given.get("connection"), source, path)
        query = self._query(tool, given[tool], source, (*path, tool))
        unit, is_unit = self._unit(given.get("unit"), source, (*path, "unit"))
        default, is_default = self._default(given.get("default"), source, (*path, "default"))
        if connection is None or query is None or not is_unit or not is_default:
            return None
        line = source.line((*path, tool))
        return Metric(connection=connection, query=query, unit=unit, default=default, file=source.file, line=line)

    def _tools(self) -> list[str]:
        """The tools that can be read, those with a connection before all others."""
        own = {connection.spec.name for connection in self._connections.values() if connection.spec.queries is not None}
        return sorted(own) or [name for name in registry.names() if registry.spec(name).queries is not None]

    def _connection(self, tool: str, named: Any, source: Source, path: Path_) -> str | None:
        own = [name for name, connection in self._connections.items() if connection.spec.name == tool]
        if named is not None:
            if named in own:
                return str(named)
            if named in self._unusable:
                return None
            where = (*path, "connection")
            self._add(source, where, f"there is no {tool} connection {named!r}", did_you_mean(str(named), own))
        elif tool in own:
            return tool
        elif not own and not registry.spec(tool).needs_connection:
            self._connections[tool] = unconfigured_connection(tool)
            return tool
        elif len(own) == 1:
            return own[0]
        elif own:
            self._add(
                source,
                path,
                f"there are several {tool} connections",
                f"Write `connection:` with one of {', '.join(sorted(own))}",
            )
        elif not self._unusable:
            self._add(source, path, f"there is no {tool} connection", "Add one under `connections:` in okrsync.yaml")
        return None

    def _query(self, tool: str, given: Any, source: Source, path: Path_) -> Query | None:
        try:
            query: Query = _adapter(tool).validate_python(given)
        except ValidationError as error:
            self._problems += problems_of(error, source, path, _keys(tool))
            return None
        wrong = list(mistakes(query, registry.spec(tool)))
        for message, fix in wrong:
            self._add(source, path, message, fix)
        return None if wrong else query

    def _unit(self, given: Any, source: Source, path: Path_) -> tuple[SourceUnit | None, bool]:
        if given is None:
            return None, True
        try:
            return parse_unit(str(given)), True
        except MappingError as error:
            self._add(source, path, str(error))
            return None, False

    def _default(self, given: Any, source: Source, path: Path_) -> tuple[Quantity | None, bool]:
        if given is None:
            return None, True
        try:
            return parse_quantity(given), True
        except MappingError as error:
            self._add(source, path, f"default: {error}")
            return None, False

    def _add(self, source: Source, path: Path_, message: str, fix: str = "") -> None:
        self._problems.append(source.problem(path, message, fix))


def unconfigured_connection(tool: str) -> Connection:
    """That of a tool which needs none of the operator's."""
    spec = registry.spec(tool)
    return Connection(name=tool, spec=spec, options=spec.options())


@cache
def _adapter(tool: str) -> TypeAdapter[Any]:
    return TypeAdapter(registry.spec(tool).queries)


@cache
def _keys(tool: str) -> set[str]:
    return field_names(registry.spec(tool).queries)
