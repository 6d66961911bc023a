"""JQL's functions that stand for values: sprints, versions, people, issues, issue types, projects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.jira.jql import JqlError, Operand
from sandbox.jira.tables import Tables

VERSIONS = ("fixversion", "affectedversion")
PEOPLE = ("assignee", "reporter", "creator", "worklogauthor", "voter", "watcher")
SLA_STATES = ("breached", "completed", "everbreached", "paused", "running")
NOTHING = ("votedissues", "watchedissues", "issuehistory", "componentsleadbyuser", "projectsleadbyuser")
"""There is nothing in the records that these could find."""


class Functions:
    """`me` is the account; `groups` are people's ids by a group's name."""

    def __init__(self, tables: Tables, me: str, groups: Mapping[str, list[str]]) -> None:
        self._tables = tables
        self._me = me
        self._groups = groups
        self._lists: dict[str, tuple[tuple[str, ...], Callable[[list[str]], list[str]]]] = {
            "opensprints": (("sprint",), lambda _: self._of_state("sprint", "active")),
            "closedsprints": (("sprint",), lambda _: self._of_state("sprint", "closed")),
            "futuresprints": (("sprint",), lambda _: self._of_state("sprint", "future")),
            "releasedversions": (VERSIONS, lambda projects: self._versions("released", projects)),
            "unreleasedversions": (VERSIONS, lambda projects: self._versions("unreleased", projects)),
            "standardissuetypes": (("issuetype",), lambda _: self._types(False)),
            "subtaskissuetypes": (("issuetype",), lambda _: self._types(True)),
            "membersof": (PEOPLE, self._members),
            "linkedissues": (("key",), self._linked),
            "projectswhereuserhaspermission": (("project",), lambda _: self._projects()),
            "projectswhereuserhasrole": (("project",), lambda _: self._projects()),
            **{name: (("key", "component", "project"), lambda _: []) for name in NOTHING},
        }

    def is_list(self, operand: Operand) -> bool:
        return operand.kind == "list" or (operand.kind == "function" and operand.value[0].lower() in self._lists)

    def values(self, operand: Operand, field: str) -> list[str]:
        """What a function stands for, for a field by its JQL name in lower case. Raises JqlError."""
        name, *arguments = operand.value
        low = name.lower()
        if low == "currentuser" and field in PEOPLE:
            return [self._me]
        if low in ("latestreleasedversion", "earliestunreleasedversion") and field in VERSIONS:
            if len(arguments) != 1:
                raise JqlError(f"Function '{name}' expected '1' arguments but received '{len(arguments)}'.")
            versions = self._versions("released" if low.startswith("latest") else "unreleased", arguments)
            return versions[-1:] if low.startswith("latest") else versions[:1]
        if low not in self._lists:
            raise JqlError(f"Unable to find JQL function '{operand}'.")
        fields, find = self._lists[low]
        if field not in fields:
            raise JqlError(f"A value provided by the function '{name}' is invalid for the field '{field}'.")
        return find(arguments)

    def _of_state(self, field: str, state: str) -> list[str]:
        rows = self._tables.fetch(f"SELECT DISTINCT ident FROM many WHERE field = ? AND state = '{state}'", field)  # noqa: S608
        return [row[0] for row in rows]

    def _versions(self, state: str, projects: list[str]) -> list[str]:
        rows = self._tables.fetch(
            "SELECT DISTINCT ident, project_key, project_name FROM many JOIN issue USING (position) "
            "WHERE field IN ('fixversion', 'affectedversion') AND state = ? ORDER BY CAST(ident AS INTEGER)",
            state,
        )
        wanted = {project.lower() for project in projects}
        return list(
            dict.fromkeys(
                ident for ident, key, name in rows if not wanted or {str(key).lower(), str(name).lower()} & wanted
            )
        )

    def _types(self, is_sub_task: bool) -> list[str]:
        rows = self._tables.fetch(f"SELECT DISTINCT issuetype FROM issue WHERE is_sub_task = {int(is_sub_task)}")  # noqa: S608
        return [row[0] for row in rows if row[0] is not None]

    def _members(self, arguments: list[str]) -> list[str]:
        members = {name.lower(): people for name, people in self._groups.items()}
        if len(arguments) != 1:
            raise JqlError(f"Function 'membersOf' expected '1' arguments but received '{len(arguments)}'.")
        if arguments[0].lower() not in members:
            raise JqlError(
                f"Function 'membersOf' can not generate a list of usernames for group '{arguments[0]}'; the group does "
                "not exist."
            )
        return members[arguments[0].lower()]

    def _linked(self, arguments: list[str]) -> list[str]:
        key = arguments[0] if arguments else ""
        if key.upper() not in self._tables.position:
            raise JqlError(f"Function 'linkedIssues' could not find the issue '{key}'.")
        kinds = {kind.lower() for kind in arguments[1:]}
        links = self._tables.issues[self._tables.position[key.upper()]]["fields"].get("issuelinks") or []
        found: list[str] = []
        for link in links:
            for way, side in (("inward", "inwardIssue"), ("outward", "outwardIssue")):
                if side in link and (not kinds or str(link["type"].get(way, "")).lower() in kinds):
                    found.append(link[side]["key"])
        return found

    def _projects(self) -> list[str]:
        return [row[0] for row in self._tables.fetch("SELECT DISTINCT project_key FROM issue")]
