"""The options and the query of a database."""

from __future__ import annotations

import re
from typing import Any, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from connectors.base import Options, Query, Spec
from connectors.sql.dates import TOKEN, shown, text_around_a_date, write_moment

_BARE_DAY = re.compile(r"(?<![\w{.:-])\d{4}-\d\d-\d\d(?![\w}.:-])")


class SqlOptions(Options):
    """A database by its SQLAlchemy address, with a user that may only read."""

    url: SecretStr = Field(description="postgresql+psycopg://USER:PASSWORD@HOST/DATABASE, or sqlite:////path/to/file")
    concurrency: int = Field(
        default=2, ge=1, le=32, description="How many queries may run at the same time, each on its own connection."
    )
    timeout: float = Field(default=60, gt=0, le=600, description="Seconds that one query may take.")

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: SecretStr) -> SecretStr:
        try:
            made = make_url(url.get_secret_value())
        except (ArgumentError, ValueError):
            raise ValueError(
                "is not an SQLAlchemy address: write postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
            ) from None
        if made.get_backend_name() == "postgresql" and made.drivername not in ("postgresql", "postgresql+psycopg"):
            raise ValueError(
                "okrsync reads PostgreSQL with psycopg, which allows one statement in a query: write postgresql+psycopg://"
            )
        return url


class SqlQuery(Query):
    """`{sql: "SELECT sum(amount) FROM deals"}`, or long `{sql: {query: ...}}`: one row of one number."""

    query: str = Field(min_length=1, max_length=100_000, description="A SELECT with one row of one number.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"query": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _only_reads(self) -> Self:
        bare = TOKEN.sub(" ", self.query).strip()
        if not re.match(r"(select|with)\b", bare, re.IGNORECASE):
            raise ValueError("a query begins with SELECT or WITH")
        if ";" in bare.rstrip(";"):
            raise ValueError("write one statement only")
        if day := _BARE_DAY.search(bare):
            raise ValueError(f"the day {day[0]} is a subtraction without quotes: write '{day[0]}'")
        around = text_around_a_date(self.query)
        if around is not None:
            raise ValueError(f"a date must not be inside the text {around}: write closed >= {{cycle.start}}")
        return self

    def text(self) -> str:
        return shown(" ".join(self.query.split()).rstrip("; "))


SPEC = Spec(
    name="sql",
    title="SQL database",
    options=SqlOptions,
    queries=SqlQuery,
    write_moment=write_moment,
    connector="connectors.sql.pull:SqlConnector",
    short_form=True,
    quotes='"`',
    # The suite's faults are those of HTTP; a database has its own, and tests of its own.
    remote=False,
)
