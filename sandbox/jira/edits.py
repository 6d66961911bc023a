"""Edits of issues, as Jira takes and refuses them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sandbox.data import Row

NOT_THERE = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
KEPT = ("created", "updated", "creator", "project", "issuetype", "status", "resolution", "resolutiondate", "votes")
"""Fields that stand on no edit screen."""
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}[+-]\d{4}")


def editable(described: list[Row]) -> dict[str, Any]:
    """As `GET issue/{key}/editmeta` answers."""
    return {
        one["id"]: {
            "required": False, "schema": one["schema"], "name": one["name"], "key": one["id"], "operations": ["set"],
            **({"allowedValues": [{"value": word} for word in one["options"]]} if "options" in one else {}),
        }
        for one in described
        if one["id"] not in KEPT
    }  # fmt: skip


def edited(before: Row, body: Mapping[str, Any], described: list[Row], *, cloud: bool) -> tuple[Row, dict[str, str]]:
    """The fields after an edit, and what is wrong with it by field."""
    known = {one["id"]: one for one in described if one["id"] not in KEPT}
    after, wrong = dict(before), dict[str, str]()
    for name, value in (body.get("fields") or {}).items():
        if name not in known:
            wrong[name] = NOT_THERE.format(name)
        elif (reason := _reason(known[name], value, cloud=cloud)) is not None:
            wrong[name] = reason
        else:
            after[name] = value
    for name, steps in (body.get("update") or {}).items():
        if name not in known or known[name]["schema"].get("items") != "string":
            wrong[name] = NOT_THERE.format(name)
            continue
        labels = list(after.get(name) or [])
        for step in steps:
            ((verb, label),) = step.items()
            if not isinstance(label, str) or " " in label:
                wrong[name] = f"The label '{label}' contains spaces which is invalid."
            elif verb == "add" and label not in labels:
                labels.append(label)
            elif verb == "remove" and label in labels:
                labels.remove(label)
        after[name] = labels
    return after, wrong


def _reason(described: Row, value: Any, *, cloud: bool) -> str | None:
    schema = described["schema"]
    if value is None:
        return None
    match schema["type"]:
        case "number":
            return (
                None
                if isinstance(value, int | float) and not isinstance(value, bool)
                else "Operation value must be a number"
            )
        case "option":
            word = value.get("value") if isinstance(value, dict) else None
            return None if word in described.get("options", ()) else f"Option value '{word}' is not valid"
        case "date":
            try:
                date.fromisoformat(value)
            except (TypeError, ValueError):
                return "Error parsing date string"
            return None
        case "datetime":
            return None if isinstance(value, str) and _INSTANT.fullmatch(value) else "Error parsing date time"
        case "string":
            rich = cloud and (
                described["id"] in ("description", "environment") or schema.get("custom", "").endswith("textarea")
            )
            if rich:
                return (
                    None
                    if isinstance(value, dict) and value.get("type") == "doc"
                    else "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
                )
            return None if isinstance(value, str) and "\n" not in value else "Operation value must be a string"
    return f"Field '{described['id']}' can't be set in this way."
