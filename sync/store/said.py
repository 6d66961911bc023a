"""What people said of key results last: their notes, how sure they are, and when they spoke at all."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, and_

from mapping.model import Key
from mapping.records import CHECK_IN, NOTE, PIN, Said
from sync.store.newest import newest
from sync.store.tables import actions, check_ins

WORDS = (CHECK_IN, NOTE, PIN)


def newest_said(
    connection: Connection, what: Literal["note", "confidence"] | None = None, until: datetime | None = None
) -> dict[Key, Said]:
    """With a note, with a confidence, or with anything. What another product knew is a check-in alone."""
    acted, valued = [actions.c.action.in_(WORDS)], [check_ins.c.by.is_not(None)]
    if what is not None:
        acted.append(actions.c.details[what].as_string().is_not(None))
        valued.append(check_ins.c[what].is_not(None))
    found: dict[Key, Said] = {}
    for key, row in newest(connection, check_ins, until=until, where=and_(*valued)).items():
        found[key] = Said(
            key_result=key.id,
            cycle=key.cycle,
            at=row["at"],
            by=row["by"],
            note=row["note"],
            confidence=row["confidence"],
        )
    for key, row in newest(connection, actions, until=until, where=and_(*acted)).items():
        if key not in found or found[key].at <= row["at"]:
            told = {name: row["details"].get(name) for name in ("note", "confidence")}
            found[key] = Said(key_result=key.id, cycle=key.cycle, at=row["at"], by=row["by"], **told)
    return found
