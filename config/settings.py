"""okrsync.yaml: the connections, where the OKR files are, and where check-ins are kept."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.clear_text import password_in_address, stands_in_the_clear, without_values
from config.problems import Problem
from config.secrets import MissingSecret, Secrets, has_reference, references
from config.serving import is_same_database
from config.suggest import did_you_mean, suggest
from config.validate import field_names, problems_of
from config.yaml_source import Path_, Source
from connectors import registry
from connectors.base import Spec
from connectors.truths import numbers_are_numbers
from mapping.day import zone_names, zone_of
from mapping.errors import MappingError
from mapping.schedule import parse_quiet, parse_schedule

PUBLISH = "publish"
"""The key that lets check-ins be written to a connection's tool."""
SANDBOX_SECRET = "sandbox-secret"  # noqa: S105
"""The stand-ins' secret may stand in a file: it opens nothing else."""
MAY_REFER = ("store", "queue", "ping_url")
"""What takes ${NAME}, and is not repeated in a message."""


@dataclass(frozen=True, kw_only=True)
class Connection:
    """`variables` are the names of those that filled its secret options: the ones to look at when it is refused.
    `publishes` is true where the operator lets us write there."""

    name: str
    spec: Spec
    options: Any
    variables: tuple[str, ...] = ()
    publishes: bool = False


class WebhookSettings(BaseModel):
    """How `serve` takes webhooks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    debounce: float = Field(default=2, ge=0, le=300)
    """Seconds without a new webhook before the pass starts. In a long burst, it starts after ten times as long."""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Proxies that okrsync trusts: 10.0.0.0/8. They must remove the certificate header from calls that arrive."""
    certificate_header: str = Field(default="X-SSL-Client-S-DN", pattern=r"^[A-Za-z0-9-]{1,64}$")
    """The header in which a proxy passes on the client certificate that it has checked."""


class WorkerSettings(BaseSettings):
    """What the environment may override: each as OKRSYNC_ and its name in capitals."""

    # The image sets variables that nobody can unset.
    model_config = SettingsConfigDict(env_prefix="OKRSYNC_", env_ignore_empty=True, extra="forbid", frozen=True)

    workspace: str | None = Field(default=None, min_length=1, max_length=100)
    """The name of the workspace. If left out, it is the name of the folder."""
    time_zone: str = "UTC"
    """The time zone whose days count, by its IANA name."""
    fiscal_year_start: int = Field(default=1, ge=1, le=12)
    """The month in which the fiscal year begins: with 4, 2026-Q1 is April to June."""
    fiscal_year_named: Literal["start", "end"] = "start"
    """Whether a fiscal year is named by the calendar year of its start, or of its end."""
    weeks: Literal["iso", "sunday"] = "iso"
    """Weeks from Monday to Sunday (ISO), or from Sunday to Saturday."""
    language: Literal["en", "ko"] = "en"
    """The language of reports, pages and messages."""
    public_url: str | None = None
    """The address at which people open the pages, for links."""
    okrs: str = "okrs"
    """The folder of the OKR files, relative to okrsync.yaml."""
    store: str = "sqlite:///okrsync.sqlite"
    """A SQLAlchemy address; a relative SQLite file is relative to okrsync.yaml."""
    deadline: float = Field(default=900, gt=0, le=86_400)
    """Seconds that a run waits for the sources. A source that has not answered by then is unavailable."""
    schedule: str | None = None
    """When `serve` asks the sources: an interval (15m, 1h, 1d) or five fields of cron. The default is 1h."""
    quiet_hours: str | None = None
    """Hours in which `serve` asks no source, such as 22:00-06:00. It asks at their end."""
    queue: str | None = None
    """The PostgreSQL database of the store. Needed if several replicas of `serve` share the work."""
    ping_url: str | None = None
    """An address that is called after each recorded pass. A monitor there can tell you when the calls stop."""
    metrics_file: str | None = None
    """A file for node_exporter's textfile collector, written after each recorded pass."""
    thin_after: int = Field(default=400, ge=30, le=100_000)
    """Days after which okrsync keeps one reading and one outcome a day. It keeps check-ins for ever."""
    webhooks: WebhookSettings = WebhookSettings()
    """How `serve` takes webhooks."""

    @model_validator(mode="before")
    @classmethod
    def _numbers(cls, given: Any) -> Any:
        return numbers_are_numbers(cls, given)

    @field_validator("workspace")
    @classmethod
    def _is_one_line(cls, name: str | None) -> str | None:
        if name is not None and (not name.isprintable() or name != name.strip()):
            raise ValueError("a name is one line of text, without spaces around it")
        return name

    @field_validator("store")
    @classmethod
    def _is_store(cls, store: str) -> str:
        if not re.match(r"(sqlite|postgresql)(\+[a-z0-9]+)?://", store) or store == "sqlite://":
            raise ValueError("is not an address: write sqlite:///FILE or postgresql://USER@HOST/DATABASE")
        return store

    @field_validator("queue")
    @classmethod
    def _is_queue(cls, queue: str | None) -> str | None:
        if queue is not None and not re.match(r"postgresql(\+psycopg)?://", queue):
            raise ValueError("is not an address: write postgresql://USER@HOST/DATABASE, the same database as `store:`")
        return queue

    @field_validator("schedule")
    @classmethod
    def _is_schedule(cls, schedule: str | None) -> str | None:
        if schedule is not None:
            _understood(parse_schedule, schedule)
        return schedule

    @field_validator("quiet_hours")
    @classmethod
    def _are_hours(cls, hours: str | None) -> str | None:
        if hours is not None:
            _understood(parse_quiet, hours)
        return hours

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            zone_of(name)
        except MappingError as error:
            near = suggest(name, zone_names())
            raise ValueError(f"{error}{f'. Did you mean {near}?' if near else ''}") from None
        return name

    @field_validator("ping_url")
    @classmethod
    def _is_pinged(cls, url: str | None) -> str | None:
        # The address is the secret of who watches, and is not repeated.
        if url is not None and (not url.startswith(("https://", "http://")) or not urlsplit(url).hostname):
            raise ValueError("is not an address: write https://ping.example.com/..., or ${PING_URL}")
        return url

    @field_validator("public_url")
    @classmethod
    def _is_address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is not an address: write https://okrs.example.com")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(
                "an address must not contain credentials, a query or a fragment: write https://okrs.example.com"
            )
        return url.rstrip("/")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def _understood(parse: Callable[[str], object], text: str) -> None:
    try:
        parse(text)
    except MappingError as error:
        raise ValueError(str(error)) from None


def read_settings(
    source: Source, problems: list[Problem], secrets: Secrets
) -> tuple[WorkerSettings, dict[str, Connection]]:
    """What okrsync.yaml says; what is wrong with it is added to `problems`."""
    data = source.data
    if not isinstance(data, dict):
        what = "the file is empty" if data is None else "the file does not begin with `name: value` lines"
        problems.append(source.problem((), what, "Write `connections:`, and below it one for each tool"))
        return WorkerSettings.model_construct(), {}
    settings = _settings(source, problems, secrets)
    connections = data.get("connections") or {}
    if not isinstance(connections, dict):
        message = (
            "connections is a list, but it needs a name for each connection"
            if isinstance(connections, list)
            else "no names"
        )
        problems.append(source.problem(("connections",), message, "Write `jira:` below it, and the options below that"))
        connections = {}
    made = (_connection(name, given, source, problems, secrets) for name, given in connections.items())
    return settings, {connection.name: connection for connection in made if connection}


def named_connections(source: Source) -> set[str]:
    """The names below `connections:`, whether what stands there is right or not."""
    given = source.data.get("connections") if isinstance(source.data, dict) else None
    return {str(name) for name in given} if isinstance(given, dict) else set()


def store_address(store: str, root: Path) -> str:
    """A relative SQLite file lies beside okrsync.yaml, wherever the command is run."""
    prefix = "sqlite:///"
    if store.startswith(prefix) and not store.startswith(f"{prefix}/") and store != f"{prefix}:memory:":
        return f"{prefix}{(root / store.removeprefix(prefix)).resolve()}"
    return store


def _settings(source: Source, problems: list[Problem], secrets: Secrets) -> WorkerSettings:
    given = {key: value for key, value in source.data.items() if key != "connections"}
    for key, value in given.items():
        if key not in MAY_REFER and isinstance(value, str) and has_reference(value):
            fix = f"Write the value itself, or set the variable OKRSYNC_{key.upper()}"
            problems.append(source.problem((key,), f"{key} can't contain ${{NAME}}", fix))
            return WorkerSettings.model_construct()
    used: dict[str, str] = {}
    for key in MAY_REFER:
        written = given.get(key)
        if not isinstance(written, str):
            continue
        if key != "ping_url" and password_in_address(written):
            message = f"{key}: the password is written in the file"
            name = key.upper()
            fix = f"Write ${{{name}_PASSWORD}} instead, or the whole as ${{{name}_URL}}"
            problems.append(source.problem((key,), message, fix))
            return WorkerSettings.model_construct()
        filled = _filled(written, source, (key,), problems, secrets)
        if filled is None:
            return WorkerSettings.model_construct()
        given[key], used = filled[0], used | filled[1]
    try:
        made = WorkerSettings(**given)
        if made.queue is not None and not is_same_database(made.queue, made.store):
            fix = "Name the same database in both, or leave `queue:` out"
            problems.append(source.problem(("queue",), "queue: this is not the database of `store:`", fix))
        return made
    except ValidationError as error:
        by_variable = list(_wrong_variables(error, source))
        known = {*WorkerSettings.model_fields, "connections"}
        problems += by_variable or without_values(problems_of(error, source, (), known), used)
        return WorkerSettings.model_construct()


def _wrong_variables(error: ValidationError, source: Source) -> Iterator[Problem]:
    """What is wrong in the environment, which stands in no line of the file. A store's address is not repeated."""
    for found in error.errors():
        name = str(found["loc"][0]) if found["loc"] else ""
        variable = f"OKRSYNC_{name.upper()}"
        if variable in os.environ:
            shown = "" if name in MAY_REFER else f" to {os.environ[variable][:60]!r}"
            told = found["msg"].removeprefix("Value error, ")
            message = f"the variable {variable} is set{shown}, which is not valid: {told[:1].lower()}{told[1:]}"
            yield Problem(file=source.file, line=0, message=message, fix="Correct the variable, or remove it")


def _connection(name: str, given: Any, source: Source, problems: list[Problem], secrets: Secrets) -> Connection | None:
    path: Path_ = ("connections", name)
    if not isinstance(given, dict):
        fix = f"Write them below `{name}:`, further to the right; `okrsync connectors` lists them"
        problems.append(source.problem(path, f"the connection {name!r} has no options", fix))
        return None
    kind = given.get("type", name)
    if not isinstance(kind, str) or kind not in registry.names():
        where = (*path, "type") if "type" in given else path
        near = did_you_mean(kind, registry.names()) if isinstance(kind, str) else f"Write {', '.join(registry.names())}"
        shown = f"connector {kind!r}" if isinstance(kind, str) else "connector of this type"
        problems.append(source.problem(where, f"there is no {shown}", near))
        return None
    spec = registry.spec(kind)
    before, options, used = len(problems), dict(given), dict[str, str]()
    options.pop("type", None)
    publishes = PUBLISH in options and _publishes(options.pop(PUBLISH), spec, source, (*path, PUBLISH), problems)
    for key, value in options.items():
        options[key] = _all_filled(value, source, (*path, key), problems, secrets, used)
    problems += _secrets_in_the_clear(spec.options, given, source, path)
    if len(problems) > before:
        return Connection(name=name, spec=spec, options=None)
    try:
        made = spec.options.model_validate(options)
    except ValidationError as error:
        known = {*field_names(spec.options), "type", *([PUBLISH] if spec.destination is not None else [])}
        problems += without_values(problems_of(error, source, path, known), used)
        return Connection(name=name, spec=spec, options=None)
    for key, value in made:
        if isinstance(value, Path) and not secrets.may_read(value):
            fix = f"Put it into {secrets.folder}, the workspace's own folder of secrets"
            problems.append(source.problem((*path, key), f"{key} names a file outside the workspace's folder", fix))
    variables = _variables(spec.options, given)
    return Connection(name=name, spec=spec, options=made, variables=variables, publishes=publishes)


def _publishes(given: Any, spec: Spec, source: Source, path: Path_, problems: list[Problem]) -> bool:
    if not isinstance(given, bool):
        problems.append(source.problem(path, f"{PUBLISH} can't be {given!r}", f"Write `{PUBLISH}: true`"))
    elif given and spec.destination is None:
        problems.append(source.problem(path, f"okrsync can't publish to {spec.title}", "Remove the line"))
    return given is True


def _all_filled(
    value: Any, source: Source, path: Path_, problems: list[Problem], secrets: Secrets, used: dict[str, str]
) -> Any:
    if isinstance(value, dict):
        return {key: _all_filled(part, source, (*path, key), problems, secrets, used) for key, part in value.items()}
    filled = _filled(value, source, path, problems, secrets) if isinstance(value, str) else None
    if filled is None:
        return value
    used |= filled[1]
    return filled[0]


def _filled(
    value: str, source: Source, path: Path_, problems: list[Problem], secrets: Secrets
) -> tuple[str, dict[str, str]] | None:
    """None where something is missing, which is added to `problems`."""
    try:
        return secrets.fill_in(value)
    except MissingSecret as error:
        problems.append(source.problem(path, f"{path[-1]}: {error}", "Set it, or mount the secret's file"))
        return None


def _is_secret(field: FieldInfo) -> bool:
    return "SecretStr" in str(field.annotation) or field.annotation is SecretStr


def _variables(options: type[BaseModel], given: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name, field in options.model_fields.items():
        written = given.get(name)
        for text in written.values() if isinstance(written, dict) else [written]:
            if _is_secret(field) and isinstance(text, str):
                found |= dict.fromkeys(references(text))
    return tuple(found)


def _secrets_in_the_clear(
    options: type[BaseModel], given: Mapping[str, Any], source: Source, path: Path_
) -> Iterator[Problem]:
    for name, field in options.model_fields.items():
        secret = _is_secret(field)
        written = given.get(name)
        parts = written if isinstance(written, dict) else {None: written}
        for part, text in parts.items():
            if secret and isinstance(text, str) and text != SANDBOX_SECRET and stands_in_the_clear(text):
                where = (*path, name) if part is None else (*path, name, part)
                variable = f"{path[-1]}_{where[-1]}".upper().replace("-", "_")
                what = f"a part of {where[-1]}" if has_reference(text) else where[-1]
                yield source.problem(where, f"{what} is written in the file", f"Write ${{{variable}}} instead")
