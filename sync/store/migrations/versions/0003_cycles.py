"""Whose store it is and who may write; key results told apart by their cycles; when a value was asked; definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from sync.clock import utc_now
from sync.store.types import Instant, Whole

revision = "0003"
down_revision = "0002"

OF_KEY_RESULTS = ("check_ins", "outcomes", "candidates", "actions", "rebuilt")
OLD_UNIQUE = {"uq": "%(table_name)s_%(column_0_name)s_key"}
"""PostgreSQL's own name for a constraint without one; SQLite has none."""


def upgrade() -> None:
    _new_tables()
    _runs()
    _readings()
    _key_results()
    _closings()
    _cycles_of_closings()
    _check_ins()
    _json("candidates")
    _json("rebuilt")
    _wide_ids()
    _tell()


def _new_tables() -> None:
    op.create_table(
        "store_info",
        sa.Column("id", Whole, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("store_info_by_name", "store_info", ["name", "id"])
    leases = op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text),
        sa.Column("token", Whole, nullable=False),
        sa.Column("until", Instant),
    )
    op.bulk_insert(leases, [{"name": "pass", "token": 0}])
    op.create_table(
        "remembered",
        sa.Column("connection", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_table(
        "definitions",
        sa.Column("id", Whole, primary_key=True),
        sa.Column("run_id", Whole, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("key_result", sa.Text, nullable=False),
        sa.Column("cycle", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("meaning", sa.Text, nullable=False),
        sa.Column("recipe", sa.Integer, nullable=False),
        sa.Column("snapshot", sa.JSON, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
    )
    op.create_index("definitions_by_key_result", "definitions", ["key_result", "cycle", "id"])


def _runs() -> None:
    """Runs of before get a name made of their time. No batch: SQLite would drop the table that others refer to."""
    for name, kind, default in (
        ("run_id", sa.Text, ""),
        ("reason", sa.Text, "one-shot"),
        ("version", sa.Text, ""),
        ("asked_at", Instant, "1970-01-01 00:00:00.000000+00:00"),
    ):
        if kind is Instant and op.get_bind().dialect.name == "sqlite":
            default = default.removesuffix("+00:00")
        op.add_column("runs", sa.Column(name, kind, nullable=False, server_default=default))
    runs = sa.table(
        "runs", sa.column("id"), sa.column("run_id"), sa.column("asked_at", Instant), sa.column("started_at", Instant)
    )
    for row in _rows(runs):
        made = f"{row['started_at']:%Y%m%dT%H%M%S%f}-{row['id']:08d}"
        op.execute(runs.update().where(runs.c.id == row["id"]).values(run_id=made, asked_at=row["started_at"]))
    op.create_index("runs_by_run_id", "runs", ["run_id"], unique=True)


def _readings() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("readings", "rows", type_=sa.BigInteger)


def _key_results() -> None:
    for table in OF_KEY_RESULTS:
        if table != "rebuilt":
            op.drop_index(f"{table}_by_key_result", table)
    for table, unique, last in (
        ("check_ins", "one_check_in_a_run", "run_id"),
        ("outcomes", "one_outcome_a_run", "run_id"),
        ("rebuilt", "one_value_a_day", "day"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.add_column(_cycle())
            batch.drop_constraint(unique, type_="unique")
            batch.create_unique_constraint(unique, ["key_result", "cycle", last])
    for table in ("candidates", "actions"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(_cycle())
            batch.add_column(sa.Column("run_id", Whole))
            batch.create_foreign_key(f"{table}_run_id_fkey", "runs", ["run_id"], ["id"])
    for table in ("outcomes", "candidates", "actions"):
        op.create_index(f"{table}_by_key_result", table, ["key_result", "cycle", "id"])


def _cycle() -> sa.Column[str]:
    return sa.Column("cycle", sa.Text, nullable=False, server_default="")


def _closings() -> None:
    with op.batch_alter_table("closings", naming_convention=OLD_UNIQUE) as batch:
        batch.drop_constraint("closings_key_result_key", type_="unique")
        batch.add_column(sa.Column("system", sa.Text))
    op.create_index("closings_by_key_result", "closings", ["key_result", "cycle", "id"])


def _cycles_of_closings() -> None:
    """A closing tells of which cycle its key result was until then."""
    closings = sa.table("closings", sa.column("key_result"), sa.column("cycle"), sa.column("at", Instant))
    known = [dict(row) for row in op.get_bind().execute(sa.select(closings)).mappings()]
    for name in OF_KEY_RESULTS:
        table = sa.table(name, sa.column("key_result"), sa.column("cycle"), sa.column("at", Instant))
        for closing in known:
            until = (table.c.key_result == closing["key_result"]) & (table.c.at <= closing["at"])
            op.execute(table.update().where(until).values(cycle=closing["cycle"]))


def _check_ins() -> None:
    """What was current stays so: no value of before is older than the one recorded before it."""
    with op.batch_alter_table("check_ins") as batch:
        batch.add_column(sa.Column("asked_at", Instant))
        batch.add_column(sa.Column("as_of", Instant))
        batch.add_column(sa.Column("recipe", sa.Integer, nullable=False, server_default="0"))
    table = sa.table(
        "check_ins",
        sa.column("id"),
        sa.column("key_result"),
        sa.column("at", Instant),
        sa.column("asked_at", Instant),
        sa.column("as_of", Instant),
        sa.column("inputs", sa.JSON),
    )
    latest: dict[str, datetime] = defaultdict(lambda: datetime.min.replace(tzinfo=utc_now().tzinfo))
    for row in _rows(table):
        asked_at, as_of = _times(row["inputs"], row["at"])
        latest[row["key_result"]] = asked_at = max(asked_at, latest[row["key_result"]])
        op.execute(table.update().where(table.c.id == row["id"]).values(asked_at=asked_at, as_of=as_of))
    with op.batch_alter_table("check_ins") as batch:
        batch.alter_column("asked_at", existing_type=Instant(), nullable=False)
        batch.alter_column("as_of", existing_type=Instant(), nullable=False)
    op.create_index("check_ins_by_key_result", "check_ins", ["key_result", "cycle", "asked_at", "id"])


def _json(name: str) -> None:
    table = sa.table(name, sa.column("id"), sa.column("check_in", sa.JSON))
    for row in _rows(table):
        data = row["check_in"]
        asked_at, as_of = _times(data["inputs"], datetime.fromisoformat(data["at"]))
        told = {**data, "asked_at": asked_at.isoformat(), "as_of": as_of.isoformat(), "recipe": 0}
        op.execute(table.update().where(table.c.id == row["id"]).values(check_in=told))


def _times(inputs: list[Any], at: datetime) -> tuple[datetime, datetime]:
    seen = [used["evidence"] for used in inputs]
    asked_at = max((datetime.fromisoformat(one["asked_at"]) for one in seen), default=at)
    return asked_at, min((datetime.fromisoformat(one["as_of"]) for one in seen), default=at)


def _wide_ids() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ("runs", "readings", *OF_KEY_RESULTS, "closings"):
        op.alter_column(table, "id", type_=sa.BigInteger)
        op.execute(f"ALTER SEQUENCE {table}_id_seq AS BIGINT")
    for table in ("readings", "check_ins", "outcomes"):
        op.alter_column(table, "run_id", type_=sa.BigInteger)


def _tell() -> None:
    """Key results that are open are given their cycle by the first who knows it."""
    info = sa.table("store_info", sa.column("name"), sa.column("value"), sa.column("at", Instant))
    op.bulk_insert(info, [{"name": "unadopted", "value": "yes", "at": utc_now()}])


def _rows(table: sa.TableClause) -> Iterator[Mapping[str, Any]]:
    """A thousand at a time, in the order in which they were written."""
    last = 0
    while True:
        query = sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(1000)
        rows = op.get_bind().execute(query).mappings().all()
        if not rows:
            return
        yield from map(dict, rows)
        last = rows[-1]["id"]
