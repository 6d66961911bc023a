"""The tables. What is told of key results is appended; what is current is a query, not a second truth."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from sync.store.types import Exact, Instant, Whole

metadata = MetaData()

store_info = Table(
    "store_info",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("store_info_by_name", "name", "id"),
)
"""What the store knows of itself, appended when it changes: its workspace, the oldest schema that it serves."""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text),
    Column("token", Whole, nullable=False),
    Column("until", Instant),
)
"""Who may write. State, not history: one row for each name, its token grows with every new holder."""

remembered = Table(
    "remembered",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Small facts that connectors keep between runs. State, not history."""

runs = Table(
    "runs",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("key_results", Integer, nullable=False),
    Column("check_ins", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Index("runs_by_run_id", "run_id", unique=True),
)
"""`run_id` is the run's own name, by which its log lines call it."""

readings = Table(
    "readings",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("run_id", Whole, ForeignKey("runs.id"), nullable=False),
    Column("connection", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("value", Exact),
    Column("unit", Text),
    Column("asked_at", Instant),
    Column("as_of", Instant),
    Column("rows", Whole),
    Column("link", Text),
    Column("note", Text),
    Column("error", Text),
    Column("cause", Text),
    Index("readings_by_query", "connection", "query", "id"),
)

definitions = Table(
    "definitions",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("run_id", Whole, ForeignKey("runs.id"), nullable=False),
    Column("key_result", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("hash", Text, nullable=False),
    Column("meaning", Text, nullable=False),
    Column("recipe", Integer, nullable=False),
    Column("snapshot", JSON, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Index("definitions_by_key_result", "key_result", "cycle", "id"),
)
"""What the OKR files say of a key result, appended when it changes, so that its history outlives them. To stand on
another line is no change."""

check_ins = Table(
    "check_ins",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("run_id", Whole, ForeignKey("runs.id")),
    Column("key_result", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("value", Exact, nullable=False),
    Column("unit", Text, nullable=False),
    Column("progress", Exact),
    Column("expected", Exact, nullable=False),
    Column("status", Text, nullable=False),
    Column("formula", Text, nullable=False),
    Column("filled", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("recipe", Integer, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("aims", JSON, nullable=False),
    Column("by", Text),
    Column("note", Text),
    Column("confidence", Integer),
    UniqueConstraint("key_result", "cycle", "run_id", name="one_check_in_a_run"),
    Index("check_ins_by_key_result", "key_result", "cycle", "asked_at", "id"),
)
"""`run_id` is none where a person made it."""

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("run_id", Whole, ForeignKey("runs.id"), nullable=False),
    Column("key_result", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text),
    Column("cause", Text),
    Column("fix", Text),
    Column("temporary", Boolean, nullable=False),
    UniqueConstraint("key_result", "cycle", "run_id", name="one_outcome_a_run"),
    Index("outcomes_by_key_result", "key_result", "cycle", "id"),
)
"""How a key result fared, appended when it changes: current, no value, unavailable."""

candidates = Table(
    "candidates",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("run_id", Whole, ForeignKey("runs.id")),
    Column("key_result", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("check_in", JSON, nullable=False),
    Index("candidates_by_key_result", "key_result", "cycle", "id"),
)
"""What the sources say and does not count: held, pinned aside, and what became of it. Appended when it changes."""

actions = Table(
    "actions",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("run_id", Whole, ForeignKey("runs.id")),
    Column("key_result", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("details", JSON, nullable=False),
    Index("actions_by_key_result", "key_result", "cycle", "id"),
)
"""What people did to a key result, and the OKR file: checked in, pinned, resumed, accepted, rejected, adjusted."""

closings = Table(
    "closings",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("key_result", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("suggested", Exact),
    Column("score", Exact),
    Column("note", Text),
    Column("system", Text),
    Index("closings_by_key_result", "key_result", "cycle", "id"),
)
"""How key results ended, and that they were opened again. The newest row of each counts."""

rebuilt = Table(
    "rebuilt",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("key_result", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("check_in", JSON, nullable=False),
    UniqueConstraint("key_result", "cycle", "day", name="one_value_a_day"),
)
"""Past values as the sources tell them today; never taken for what was recorded then."""

touches = Table(
    "touches",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Index("touches_by_time", "at", "id"),
)
"""What tools and people said that changed, until a pass has asked. State: `at` is from when it counts."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Index("deliveries_by_time", "at"),
)
"""Which calls came already, for as long as they may come again."""

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("connection", Text, primary_key=True),
    Column("resource", Text, primary_key=True),
    Column("remote_id", Text),
    Column("expires_at", Instant),
    Column("renew_at", Instant),
    Column("state", Text, nullable=False),
    Column("cause", Text),
    Column("fix", Text),
    Column("at", Instant, nullable=False),
    Index("subscriptions_by_remote_id", "connection", "remote_id"),
)
"""What tools were asked to tell us of. State: one row for each resource that is wanted."""

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    UniqueConstraint("hash", name="one_token_a_hash"),
)
"""Who may call the API. The token itself is known to nobody but its owner."""

conditions = Table(
    "conditions",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)
"""How it is going: the last tick of each schedule, the health of each connection, the workers that live, the problems
of refused files. State, not history: one row for each thing."""

publications = Table(
    "publications",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key_result", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant),
    Column("sent", JSON),
    Column("sent_day", Text),
    Column("sent_at", Instant),
    Column("trying", JSON),
    Column("trying_day", Text),
    Column("remote_id", Text),
    Column("link", Text),
    Column("error", Text),
    Column("cause", Text),
    Column("fix", Text),
    UniqueConstraint("key_result", "cycle", "connection", "place", "kind", name="one_row_a_place"),
)
"""The outbox: where each publication stands. State, not history; `wanted` grows with what is recorded for it."""

postings = Table(
    "postings",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("key_result", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("connection", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("day", Text),
    Column("remote_id", Text),
    Column("link", Text),
    Column("error", Text),
    Column("cause", Text),
    Index("postings_by_key_result", "key_result", "cycle", "id"),
)
"""The ledger of what was published: each try, with what came of it."""

editions = Table(
    "editions",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("week", Text, nullable=False),
    Column("cycle", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("report", JSON, nullable=False),
    UniqueConstraint("week", "cycle", "language", name="one_edition"),
)
"""Reports of weeks that are over, as they were first made. `cycle` is "" where it is of all that ran."""

asked = Table(
    "asked",
    metadata,
    Column("key_result", Text, primary_key=True),
    Column("at", Instant, nullable=False),
)
"""When a pass of some key results asked each of them last; "" stands for all. State, not history."""
