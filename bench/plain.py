"""The plain loop: the same client libraries, one call for each key result, as a script would do it.

`python -m bench.plain COUNT` reads the sandbox's addresses from the environment and prints how many values it got.
"""

from __future__ import annotations

import os
import sys
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from jira import JIRA
from msal import ConfidentialClientApplication
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from bench.world import BOOK, DRIVE, cell, jql, soql


class _Plain(HTTPAdapter):
    """The libraries insist on https, the sandbox is on http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = urlunsplit(urlsplit(request.url or "")._replace(scheme="http"))
        return super().send(request, *args, **kwargs)


def _session() -> requests.Session:
    made = requests.Session()
    made.mount("https://127.0.0.1", _Plain())
    return made


def main(count: int, only: int | None = None) -> int:
    """`only` asks one tool alone: 0 Salesforce, 1 Jira, 2 Graph."""
    env = os.environ
    form = {
        "grant_type": "client_credentials",
        "client_id": "okrsync",
        "client_secret": env["SALESFORCE_CLIENT_SECRET"],
    }
    token = requests.post(f"{env['SALESFORCE_URL']}/services/oauth2/token", data=form, timeout=60).json()
    salesforce = Salesforce(
        session_id=token["access_token"], instance_url=env["SALESFORCE_URL"], session=_session(), version="68.0"
    )
    jira = JIRA(server=env["JIRA_URL"], basic_auth=("okrsync@example.com", env["JIRA_TOKEN"]))
    app = ConfidentialClientApplication(
        "okrsync",
        client_credential=env["GRAPH_CLIENT_SECRET"],
        authority=env["GRAPH_URL"].replace("http", "https") + "/contoso",
        instance_discovery=False,
        http_client=_session(),
    )
    scopes = ["https://graph.microsoft.com/.default"]
    values = []
    graph = requests.Session()
    for n in range(count):
        tool, index = (n % 3, n // 3) if only is None else (only, n)
        if tool == 0:
            values.append(salesforce.query(soql(index))["records"][0]["expr0"])
        elif tool == 1:
            values.append(len(jira.enhanced_search_issues(jql(index), maxResults=0, fields="id")))
        else:
            access = app.acquire_token_for_client(scopes=scopes)["access_token"]
            path = f"/v1.0/drives/{DRIVE}/items/{BOOK}/workbook/worksheets/KPIs/range(address='{cell(index)}')"
            answer = graph.get(env["GRAPH_URL"] + path, headers={"Authorization": f"Bearer {access}"}, timeout=60)
            values.append(answer.json()["values"][0][0])
    return len(values)


if __name__ == "__main__":
    print(main(*map(int, sys.argv[1:])))
