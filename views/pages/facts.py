"""All that the pages need to know, gathered once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mapping.changes import Written
from mapping.day import Zone
from mapping.facts import Event
from mapping.model import Key
from mapping.week import WeekFacts
from views.report.model import Report


@dataclass(frozen=True, kw_only=True)
class SiteFacts:
    """`facts` are of the seven days up to now; `events` tells the history of a key result. `weeks` are the reports,
    newest first."""

    facts: WeekFacts
    zone: Zone
    events: Callable[[Key], Sequence[Event]]
    written: Mapping[Key, Written]
    weeks: Sequence[Report]
    version: str

    @property
    def at(self) -> datetime:
        return self.facts.at
