"""The contract again over the other ways into Jira: Data Center, a token with scopes, a service account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.data import Data
from sandbox.jira import Gateway, JiraSite
from sandbox.server import Server
from tests.connectors.contract import CANARY, NOW
from tests.connectors.test_jira import TestJira as Cloud
from tests.connectors.test_jira import issue, site

PATH = "/ex/jira/c1"


class TestDataCenter(Cloud):
    @pytest.fixture
    def fake(self) -> Iterator[Server]:
        with Server(site(deployment="datacenter")) as server:
            yield server

    data_path = "/search"

    @pytest.fixture
    def options(self, fake: Server) -> dict[str, Any]:
        return {"url": fake.url, "deployment": "datacenter", "token": CANARY, "hook_secret": CANARY}

    @pytest.fixture
    def batch(self) -> tuple[list[Any], int]:
        jql = "project = SUP AND key = SUP-1"
        return [{"count": "key = SUP-2"}, {"sum": "timespent", "jql": jql}, {"percent_done": jql}], 2


class TestScopedToken(Cloud):
    @pytest.fixture
    def fake(self) -> Iterator[Server]:
        gateway = Gateway(site(), cloud_id="c1", client_id="-", client_secret="-")
        with Server(gateway) as server:
            yield server

    @pytest.fixture
    def options(self, fake: Server) -> dict[str, Any]:
        return {
            "url": fake.url + PATH,
            "site": fake.url,
            "email": "okrsync@example.com",
            "token": CANARY,
            "hook_secret": CANARY,
        }


class TestServiceAccount(Cloud):
    sign_in_path = "/oauth/token"

    @pytest.fixture
    def fake(self) -> Iterator[Server]:
        with Server(Gateway(site(), cloud_id="c1", client_id="robot", client_secret=CANARY)) as server:
            yield server

    @pytest.fixture
    def options(self, fake: Server) -> dict[str, Any]:
        login = {"client_id": "robot", "client_secret": CANARY, "login_url": fake.url}
        login["hook_secret"] = CANARY
        return {"url": fake.url + PATH, "site": fake.url, **login}

    def test_an_access_token_that_ends_is_renewed_once(self, options: dict[str, Any], fake: Server) -> None:
        connection = self.open(options)
        gateway = fake.application
        assert isinstance(gateway, Gateway)
        assert self.one(connection, {"count": "project = SUP"}).value == 5
        gateway.end_tokens()

        queries = [self.query({"count": f"key = SUP-{n}"}) for n in range(1, 6)]
        outcomes = dict(connection.read(queries))

        assert [outcomes[query].value for query in queries] == [1] * 5
        assert gateway.signed_in == 2


def test_a_scoped_token_on_the_site_is_told_where_to_go() -> None:
    with Server(Gateway(JiraSite(Data(jira=[issue(1)])), cloud_id="c1", client_id="-", client_secret="-")) as server:
        suite = TestScopedToken()
        made = suite.spec.options.model_validate({"url": server.url, "email": "a@b.c", "token": "t"})
        connection = suite.spec.load()("jira", made, clock=lambda: NOW)

        outcome = suite.one(connection, {"count": "project = SUP"})

    assert "api.atlassian.com/ex/jira/<cloud id>" in outcome.fix


@pytest.mark.parametrize("lives", [10**400, -(10**400), -1, 0, True])
def test_an_access_token_of_no_sensible_life_is_used_for_an_hour(lives: int) -> None:
    gateway = Gateway(site(), cloud_id="c1", client_id="robot", client_secret=CANARY, expires_in=lives)
    with Server(gateway) as server:
        suite = TestServiceAccount()
        login = {"client_id": "robot", "client_secret": CANARY, "login_url": server.url}
        connection = suite.open({"url": server.url + PATH, "site": server.url, **login})

        assert suite.one(connection, {"count": "project = SUP"}).value == 5
        assert suite.one(connection, {"count": "key = SUP-1"}).value == 1
        assert gateway.signed_in == 1
