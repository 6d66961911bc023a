"""The requests of each kind of place, and what their answers say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import quote

from connectors.base import Content, Update
from connectors.graph.destinations import GraphListItem, GraphTask
from connectors.graph.items import LENIENT
from connectors.graph.schedule import Request
from mapping.published import Fields

Place = GraphListItem | GraphTask
LIST_WRITE = "Sites.Selected, with the role write at this site"
TASK_WRITE = "Tasks.ReadWrite.All"


class NotOne(ValueError):
    """Several items have the key."""


class NotThere(ValueError):
    """No item has it."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What stands there: by the fields' names, with the tool's mark of the version, and where it is written."""

    values: Mapping[str, Any]
    etag: str
    path: str
    link: str | None = None


def read_request(place: Place) -> Request:
    if isinstance(place, GraphTask):
        return Request(f"/planner/tasks/{quote(place.task, safe='')}", "Tasks.Read.All")
    names = ",".join(sorted({name for name, _ in (*place.fields, *place.key)}))
    options = f"$expand=fields($select={names})"
    if place.id is not None:
        return Request(f"{_items(place)}/{place.id}?{options}", "Sites.Selected")
    ((column, value),) = place.key
    escaped = value.replace("'", "''")
    chosen = quote(f"fields/{column} eq '{escaped}'", safe="")
    return Request(f"{_items(place)}?$top=2&{options}&$filter={chosen}", "Sites.Selected", headers=LENIENT)


def seen(place: Place, body: Mapping[str, Any]) -> Seen:
    """Raises NotThere or NotOne, and ValueError where the answer is none."""
    if isinstance(place, GraphTask):
        return Seen(values=body, etag=_etag(body), path=f"/planner/tasks/{quote(place.task, safe='')}")
    item = body
    if place.id is None:
        found = body.get("value")
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise ValueError("Graph answered without items")
        if not found:
            raise NotThere(f"there is no {place.text()}")
        if len(found) > 1:
            raise NotOne(f"several items are {place.text()}")
        item = found[0]
    fields = item.get("fields")
    if not isinstance(fields, dict) or not item.get("id"):
        raise ValueError("Graph answered without the item's fields")
    link = item.get("webUrl")
    path = f"{_items(place)}/{quote(str(item['id']), safe='')}/fields"
    return Seen(values=fields, etag=_etag(item), path=path, link=link if isinstance(link, str) else None)


def state_fields(update: Update[Place], found: Seen) -> Fields:
    """As the update has them: SharePoint tells times as texts. Raises ValueError."""
    like = dict(update.fields)
    return tuple((name, _content(found.values.get(name), like.get(name))) for name, _ in update.destination.facts())


def kept(place: Place, fields: Fields) -> Fields:
    """Planner knows whole percents from 0 to 100, lists seconds."""
    return tuple((name, _kept(place, given)) for name, given in fields)


def body_of(fields: Fields) -> dict[str, Any]:
    return {name: _written(given) for name, given in fields}


def permission(place: Place) -> str:
    return TASK_WRITE if isinstance(place, GraphTask) else LIST_WRITE


def _items(place: GraphListItem) -> str:
    return f"/sites/{quote(place.site, safe=',')}/lists/{quote(place.list, safe='')}/items"


def _etag(body: Mapping[str, Any]) -> str:
    found = body.get("@odata.etag")
    if not isinstance(found, str) or not found.isprintable() or not found.isascii():
        raise ValueError("Graph answered without the mark of the version")
    return found


def _kept(place: Place, given: Content) -> Content:
    if isinstance(place, GraphTask) and isinstance(given, Decimal):
        return min(Decimal(100), max(Decimal(0), given.quantize(Decimal(1), ROUND_HALF_UP)))
    return given.replace(microsecond=0) if isinstance(given, datetime) else given


def _content(found: Any, like: Content) -> Content:
    if found is None or isinstance(found, bool):
        return found
    if isinstance(found, int | Decimal):
        return f"{found}" if isinstance(like, str) else Decimal(found)
    if not isinstance(found, str):
        raise ValueError("it holds another thing than a number, a text or a time")
    if isinstance(like, date) and not isinstance(like, datetime):
        return datetime.fromisoformat(found).date() if len(found) >= len("2026-01-01") else found
    if isinstance(like, datetime):
        read = datetime.fromisoformat(found)
        return read if read.tzinfo else read.replace(tzinfo=UTC)
    return found


def _written(given: Content) -> Any:
    if isinstance(given, Decimal):
        return int(given) if given == given.to_integral_value() else float(given)
    if isinstance(given, datetime):
        return given.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    # A day is told by its middle: the site's zone can't make another one of it.
    return f"{given.isoformat()}T12:00:00Z" if isinstance(given, date) else given
