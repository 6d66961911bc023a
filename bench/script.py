"""The plain loop: what somebody who writes scripts well would write to get the same numbers.

Each distinct question once, ten threads for each tool, all tools side by side, the same client libraries.
`python -m bench.script QUESTIONS.json` reads the addresses from the environment and prints the values as JSON. It keeps
no history, judges no value and explains none.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from jira import JIRA
from msal import ConfidentialClientApplication
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

from bench.world import LIST, SITE

THREADS = 10
Ask = Callable[[str], Any]


class _Plain(HTTPAdapter):
    """The libraries insist on https, the sandbox is on http."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = urlunsplit(urlsplit(request.url or "")._replace(scheme="http"))
        return super().send(request, *args, **kwargs)


def _session() -> requests.Session:
    made = requests.Session()
    made.mount("https://127.0.0.1", _Plain())
    return made


def salesforce() -> Ask:
    url = os.environ["SALESFORCE_URL"]
    form = {
        "grant_type": "client_credentials",
        "client_id": "okrsync",
        "client_secret": os.environ["SALESFORCE_CLIENT_SECRET"],
    }
    token = requests.post(f"{url}/services/oauth2/token", data=form, timeout=60).json()["access_token"]
    client = Salesforce(session_id=token, instance_url=url, session=_session(), version="68.0")
    return lambda soql: client.query(soql)["records"][0]["expr0"]


def jira() -> Ask:
    client = JIRA(server=os.environ["JIRA_URL"], basic_auth=("okrsync@example.com", os.environ["JIRA_TOKEN"]))
    return lambda jql: len(client.enhanced_search_issues(jql, maxResults=0, fields="id"))


def graph() -> Ask:
    url = os.environ["GRAPH_URL"]
    app = ConfidentialClientApplication(
        "okrsync",
        client_credential=os.environ["GRAPH_CLIENT_SECRET"],
        authority=url.replace("http:", "https:") + "/contoso",
        instance_discovery=False,
        http_client=_session(),
    )
    token = app.acquire_token_for_client(scopes=["https://graph.microsoft.com/.default"])["access_token"]
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"

    def count(odata: str) -> int:
        found = 0
        address: str | None = f"{url}/v1.0/sites/{SITE}/lists/{LIST}/items"
        options: dict[str, str | int] | None = {"$select": "id", "$top": 1000, "$filter": odata}
        while address:
            answer = session.get(address, params=options, timeout=60)
            answer.raise_for_status()
            page = answer.json()
            found += len(page["value"])
            address, options = page.get("@odata.nextLink"), None
        return found

    return count


TOOLS: Mapping[str, Callable[[], Ask]] = {"salesforce": salesforce, "jira": jira, "graph": graph}


def values(tool: str, questions: Sequence[str]) -> dict[str, Any]:
    ask = TOOLS[tool]()
    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(questions, pool.map(ask, questions), strict=True))


def main(questions: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    with ThreadPoolExecutor(len(questions)) as pool:
        found = {tool: pool.submit(values, tool, asked) for tool, asked in questions.items()}
        return {tool: future.result() for tool, future in found.items()}


if __name__ == "__main__":
    print(json.dumps(main(json.loads(Path(sys.argv[1]).read_text()))))
