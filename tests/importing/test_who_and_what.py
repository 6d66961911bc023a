"""Owners, teams, tags, descriptions and links: kept from an export to the OKR file, `show --json` and `export`."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from config.load import load
from importing.standing import several
from tests.cli.test_commands import Ran
from tests.importing.made import export, outcome, row

NOW = datetime(2024, 2, 20, 9, 30, tzinfo=UTC)
OWNERS = [{"ID": 5, "Name": "Ada"}, {"ID": 6, "Name": "Bea"}]
ABOUT: dict[str, Any] = {
    "owner": "ada@contoso.com",
    "owners": ["ada@contoso.com", "Bea"],
    "check_in_owner": "Cem",
    "teams": ["Sales", "EMEA"],
    "tags": ["growth"],
    "description": "Why we do it: it pays",
    "links": [],
}
SAID = {
    "Owner": OWNERS,
    "Check-in Owner": [{"Name": "Cem"}],
    "Teams": [{"Name": "Sales"}, {"Name": "EMEA"}],
    "Tags": [{"Tag Name": "Committed"}, {"Tag Name": "growth"}],
    "Description": "Why we do it:\nit pays",
}
HEADER = "id,parent,type,title,owner,check_in_owner,teams,tags,description,links,cycle,cycle_start,cycle_end,start,target,current,date\n"


@pytest.fixture
def okrsync(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run(["-c", str(tmp_path / "acme"), *arguments], clock=lambda: NOW)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


def test_viva_goals_fields_are_kept_to_the_end(tmp_path: Path, okrsync: Any) -> None:
    rows = [
        row(1, "Big rock", Title="Grow", **SAID),
        row(2, parent=1, Title="Sales", Progress=500, **SAID),
        row(3, "Project", parent=1, Title="Fair", Outcome=outcome("Complete"), Progress="25.0%", **SAID),
    ]
    assert okrsync("init", str(tmp_path / "acme"), "--from-viva-goals", str(export(tmp_path, rows))).code == 0
    (objective,) = okrsync("show", "--json").json["objectives"]

    for one in (objective, objective["key_results"][0], objective["initiatives"][0]):
        assert {name: one[name] for name in ABOUT} == ABOUT
    assert okrsync("show", "--owner", "bea", "--json").json["objectives"][0]["id"] == objective["id"]
    assert okrsync("show", "--owner", "cem", "--json").json["objectives"] == []
    lines = [json.loads(line) for line in okrsync("export", "--format", "jsonl").out.splitlines()]
    (sales,) = {line["title"]: line for line in lines if line["title"] == "Sales"}.values()
    assert {name: sales[name] for name in ABOUT if name != "owner"} == {k: v for k, v in ABOUT.items() if k != "owner"}
    cells = next(one for one in csv.DictReader(io.StringIO(okrsync("export").out)) if one["title"] == "Sales")
    assert (cells["objective"], cells["owners"], cells["teams"]) == (
        objective["id"],
        "ada@contoso.com; Bea",
        "Sales; EMEA",
    )


def test_an_export_tells_what_the_file_said_last(tmp_path: Path, okrsync: Any) -> None:
    export(tmp_path, [row(1, "Big rock", Title="Grow"), row(2, parent=1, Title="Sales", Progress=500, **SAID)])
    okrsync("init", str(tmp_path / "acme"), "--from-viva-goals", str(tmp_path / "export.zip"))
    okrsync("sync")
    (file,) = (tmp_path / "acme" / "okrs").glob("*.yaml")
    file.write_text("cycle: 2024-Q1\nobjectives: []\n")

    lines = [json.loads(line) for line in okrsync("export", "--format", "jsonl").out.splitlines()]

    assert {name: lines[0][name] for name in ABOUT if name != "owner"} == {
        k: v for k, v in ABOUT.items() if k != "owner"
    }


def test_a_plain_csv_has_the_same_fields_and_a_period_of_its_own(tmp_path: Path, okrsync: Any) -> None:
    text = (
        f"{HEADER}o,,objective,Grow,ada@x.com;bea@x.com,,,,,,2024-Q1,,,,,,\n"
        'kr,o,key result,Sales,"Lovelace, Ada",bea@x.com,"Sales, EMEA",growth; web,Why,https://x.com/1 https://x.com/2,'
        "February,2024-02-01,2024-02-29,0,10,4,2024-02-10\n"
    )
    (tmp_path / "okrs.csv").write_text(text)
    assert okrsync("init", str(tmp_path / "acme"), "--from-csv", str(tmp_path / "okrs.csv")).code == 0

    workspace = load(tmp_path / "acme")
    (grow,) = workspace.objectives
    sales = workspace.bindings["kr"].key_result

    assert grow.about.owners == ("ada@x.com", "bea@x.com")
    assert (sales.about.owners, sales.about.check_in_owner) == (("Lovelace, Ada",), "bea@x.com")
    assert (sales.about.teams, sales.about.tags) == (("Sales", "EMEA"), ("growth", "web"))
    assert [link.url for link in sales.about.links] == ["https://x.com/1", "https://x.com/2"]
    assert (sales.period.name, sales.period.start.day, grow.period.name) == ("February", 1, "2024-Q1")
    assert okrsync("show", "--json").json["objectives"][0]["key_results"][0]["cycle"] == "February"


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("ada@x.com, bea@x.com", ("ada@x.com", "bea@x.com")),
        ("Lovelace, Ada; Hopper, Grace", ("Lovelace, Ada", "Hopper, Grace")),
        ("ada;ada;", ("ada",)),
        ("", ()),
        (None, ()),
    ],
)
def test_several_people_in_one_cell(cell: str | None, names: tuple[str, ...]) -> None:
    assert several(cell) == names
