"""What a tool has, for people who look for an id: a small capability of a connector, beside reading."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from connectors.errors import BadAnswer, BadQuery


@dataclass(frozen=True, kw_only=True)
class Found:
    """`query` is what stands behind the tool's name in an OKR file. What a person must still fill in there is in
    capitals. `inside` is what to look into next: `okrsync find ... --in`."""

    title: str
    detail: str
    query: str | Mapping[str, Any]
    inside: str | None = None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What can be looked for; `within` names what it lies in, where one must say that, and `holds` the kinds that lie
    in one of these."""

    name: str
    about: str
    within: str | None = None
    holds: tuple[str, ...] = ()


class Finder(ABC):
    """Lists what a connection can see. Reads only."""

    kinds: ClassVar[tuple[Kind, ...]]

    @abstractmethod
    def find(self, kind: str, text: str, within: str) -> Iterator[Found]:
        """All of that kind, those alone that the text occurs in, as they come. Raises ConnectorError."""


def matching(found: Iterable[Found], text: str) -> Iterator[Found]:
    wanted = text.casefold()
    return (one for one in found if wanted in f"{one.title} {one.detail}".casefold())


def rows(listed: object, connection: str) -> list[Mapping[str, Any]]:
    """Raises BadAnswer for anything but a list of objects."""
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise BadAnswer("the tool's answer contains no list", connection=connection)
    return listed


def words(row: Mapping[str, Any], *names: str) -> str:
    """The first of these that the row has as a text or number, in one line."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return " ".join(str(value).split())[:300]
    return ""


def parts(within: str, number: int, form: str, connection: str) -> list[str]:
    """The ids in `--in`. Raises BadQuery."""
    found = within.split("/", number - 1)
    if len(found) != number or not all(found):
        raise BadQuery(f"--in {within or 'nothing'} is not {form}", connection=connection, fix=f"Write --in {form}.")
    return found
