"""How a workspace is kept current, as data for scripts and in the words of `okrsync status`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from views import ages, formats
from views.data import FORMAT
from views.language import Language

Line = tuple[str, str]
"""What kind of a line it is (`good`, `bad`, `note`, `said`), and what it says."""


def data(seen: Any) -> dict[str, Any]:
    """Of a `sync.situation.Situation`."""
    run = seen.last_run
    return {
        "format_version": FORMAT,
        "workspace": seen.workspace,
        "at": seen.at.isoformat(),
        "last_pass": None
        if run is None
        else {
            "run": run.run_id,
            "reason": run.reason,
            "started_at": run.started_at.isoformat(),
            "finished_at": run.finished_at.isoformat(),
            "key_results": run.key_results,
            "check_ins": run.check_ins,
            "failed": run.failed,
        },
        "next_pass": _iso(seen.next_at),
        "quiet_until": _iso(seen.quiet_until),
        "schedules": [
            {
                "schedule": one.schedule.text,
                "key_results": one.key_results,
                "asked_at": _iso(one.asked_at),
                "next_at": _iso(one.next_at),
            }
            for one in seen.schedules
        ],
        "connections": [_connection(one) for one in seen.connections],
        "touches": {"waiting": seen.touches.now, "oldest": _iso(seen.touches.oldest), "later": seen.touches.later},
        "subscriptions": [
            {
                "connection": one.connection,
                "resource": one.resource,
                "state": one.state,
                "expires_at": _iso(one.expires_at),
                "cause": one.cause,
                "fix": one.fix,
            }
            for one in seen.subscriptions
        ],
        "refused_files": {"since": _iso(seen.problems_since), "problems": list(seen.problems)},
        "workers": [{**one.value, "heard_of": one.at.isoformat()} for one in seen.workers],
    }


def _connection(one: Any) -> dict[str, Any]:
    told = one.health.value if one.health else {}
    quota = told.get("quota")
    return {
        "name": one.name,
        "type": one.type,
        "state": told.get("state"),
        "since": told.get("since"),
        "asked_at": one.health.at.isoformat() if one.health else None,
        "queries": told.get("queries"),
        "failed": told.get("failed"),
        "error": told.get("error"),
        "cause": told.get("cause"),
        "fix": told.get("fix"),
        "quota": {"used": quota[0], "allowed": quota[1]} if quota else None,
        "rung_at": _iso(one.rung_at),
    }


def lines(seen: Any, language: Language) -> Iterator[Line]:
    """For people, one thing a line."""

    def at(moment: datetime) -> str:
        return formats.moment(moment, language)

    for worker in seen.workers:
        told = worker.value
        yield "good", f"Kept current by process {told['pid']} on {told['host']} ({told['role']}, {told['version']})."
    if not seen.workers:
        yield "note", "No `okrsync serve` runs. Only runs of `okrsync sync` keep the key results current."
    run = seen.last_run
    if run is None:
        yield "note", "No pass was recorded yet."
    else:
        ago = ages.span(seen.at - run.finished_at, language)
        made = f"{run.key_results} key results, {run.check_ins} check-ins, {run.failed} not current"
        yield "said", f"Last pass: {at(run.finished_at)}, {ago} ago ({run.reason}): {made}."
    if seen.next_at is not None and seen.workers:
        quiet = ", after the quiet hours" if seen.quiet_until and seen.next_at >= seen.quiet_until else ""
        yield "said", f"Next pass: {'due now' if seen.next_at <= seen.at else at(seen.next_at)}{quiet}."
    for one in seen.schedules:
        asked = at(one.asked_at) if one.asked_at else "never"
        yield "said", f"Schedule {one.schedule.text}: {one.key_results} key results, last asked {asked}."
    for one in seen.connections:
        yield _of_connection(one, at)
    if seen.touches.now or seen.touches.later:
        yield "said", f"Touches: {seen.touches.now} wait for a pass, okrsync asks {seen.touches.later} again later."
    for one in seen.subscriptions:
        if one.state == "active":
            until = f" until {at(one.expires_at)}" if one.expires_at else ""
            yield "good", f"{one.connection}: subscribed to {one.resource}{until}."
        else:
            cause = f": {one.cause}" if one.cause else ""
            yield (
                ("bad" if one.state == "refused" else "note"),
                _sentence(f"{one.connection}: the subscription to {one.resource} is {one.state}{cause}", one.fix),
            )
    for one in seen.problems:
        place = f"{one['file']}:{one['line']}" if one["line"] else one["file"]
        yield (
            "bad",
            _sentence(
                f"A change is refused, and the last good files stay in use: {place}: {one['message']}", one["fix"]
            ),
        )


def _of_connection(one: Any, at: Any) -> Line:
    if one.health is None:
        return "note", f"{one.name} ({one.type}): not asked yet."
    told = one.health.value
    quota = f" {told['quota'][0]:,} of {told['quota'][1]:,} calls are used." if told.get("quota") else ""
    rung = f" Last webhook {at(one.rung_at)}." if one.rung_at else ""
    if told["state"] == "works":
        failed = f", {told['failed']} of {told['queries']} queries failed" if told["failed"] else ""
        return (
            "note" if told["failed"] else "good"
        ), f"{one.name} ({one.type}): answered {at(one.health.at)}{failed}.{quota}{rung}"
    since = at(datetime.fromisoformat(told["since"]))
    return "bad", _sentence(f"{one.name} ({one.type}): lost since {since}: {told['cause']}", told["fix"]) + quota + rung


def _sentence(text: str, fix: str | None) -> str:
    return f"{text.rstrip('.')}." + (f" {fix.rstrip('.')}." if fix else "")


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
