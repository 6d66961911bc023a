"""Mistakes that people make, each as an edit of a file without one. `python -m tests.mistakes.corpus` prints what is
said of each, as messages.txt has it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.mistakes.workspace import BOARDS, OKRS, PUBLISH, SECRETS, WORKER, messages, write

SALES = "- {id: sales, title: Sales, start: $0, target: $5M, value: won}"
SOLVED = "{id: solved, title: Solved, start: 60%, target: 80%, value: done / all}"
BUGS = '{id: bugs, title: Bugs, start: 60, target: 20, value: {jira: {count: "project = APP AND type = Bug"}}}'


@dataclass(frozen=True)
class Mistake:
    name: str
    files: dict[str, str | bytes]


def okrs(name: str, old: str, new: str) -> Mistake:
    assert old in OKRS, old
    return Mistake(name, {"okrs/okrs.yaml": OKRS.replace(old, new, 1)})


def worker(name: str, old: str, new: str) -> Mistake:
    assert old in WORKER, old
    return Mistake(name, {"okrsync.yaml": WORKER.replace(old, new, 1)})


WITH_BOARDS = WORKER.replace("connections:\n", BOARDS)


def publish(name: str, line: str) -> Mistake:
    """What is wrong with where a key result is published."""
    text = OKRS.replace("start: 60, target: 20,", f"start: 60, target: 20, {line},")
    return Mistake(name, {"okrs/okrs.yaml": text, "okrsync.yaml": WITH_BOARDS})


MISTAKES = [
    # -- the shape of YAML
    okrs("indentation off by one", "    title: Grow", "     title: Grow"),
    okrs("a list item dedented", "      - {id: solved", "    - {id: solved"),
    okrs("a tab for indentation", "    title: Grow", "\ttitle: Grow"),
    okrs("a comma in an unquoted title", "title: Sales", "title: Sales from 1,000 to 5,000"),
    okrs("a colon in an unquoted title", "    title: Grow", "    title: Grow: faster"),
    okrs("a # in an unquoted title", "    title: Grow", "    title: Become the #1 in Korea"),
    okrs("a colon in a JQL without quotes", '{count: "project = SUP"}', "{count: summary ~ a: b}"),
    okrs("an alias", "objectives:", "more: &a {x: 1}\nagain: *a\nobjectives:"),
    okrs("a bracket left open", '{jira: {count: "project = SUP"}}', '{jira: {count: "project = SUP"}'),
    okrs("a quote left open", '"project = SUP"', '"project = SUP'),
    okrs("a title that begins with a quote", "    title: Grow", '    title: "Big" growth'),
    okrs("a title that begins with a percent sign", "    title: Grow", "    title: %5 more"),
    okrs("a title that begins with an at sign", "    title: Grow", "    title: @home"),
    Mistake("an empty OKR file", {"okrs/okrs.yaml": ""}),
    Mistake("an OKR file of comments only", {"okrs/okrs.yaml": "# later\n"}),
    Mistake("a list at the top of an OKR file", {"okrs/okrs.yaml": "- id: x\n"}),
    Mistake("a text at the top of an OKR file", {"okrs/okrs.yaml": "hello\n"}),
    Mistake("UTF-16", {"okrs/okrs.yaml": OKRS.encode("utf-16")}),
    Mistake("CP949", {"okrs/okrs.yaml": OKRS.replace("Grow", "성장").encode("cp949")}),
    Mistake("an empty okrsync.yaml", {"okrsync.yaml": ""}),
    Mistake("a list as okrsync.yaml", {"okrsync.yaml": "- jira\n"}),
    # -- names
    okrs("title misspelt", "    title: Grow", "    tittle: Grow"),
    okrs("key_results misspelt", "key_results:", "key_result:"),
    okrs("an unknown key", "    owner: ada@acme.com", "    owner: ada@acme.com\n    colour: red"),
    okrs("a Korean id", "- id: grow", "- id: 성장"),
    okrs("a Korean metric name", "  won:", "  매출:"),
    okrs("an id with a space", "- id: grow", "- id: grow fast"),
    okrs("a number as id", "- id: grow", "- id: 1"),
    okrs("a metric's name with a dash", "  won:", "  won-deals:"),
    okrs("an unknown metric", "value: won", "value: wonn"),
    okrs("a duplicate id", "id: solved", "id: sales"),
    okrs("a key twice", "    owner: ada@acme.com", "    owner: ada@acme.com\n    owner: bea@acme.com"),
    Mistake("a copied file", {"okrs/copy.yaml": OKRS}),
    okrs("an unknown parent", "    owner: ada@acme.com", "    owner: ada@acme.com\n    parent: growth"),
    okrs("no id", "  - id: grow\n    title: Grow", "  - title: Grow"),
    okrs("no title", "title: Sales, ", ""),
    okrs("no value", ", value: won", ""),
    okrs("no target", ", target: $5M", ""),
    # -- values
    okrs("two owners as a text list", "owner: ada@acme.com", "owner: [ada@acme.com, 7]"),
    okrs("a weight in percent", ", value: won", ", value: won, weight: 50%"),
    okrs("a negative weight", ", value: won", ", value: won, weight: -1"),
    okrs("kind: stretch", "    owner: ada@acme.com", "    owner: ada@acme.com\n    kind: stretch"),
    okrs("level: department", "    owner: ada@acme.com", "    owner: ada@acme.com\n    level: department"),
    okrs("milestone: yes", "start: 60, target: 20", "milestone: yes"),
    okrs("a truth value as start", "start: 60, target: 20", "start: true, target: 20"),
    okrs("a truth value as target", "target: 20", "target: true"),
    okrs("target equals start", "target: 20", "target: 60"),
    okrs("a target in hours on money", "target: $5M", "target: 5h"),
    okrs("two currencies", "target: $5M", "target: EUR 5M"),
    okrs("m for millions", "target: $5M", "target: $5m"),
    okrs("won before the number", "start: $0, target: $5M", "start: ₩0, target: 5억원"),
    okrs("0원", "start: $0, target: $5M", "start: 0원, target: 100000원"),
    okrs("1억원", "target: $5M", "target: 1억원"),
    okrs("1억", "start: 60, target: 20", "start: 1억, target: 3.5천만"),
    okrs("a decimal comma", "start: 60%, target: 80%", 'start: "12,5%", target: "80%"'),
    okrs("a European number", "start: 60, target: 20", "start: 1.234.567, target: 2.000.000"),
    okrs("a space in a number", "start: 60, target: 20", "start: 1 000, target: 20"),
    okrs("a number as value", "value: won", "value: 12"),
    okrs("a word as target", "target: 20", "target: soon"),
    okrs("percent on one side only", "target: 80%", "target: 90"),
    okrs("unit: percent", ", value: won", ", value: won, unit: percent"),
    okrs("unit: Hours", "unit: USD", "unit: Hours"),
    okrs("unit: dollars", "unit: USD", "unit: dollars"),
    okrs("a formula with a mistake", "value: done / all", "value: done / / all"),
    okrs("a formula with a function that is not", "value: done / all", "value: average(done, all)"),
    okrs("a formula with a comparison", "value: done / all", "value: done > all"),
    # -- cycles and days
    okrs("cycle 2026-Q5", "2026-Q4", "2026-Q5"),
    okrs("cycle Q4 2026", "2026-Q4", "Q4 2026"),
    okrs("cycle FY26", "2026-Q4", "FY26"),
    okrs("a year as a number", "cycle: 2026-Q4", "cycle: 2026"),
    okrs("no cycle", "cycle: 2026-Q4\n", ""),
    okrs("a cycle that ends before it begins", "cycle: 2026-Q4", "cycle: {name: x, start: 2026-12-31, end: 2026-10-01}"),
    okrs("a day in another form", "cycle: 2026-Q4", "cycle: {name: x, start: 01.10.2026, end: 2026-12-31}"),
    okrs("a phase in another form", ", value: won", ", value: won, phases: {31/10/2026: 20%}"),
    # -- queries
    okrs("a tool's query key misspelt", '{jira: {count: "project = SUP"}}', '{jira: {cuont: "project = SUP"}}'),
    okrs("percent_don", '{jira: {count: "project = SUP"}}', '{jira: {percent_don: "project = SUP"}}'),
    okrs("a wrong option of a query", '{count: "project = SUP"}', '{count: "project = SUP", byy: points}'),
    okrs("SOQL as a bare text", '{salesforce: "SELECT SUM(Amount) FROM Opportunity WHERE IsWon = true", unit: USD}',
         "SELECT SUM(Amount) FROM Opportunity"),
    okrs("an unknown connector", "{jira: {count", "{jria: {count"),
    okrs("an unknown connection", '{jira: {count: "project = SUP"}}', '{jira: {count: "project = SUP"}, connection: eu-jira}'),
    okrs("a JQL with nothing in it", '{count: "project = SUP"}', '{count: ""}'),
    okrs("SOQL without an aggregate", "SELECT SUM(Amount) FROM", "SELECT Amount FROM"),
    okrs("an unknown placeholder", "IsWon = true", "CloseDate >= {cycle.begin}"),
    okrs("doubled braces", "IsWon = true", "CloseDate >= {{cycle.start}}"),
    okrs("a shell's braces", "IsWon = true", "CloseDate >= ${cycle.start}"),
    okrs("a quoted placeholder in JQL", "project = SUP", "created >= '{cycle.start}'"),
    okrs("an unclosed placeholder", "IsWon = true", "CloseDate >= {cycle.start"),
    okrs("two tools in one query", '{jira: {count: "project = SUP"}}', '{jira: {count: "project = SUP"}, graph: {count: users}}'),
    # -- destinations
    publish("a destination as a text", "publish: board"),
    publish("a destination without a tool", "publish: {connection: board}"),
    publish("a tool that can't be published to", PUBLISH.replace("memory:", "sql:")),
    publish("an unknown tool to publish to", PUBLISH.replace("memory:", "memry:")),
    publish("a connection that is not to be published to", PUBLISH.replace("board", "shelf")),
    publish("an unknown connection to publish to", PUBLISH.replace("board", "bored")),
    publish("a destination without fields", "publish: {memory: {name: a}, connection: board}"),
    publish("a destination with no field", PUBLISH.replace("{f: value}", "{}")),
    publish("an unknown fact", PUBLISH.replace("value", "valeu")),
    publish("an unknown form of a fact", PUBLISH.replace("value", "value:percent")),
    publish("on_conflict: ask", PUBLISH.replace("connection:", "on_conflict: ask, connection:")),
    publish("a status that is none", PUBLISH.replace("connection:", "statuses: {green: 1}, connection:")),
    publish("one field for two", f"publish: [{PUBLISH[9:]}, {PUBLISH[9:]}]"),
    Mistake("a fact that an objective lacks", {
        "okrs/okrs.yaml": OKRS.replace("    owner: ada@acme.com", f"    {PUBLISH.replace('value', 'note')}"),
        "okrsync.yaml": WITH_BOARDS,
    }),
    Mistake("publish: yes please", {"okrsync.yaml": WITH_BOARDS.replace("publish: true", "publish: please")}),
    worker("publish at a tool that can't be", '{type: sql, url: "${DB_URL}"}', '{type: sql, url: "${DB_URL}", publish: true}'),
    # -- okrsync.yaml
    worker("a misspelt option", "email:", "emial:"),
    worker("an option of another tool", "tenant: contoso", "tenant: contoso, board: 3"),
    worker("a wrong type", "{type: sql,", "{type: sqll,"),
    worker("type: null", "{type: sql,", "{type: null,"),
    worker("an address without https", "https://acme.atlassian.net", "acme.atlassian.net"),
    worker("a secret in the file", '"${JIRA_TOKEN}"', "hunter2"),
    worker("half a secret", '"${JIRA_TOKEN}"', '"hunter2${JIRA_TOKEN}"'),
    worker("a variable that is not set", "${JIRA_TOKEN}", "${JIRA_TOKN}"),
    worker("a time zone that is none", "time_zone: UTC", "time_zone: Seoul"),
    worker("a language that is none", "time_zone: UTC", "time_zone: UTC\nlanguage: deutsch"),
    worker("a misspelt setting", "store:", "stoer:"),
    worker("a store that is not an address", "sqlite:///okrsync.sqlite", "okrsync.sqlite"),
    worker("connections as a list", WORKER[WORKER.index("connections:"):WORKER.index("store:")], "connections:\n  - jira\n"),
    worker("a connection without options", '{type: sql, url: "${DB_URL}"}', ""),
    worker("a missing option", ", email: okrs@acme.com", ""),
    worker("a timeout as a text", "email: okrs@acme.com", "email: okrs@acme.com, timeout: soon"),
    worker("a deadline of zero", "store:", "deadline: 0\nstore:"),
]  # fmt: skip


def said(folder: Path, mistake: Mistake) -> str:
    """What is said of it, as messages.txt has it. The secrets' variables are set by the caller."""
    write(folder, mistake.files)
    return "\n".join([f"## {mistake.name}", *(messages(folder) or ["(nothing is said)"])])


def main() -> None:
    os.environ |= SECRETS
    made = []
    for mistake in MISTAKES:
        with tempfile.TemporaryDirectory() as folder:
            made.append(said(Path(folder), mistake))
    print("\n\n".join(made))


if __name__ == "__main__":
    main()
