"""Weekly reports as they were first made; when each key result was asked last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync.store.types import Instant, Whole

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "editions",
        sa.Column("id", Whole, primary_key=True),
        sa.Column("week", sa.Text, nullable=False),
        sa.Column("cycle", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("report", sa.JSON, nullable=False),
        sa.UniqueConstraint("week", "cycle", "language", name="one_edition"),
    )
    op.create_table(
        "asked",
        sa.Column("key_result", sa.Text, primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
