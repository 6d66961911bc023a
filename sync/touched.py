"""What a webhook starts: when a burst is over, and which key results it concerns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from config.load import Workspace
from connectors.base import EVERYTHING
from sync.bells import bell_for
from sync.questions import questions_for
from sync.store.inbox import OF_THE_API, Touch
from sync.store.store import Store

LONGEST = 10
"""How many debounce times a burst may last before okrsync asks anyway."""


def over_at(touches: Sequence[Touch], debounce: float) -> datetime:
    """When a burst is over, and the pass may begin: after some quiet, or when it goes on for long. What was asked for
    over the API does not wait."""
    if any(touch.connection == OF_THE_API for touch in touches):
        return min(touch.at for touch in touches)
    quiet = timedelta(seconds=debounce)
    return min(max(touch.at for touch in touches) + quiet, min(touch.at for touch in touches) + LONGEST * quiet)


def concerned(workspace: Workspace, touches: Collection[Touch], at: datetime, store: Store) -> frozenset[str]:
    """The ids of the key results that what was touched may concern. What it touched of connections that are no longer
    there concerns nobody."""
    words: dict[str, set[str]] = defaultdict(set)
    for touch in touches:
        words[touch.connection].add(touch.what)
    asked = words.pop(OF_THE_API, set())
    found = set(workspace.bindings) if EVERYTHING in asked else asked & workspace.bindings.keys()
    touched = {name: frozenset(said) for name, said in words.items() if name in workspace.connections}
    if not touched:
        return frozenset(found)
    bells = {name: bell_for(workspace.connections[name], store) for name in touched}
    judged: dict[object, bool] = {}
    for ident, named in questions_for(workspace, workspace.bindings.values(), at).of.items():
        for question in named.values():
            name, query = question
            if name in bells and question not in judged:
                judged[question] = bells[name].concerns(query, touched[name])
            if judged.get(question):
                found.add(ident)
    return frozenset(found)
