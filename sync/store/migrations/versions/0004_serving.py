"""What `serve` needs: what was touched, which calls came already, subscriptions, tokens, and how it is going."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.store.types import Instant, Whole

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "touches",
        sa.Column("id", Whole, primary_key=True),
        sa.Column("connection", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("touches_by_time", "touches", ["at", "id"])
    op.create_table(
        "deliveries",
        sa.Column("connection", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("deliveries_by_time", "deliveries", ["at"])
    op.create_table(
        "subscriptions",
        sa.Column("connection", sa.Text, primary_key=True),
        sa.Column("resource", sa.Text, primary_key=True),
        sa.Column("remote_id", sa.Text),
        sa.Column("expires_at", Instant),
        sa.Column("renew_at", Instant),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("cause", sa.Text),
        sa.Column("fix", sa.Text),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("subscriptions_by_remote_id", "subscriptions", ["connection", "remote_id"])
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("expires_at", Instant),
        sa.Column("revoked_at", Instant),
        sa.UniqueConstraint("hash", name="one_token_a_hash"),
    )
    op.create_table(
        "conditions",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    leases = sa.table("leases", sa.column("name"), sa.column("token"))
    op.bulk_insert(leases, [{"name": "serve", "token": 0}])
