"""A small workspace without a mistake, and how one gets in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from config.load import load
from config.problems import ConfigError

WORKER = """\
workspace: acme
time_zone: UTC
connections:
  jira: {url: "https://acme.atlassian.net", email: okrs@acme.com, token: "${JIRA_TOKEN}"}
  salesforce: {url: "https://acme.my.salesforce.com", client_id: key, client_secret: "${SALESFORCE_CLIENT_SECRET}"}
  graph: {tenant: contoso, client_id: app, client_secret: "${GRAPH_CLIENT_SECRET}"}
  db: {type: sql, url: "${DB_URL}"}
store: sqlite:///okrsync.sqlite
"""
OKRS = """\
cycle: 2026-Q4
metrics:
  won: {salesforce: "SELECT SUM(Amount) FROM Opportunity WHERE IsWon = true", unit: USD}
  all: {jira: {count: "project = SUP"}}
  done: {jira: {count: "project = SUP AND statusCategory = Done"}}
objectives:
  - id: grow
    title: Grow
    owner: ada@acme.com
    key_results:
      - {id: sales, title: Sales, start: $0, target: $5M, value: won}
      - {id: solved, title: Solved, start: 60%, target: 80%, value: done / all}
      - {id: bugs, title: Bugs, start: 60, target: 20, value: {jira: {count: "project = APP AND type = Bug"}}}
"""
BOARDS = """\
connections:
  board: {type: memory, publish: true}
  shelf: {type: memory}
"""
PUBLISH = "publish: {memory: {name: a, fields: {f: value}}, connection: board}"
SECRETS = {
    "DB_URL": "sqlite:///numbers.sqlite",
    "JIRA_TOKEN": "q7Zk2Wq9",
    "SALESFORCE_CLIENT_SECRET": "q7Zk2Wq9",
    "GRAPH_CLIENT_SECRET": "q7Zk2Wq9",
}


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    for name, text in {"okrsync.yaml": WORKER, "okrs/okrs.yaml": OKRS, **files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())


def messages(folder: Path) -> list[str]:
    """What `okrsync check` says, with the folder left out of the places."""
    try:
        load(folder)
    except ConfigError as error:
        return [str(problem).replace(f"{folder}/", "").replace(str(folder), "FOLDER") for problem in error.problems]
    return []
