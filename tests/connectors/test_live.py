"""Against a real account, where one is named: `OKRSYNC_LIVE=jira OKRSYNC_LIVE_CONFIG=acme/ pytest -m live`.

Signs in with that connection of the workspace, lets the tool judge the workspace's queries, and reads them twice.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.load import load
from connectors.base import Query, Reader
from mapping.day import UTC
from mapping.reading import Reading
from sync.clock import utc_now
from sync.connections import opened
from sync.questions import questions_for

NAME = os.environ.get("OKRSYNC_LIVE", "")
pytestmark = [pytest.mark.live, pytest.mark.skipif(not NAME, reason="OKRSYNC_LIVE names no connection")]


@pytest.fixture(scope="module")
def live() -> Iterator[tuple[Reader[Any], list[Query]]]:
    workspace = load(Path(os.environ.get("OKRSYNC_LIVE_CONFIG", ".")))
    asked = questions_for(workspace, workspace.bindings.values(), utc_now()).by_connection
    with opened(workspace.connections, [NAME], utc_now, UTC) as connectors:
        yield connectors[NAME], list(asked.get(NAME, ()))


def test_it_signs_in(live: tuple[Reader[Any], list[Query]]) -> None:
    assert live[0].check().name


def test_it_takes_every_query(live: tuple[Reader[Any], list[Query]]) -> None:
    connector, queries = live

    assert [(query.text(), error) for query, error in connector.validate(queries) if error] == []


def test_it_reads_the_same_twice(live: tuple[Reader[Any], list[Query]]) -> None:
    connector, queries = live
    first, second = dict(connector.read(queries)), dict(connector.read(queries))

    assert set(first) == set(queries)
    for query, outcome in first.items():
        again = second[query]
        assert isinstance(outcome, Reading) == isinstance(again, Reading), (query.text(), outcome, again)
