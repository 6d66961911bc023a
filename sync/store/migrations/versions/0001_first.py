"""Runs, readings, check-ins and outcomes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.store.types import Exact, Instant

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("finished_at", Instant, nullable=False),
        sa.Column("key_results", sa.Integer, nullable=False),
        sa.Column("check_ins", sa.Integer, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
    )
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("connection", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("value", Exact),
        sa.Column("unit", sa.Text),
        sa.Column("asked_at", Instant),
        sa.Column("as_of", Instant),
        sa.Column("rows", sa.Integer),
        sa.Column("link", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("cause", sa.Text),
    )
    op.create_index("readings_by_query", "readings", ["connection", "query", "id"])
    op.create_table(
        "check_ins",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("key_result", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("value", Exact, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("progress", Exact, nullable=False),
        sa.Column("expected", Exact, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("formula", sa.Text, nullable=False),
        sa.Column("filled", sa.Text, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("inputs", sa.JSON, nullable=False),
        sa.UniqueConstraint("key_result", "run_id", name="one_check_in_a_run"),
    )
    op.create_index("check_ins_by_key_result", "check_ins", ["key_result", "id"])
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("key_result", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("cause", sa.Text),
        sa.Column("fix", sa.Text),
        sa.Column("temporary", sa.Boolean, nullable=False),
        sa.UniqueConstraint("key_result", "run_id", name="one_outcome_a_run"),
    )
    op.create_index("outcomes_by_key_result", "outcomes", ["key_result", "id"])
