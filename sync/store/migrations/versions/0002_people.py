"""What people do: check-ins by hand, pins, holds, closings; and values rebuilt for past days."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.store.types import Exact, Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("check_ins") as table:
        table.alter_column("run_id", existing_type=sa.Integer, nullable=True)
        table.alter_column("progress", existing_type=Exact, nullable=True)
        table.add_column(sa.Column("aims", sa.JSON, nullable=False, server_default="[]"))
        table.add_column(sa.Column("by", sa.Text))
        table.add_column(sa.Column("note", sa.Text))
        table.add_column(sa.Column("confidence", sa.Integer))
    op.create_table(
        "candidates",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key_result", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("check_in", sa.JSON, nullable=False),
    )
    op.create_index("candidates_by_key_result", "candidates", ["key_result", "id"])
    op.create_table(
        "actions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key_result", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("details", sa.JSON, nullable=False),
    )
    op.create_index("actions_by_key_result", "actions", ["key_result", "id"])
    op.create_table(
        "closings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("cycle", sa.Text, nullable=False),
        sa.Column("key_result", sa.Text, nullable=False, unique=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("suggested", Exact),
        sa.Column("score", Exact),
        sa.Column("note", sa.Text),
    )
    op.create_table(
        "rebuilt",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key_result", sa.Text, nullable=False),
        sa.Column("day", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("check_in", sa.JSON, nullable=False),
        sa.UniqueConstraint("key_result", "day", name="one_value_a_day"),
    )
