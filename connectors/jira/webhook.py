"""Judges Jira's webhooks: those of administrators, signed by HMAC, and Automation's web requests, with a token.

Jira signs no time: its body tells when the event was, and its own retries come up to 75 minutes later. A body is known
again by its bytes, too, since the header with Jira's identifier is not signed.

Sources: Jira Cloud "Webhooks"; 27 bodies that Jira sent.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.base import EVERYTHING, Answer, Bell, Call, Delivery, Forged
from connectors.hook_bodies import object_of, words_of
from connectors.hook_tokens import HEADER, check_token
from connectors.jira.jql import split
from connectors.jira.projects import projects_of
from connectors.jira.queries import JiraQuery, Velocity
from connectors.signatures import digest, is_one_of, named

RETRIES = timedelta(hours=2)
"""How old an event may be: Jira tries for 75 minutes, and then sometimes again."""
AHEAD = timedelta(minutes=5)
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*)-[0-9]+")
_OF_ISSUES = ("jira:issue_", "issue_property_", "comment_", "attachment_")
_OF_MUCH = ("issuelink_", "worklog_", "jira:worklog_", "sprint_", "board_", "project_", "jira:version_")
"""Events that may change a number. What they touch can't be told by their body: they name no project, or by its id
alone, or what they changed was another project's as well."""


class JiraBell(Bell):
    def ring(self, call: Call, now: datetime) -> Delivery | Answer:
        if HEADER in call.headers:
            return self._automation(call)
        self._verify(call)
        event = object_of(call.body)
        stamp = _time_of(event)
        if stamp is None:
            raise Forged("the body has no timestamp")
        if not now - RETRIES <= stamp <= now + AHEAD:
            raise Forged("the event is more than two hours old, or in the future")
        body = named(call.body)
        identity = call.headers.get("x-atlassian-webhook-identifier") or body
        return Delivery(id=identity, others=(body,), touched=_touched(event))

    def concerns(self, query: JiraQuery, touched: frozenset[str]) -> bool:
        if not touched or EVERYTHING in touched or isinstance(query, Velocity):
            return bool(touched)
        projects = projects_of(split(query.jql)[0])
        return projects is None or not touched.isdisjoint(f"project:{name}" for name in projects)

    @property
    def asks_again(self) -> timedelta | None:
        return timedelta(seconds=self.options.ask_again) or None

    def _verify(self, call: Call) -> None:
        secrets = self.options.hook_secrets()
        if not secrets:
            raise Forged("the connection has no hook_secret")
        given = _SIGNATURE.fullmatch(call.headers.get("x-hub-signature", "").strip().lower())
        if given is None:
            raise Forged("the call carries no X-Hub-Signature: sha256=...")
        right = [digest(secret.encode(), call.body).hex() for secret in secrets]
        if not is_one_of(given[1], right):
            raise Forged("the signature is wrong")

    def _automation(self, call: Call) -> Delivery:
        """A rule sends what its author wrote, without a time or an identifier: the same bytes may be news again."""
        check_token(call, self.options)
        return Delivery(id=named(call.body), touched=self.said(object_of(call.body)), repeats=True)

    def said(self, event: dict[str, Any]) -> frozenset[str]:
        """As an Automation rule sends it: an issue, alone or inside; or the words themselves."""
        if "touched" in event:
            return words_of(event)
        return _of_issue(event if "issue" in event else {"issue": event})


def _touched(event: dict[str, Any]) -> frozenset[str]:
    name = event.get("webhookEvent")
    if not isinstance(name, str):
        return frozenset()
    if name.startswith(_OF_ISSUES):
        return _of_issue(event)
    return frozenset({EVERYTHING} if name.startswith(_OF_MUCH) else ())


def _of_issue(event: dict[str, Any]) -> frozenset[str]:
    """The issue's project by its key, name and id, for a JQL may use any, and the one that it was moved from."""
    issue = _object(event.get("issue"))
    project = _object(_object(issue.get("fields")).get("project"))
    names = {project.get("key"), project.get("name"), project.get("id"), _project_in(issue.get("key"))}
    changes = _changes(event.get("changelog") or issue.get("changelog"))
    if "project" in changes:
        before, after = changes["project"], changes.get("key", {})
        names |= {before.get("from"), before.get("fromString"), before.get("to"), before.get("toString")}
        names |= {_project_in(after.get("fromString")), _project_in(after.get("toString"))}
    if not all(isinstance(name, str) and name for name in names):
        return frozenset({EVERYTHING})
    return frozenset(f"project:{str(name).lower()}" for name in names)


def _changes(changelog: Any) -> dict[str, dict[str, Any]]:
    """By the field that was changed, in lower case."""
    items = _object(changelog).get("items")
    made = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return {str(item.get("field")).lower(): item for item in made}


def _project_in(key: Any) -> str | None:
    match = _KEY.fullmatch(key) if isinstance(key, str) else None
    return match[1] if match else None


def _time_of(event: dict[str, Any]) -> datetime | None:
    stamp = event.get("timestamp")
    if isinstance(stamp, bool) or not isinstance(stamp, int | Decimal) or not 0 < stamp < 10**14:
        return None
    return datetime.fromtimestamp(int(stamp) / 1000, UTC)


def _object(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}
