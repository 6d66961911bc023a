"""The one owner of the clock. Everything else is given the time."""

from __future__ import annotations

from datetime import UTC, datetime

from mapping.day import UTC as UTC_ZONE
from mapping.day import Zone, zone_of
from mapping.errors import MappingError


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
