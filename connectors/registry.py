"""Which connectors there are, by the word used in YAML; each is imported on first use.

Other packages add their own under the entry-point group `okrsync.connectors`: the name is the word used in YAML,
the value the place of a `Spec`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from connectors.base import Spec

BUILT_IN = ("salesforce", "jira", "graph", "http", "sql", "manual", "memory")
GROUP = "okrsync.connectors"


@cache
def names() -> tuple[str, ...]:
    """Looks through the installed packages once for each process."""
    return tuple(sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


@cache
def spec(name: str) -> Spec:
    """The spec of that name. Raises KeyError for an unknown one."""
    if name in BUILT_IN:
        found: Spec = import_module(f"connectors.{name}.spec").SPEC
    else:
        points = entry_points(group=GROUP, name=name)
        if not points:
            raise KeyError(name)
        found = next(iter(points)).load()
    if found.name != name:
        raise LookupError(f"the connector registered as {name!r} calls itself {found.name!r}")
    return found
