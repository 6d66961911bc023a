"""Lays real data out as the sandbox loads it. `python -m tests.real.prepare DATA FOLDER` does it by hand."""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path

from openpyxl import Workbook

DATA = Path(__file__).parent.parent.parent.parent / "shared" / "data"


def prepare(data: Path, folder: Path) -> None:
    (folder / "salesforce").mkdir(parents=True)
    (folder / "jira").mkdir()
    _opportunities(data / "crm" / "sales_pipeline.csv", folder / "salesforce" / "Opportunity.csv")
    _accounts(data / "crm" / "accounts.csv", folder / "salesforce" / "Account.csv")
    shutil.copyfile(data / "jira" / "issues.jsonl.gz", folder / "jira" / "issues.jsonl.gz")
    _lists(data / "crm", folder / "graph" / "lists" / "sales")
    _workbook(data / "crm" / "products.csv", folder / "graph" / "workbooks" / "drive" / "products.xlsx")


def _opportunities(source: Path, target: Path) -> None:
    header = [
        "Id",
        "Owner_Name__c",
        "Product__c",
        "Account_Name__c",
        "StageName",
        "Engage_Date__c",
        "CloseDate",
        "Amount",
        "IsWon",
        "IsClosed",
    ]
    with source.open(newline="") as lines, target.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        for row in csv.DictReader(lines):
            stage = row["deal_stage"]
            writer.writerow(
                [
                    row["opportunity_id"],
                    row["sales_agent"],
                    row["product"],
                    row["account"],
                    stage,
                    row["engage_date"],
                    row["close_date"],
                    row["close_value"],
                    str(stage == "Won").lower(),
                    str(stage in ("Won", "Lost")).lower(),
                ]
            )


def _accounts(source: Path, target: Path) -> None:
    with source.open(newline="") as lines, target.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Id", "Name", "Industry", "Year__c", "Revenue__c", "NumberOfEmployees"])
        for number, row in enumerate(csv.DictReader(lines)):
            writer.writerow(
                [
                    f"001{number:06d}",
                    row["account"],
                    row["sector"],
                    row["year_established"],
                    row["revenue"],
                    row["employees"],
                ]
            )


def _lists(crm: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copyfile(crm / "sales_teams.csv", folder / "Teams.csv")
    with (crm / "products.csv").open(newline="") as lines, (folder / "Products.csv").open("w", newline="") as out:
        rows = list(csv.DictReader(lines))
        writer = csv.DictWriter(out, [*rows[0], "Created"])
        writer.writeheader()
        for number, row in enumerate(rows):
            writer.writerow({**row, "Created": f"2017-01-{number + 1:02d}T00:00:00Z"})


def _workbook(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Products"
    with source.open(newline="") as lines:
        for row in csv.reader(lines):
            sheet.append([int(text) if text.isdigit() else text for text in row])
    book.save(target)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
