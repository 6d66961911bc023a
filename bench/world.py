"""A world to measure in: records for the sandbox, and as many key results as are asked for."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from openpyxl import Workbook

DEALS, ISSUES, CELLS = 2000, 2000, 700
LIST = "site: s, list: Numbers"
DRIVE, BOOK = "drive", "book"


def write_data(folder: Path) -> None:
    """Deals, issues and a workbook, in the layout that `okrsync sandbox --data` loads."""
    (folder / "salesforce").mkdir(parents=True)
    with (folder / "salesforce" / "Opportunity.csv").open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Id", "Amount", "IsWon", "CloseDate"])
        for n in range(DEALS):
            writer.writerow([f"006{n}", f"{n * 37 % 9000}.25", str(n % 3 == 0).lower(), f"2026-10-{n % 28 + 1:02d}"])
    (folder / "jira").mkdir()
    with (folder / "jira" / "issues.jsonl").open("w") as out:
        for n in range(ISSUES):
            done = n % 2 == 0
            category = {"key": "done" if done else "new", "name": "Done" if done else "To Do"}
            fields = {
                "project": {"id": "1", "key": "SUP", "name": "Support"},
                "status": {"id": str(int(done)), "name": category["name"], "statusCategory": category},
                "created": f"2026-10-{n % 28 + 1:02d}T08:00:00.000+0000",
                "labels": [f"l{n % 400}"],
            }
            out.write(json.dumps({"id": str(n), "key": f"SUP-{n}", "fields": fields}) + "\n")
    (folder / "graph" / "workbooks" / DRIVE).mkdir(parents=True)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "KPIs"
    for n in range(1, CELLS + 1):
        sheet.cell(row=n, column=2, value=n)
    book.save(folder / "graph" / "workbooks" / DRIVE / f"{BOOK}.xlsx")
    (folder / "graph" / "lists" / "s").mkdir(parents=True)
    amounts = "\n".join(str(n * 3) for n in range(100))
    (folder / "graph" / "lists" / "s" / "Numbers.csv").write_text(f"Amount\n{amounts}\n")


def soql(n: int) -> str:
    return f"SELECT SUM(Amount) FROM Opportunity WHERE IsWon = true AND Amount > {n}"


def jql(n: int) -> str:
    return f"project = SUP AND labels = l{n % 400}"


def cell(n: int) -> str:
    return f"B{n + 1}"


def listed(n: int) -> str:
    return f"fields/Amount gt {n}"


def _write_worker(folder: Path) -> None:
    (folder / "okrs").mkdir(parents=True)
    (folder / "okrsync.yaml").write_text(
        "connections:\n"
        '  salesforce: {url: "${SALESFORCE_URL}", client_id: okrsync, client_secret: "${SALESFORCE_CLIENT_SECRET}"}\n'
        '  jira: {url: "${JIRA_URL}", email: okrsync@example.com, token: "${JIRA_TOKEN}"}\n'
        '  graph: {tenant: contoso, client_id: okrsync, client_secret: "${GRAPH_CLIENT_SECRET}", '
        'url: "${GRAPH_URL}", login_url: "${GRAPH_URL}"}\n'
    )


def write_shared(folder: Path, count: int, distinct: int) -> None:
    """`count` key results on each tool, over `distinct` different queries of it."""
    _write_worker(folder)
    lines = ["cycle: 2026-Q4", "guards: {plausible: false}", "objectives:"]
    for tool in ("salesforce", "jira", "graph"):
        for n in range(count):
            query = {
                "salesforce": f'{{salesforce: "{soql(n % distinct)}", unit: number}}',
                "jira": f'{{jira: {{count: "{jql(n % distinct)}"}}}}',
                "graph": f'{{graph: {{list: {{{LIST}, count: true, filter: "{listed(n % distinct)}"}}}}}}',
            }[tool]
            if n % 5 == 0:
                lines += [f"  - id: {tool}-o{n}", f"    title: Objective {n}", "    key_results:"]
            lines.append(f"      - {{id: {tool}-{n}, title: Key result {n}, start: 0, target: 100, value: {query}}}")
    (folder / "okrs" / "all.yaml").write_text("\n".join(lines) + "\n")


def write_okrs(folder: Path, count: int) -> None:
    """`count` key results, a third on each tool, all of different queries."""
    _write_worker(folder)
    lines = ["cycle: 2026-Q4", "guards: {plausible: false}", "objectives:"]
    for n in range(count):
        tool, index = n % 3, n // 3
        query = (
            f'{{salesforce: "{soql(index)}", unit: number}}',
            f'{{jira: {{count: "{jql(index)}"}}}}',
            f"{{graph: {{excel: {{drive: {DRIVE}, item: {BOOK}, range: KPIs!{cell(index)}}}}}}}",
        )[tool]
        if n % 5 == 0:
            lines += [f"  - id: o{n}", f"    title: Objective {n}", "    key_results:"]
        lines.append(f"      - {{id: kr{n}, title: Key result {n}, start: 0, target: 100, value: {query}}}")
    (folder / "okrs" / "all.yaml").write_text("\n".join(lines) + "\n")
