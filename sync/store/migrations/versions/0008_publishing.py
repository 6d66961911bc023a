"""The outbox and the ledger of what is published. What was recorded before is not due: nothing old is sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.store.types import Instant, Whole

revision = "0008"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("id", Whole, primary_key=True),
        *_of_a_place(),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("sent", sa.JSON),
        sa.Column("sent_day", sa.Text),
        sa.Column("sent_at", Instant),
        sa.Column("trying", sa.JSON),
        sa.Column("trying_day", sa.Text),
        *_of_an_outcome(),
        sa.Column("fix", sa.Text),
        sa.UniqueConstraint("key_result", "cycle", "connection", "place", "kind", name="one_row_a_place"),
    )
    op.create_table(
        "postings",
        sa.Column("id", Whole, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        *_of_a_place(),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("fields", sa.JSON, nullable=False),
        sa.Column("day", sa.Text),
        *_of_an_outcome(),
    )
    op.create_index("postings_by_key_result", "postings", ["key_result", "cycle", "id"])


def _of_a_place() -> list[sa.Column[str]]:
    names = ("connection", "place", "kind", "key_result", "cycle")
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _of_an_outcome() -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text) for name in ("remote_id", "link", "error", "cause")]
