"""What the operator writes, right and wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.load import Workspace, load
from config.problems import ConfigError
from config.schema import json_schema
from config.suggest import did_you_mean
from config.yaml_source import parse
from mapping.model import Role, StayAbove, Toward
from mapping.quantity import Quantity
from mapping.units import DURATION, PERCENT, money

WORKER = "connections:\n  memory: {values: {a: 1, b: 2}}\n"
HEAD = "cycle: 2026-Q4\nmetrics:\n  won: {memory: a, unit: USD}\n  lost: {memory: b}\n"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OKRSYNC_STORE", "OKRSYNC_OKRS", "OKRSYNC_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def write(folder: Path, okrs: str, worker: str = WORKER) -> Path:
    (folder / "okrs").mkdir(exist_ok=True)
    (folder / "okrsync.yaml").write_text(worker)
    (folder / "okrs" / "a.yaml").write_text(okrs)
    return folder


def objective(*key_results: str) -> str:
    lines = "".join(f"      - {key_result}\n" for key_result in key_results)
    return f"{HEAD}objectives:\n  - id: o\n    title: O\n    key_results:\n{lines}"


def problems(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in raised.value.problems]


def key_result(workspace: Workspace, name: str) -> object:
    return workspace.bindings[name].key_result.measure


def test_a_whole_file(tmp_path: Path) -> None:
    workspace = load(
        write(
            tmp_path,
            objective(
                "{id: sales, title: Sales, start: 12000000, target: 15000000, unit: USD, value: won, weight: 2}",
                "{id: ratio, title: Ratio, start: 80%, target: 90%, value: lost / won}",
                "{id: time, title: Time, start: 2m37s, target: 3m45s, value: {memory: a, unit: seconds}}",
                "{id: work, title: Work, start: 3, target: 1, unit: hours, value: {memory: a, unit: hours}}",
                "{id: up, title: Up, stay_above: 99.5%, risk: 99%, value: {memory: b}}",
            )
            + "    initiatives:\n      - {title: Do the work!, value: {memory: b}}\n      - {title: No source}\n"
            + "kpis:\n  - {id: kpi, title: KPI, stay_above: 5, value: lost}\n",
        )
    )

    usd = money("USD")
    assert key_result(workspace, "sales") == Toward(
        start=Quantity(Decimal(12000000), usd), target=Quantity(Decimal(15000000), usd)
    )
    assert key_result(workspace, "work") == Toward(
        start=Quantity(Decimal(10800), DURATION), target=Quantity(Decimal(3600), DURATION)
    )
    assert key_result(workspace, "up") == StayAbove(
        threshold=Quantity(Decimal("0.995"), PERCENT), risk=Quantity(Decimal("0.99"), PERCENT)
    )
    assert workspace.bindings["sales"].key_result.weight == 2
    assert workspace.bindings["ratio"].key_result.formula.names == {"lost", "won"}
    assert workspace.bindings["o.do-the-work"].key_result.role is Role.INITIATIVE
    assert [kpi.id for kpi in workspace.kpis] == ["kpi"]
    assert workspace.objectives[0].period.end == date(2026, 12, 31)
    assert workspace.store == f"sqlite:///{tmp_path}/okrsync.sqlite"


GOOD = "{id: a, title: A, start: 1, target: 2, value: won}"
BAD = [
    ("{id: a, title: A, start: 1, taget: 2, value: won}", "9: 'taget' is not known here. Did you mean 'target'?"),
    ("{id: a, title: A, start: 1, target: 2}", "9: 'value' is missing"),
    ("{id: a, title: A, start: 1, target: 2, value: wonn}", "9: there is no metric 'wonn'. Did you mean 'won'?"),
    ("{id: a, title: A, start: 1, target: 2, value: won +}", "9: 'won +' can't be read as a formula"),
    ("{id: a, title: A, start: 1, target: 2, value: 5}", "9: '5' is only a number"),
    ("{id: a, title: A, start: true, target: 2, value: won}", "9: start can't be true. Write a value, such as 12, 80%"),
    ("{id: a, title: A, within: [false, 2], value: won}", "9: within can't be false. Write a value"),
    ("{id: a, title: A, start: 1, target: true, value: won}", "9: a: true is not a value"),
    ("{id: a, title: A, start: 1, target: 2, weight: true, value: won}", "9: weight must be a number, not true"),
    ("{id: a, title: A, start: 1, target: 2, settle: true, value: won}", "9: settle must be a number, not true"),
    ("{id: a, title: A, start: 2, target: 2, value: won}", "9: a: start and target are the same"),
    (
        "{id: a, title: A, start: 80%, target: 2m, value: won}",
        "9: a: '2m' is a duration, but it must be a percentage",
    ),
    ("{id: a, title: A, start: soon, target: 2, value: won}", "9: a: 'soon' is not a value: write a number"),
    ("{id: a, title: A, start: 1, value: won}", "9: a: it has only a start or only a target"),
    ("{id: a, title: A, value: won}", "9: a: write one of start and target, stay_above, stay_below, within"),
    ("{id: a, title: A, stay_above: 1, stay_below: 2, value: won}", "9: a: write one of"),
    ("{id: a, title: A, stay_above: 1, risk: 2, value: won}", "9: a: risk must be below stay_above"),
    ("{id: a, title: A, start: 1, target: 2, unit: apples, value: won}", "9: a: 'apples' is not a unit"),
    (
        "{id: a, title: A, start: 1, target: 2, weight: -1, value: won}",
        "9: weight is -1, but it must be 0 or more",
    ),
    ("{id: a b, title: A, start: 1, target: 2, value: won}", "9: 'a b' can't be an id"),
    ("{id: a, title: A, start: 1, target: 2, value: {jirra: x}}", "9: there is no tool called 'jirra'"),
    ("{id: a, title: A, start: 1, target: 2, value: {jira: {count: x}}}", "9: there is no jira connection. Add one"),
    (
        "{id: a, title: A, start: 1, target: 2, value: {memory: a, connection: mem}}",
        "there is no memory connection 'mem'",
    ),
    (
        "{id: a, title: A, start: 1, target: 2, value: {memory: {nam: a}}}",
        "'nam' is not known here. Did you mean 'name'?",
    ),
    (
        "{id: a, title: A, start: 1, target: 2, value: {memory: 'x {cycle.begin}'}}",
        "{cycle.begin} is not a date. Write {cycle.start}",
    ),
    ("{id: a, title: A, start: 1, target: 2, value: {unit: USD}}", "9: a query must name exactly one tool"),
    ("{id: a, id: b, title: A, start: 1, target: 2, value: won}", "9: the key 'id' is written twice"),
    ("{id: a, title: A, start: 1, target: 2, value: won", "is not closed"),
    ("{id: a, title: A, within: [5, 5], value: won}", "9: a: a band goes from the lower to the higher value"),
    ("{id: a, title: A, within: [5], value: won}", "9: within needs two values: value 2 is missing"),
    (
        "{id: a, title: A, start: 1, target: 2, risk: 1, value: won}",
        "9: a: risk works only with stay_above, stay_below or",
    ),
    ("{id: a, title: A, start: 1, target: wonn, value: won}", "9: there is no metric 'wonn'. Did you mean 'won'?"),
    ("{id: a, title: A, start: 1, target: {jirra: x}, value: won}", "9: there is no tool called 'jirra'"),
    ("{id: a, title: A, start: 1, target: 2, share: 50, value: won}", "9: a: share is a percentage: write 50%"),
    ("{id: a, title: A, start: 1, target: 2, share: 150%, value: won}", "o: the fixed shares add up to 150%"),
    ("{id: a, title: A, start: 1, target: 2, phases: {2027-10-31: 20%}, value: won}", "9: a: phases must be days from"),
    ("{id: a, title: A, start: 1, target: 2, phases: {soon: 20%}, value: won}", "9: a: 'soon' is not a day"),
    (
        "{id: a, title: A, start: 1, target: 2, rate: year, value: won}",
        "9: rate can't be 'year'. Write week, month or quarter",
    ),
    ("{id: a, title: A, start: 1, target: 2, guards: {leap: 0.5}, value: won}", "9: a: leap is a percentage"),
    ("{id: a, title: A, start: 1, target: 2, guards: {laep: 5%}, value: won}", "Did you mean 'leap'?"),
    ("{id: a, title: A, start: 1, target: 2, settle: -1, value: won}", "9: settle is -1, but it must be 0 or more"),
    ("{id: a, title: A, milestone: true, baseline: true, value: won}", "9: a: write one of"),
    (
        "{id: a, title: A, start: 1, target: 2, tests: [{given: {won: 1}, at: 2026-11-01}], value: won}",
        "'expect' is missing",
    ),
    ("{id: a, title: A, start: 1, target: 2, value: {manual: {someday: 1}}}", "'someday' is not a day"),
    ("{id: a, title: A, start: 1, target: 2, value: {manual: {}}}", "9: "),
]


@pytest.mark.parametrize(("line", "expected"), BAD)
def test_a_bad_key_result(tmp_path: Path, line: str, expected: str) -> None:
    found = problems(write(tmp_path, objective(line)))

    assert any(f"okrs/a.yaml:{expected}" in text or expected in text for text in found), found
    assert all(text.startswith("okrs/a.yaml:") for text in found)


def test_a_sum_of_unlike_units_is_refused(tmp_path: Path) -> None:
    found = problems(
        write(
            tmp_path,
            "cycle: 2026-Q4\nobjectives:\n  - id: o\n    title: O\n    start: 0\n    target: 9\n    roll_up: sum\n"
            "    key_results:\n      - {id: k, title: K, start: $1, target: $2, value: {memory: a}}\n",
        )
    )

    assert found == ["okrs/a.yaml:3: o: roll_up: sum adds up number, but k is measured in USD"]


def test_all_problems_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path, objective(*(line for line, _ in BAD[:3]), GOOD, GOOD), "conections: {}\nokrs: okrs\n")

    found = problems(folder)

    assert len(found) >= 4
    assert any("okrsync.yaml:1: 'conections' is not known here. Did you mean 'connections'?" in text for text in found)


def test_twice_the_same_id_names_both_places(tmp_path: Path) -> None:
    found = problems(write(tmp_path, objective(GOOD, GOOD)))

    assert len(found) == 1
    assert found[0].startswith("okrs/a.yaml:10: the key result 'a' exists twice")
    assert "a.yaml:9" in found[0]


def test_metrics_are_shared_by_all_files(tmp_path: Path) -> None:
    folder = write(tmp_path, HEAD)
    (tmp_path / "okrs" / "b.yaml").write_text(
        f"cycle: 2026-Q4\nobjectives: [{{id: o, title: O, key_results: [{GOOD}]}}]\n"
    )

    assert list(load(folder).bindings) == ["a"]

    (tmp_path / "okrs" / "c.yaml").write_text("cycle: 2026-Q4\nmetrics:\n  won: {memory: b}\n")
    assert any("c.yaml:3: the metric 'won' exists twice" in text for text in problems(folder))


@pytest.mark.parametrize(
    ("okrs", "expected"),
    [
        ("cycle: 2026-Q5\n", "a.yaml:1: '2026-Q5' is not a cycle"),
        ("cycle: {name: x, start: 2026-10-02, end: 2026-10-01}\n", "a.yaml:1: the cycle x ends on 2026-10-01, before"),
        ("cycle: {name: x, start: 1.10.2026, end: 2026-10-01}\n", "'1.10.2026' is not a day: write 2026-10-01"),
        ("objectives: []\n", "a.yaml:1: 'cycle' is missing"),
        ("- a\n", "a.yaml:1: the file does not begin with `name: value` lines"),
        ("cycle: 2026-Q4\nobjectives:\n  - {id: o, title: O, parent: p}\n", "a.yaml:3: there is no objective 'p'"),
        (
            "cycle: 2026-Q4\nobjectives:\n  - {id: o, title: O, parent: p}\n  - {id: p, title: P, parent: o}\n",
            "a.yaml:3: o is its own ancestor through `parent`",
        ),
        (
            "cycle: 2026-Q4\nobjectives:\n  - {id: o, title: O, level: galaxy}\n",
            "a.yaml:3: level can't be 'galaxy'. Write company, team or individual",
        ),
        ("cycle: &x 2026-Q4\nobjectives: [*x]\n", "a YAML alias repeats"),
        ("a: [\n", "is not closed"),
        ("cycle: 2026-Q4\n\tx: 1\n", "there is a tab"),
    ],
)
def test_a_bad_okr_file(tmp_path: Path, okrs: str, expected: str) -> None:
    found = problems(write(tmp_path, okrs))

    assert any(expected in text for text in found), found


@pytest.mark.parametrize(
    ("worker", "expected"),
    [
        ("[]\n", "okrsync.yaml:1: the file does not begin with"),
        (
            "connections:\n  crm: {type: salesforse}\n",
            "yaml:2: there is no connector 'salesforse'. Did you mean 'salesforce'?",
        ),
        ("connections:\n  jira: {url: http://jira.acme.com, email: a, token: '${T}'}\n", "write https://"),
        ("connections:\n  jira:\n    emial: a\n", "okrsync.yaml:3: 'emial' is not known here. Did you mean 'email'?"),
        (
            "connections:\n  jira:\n    token: geheim\n",
            "okrsync.yaml:3: token is written in the file. Write ${JIRA_TOKEN} instead",
        ),
        (
            "connections:\n  jira:\n    token: ${NOT_SET_ANYWHERE}\n",
            "yaml:3: token: NOT_SET_ANYWHERE is not set; looked at the variable",
        ),
        ("store: 5\n", "okrsync.yaml:1: store is the number 5, but it must be a text"),
        (
            "connections:\n  salesforce: {url: https://a.my.salesforce.com, client_id: x}\n",
            "write one of: client_id and client_secret",
        ),
    ],
)
def test_a_bad_worker_file(tmp_path: Path, worker: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T", "geheim")

    found = problems(write(tmp_path, "cycle: 2026-Q4\n", worker))

    assert any(expected in text for text in found), found
    assert "geheim" not in "".join(found)


def test_missing_files(tmp_path: Path) -> None:
    assert "this file does not exist" in problems(tmp_path)[0]
    (tmp_path / "okrsync.yaml").write_text(WORKER)
    assert "this folder contains no OKR files" in problems(tmp_path)[0]


def test_which_connection_of_two(tmp_path: Path) -> None:
    worker = "connections:\n  one: {type: memory}\n  two: {type: memory}\n"
    ask = "cycle: 2026-Q4\nmetrics:\n  a: {memory: x%s}\n"

    assert any(
        "there are several memory connections. Write `connection:` with one of one, two" in text
        for text in problems(write(tmp_path, ask % "", worker))
    )
    assert load(write(tmp_path, ask % ", connection: two", worker)).connections.keys() == {"one", "two"}


def test_secrets_come_from_variables_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = "connections:\n  jira: {url: https://a.atlassian.net, email: a, token: '${MY_TOKEN}'}\n"
    folder = write(tmp_path, "cycle: 2026-Q4\n", worker)
    (tmp_path / "token").write_text("from-file\n")
    monkeypatch.setenv("MY_TOKEN_FILE", str(tmp_path / "token"))

    assert load(folder).connections["jira"].options.token.get_secret_value() == "from-file"

    monkeypatch.setenv("MY_TOKEN", "from-variable")
    assert load(folder).connections["jira"].options.token.get_secret_value() == "from-variable"


def test_the_environment_overrides_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKRSYNC_STORE", "sqlite:////elsewhere/x.sqlite")

    assert load(write(tmp_path, "cycle: 2026-Q4\n")).store == "sqlite:////elsewhere/x.sqlite"


def test_yaml_is_read_without_surprises() -> None:
    text = "a: 017\nb: 12:30:00\nc: no\nd: 1.5\ne: true\nf: 2026-10-01\ng: ~\nh: '5'\ni: 1e3\n"
    data = parse(text, Path("x.yaml")).data

    assert data == {
        "a": "017",
        "b": "12:30:00",
        "c": "no",
        "d": Decimal("1.5"),
        "e": True,
        "f": "2026-10-01",
        "g": None,
        "h": "5",
        "i": "1e3",
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=200) | st.text(alphabet="ab:-[]{}#&*!|>'\"%@ \n\t0.", max_size=120))
def test_no_file_breaks_it(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path, "x")
    (folder / "okrs" / "a.yaml").write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        load(folder)
    except ConfigError:
        return


def test_the_examples_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SALESFORCE", "JIRA", "GRAPH"):
        monkeypatch.setenv(f"{name}_URL", "http://127.0.0.1:1")
    for name in ("SALESFORCE_CLIENT_SECRET", "JIRA_TOKEN", "GRAPH_CLIENT_SECRET"):
        monkeypatch.setenv(name, "x")

    workspace = load(EXAMPLES)

    assert {objective.level.value for objective in workspace.objectives} == {"company", "team"}
    assert len(workspace.bindings) == 24


def test_one_schema_covers_every_tool() -> None:
    okrs, worker = json_schema("okrs"), json_schema("worker")

    assert {"salesforce", "jira", "graph", "unit", "connection"} <= set(okrs["$defs"]["Query"]["properties"])
    assert {"jira.Count", "jira.Sum", "graph.ListColumn"} <= set(okrs["$defs"])
    kinds = worker["$defs"]["Connection"]["properties"]["type"]["enum"]
    assert set(kinds) == {"salesforce", "jira", "graph", "http", "sql", "manual", "memory"}


def test_a_word_of_another_form_is_not_what_was_meant() -> None:
    assert did_you_mean("aggregate", ["aggregate", "object"]) == "Write object"
