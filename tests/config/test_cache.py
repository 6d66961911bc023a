"""What is kept of OKR files equals what is read of them, and is used for nothing else."""

from __future__ import annotations

import os
import re
import shutil
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from config import cache
from config import load as loading
from config.compiled import Reader, Writer
from config.load import Workspace, load
from config.problems import ConfigError
from config.queries import Metric
from connectors import registry
from tests.sweep import dice, sweep

CONNECTORS = Path(__file__).parents[2] / "connectors"
SECRET = "a-secret-that-is-kept-nowhere"
WORKER = """
connections:
  jira: {url: "https://acme.atlassian.net", email: ada@example.com, token: "${JIRA_TOKEN}"}
  eu: {type: jira, url: "https://eu.atlassian.net", email: ada@example.com, token: "${JIRA_TOKEN}"}
  crm: {type: salesforce, url: "https://acme.my.salesforce.com", client_id: x, client_secret: "${JIRA_TOKEN}"}
  graph: {tenant: contoso, client_id: x, client_secret: "${JIRA_TOKEN}"}
"""
QUERIES = (
    '{{jira: {{count: "project = A AND labels = l{n}"}}, connection: eu}}',
    '{{jira: {{percent_done: "parent = A-{n}"}}, connection: jira}}',
    '{{salesforce: "SELECT SUM(Amount) FROM Opportunity WHERE CloseDate >= {{cycle.start}} AND N > {n}", unit: USD}}',
    "{{graph: {{excel: {{drive: b!x, item: 01A, range: KPIs!B{m}}}}}, default: 0}}",
    "{{graph: {{list: {{site: s, list: Uptime, latest: Availability}}}}, unit: ratio}}",
    "{{manual: {{2026-10-01: {n}, 2026-11-02: 1.50}}}}",
)
MEASURES = (
    "start: 0, target: {n}1.0", "stay_above: {n}.50", "stay_below: 3, risk: 4", "within: [1, {m}2]", "baseline: true",
    "milestone: true", "start: first, target: 100", "percent_complete: true", "start: 1, target: 9, unit: hours",
    "start: 1, target: {n}000, rate: month, phases: {{2026-10-31: 20%}}", "start: 0, target: m{k} + 1",
)  # fmt: skip
BESIDE = (
    "", ", weight: 2.50", ", owner: [ada@x.com, bob@x.com], tags: [a], links: [https://x.com/a]", ", settle: 3",
    ", guards: {leap: 30%, zero: false}", ", cycle: {name: Own, start: 2026-11-01, end: 2026-11-30}", ", was: old-{n}",
    ", check_in: weekly, description: 'Größe und 크기'", ", cancelled: no more",
    ", tests: [{given: {a: 1}, at: 2026-11-01, expect: {value: 1.0}}]",
)  # fmt: skip


@pytest.fixture(autouse=True)
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cache, "LEAST_BYTES", 0)
    monkeypatch.setenv("OKRSYNC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("JIRA_TOKEN", SECRET)
    return tmp_path / "cache"


def write(folder: Path, files: int = 2, each: int = 4, chance: Any = None) -> Path:
    measures = MEASURES if chance else MEASURES[:1]
    chance = chance or dice("cache")
    (folder / "okrs").mkdir(parents=True, exist_ok=True)
    (folder / "okrsync.yaml").write_text(WORKER)
    number = 0
    for file in range(files):
        lines = ["cycle: 2026-Q4", "guards: {plausible: false}", "metrics:"]
        lines += [f"  m{file}x{k}: {chance.choice(QUERIES).format(n=k, m=k + 1)}" for k in range(3)]
        lines += ["objectives:", f"  - id: o{file}", f"    title: Objective {file}", "    owner: ada@x.com"]
        lines += ["    parent: o0"] if file else []
        lines += ["    key_results:"]
        for _ in range(each):
            number += 1
            formula = chance.choice(("m{f}x0", "m{f}x1 / (m{f}x2 + 1)", '"max(m{f}x0, m{f}x1)"'))
            value = chance.choice((formula.format(f=file), chance.choice(QUERIES).format(n=number, m=number)))
            measure = chance.choice(measures).format(n=number, m=number, k=f"{file}x0")
            beside = chance.choice(BESIDE if "phases" not in measure else ("",)).replace("{n}", str(number))
            lines.append(f"      - {{id: kr{number}, title: Key result {number}, {measure}{beside}, value: {value}}}")
        (folder / "okrs" / f"{file}.yaml").write_text("\n".join(lines) + "\n")
    return folder


def without(folder: Path) -> Workspace | str:
    """As it is without a cache."""
    before, os.environ["OKRSYNC_CACHE"] = os.environ["OKRSYNC_CACHE"], "off"
    try:
        return load(folder)
    except ConfigError as error:
        return str(error)
    finally:
        os.environ["OKRSYNC_CACHE"] = before


def test_what_is_kept_equals_what_is_read(tmp_path: Path) -> None:
    chance, kept = dice("kept"), 0
    for round_ in range(sweep(30, 3_000)):
        folder = write(tmp_path / f"w{round_}", chance.randint(1, 3), chance.randint(1, 6), chance)
        plain = without(folder)
        if isinstance(plain, str):
            with pytest.raises(ConfigError) as told:
                load(folder)
            assert str(told.value) == plain
            continue
        kept += 1
        assert load(folder) == plain, "the first time"
        again = load(folder)
        assert again == plain
        # Equal numbers may be written in two ways, and people see how.
        assert repr(again.objectives) == repr(plain.objectives)
        assert repr(sorted(again.bindings.items())) == repr(sorted(plain.bindings.items()))
        for name, one in again.bindings.items():
            assert one.meaning == plain.bindings[name].meaning
            assert [hash(used.query) for used in one.metrics.values()] == [
                hash(used.query) for used in plain.bindings[name].metrics.values()
            ]
    assert kept > 5


def test_the_second_time_no_okr_file_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "w")
    load(folder)
    parsed: list[Path] = []
    read = loading.read
    monkeypatch.setattr(loading, "read", lambda file, inside: parsed.append(file) or read(file, inside))

    load(folder)

    assert parsed == [folder / "okrsync.yaml"]


def test_whatever_changes_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "w", each=40)
    load(folder)
    file = folder / "okrs" / "0.yaml"

    file.write_text(file.read_text().replace("title: Objective 0", "title: Another"))
    assert load(folder).objectives[0].title == "Another"

    monkeypatch.setenv("OKRSYNC_FISCAL_YEAR_START", "4")
    assert load(folder) == without(folder)
    monkeypatch.delenv("OKRSYNC_FISCAL_YEAR_START")

    file.rename(folder / "okrs" / "9.yaml")
    assert load(folder) == without(folder)

    worker = folder / "okrsync.yaml"
    worker.write_text(worker.read_text().replace("  eu: {type: jira,", "  us: {type: jira,"))
    with pytest.raises(ConfigError) as told:
        load(folder)
    assert str(told.value) == without(folder)


def test_what_is_wrong_is_told_at_its_line_whatever_is_kept(tmp_path: Path) -> None:
    folder = write(tmp_path / "w")
    load(folder)
    file = folder / "okrs" / "1.yaml"
    file.write_text(file.read_text().replace("parent: o0", "parent: nobody"))

    for _ in range(2):
        with pytest.raises(ConfigError, match=r"1\.yaml:11: there is no objective 'nobody'"):
            load(folder)


def test_another_version_reads_the_files(tmp_path: Path, kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path / "w")
    load(folder)
    before = next(kept_in.glob("*.json")).read_text().splitlines()[0]
    monkeypatch.setattr(cache, "_version", lambda: ["another"])

    load(folder)

    assert next(kept_in.glob("*.json")).read_text().splitlines()[0] != before


def test_a_broken_or_foreign_file_is_ignored_and_written_anew(tmp_path: Path, kept_in: Path) -> None:
    folder = write(tmp_path / "w")
    plain = load(folder)
    file = next(kept_in.glob("*.json"))
    whole, chance = file.read_bytes(), dice("broken")
    spoilt = [b"", b"\0\xff", whole[: len(whole) // 2], whole[:-3], whole + b"[]\n", b"[]\n" + whole, b"{}\n[[5]]\n"]
    for _ in range(sweep(40, 4_000)):
        at = chance.randrange(len(whole))
        spoilt.append(whole[:at] + bytes([chance.randrange(256)]) + whole[at + 1 :])
    head = whole.splitlines()[0]
    spoilt += [head + b"\n" + line + b"\nend x\n" for line in (b"[" * 100_000, b'[["q","jira","Nobody"]]', b'[["o"]]')]
    for content in spoilt:
        file.write_bytes(content)
        assert load(folder) == plain
    assert file.read_bytes() == whole

    file.chmod(0o666)
    file.write_bytes(whole.replace(b"Key result 1", b"Key result X"))
    assert load(folder) == plain, "anybody could have written it"


def test_it_is_for_its_owner_alone_and_holds_no_secret(tmp_path: Path, kept_in: Path) -> None:
    load(write(tmp_path / "w"))

    (file,) = kept_in.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept_in.stat().st_mode) == 0o700
    assert SECRET not in file.read_text()


@pytest.mark.parametrize("place", ["off", "", "/proc/nowhere", "file"])
def test_where_nothing_can_be_kept_all_goes_on_without(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("OKRSYNC_CACHE", str(tmp_path / "file") if place == "file" else place)
    folder = write(tmp_path / "w")

    assert load(folder) == load(folder)


def test_few_key_results_are_read_from_their_files(
    tmp_path: Path, kept_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("OKRSYNC_CACHE", str(kept_in))
    monkeypatch.setenv("JIRA_TOKEN", SECRET)

    load(write(tmp_path / "w"))

    assert not kept_in.exists()


def test_two_at_once_disturb_nobody(tmp_path: Path) -> None:
    folder = write(tmp_path / "w", 2, 20)
    plain, found = without(folder), []

    def read() -> None:
        found.extend(load(folder) == plain for _ in range(5))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [True] * 20


def test_a_link_to_outside_is_refused_as_ever(tmp_path: Path) -> None:
    folder = write(tmp_path / "w")
    load(folder)
    file = folder / "okrs" / "0.yaml"
    shutil.move(file, tmp_path / "outside.yaml")
    file.symlink_to(tmp_path / "outside.yaml")

    with pytest.raises(ConfigError, match="outside of its folder"):
        load(folder)


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_every_query_of_a_connectors_page_can_be_kept(name: str, tmp_path: Path) -> None:
    text = (CONNECTORS / name / "README.md").read_text()
    written = [line.removeprefix("value: ") for line in re.findall(r"^value: .*$", text, re.MULTILINE)]
    queries = [TypeAdapter(registry.spec(name).queries).validate_python(yaml.safe_load(one)[name]) for one in written]
    metrics = tuple(
        Metric(connection="c", query=query, unit=None, file=tmp_path / "x", line=number)
        for number, query in enumerate(queries)
    )
    assert metrics
    lines: list[str] = []

    Writer(lines.append, tmp_path, {"c": name}).values(*metrics)

    reader = Reader(tmp_path)
    for line in lines:
        reader.line(line)
    assert reader.values() == metrics
    assert [one.query.model_fields_set for one in reader.values()] == [one.model_fields_set for one in queries]
