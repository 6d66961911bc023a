"""What okrsync.yaml says of `okrsync serve`, and of who watches over it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from mapping.schedule import Quiet, Schedule, parse_quiet, parse_schedule

if TYPE_CHECKING:
    from config.settings import WorkerSettings

HOURLY = parse_schedule("1h")


@dataclass(frozen=True, kw_only=True)
class Serving:
    """`schedule` is that of all key results without one of their own, with the quiet hours; None where it is not
    named. `thin_after` is in days."""

    schedule: Schedule | None = None
    quiet: Quiet | None = None
    queue: str | None = field(default=None, repr=False)
    ping_url: str | None = field(default=None, repr=False)
    metrics_file: Path | None = None
    thin_after: int = 400

    @property
    def default(self) -> Schedule:
        return self.schedule or replace(HOURLY, quiet=self.quiet)


NOT_NAMED = Serving()


def serving_of(settings: WorkerSettings, root: Path) -> Serving:
    quiet = parse_quiet(settings.quiet_hours) if settings.quiet_hours else None
    return Serving(
        schedule=parse_schedule(settings.schedule, quiet) if settings.schedule else None,
        quiet=quiet,
        queue=settings.queue,
        ping_url=settings.ping_url,
        metrics_file=root / settings.metrics_file if settings.metrics_file else None,
        thin_after=settings.thin_after,
    )


def is_same_database(one: str, other: str) -> bool:
    """Whether both are the same PostgreSQL database; who signs in, and with which options, may differ."""
    return _place(one) == _place(other)


def _place(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    host = parts.hostname or asked.get("host", [""])[0]
    port = str(parts.port or asked.get("port", ["5432"])[0])
    return parts.scheme.partition("+")[0], host, port, parts.path.strip("/")
