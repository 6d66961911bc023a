"""The one owner of the clock. Everything else is given the time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mapping.day import UTC as UTC_ZONE
from mapping.day import Zone, zone_of
from mapping.errors import MappingError

if TYPE_CHECKING:
    from mapping.assess import CheckIn


def utc_now() -> datetime:
    return datetime.now(UTC)


def machine_zone() -> Zone:
    """The time zone that this machine is set to; UTC where it does not say."""
    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
        return UTC_ZONE if name == "Etc/UTC" else zone_of(name)
    except (MappingError, LookupError, ValueError, OSError):
        return UTC_ZONE


def went_back(last: CheckIn | None, now: datetime, zone: Zone) -> str | None:
    """Why nothing that is asked or said now could count, for the last value would stay the newer one; None where it
    can."""
    if last is None or now >= last.asked_at:
        return None
    then, this = (at.astimezone(zone).isoformat(" ", "seconds") for at in (last.asked_at, now))
    return f"its last value was recorded for {then}, which is later than this machine's clock says: {this}"


def fix_of(last: CheckIn, zone: Zone) -> str:
    """What to do where the clock, or the one of before, is wrong."""
    at = last.at.astimezone(zone).isoformat()
    return (
        "Set the clock of this machine if it is wrong. If the other one was, run "
        f"`okrsync void {last.key_result} --at {at}`: that value stays in history, and counts no more."
    )
