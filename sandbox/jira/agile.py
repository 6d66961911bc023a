"""Boards and their sprints, as /rest/agile/1.0 answers them: a board is there for each one that a sprint names."""

from __future__ import annotations

from typing import Any

from sandbox.data import Row
from sandbox.jira.fields import STORY_POINTS, Fields

MAX_PAGE = 50


class Boards:
    def __init__(self, issues: list[Row], fields: Fields, page_size: int | None) -> None:
        self._page_size = min(page_size or MAX_PAGE, MAX_PAGE)
        self._has_points = any(field["id"] == STORY_POINTS for field in fields.described)
        self._boards: dict[str, dict[str, Row]] = {}
        self._issues: dict[str, list[Row]] = {}
        for issue in issues:
            current = issue["fields"].get("sprint")
            for sprint in [*(issue["fields"].get("closedSprints") or []), *([current] if current else [])]:
                if sprint.get("originBoardId") is not None:
                    self._boards.setdefault(str(sprint["originBoardId"]), {})[str(sprint["id"])] = sprint
                    self._issues.setdefault(str(sprint["id"]), []).append(issue)

    def answer(self, path: list[str], asked: dict[str, str]) -> dict[str, Any] | None:
        """None where there is no such thing."""
        match path:
            case ["board"]:
                text = asked.get("name", "").casefold()
                boards = [one for one in map(_board, self._boards) if text in one["name"].casefold()]
                start, size, page = self._page(boards, asked)
                last = start + size >= len(boards)
                return {"maxResults": size, "startAt": start, "total": len(boards), "isLast": last, "values": page}
            case ["board", board, "configuration"] if board in self._boards:
                return self._configuration(board)
            case ["board", board, "sprint"] if board in self._boards:
                states = asked.get("state", "future,active,closed").split(",")
                sprints = [one for one in self._boards[board].values() if one.get("state", "closed") in states]
                start, size, page = self._page(sprints, asked)
                return {"maxResults": size, "startAt": start, "isLast": start + size >= len(sprints), "values": page}
            case ["board", board, "sprint", sprint, "issue"] if sprint in self._boards.get(board, {}):
                issues = self._issues[sprint]
                start, size, page = self._page(issues, asked)
                shown = [_shown(issue, asked.get("fields")) for issue in page]
                return {"startAt": start, "maxResults": size, "total": len(issues), "issues": shown}
        return None

    def _configuration(self, board: str) -> dict[str, Any]:
        estimation: dict[str, Any] = {"type": "issueCount"}
        if self._has_points:
            estimation = {"type": "field", "field": {"fieldId": STORY_POINTS, "displayName": "Story Points"}}
        return {**_board(board), "estimation": estimation}

    def _page(self, rows: list[Row], asked: dict[str, str]) -> tuple[int, int, list[Row]]:
        start = int(asked.get("startAt", 0))
        size = min(int(asked.get("maxResults", self._page_size)), self._page_size)
        return start, size, rows[start : start + size]


def _board(ident: str) -> Row:
    return {"id": int(ident), "name": f"Board {ident}", "type": "scrum"}


def _shown(issue: Row, fields: str | None) -> Row:
    wanted = fields.split(",") if fields else list(issue["fields"])
    return {"id": issue["id"], "key": issue["key"], "fields": {name: issue["fields"].get(name) for name in wanted}}
