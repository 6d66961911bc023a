"""What an org's descriptions of its objects say of their fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_STEPS = 5
"""Relationships that one field name may go through in SOQL."""


@dataclass(frozen=True)
class Field:
    """`type` is Salesforce's: currency, percent, date, datetime ...; `leads_to` the object behind the relationship that
    is named `relationship`, "" where there is none, or may be several."""

    type: str
    relationship: str = ""
    leads_to: str = ""


class Schema:
    """Learns from descriptions; what it has not learned it does not know."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[str, Field]] = {}

    def knows(self, name: str) -> bool:
        return name.lower() in self._objects

    def learn(self, name: str, description: Any) -> None:
        """From the answer to GET sobjects/NAME/describe; anything else teaches nothing."""
        fields = description.get("fields") if isinstance(description, dict) else None
        if isinstance(fields, list):
            self._objects[name.lower()] = dict(_fields(fields))

    def field(self, name: str, path: str) -> Field | None:
        """The field at the end of a path such as Account.Owner.Name."""
        *steps, last = path.lower().split(".")
        for step in steps:
            found = self._behind(name, step)
            if found is None:
                return None
            name = found
        return self._objects.get(name.lower(), {}).get(last)

    def missing(self, wanted: Iterable[tuple[str, str]]) -> list[str]:
        """The objects to be described next, so that more of these (object, path) are known."""
        found: dict[str, str] = {}
        for name, path in wanted:
            steps = path.split(".")[:-1]
            while self.knows(name) and steps:
                behind = self._behind(name, steps.pop(0).lower())
                if behind is None:
                    break
                name = behind
            if not self.knows(name):
                found.setdefault(name.lower(), name)
        return list(found.values())

    def _behind(self, name: str, relationship: str) -> str | None:
        fields = self._objects.get(name.lower(), {}).values()
        return next((one.leads_to for one in fields if one.leads_to and one.relationship == relationship), None)


def _fields(described: list[Any]) -> Iterable[tuple[str, Field]]:
    for one in described:
        if not isinstance(one, Mapping) or not isinstance(one.get("name"), str) or not isinstance(one.get("type"), str):
            continue
        leads_to = one.get("referenceTo")
        alone = isinstance(leads_to, list) and len(leads_to) == 1 and isinstance(leads_to[0], str)
        relationship = one.get("relationshipName")
        yield (
            one["name"].lower(),
            Field(
                type=one["type"].lower(),
                relationship=relationship.lower() if isinstance(relationship, str) else "",
                leads_to=leads_to[0] if alone and leads_to else "",
            ),
        )
