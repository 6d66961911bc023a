"""Which key results are due by their schedules, and when the next ones are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime

from config.load import Workspace
from mapping.day import day_of
from mapping.model import KeyResult
from mapping.schedule import Schedule

Asked = Mapping[str, datetime]
"""When all key results of a schedule, by its text, were asked last."""


def by_schedule(workspace: Workspace) -> dict[Schedule, frozenset[str]]:
    """The key results of each schedule."""
    found: dict[Schedule, set[str]] = defaultdict(set)
    for key, binding in workspace.bindings.items():
        found[binding.key_result.schedule or workspace.serving.default].add(key)
    return {schedule: frozenset(keys) for schedule, keys in found.items()}


def due(workspace: Workspace, asked: Asked, now: datetime) -> dict[str, frozenset[str]]:
    """By the text of each schedule that ticked since it was asked: its key results within their days. However many
    ticks were missed, they are one."""
    today, zone = day_of(now, workspace.time_zone), workspace.time_zone
    found: dict[str, frozenset[str]] = {}
    for schedule, keys in by_schedule(workspace).items():
        if schedule.quiet and schedule.quiet.until(now, zone):
            continue
        last = asked.get(schedule.text)
        if last is None or last < schedule.last(now, zone):
            running = {key for key in keys if _runs(workspace.bindings[key].key_result, today)}
            found[schedule.text] = frozenset(running)
    return found


def next_tick(workspace: Workspace, asked: Asked, now: datetime) -> datetime | None:
    """When the next key results are due: now, where some are already; None where no schedule has any."""
    zone = workspace.time_zone
    coming = []
    for schedule in by_schedule(workspace):
        last = asked.get(schedule.text)
        if last is None or last < schedule.last(now, zone):
            coming.append((schedule.quiet and schedule.quiet.until(now, zone)) or now)
        else:
            coming.append(schedule.next(now, zone))
    return min(coming, default=None)


def fully_asked(workspace: Workspace, keys: Collection[str]) -> list[str]:
    """The schedules of which these key results are all that are."""
    asked = frozenset(keys)
    return [schedule.text for schedule, own in by_schedule(workspace).items() if own <= asked]


def _runs(key_result: KeyResult, today: date) -> bool:
    return not key_result.cancelled and key_result.period.start <= today <= key_result.last_day
