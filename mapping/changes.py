"""What changed in the OKR files: another rule, target, weight, pace or owner than before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from mapping.model import OfKeyResult


class What(StrEnum):
    """`RULE` is how the value comes about, `SCOPE` a query, `PACE` what is expected when."""

    RULE = "rule"
    SCOPE = "query"
    TARGET = "target"
    START = "start"
    LIMIT = "limit"
    WEIGHT = "weight"
    UNIT = "unit"
    PACE = "pace"
    OWNER = "owner"


_AIMS = {"target": What.TARGET, "start": What.START}
_PLAIN = {
    "rule": What.RULE, "measure": What.RULE, "unit": What.UNIT, "weight": What.WEIGHT, "share": What.WEIGHT,
    "phases": What.PACE, "cycle": What.PACE, "owner": What.OWNER,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Change(OfKeyResult):
    """`name` is the metric whose query it is, or the limit's; texts as people wrote them. `file` and `line` are where
    it stands now."""

    at: datetime
    what: What
    before: str | None
    after: str | None
    name: str | None = None
    file: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Written(OfKeyResult):
    """What the OKR file said from that moment on."""

    at: datetime
    snapshot: Mapping[str, Any]
    file: str
    line: int


def changes(before: Written, after: Written) -> list[Change]:
    """From one definition of a key result to the next."""
    return [
        Change(
            key_result=after.key_result, cycle=after.cycle, at=after.at, what=what, before=old, after=new, name=name,
            file=after.file, line=after.line,
        )
        for what, name, old, new in _differences(before.snapshot, after.snapshot)
    ]  # fmt: skip


def _differences(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[What, str | None, str | None, str | None]]:
    for name, what in _PLAIN.items():
        if _text(old.get(name)) != _text(new.get(name)):
            yield what, None, _text(old.get(name)), _text(new.get(name))
    ends = {"aims": _AIMS, "questions": {}}
    for group, known in ends.items():
        past, now = old.get(group) or {}, new.get(group) or {}
        for name in sorted(past.keys() | now.keys()):
            if past.get(name) != now.get(name):
                other = What.LIMIT if group == "aims" else What.SCOPE
                yield known.get(name, other), name, past.get(name), now.get(name)


def _text(value: Any) -> str | None:
    match value:
        case None | []:
            return None
        case {"start": start, "end": end}:
            return f"{start} to {end}"
        case [*phases]:
            return ", ".join(" ".join(map(str, phase)) for phase in phases)
    return str(value)
