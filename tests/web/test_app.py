"""What the application answers by itself."""

from __future__ import annotations

from fastapi.testclient import TestClient

from web.app import application


def test_it_says_that_it_lives() -> None:
    answer = TestClient(application({})).get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_no_page_loads_anything_from_elsewhere() -> None:
    client = TestClient(application({}))

    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]
    assert client.get("/api/v1/openapi.json").json()["info"]["title"] == "okrsync"
