"""How connections are, pass by pass: lost is said once, and back once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import structlog

from connectors.errors import ConnectorError
from sync.plan import Plan
from sync.store.conditions import HEALTH, Condition

WORKS, LOST = "works", "lost"

log = structlog.get_logger("sync.health")


def health_of(plan: Plan, before: Mapping[str, Condition]) -> list[Condition]:
    """What the answers tell of each connection that was asked. It is lost where none of its queries was answered."""
    answers: dict[str, list[Any]] = defaultdict(list)
    for (name, _), outcome in plan.answers.items():
        answers[name].append(outcome)
    return [
        Condition(
            kind=HEALTH, name=name, at=plan.at, value=_value(outcomes, before.get(name), plan, plan.usage.get(name))
        )
        for name, outcomes in answers.items()
    ]


def tell_changes(now: list[Condition], before: Mapping[str, Condition]) -> None:
    for one in now:
        was = before[one.name].value["state"] if one.name in before else WORKS
        if one.value["state"] == LOST and was == WORKS:
            told = {name: one.value[name] for name in ("error", "cause", "fix")}
            log.warning("connection lost", connection=one.name, **told)
        elif one.value["state"] == WORKS and was == LOST:
            log.warning("connection back", connection=one.name, lost_since=before[one.name].value["since"])


def _value(outcomes: list[Any], before: Condition | None, plan: Plan, usage: tuple[int, int] | None) -> dict[str, Any]:
    failures = [one for one in outcomes if isinstance(one, ConnectorError)]
    lost = [one for one in failures if one.scope == "connection"]
    state = LOST if lost and len(failures) == len(outcomes) else WORKS
    since = plan.at.isoformat()
    if before is not None and before.value["state"] == state:
        since = before.value["since"]
    value: dict[str, Any] = {"state": state, "since": since, "queries": len(outcomes), "failed": len(failures)}
    if failures:
        (first, *_) = lost or failures
        value |= {"error": first.kind, "cause": first.message, "fix": first.fix}
    if usage is None and before is not None:
        value["quota"] = before.value.get("quota")
    else:
        value["quota"] = list(usage) if usage else None
    return value
