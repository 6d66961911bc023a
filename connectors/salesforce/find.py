"""What an org has: objects, their fields that hold numbers, reports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from connectors.errors import BadAnswer
from connectors.finding import Found, Kind, matching, parts, rows, words
from connectors.salesforce.client import SalesforceClient

KINDS = (
    Kind(name="objects", about="objects that can be queried", holds=("fields",)),
    Kind(name="fields", about="number fields of an object", within="OBJECT"),
    Kind(name="reports", about="reports in folders that the account sees"),
)
NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})
_REPORT_ID = re.compile(r"00O\w{12}(\w{3})?")
_NAME = re.compile(r"\w{1,80}")


def find(client: SalesforceClient, kind: str, text: str, within: str, connection: str) -> Iterator[Found]:
    match kind:
        case "objects":
            return matching(_objects(client, connection), text)
        case "fields":
            return matching(_fields(client, parts(within, 1, "OBJECT", connection)[0], connection), text)
    return matching(_reports(client, connection), text)


def _objects(client: SalesforceClient, connection: str) -> Iterator[Found]:
    for row in rows(_of(client.get("sobjects"), "sobjects"), connection):
        name = words(row, "name")
        if row.get("queryable") is True and _NAME.fullmatch(name):
            query = f"SELECT COUNT(Id) FROM {name}"  # noqa: S608 - printed for a person
            yield Found(title=words(row, "labelPlural", "label", "name"), detail=name, query=query, inside=name)


def _fields(client: SalesforceClient, name: str, connection: str) -> Iterator[Found]:
    for row in rows(_of(client.get(f"sobjects/{quote(name, safe='')}/describe"), "fields"), connection):
        field, kind = words(row, "name"), words(row, "type")
        if kind in NUMBERS and row.get("aggregatable") is not False and _NAME.fullmatch(field):
            how = "AVG" if kind == "percent" else "SUM"
            query = f"SELECT {how}({field}) FROM {name}"  # noqa: S608 - printed for a person
            yield Found(title=words(row, "label", "name"), detail=f"{field}, {kind}", query=query)


def _reports(client: SalesforceClient, connection: str) -> Iterator[Found]:
    soql = "SELECT Id, Name, FolderName FROM Report ORDER BY Name"
    page, seen = client.get("query", q=soql), set[str]()
    while True:
        for row in rows(_of(page, "records"), connection):
            if _REPORT_ID.fullmatch(ident := words(row, "Id")):
                detail = ", ".join(filter(None, (ident, words(row, "FolderName"))))
                yield Found(title=words(row, "Name", "Id"), detail=detail, query={"report": ident})
        following = _of(page, "nextRecordsUrl")
        if following is None:
            return
        locator = str(following).rpartition("/")[2]
        if not re.fullmatch(r"[\w-]+", locator) or locator in seen:
            raise BadAnswer("Salesforce gave no address of the next page, or the same one twice", connection=connection)
        seen.add(locator)
        page = client.get(f"query/{locator}")


def _of(answer: Any, name: str) -> Any:
    return answer.get(name) if isinstance(answer, dict) else None
