"""Where check-ins are published by HTTP: an event that is signed, or a body of the operator's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.base import Destination
from connectors.extract import JmesPath
from connectors.written import Written
from mapping.published import FRESHNESS, Content

Path = Annotated[str, Field(pattern=r"^/[^#]*$", max_length=8000)]
PLACEHOLDER = re.compile(r"\{([a-z_]+(?::[a-z]+)?)\}")
Pairs = tuple[tuple[str, str], ...]


def pairs(given: Any) -> Any:
    return tuple((str(name), value) for name, value in given.items()) if isinstance(given, Mapping) else given


class HttpEvent(Destination):
    """`{http: {post: /hooks/okrs, fields: {value: value, status: status}}}`: an event by Standard Webhooks, signed with
    the connection's `signing_secret`. Its receiver recognizes a repetition by `webhook-id`."""

    post: Path = Field(description="A path below `url` that receives events.")
    fields: Pairs = Field(description="Names in the event's data, and the fact for each.")

    @field_validator("fields", mode="before", json_schema_input_type=dict[str, str])
    @classmethod
    def _pairs(cls, given: Any) -> Any:
        return pairs(given)

    @property
    def readable(self) -> bool:
        return False

    def text(self) -> str:
        return f"POST {self.post}"

    def facts(self) -> Pairs:
        return self.fields


class ReadBack(BaseModel):
    """How to read the current values: a path, and a JMESPath to each fact."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    get: Path = Field(description="A path below `url`.")
    select: tuple[tuple[str, JmesPath], ...] = Field(description="JMESPath to each fact: {value: data.value}")

    @field_validator("select", mode="before", json_schema_input_type=dict[str, str])
    @classmethod
    def _pairs(cls, given: Any) -> Any:
        return pairs(given)


class HttpBody(Destination):
    """`{http: {send: /v1/kpis/7, method: PUT, body: {value: "{value}"}, read_back: {...}}}`: a JSON body in which facts
    stand in braces. One that is alone in its text keeps its type; one that is not known leaves its name out."""

    send: Path = Field(description="A path below `url`.")
    method: Literal["POST", "PUT", "PATCH"] = Field(default="PUT", description="The HTTP method.")
    body: Any = Field(description='JSON with facts in braces: {value: "{value}", text: "{value:text} by {as_of:date}"}')
    success: tuple[str | int, ...] = Field(default=("2xx",), description="HTTP statuses that mean success.")
    permanent: tuple[int, ...] = Field(
        default=(400, 401, 403, 404, 410, 422), description="HTTP statuses after which no pass tries again."
    )
    read_back: ReadBack | None = Field(default=None, description="How to read the current values, before each write.")

    @field_validator("body", mode="before")
    @classmethod
    def _frozen(cls, given: Any) -> Any:
        return freeze(given)

    @field_validator("success")
    @classmethod
    def _are_statuses(cls, given: tuple[str | int, ...]) -> tuple[str | int, ...]:
        for one in given:
            if not re.fullmatch(r"[1-5](\d\d|xx)", str(one)):
                raise ValueError(f"{one!r} is not a status: write 2xx or 201")
        return given

    @model_validator(mode="after")
    def _reads_what_it_writes(self) -> HttpBody:
        named = {fact for fact, _ in self.facts()}
        if FRESHNESS in named and len(named) > 1:
            raise ValueError("write freshness in a separate body, because okrsync sends no value that is not fresh")
        if self.read_back is not None and named != {fact for fact, _ in self.read_back.select}:
            raise ValueError("read_back must select each fact of the body, and no other")
        return self

    @property
    def readable(self) -> bool:
        return self.read_back is not None

    def text(self) -> str:
        return f"{self.method} {self.send}"

    def facts(self) -> Pairs:
        return tuple((fact, fact) for fact in dict.fromkeys(_placeholders(self.body)))

    def is_success(self, status: int) -> bool:
        return any(str(status) == str(one) or str(one) == f"{status // 100}xx" for one in self.success)

    def filled(self, known: Mapping[str, Content], write: Callable[[Content], Any]) -> Any:
        made = _filled(self.body, known, write)
        return {} if made is _GONE else made


FORMS: tuple[type[Written], ...] = (HttpEvent, HttpBody)


class Pair(tuple[Any, ...]):
    """A mapping that can be hashed."""

    __slots__ = ()


def freeze(given: Any) -> Any:
    if isinstance(given, dict):
        return Pair((str(name), freeze(part)) for name, part in given.items())
    if isinstance(given, list):
        return tuple(freeze(part) for part in given)
    return given


def _placeholders(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield from PLACEHOLDER.findall(body)
    elif isinstance(body, Pair):
        for _, part in body:
            yield from _placeholders(part)
    elif isinstance(body, tuple):
        for part in body:
            yield from _placeholders(part)


_GONE = object()


def _filled(body: Any, known: Mapping[str, Content], write: Callable[[Content], Any]) -> Any:
    if isinstance(body, str):
        whole = PLACEHOLDER.fullmatch(body)
        if whole:
            return write(known[whole[1]]) if known.get(whole[1]) is not None else _GONE
        return PLACEHOLDER.sub(lambda found: str(write(known.get(found[1], ""))), body)
    if isinstance(body, Pair):
        made = ((name, _filled(part, known, write)) for name, part in body)
        left = {name: part for name, part in made if part is not _GONE}
        return left if left or not body else _GONE
    if isinstance(body, tuple):
        return [part for part in (_filled(one, known, write) for one in body) if part is not _GONE]
    return body
