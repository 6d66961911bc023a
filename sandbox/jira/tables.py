"""The site's issues in SQLite: one row an issue, and side tables for values of which there are many, numbers, moments,
words and histories."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from typing import Any

from sandbox.data import Row
from sandbox.jira.history import spans
from sandbox.jira.rows import MANY, SINGLE, TEXTS, many, moments, numbers, own, slas, texts

SIDES = {
    "many": "position INTEGER, field TEXT, name TEXT COLLATE NOCASE, ident TEXT, state TEXT",
    "number": "position INTEGER, field TEXT, value REAL",
    "moment": "position INTEGER, field TEXT, at INTEGER",
    "sla": "position INTEGER, field TEXT, state TEXT",
    "held": "position INTEGER, field TEXT, ident TEXT COLLATE NOCASE, name TEXT COLLATE NOCASE, since INTEGER, "
    "until INTEGER, author TEXT, author_name TEXT COLLATE NOCASE",
    "change": "position INTEGER, field TEXT, at INTEGER, author TEXT, author_name TEXT COLLATE NOCASE, "
    "from_id TEXT COLLATE NOCASE, from_name TEXT COLLATE NOCASE, "
    "to_id TEXT COLLATE NOCASE, to_name TEXT COLLATE NOCASE",
}


class Tables:
    def __init__(self, issues: list[Row]) -> None:
        self.lock = threading.Lock()
        self.issues = issues
        self._has_words = self._has_histories = False
        self.position = {issue["key"]: index for index, issue in enumerate(issues)}
        self.db = sqlite3.connect(":memory:", check_same_thread=False)
        rows = [own(index, issue) for index, issue in enumerate(issues)]
        columns = [column for pair in SINGLE.values() for column in pair]
        listed = ", ".join(f'"{name}" TEXT COLLATE NOCASE' for name in columns)
        self.db.execute(f"CREATE TABLE issue (position INTEGER PRIMARY KEY, {listed}, is_sub_task INTEGER)")
        marks = ", ".join(f":{name}" for name in ["position", *columns, "is_sub_task"])
        self.db.executemany(f"INSERT INTO issue VALUES ({marks})", rows)  # noqa: S608
        self.db.execute(f"CREATE VIRTUAL TABLE word USING fts5({', '.join(TEXTS)}, tokenize='porter unicode61')")
        for name, described in SIDES.items():
            self.db.execute(f"CREATE TABLE {name} ({described})")
        self._add_side_rows(list(enumerate(issues)))
        for column in ("project_key", "status", "category"):
            self.db.execute(f"CREATE INDEX by_{column} ON issue ({column})")
        self.db.execute("CREATE INDEX many_by_name ON many (field, name, position)")
        for name in SIDES:
            self.db.execute(f"CREATE INDEX {name}_by_position ON {name} (field, position)")
        self.db.execute("CREATE INDEX moment_by_time ON moment (field, at)")

    def known(self, field: str) -> set[str]:
        """The values, in lower case, that a field has anywhere."""
        if field in MANY:
            rows = self.fetch(
                "SELECT name FROM many WHERE field = ? UNION SELECT ident FROM many WHERE field = ?", field
            )
        else:
            union = " UNION ".join(f'SELECT DISTINCT "{column}" FROM issue' for column in SINGLE[field])  # noqa: S608
            rows = self.fetch(union)
        return {str(row[0]).lower() for row in rows if row[0] is not None}

    def had(self, field: str) -> set[str]:
        """The values that it has or had."""
        rows = self.fetch("SELECT name FROM held WHERE field = ? UNION SELECT ident FROM held WHERE field = ?", field)
        return {str(row[0]).lower() for row in rows if row[0] is not None}

    def positions(self, where: str, parameters: list[Any], order: str) -> list[int]:
        sql = f"SELECT position FROM issue WHERE {where} ORDER BY {order}"  # noqa: S608 - from our translator
        return [row[0] for row in self._rows(sql, parameters)]

    def count(self, where: str, parameters: list[Any]) -> int:
        found: int = self._rows(f"SELECT COUNT(*) FROM issue WHERE {where}", parameters)[0][0]  # noqa: S608
        return found

    def write(self, key: str, fields: Row) -> None:
        """Change an issue's fields."""
        index = self.position[key]
        with self.lock:
            self.issues[index]["fields"].update(fields)
            for name in SIDES:
                self.db.execute(f"DELETE FROM {name} WHERE position = ?", (index,))  # noqa: S608
            self.db.execute("DELETE FROM word WHERE rowid = ?", (index,))
            written = [(index, self.issues[index])]
            self._add_side_rows(written)
            if self._has_words:
                self._add_words(written)
            if self._has_histories:
                self._add_histories(written)

    def fetch(self, sql: str, field: str = "") -> list[Any]:
        """`field` for each mark in the SQL."""
        return self._rows(sql, [field] * sql.count("?"))

    def _rows(self, sql: str, parameters: Any) -> list[Any]:
        with self.lock:
            return self.db.execute(sql, parameters).fetchall()

    def _add_side_rows(self, issues: list[tuple[int, Row]]) -> None:
        self._add("many", (row for index, issue in issues for row in many(index, issue["fields"])))
        self._add("number", ((index, *row) for index, issue in issues for row in numbers(issue["fields"])))
        self._add("moment", ((index, *row) for index, issue in issues for row in moments(issue["fields"])))
        self._add("sla", ((index, *row) for index, issue in issues for row in slas(issue["fields"])))

    def need_words(self) -> None:
        """Words are few that are searched for: their table is filled at the first search."""
        with self.lock:
            if not self._has_words:
                self._has_words = True
                self._add_words(list(enumerate(self.issues)))

    def need_histories(self) -> None:
        """The same for what was."""
        with self.lock:
            if not self._has_histories:
                self._has_histories = True
                self._add_histories(list(enumerate(self.issues)))

    def _add_words(self, issues: list[tuple[int, Row]]) -> None:
        self._add("word", ((index, *texts(issue["fields"])) for index, issue in issues), f"(rowid, {', '.join(TEXTS)})")

    def _add_histories(self, issues: list[tuple[int, Row]]) -> None:
        histories = [(index, spans(issue)) for index, issue in issues]
        self._add("change", ((index, *row) for index, (changes, _) in histories for row in changes))
        self._add("held", ((index, *row) for index, (_, held) in histories for row in held))

    def _add(self, table: str, rows: Iterable[tuple[Any, ...]], columns: str = "") -> None:
        made = list(rows)
        if made:
            marks = ", ".join("?" * len(made[0]))
            self.db.executemany(f"INSERT INTO {table} {columns} VALUES ({marks})", made)  # noqa: S608
