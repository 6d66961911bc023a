"""The tables. Everything is appended; what is current is a query, not a second truth."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite would drop the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must carry a time zone")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A Decimal to its last digit; SQLite's numbers go through float."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value)


runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("key_results", Integer, nullable=False),
    Column("check_ins", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Column("connection", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("value", Exact),
    Column("unit", Text),
    Column("asked_at", Instant),
    Column("as_of", Instant),
    Column("rows", Integer),
    Column("link", Text),
    Column("note", Text),
    Column("error", Text),
    Column("cause", Text),
    Index("readings_by_query", "connection", "query", "id"),
)

check_ins = Table(
    "check_ins",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.id")),
    Column("key_result", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("value", Exact, nullable=False),
    Column("unit", Text, nullable=False),
    Column("progress", Exact),
    Column("expected", Exact, nullable=False),
    Column("status", Text, nullable=False),
    Column("formula", Text, nullable=False),
    Column("filled", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("aims", JSON, nullable=False),
    Column("by", Text),
    Column("note", Text),
    Column("confidence", Integer),
    UniqueConstraint("key_result", "run_id", name="one_check_in_a_run"),
    Index("check_ins_by_key_result", "key_result", "id"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Integer, ForeignKey("runs.id"), nullable=False),
    Column("key_result", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text),
    Column("cause", Text),
    Column("fix", Text),
    Column("temporary", Boolean, nullable=False),
    UniqueConstraint("key_result", "run_id", name="one_outcome_a_run"),
    Index("outcomes_by_key_result", "key_result", "id"),
)
"""How a key result fared, appended when it changes: current, no value, unavailable."""

candidates = Table(
    "candidates",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_result", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("check_in", JSON, nullable=False),
    Index("candidates_by_key_result", "key_result", "id"),
)
"""What the sources say and does not count: held, pinned aside, and what became of it. Appended when it changes."""

actions = Table(
    "actions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_result", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Index("actions_by_key_result", "key_result", "id"),
)
"""What people did to a key result, and the OKR file: checked in, pinned, resumed, accepted, rejected, adjusted."""

closings = Table(
    "closings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("cycle", Text, nullable=False),
    Column("key_result", Text, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("suggested", Exact),
    Column("score", Exact),
    Column("note", Text),
)

rebuilt = Table(
    "rebuilt",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_result", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("check_in", JSON, nullable=False),
    UniqueConstraint("key_result", "day", name="one_value_a_day"),
)
"""Past values as the sources tell them today; never taken for what was recorded then."""
