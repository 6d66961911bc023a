"""What the pages show, as the store tells it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version

from config.load import Workspace
from mapping.facts import Event
from mapping.model import Key
from sync.editions import EVERY
from sync.history import history
from sync.store.store import Store
from sync.week import facts_of_now
from views.language import Language
from views.pages.facts import SiteFacts
from views.report.model import Report


def site_facts(
    workspace: Workspace, store: Store, now: datetime, language: Language, *, cycle: str | None = None
) -> SiteFacts | None:
    """None where no key result runs, or belongs to the cycle."""
    facts = facts_of_now(workspace, store, now, cycle=cycle)
    if facts is None:
        return None

    def events(key: Key) -> Sequence[Event]:
        return history(store, key, workspace.time_zone)

    return SiteFacts(
        facts=facts,
        zone=workspace.time_zone,
        events=events,
        written={key: all_of_it[-1] for key, all_of_it in store.trails.written().items()},
        weeks=[
            Report.model_validate(found)
            for week, of in store.editions.names()
            if of == (cycle or EVERY) and (found := store.editions.get(week, of, language.code))
        ],
        version=version("okrsync"),
    )
