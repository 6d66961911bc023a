"""No issue that a JQL finds lies outside of the projects that it is said to be about: the stand-in's own parser and its
evaluation over four projects are the judge."""

from __future__ import annotations

import base64
import json
import random

from connectors.jira.projects import projects_of
from sandbox.data import Data
from sandbox.jira import JiraSite
from sandbox.server import Request
from tests.connectors.contract import CANARY
from tests.connectors.test_jira import issue
from tests.sweep import dice, sweep

PROJECTS = ("SUP", "OPS", "APP", "WEB")
NAMES = {
    key: [key, key.lower(), f'"Project {key}"', str(number), f"'{key}'"] for number, key in enumerate(PROJECTS, 10)
}


def site() -> JiraSite:
    issues = []
    for number in range(1, 25):
        key = PROJECTS[number % 4]
        project = {"id": str(10 + number % 4), "key": key, "name": f"Project {key}"}
        issues.append({**issue(number % 28 + 1, project=project), "id": str(number), "key": f"{key}-{number}"})
    return JiraSite(Data(jira=issues), token=CANARY, page_size=100)


def clause(chance: random.Random) -> str:
    key = chance.choice(PROJECTS)
    some = ", ".join(chance.choice(NAMES[one]) for one in chance.sample(PROJECTS, 2))
    return chance.choice(
        [
            f"project = {chance.choice(NAMES[key])}",
            f"project in ({some})",
            f"project != {key}",
            f"project not in ({some})",
            f"key = {key}-{chance.randrange(1, 25)}",
            f"issuekey in ({key}-1, {key}-2, {chance.choice(PROJECTS)}-3)",
            "statusCategory = Done",
            "status != Closed",
            "created >= -90d",
            'summary ~ "project = SUP"',
            "assignee is EMPTY",
            "resolution is not EMPTY",
        ]
    )


def condition(chance: random.Random, depth: int = 0) -> str:
    if depth > 3 or chance.random() < 0.35:
        return clause(chance)
    kind = chance.choice(["and", "AND", "or", "OR", "not", "brackets"])
    if kind == "not":
        return f"{chance.choice(['NOT ', '!'])}({condition(chance, depth + 1)})"
    if kind == "brackets":
        return f"({condition(chance, depth + 1)})"
    return f" {kind} ".join(condition(chance, depth + 1) for _ in range(chance.randrange(2, 4)))


def found(jira: JiraSite, jql: str) -> list[str] | None:
    """The projects of what it finds; None where it is refused."""
    login = base64.b64encode(f"okrsync@example.com:{CANARY}".encode()).decode()
    body = json.dumps({"jql": jql, "maxResults": 100, "fields": ["project"]}).encode()
    headers = {"authorization": f"Basic {login}", "content-type": "application/json", "host": "jira"}
    asked = Request(method="POST", path="/rest/api/3/search/jql", query={}, headers=headers, body=body)
    answer = jira.answer(asked)
    if answer.status != 200:
        return None
    return [one["fields"]["project"]["key"] for one in json.loads(answer.body)["issues"]]


def test_nothing_is_found_elsewhere() -> None:
    jira, chance, tried, told = site(), dice("projects of a JQL"), 0, 0
    for _ in range(sweep(300, 20_000)):
        jql = condition(chance) + chance.choice(["", " ORDER BY created DESC"])
        keys, about = found(jira, jql), projects_of(jql)
        if keys is None:
            continue
        tried += 1
        if about is None:
            continue
        told += 1
        allowed = {key for key, names in NAMES.items() if {name.strip("\"'").lower() for name in names} & about}
        assert set(keys) <= allowed, jql

    assert tried > sweep(30, 2_000)
    assert told > tried // 10
