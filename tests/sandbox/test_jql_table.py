"""Real JQL, accepted or refused as Jira does it, each with the page or the source that says so.

The sources under jira-core are those of Jira Data Center; Cloud may differ where its pages say so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.jira.jql import JqlError

SUPPORT = "https://support.atlassian.com/jira-software-cloud/docs"
OPERATORS, FUNCTIONS, FIELDS = f"{SUPPORT}/jql-operators/", f"{SUPPORT}/jql-functions/", f"{SUPPORT}/jql-fields/"
WORDS, RESERVED = f"{SUPPORT}/search-syntax-for-text-fields/", f"{SUPPORT}/what-is-advanced-search-in-jira-cloud/"
GRAMMAR = "jira-core: com/atlassian/jira/jql/parser/antlr/Jql.g"
DATES = "jira-core: com/atlassian/jira/jql/util/JqlDateSupportImpl.java"
PARSE = "https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-jql/#api-rest-api-3-jql-parse-post"
SLA = "https://support.atlassian.com/jira-service-management-cloud/docs/write-a-search-query-for-a-service-project/"

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
NEW = {"id": "1", "name": "Open", "statusCategory": {"key": "new", "name": "To Do"}}
DOING = {"id": "3", "name": "In Progress", "statusCategory": {"key": "indeterminate", "name": "In Progress"}}
DONE = {"id": "6", "name": "Done", "statusCategory": {"key": "done", "name": "Done"}}
ADA, BOB = {"accountId": "5b-ada", "displayName": "Ada"}, {"accountId": "5b-bob", "displayName": "Bob"}
RANKS = {"Highest": "1", "High": "2", "Medium": "3", "Low": "4"}


def issue(number: int, status: dict[str, Any], *changes: Any, **fields: Any) -> dict[str, Any]:
    base = {
        "project": {"id": "1", "key": "APP", "name": "App"},
        "status": status,
        "issuetype": {"id": "1", "name": "Story", "subtask": False},
        "created": f"2026-10-{number:02d}T08:00:00.000+0000",
        **fields,
    }
    return {"id": str(number), "key": f"APP-{number}", "fields": base, "changelog": {"histories": list(changes)}}


def moved(day: int, before: Any, after: Any, by: Any) -> dict[str, Any]:
    item = {"fieldId": "status", "from": before["id"], "fromString": before["name"]}
    item |= {"to": after["id"], "toString": after["name"]}
    return {"id": str(day), "created": f"2026-10-{day:02d}T12:00:00.000+0000", "author": by, "items": [item]}


def rank(name: str) -> dict[str, str]:
    return {"id": RANKS[name], "name": name}


V1, V2 = {"id": "10", "name": "1.0", "released": True}, {"id": "20", "name": "2.0", "released": False}
SPRINTS = [
    {"id": n, "name": f"Sprint {n}", "state": state} for n, state in ((1, "closed"), (2, "active"), (3, "future"))
]
ISSUES = [
    issue(1, DONE, moved(5, NEW, DOING, ADA), moved(9, DOING, DONE, BOB), assignee=ADA, priority=rank("Highest"),
          fixVersions=[V1], closedSprints=[SPRINTS[0]], resolution={"id": "1", "name": "Done"}, duedate="2026-10-31",
          summary="Crashes when the server restarts", resolutiondate="2026-10-09T12:00:00.000+0000"),
    issue(2, DOING, moved(6, NEW, DOING, BOB), assignee=BOB, priority=rank("High"), fixVersions=[V2], sprint=SPRINTS[1],
          summary="Server crash", description="It crashed again, after a restart", duedate="2026-12-31", votes={"votes": 7}),
    issue(3, NEW, priority=rank("Low"), summary="Restarting is slow", sprint=SPRINTS[2], labels=["ops"],
          parent={"id": "2", "key": "APP-2"}, issuetype={"id": "5", "name": "Sub-task", "subtask": True}),
    issue(4, NEW, summary="Epic of crashes", customfield_10014="APP-2", customfield_10016=5, customfield_10060="2026-11-30",
          customfield_10101={"completedCycles": [{"breached": True}]}, issuelinks=[
              {"type": {"inward": "is blocked by", "outward": "blocks"}, "outwardIssue": {"key": "APP-1"}}]),
]  # fmt: skip
SITE = JiraSite(Data(jira=ISSUES), clock=lambda: NOW)

ACCEPTED: list[tuple[str, set[int], str]] = [
    # Words that join.
    ("project = APP AND NOT (status = Done)", {2, 3, 4}, GRAMMAR),
    ("status = Done OR NOT status = Done AND priority = High", {1, 2}, GRAMMAR),
    ("!(status = Done) && project = APP", {2, 3, 4}, GRAMMAR),
    ("status=Done||status=Open", {1, 3, 4}, GRAMMAR),
    ("project = APP and not not status = Done", {1}, GRAMMAR),
    ("'status' = \"Done\"", {1}, GRAMMAR),
    ("status in (Done, \"In Progress\")", {1, 2}, OPERATORS),
    ("assignee != Ada", {2}, OPERATORS),
    ("assignee != Ada OR assignee is EMPTY", {2, 3, 4}, OPERATORS),
    ("assignee = EMPTY", {3, 4}, OPERATORS),
    ("assignee is not null", {1, 2}, OPERATORS),
    ("issue.property[deploy].stage = prod", set(), PARSE),
    ("due <= 2026-10-31 ORDER BY created DESC, priority", {1}, GRAMMAR),
    # Functions, on both sides of operators.
    ("sprint in openSprints()", {2}, FUNCTIONS),
    ("sprint in (openSprints(), 3)", {2, 3}, FUNCTIONS),
    ("sprint in closedSprints() AND project = APP", {1}, FUNCTIONS),
    ("sprint not in futureSprints()", {1, 2}, FUNCTIONS),
    ("fixVersion in releasedVersions()", {1}, FUNCTIONS),
    ("fixVersion in unreleasedVersions(APP)", {2}, FUNCTIONS),
    ("fixVersion = latestReleasedVersion(APP)", {1}, FUNCTIONS),
    ("fixVersion = earliestUnreleasedVersion(App)", {2}, FUNCTIONS),
    ("issuetype in standardIssueTypes()", {1, 2, 4}, FUNCTIONS),
    ("issuetype in subTaskIssueTypes()", {3}, FUNCTIONS),
    ('assignee in membersOf("jira-software-users")', {1, 2}, FUNCTIONS),
    ("assignee = currentUser()", set(), FUNCTIONS),
    ('issue in linkedIssues("APP-4", "blocks")', {1}, FUNCTIONS),
    ('"Field 10101" = breached()', {4}, SLA),
    # What was.
    ('status WAS "In Progress"', {1, 2}, OPERATORS),
    ("status WAS NOT Done", {2, 3, 4}, OPERATORS),
    ("status WAS IN (Open, Done)", {1, 2, 3, 4}, OPERATORS),
    ('status WAS NOT IN ("In Progress")', {3, 4}, OPERATORS),
    ('status WAS "In Progress" ON 2026-10-05', {1}, OPERATORS),
    ('status WAS "In Progress" DURING ("2026-10-07", "2026-10-08")', {1, 2}, OPERATORS),
    ('status WAS "In Progress" BEFORE "2026-10-06"', {1}, OPERATORS),
    ('status WAS "In Progress" AFTER "2026-10-10"', {2}, OPERATORS),
    ('status WAS "In Progress" BY Bob', {2}, OPERATORS),
    ("assignee WAS EMPTY", {3, 4}, OPERATORS),
    ("status CHANGED", {1, 2}, OPERATORS),
    ("NOT status CHANGED", {3, 4}, OPERATORS),
    ('status CHANGED FROM "In Progress" TO Done', {1}, OPERATORS),
    ("status CHANGED TO (Done, Open) BY Bob", {1}, OPERATORS),
    ("status CHANGED BEFORE 2026-10-06", {1}, OPERATORS),
    ('status CHANGED AFTER startOfMonth("-1d")', set(), PARSE),
    ('status CHANGED ON "2026-10-06"', {2}, OPERATORS),
    ("status CHANGED DURING (1790812800000, 1791244800000)", {1}, OPERATORS),
    ('status CHANGED FROM Open BY "Ada" AFTER -60d', {1}, OPERATORS),
    # Order.
    ("priority >= High", {1, 2}, FIELDS),
    ("priority < High AND priority != Low", set(), FIELDS),
    ("fixVersion > 1.0", {2}, FIELDS),
    ("votes >= 5", {2}, FIELDS),
    # The epic link of company-managed projects is not the parent.
    ('"Epic Link" = APP-2', {4}, FIELDS),
    ("parent = APP-2", {3}, FIELDS),
    ("cf[10014] is not EMPTY", {4}, FIELDS),
    # Words.
    ("summary ~ crash", {1, 2, 4}, WORDS),
    ('summary ~ "crashing servers"', {1, 2}, WORDS),
    ('summary ~ "\\"server restarts\\""', {1}, WORDS),
    ('text ~ "restarted"', {1, 2, 3}, WORDS),
    ('summary ~ "rest*"', {1, 3}, WORDS),
    ('summary ~ "crash OR slow"', {1, 2, 3, 4}, WORDS),
    ('summary ~ "crash -epic"', {1, 2}, WORDS),
    ("summary !~ crash", {3}, WORDS),
    # Dates: numbers, days, minutes, durations.
    ("created >= 1790928000000", {2, 3, 4}, DATES),
    ('created > "1790812800000"', set(), DATES),
    ('created < "1790812800000"', {1, 2, 3, 4}, DATES),
    ("created >= 2026-10-03", {3, 4}, DATES),
    ('created = "2026/10/03"', {3}, DATES),
    ('created <= "2026-10-03 08:00"', {1, 2, 3}, DATES),
    ("created <= 2026-10-03", {1, 2}, DATES),
    ("created > -52d", {4}, DATES),
    ('created > "-51d 90m"', {4}, DATES),
    ('created > "-73530m"', {4}, DATES),
    ('created > "-73530"', {4}, DATES),
    ('created > "-73000"', set(), DATES),
    ("created >= startOfMonth(-1) AND created < startOfMonth()", {1, 2, 3, 4}, FUNCTIONS),
    ('due <= endOfMonth("-1")', {1}, FUNCTIONS),
    ('due < startOfYear("+1y")', {1, 2}, FUNCTIONS),
    ('"Field 10060" = 2026-11-30', {4}, FIELDS),
    ("resolved is EMPTY", {2, 3, 4}, FIELDS),
]  # fmt: skip

REFUSED: list[tuple[str, str, str]] = [
    ("project = APP AND", "Expecting", GRAMMAR),
    ("project == APP", "Error in the JQL Query", GRAMMAR),
    ("project = APP status = Done", "Expecting either 'OR' or 'AND' but got 'status'", GRAMMAR),
    ("project APP", "Expecting operator but got 'APP'", PARSE),
    ("(project = APP", "Expecting", GRAMMAR),
    ("project = APP ORDER created", "Error in the JQL Query", GRAMMAR),
    ("summary ~ it's", "Error in the JQL Query", GRAMMAR),
    ("created >= 2026/10/01", "The character '/' is a reserved JQL character", RESERVED),
    ("assignee = ada@acme.com", "The character '@' is a reserved JQL character", RESERVED),
    ("labels = c#", "The character '#' is a reserved JQL character", RESERVED),
    ("status = open AND order = 5", "'order'", RESERVED),
    ("labels = select", "'select' is a reserved JQL word", RESERVED),
    ("sprint = openSprints()", "does not support the list value", FUNCTIONS),
    ("status in Done", "Operator 'in' does not support the non-list value '\"Done\"' for field 'status'.", PARSE),
    ("assignee in currentUser()", "does not support the non-list value", FUNCTIONS),
    ("status is Done", "does not support the value", OPERATORS),
    ("status was Done FROM Open", "predicate 'from'", OPERATORS),
    ("summary WAS crash", "The operator 'was' is not supported by the 'summary' field", OPERATORS),
    ("labels CHANGED", "The operator 'changed' is not supported by the 'labels' field", OPERATORS),
    ("status = Done BEFORE now()", "takes no 'before'", GRAMMAR),
    ("status CHANGED DURING -5d", "takes a list of two dates", OPERATORS),
    ("summary = crash", "The operator '=' is not supported by the 'summary' field.", PARSE),
    ("project ~ APP", "The operator '~' is not supported", FIELDS),
    ("assignee > Ada", "The operator '>' is not supported", FIELDS),
    ("universe = 42", "Field 'universe' does not exist or you do not have permission to view it.", PARSE),
    ("project = INVALID", "The value 'INVALID' does not exist for the field 'project'.", PARSE),
    ("status = Nirvana", "The value 'Nirvana' does not exist for the field 'status'.", PARSE),
    ("key = APP-99", "An issue with key 'APP-99' does not exist for field 'key'.", FIELDS),
    ('assignee in membersOf("nobody")', "the group does not exist", FUNCTIONS),
    ("fixVersion in openSprints()", "invalid for the field", FUNCTIONS),
    ("created > yesterday", "Date value 'yesterday' for field 'created' is invalid", DATES),
    ('created > "2026-13-01"', "is invalid", DATES),
    ('created > "2026-10-01T00:00:00Z"', "is invalid", DATES),
    ('created > startOfMonth("1q")', "should have the format", FUNCTIONS),
    ("created > startOfQuarter()", "Unable to find JQL function", FUNCTIONS),
    ('summary ~ "*crash"', "is not allowed to start with '*'", WORDS),
    ('summary ~ ""', "empty string", WORDS),
    ("votes > many", "is not a number", FIELDS),
]  # fmt: skip


@pytest.mark.parametrize(("jql", "expected", "source"), ACCEPTED, ids=[row[0] for row in ACCEPTED])
def test_accepted(jql: str, expected: set[int], source: str) -> None:
    where, _ = SITE._translated(jql)

    found = {position + 1 for position in SITE._tables.positions(where.sql, where.parameters, where.order)}

    assert found == expected, source


@pytest.mark.parametrize(("jql", "words", "source"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(jql: str, words: str, source: str) -> None:
    with pytest.raises(JqlError) as caught:
        SITE._translated(jql)

    assert words in str(caught.value), source


@pytest.mark.parametrize(
    ("zone", "jql", "expected"),
    [
        ("Asia/Seoul", 'created >= "2026-10-02 17:00"', {2, 3, 4}),
        ("America/New_York", 'created >= "2026-10-02 17:00"', {3, 4}),
        ("Asia/Seoul", "due >= 1792454400000", {1, 2}),
        ("America/New_York", "due >= 1793491200000", {1, 2}),
        ("UTC", "due >= 1793491200000", {2}),
    ],
)
def test_texts_and_days_are_in_the_accounts_zone(zone: str, jql: str, expected: set[int]) -> None:
    """An instant becomes a day of that zone where the field holds days: the first moment of November, in UTC, is still
    October in New York."""
    site = JiraSite(Data(jira=ISSUES), clock=lambda: NOW, time_zone=zone)
    where, _ = site._translated(jql)

    assert {at + 1 for at in site._tables.positions(where.sql, where.parameters, where.order)} == expected
