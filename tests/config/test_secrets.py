"""Where secrets come from, what may be said of them, and whose they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config.clear_text import without_values
from config.load import load
from config.problems import ConfigError, Problem
from config.secrets import MissingSecret, Secrets

OKRS = "cycle: 2026-Q4\nobjectives:\n  - id: o\n    title: O\n    key_results:\n      - {id: a, title: A, start: 0, target: 9, value: {%s}}\n"  # fmt: skip
JIRA = "connections:\n  jira: {url: 'https://acme.atlassian.net', email: a@acme.com, token: %s}\n"
SECRET = "hunter2-canary"


def write(folder: Path, worker: str, query: str = "jira: {count: 'project = A'}") -> Path:
    (folder / "okrs").mkdir(exist_ok=True)
    (folder / "okrsync.yaml").write_text(worker)
    (folder / "okrs" / "a.yaml").write_text(OKRS % query)
    return folder


def problems(folder: Path, secrets: Secrets | None = None) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(folder, secrets)
    found = [str(problem).removeprefix(f"{folder}/") for problem in raised.value.problems]
    assert SECRET not in "".join(found)
    assert "canary" not in "".join(found)
    return found


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_TOKEN", SECRET)
    for name in ("OKRSYNC_STORE", "OKRSYNC_OKRS", "OKRSYNC_SECRET_PREFIX", "OKRSYNC_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "written", [SECRET, "hunter2${JIRA_TOKEN}", "${JIRA_TOKEN}hunter2", "a 1 ${JIRA_TOKEN}", "$${JIRA_TOKEN}"]
)
def test_no_part_of_a_secret_stands_in_the_file(tmp_path: Path, written: str) -> None:
    (found,) = problems(write(tmp_path, JIRA % f"'{written}'"))

    assert found.startswith("okrsync.yaml:2: ")
    assert "token is written in the file. Write ${JIRA_TOKEN} instead" in found


@pytest.mark.parametrize(
    "written", ["${JIRA_TOKEN}", "Bearer ${JIRA_TOKEN}", 'Token token="${JIRA_TOKEN}"', "${JIRA_TOKEN}${JIRA_TOKEN}"]
)
def test_a_reference_alone_or_behind_its_scheme_is_right(tmp_path: Path, written: str) -> None:
    assert load(write(tmp_path, JIRA % f"'{written}'")).connections["jira"].options is not None


@pytest.mark.parametrize(
    "store",
    [
        f"postgresql://okr:{SECRET}@db/okr",
        f"postgresql://okr@db/okr?password={SECRET}",
        f"postgresql://db/okr?user=okr&PASSWORD={SECRET}&x=1",
        "postgresql://okr:${JIRA_TOKEN}2@db/okr",
    ],
)
def test_no_password_of_the_store_stands_in_the_file(tmp_path: Path, store: str) -> None:
    (found,) = problems(write(tmp_path, f"store: '{store}'\n" + JIRA % "'${JIRA_TOKEN}'"))

    assert found.startswith("okrsync.yaml:1: store: the password is written in the file")


@pytest.mark.parametrize(
    ("url", "right"),
    [
        (f"postgresql://okr:{SECRET}@db/x", False),
        (f"postgresql://okr@db/x?password={SECRET}&options=${{JIRA_TOKEN}}", False),
        ("postgresql://okr:half${JIRA_TOKEN}@db/x", False),
        ("postgresql://okr:${JIRA_TOKEN}@db/x", True),
        ("postgresql://okr@db/x?password=${JIRA_TOKEN}", True),
        ("${DWH_URL}", True),
    ],
)
def test_an_address_may_be_filled_in_part(
    tmp_path: Path, url: str, right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DWH_URL", f"postgresql://okr:{SECRET}@db/x")
    folder = write(tmp_path, f"connections:\n  sql: {{url: '{url}'}}\n", "sql: 'SELECT 1'")

    if right:
        assert SECRET not in repr(load(folder))
    else:
        assert problems(folder)[0].startswith("okrsync.yaml:2: ")


def test_a_secret_among_parameters_is_one_too(tmp_path: Path) -> None:
    http = "connections:\n  http: {url: 'https://x.example.com', params: {key: '%s'}}\n"
    query = "http: {get: /, select: a}"

    (found,) = problems(write(tmp_path, http % "half${JIRA_TOKEN}", query))
    made = load(write(tmp_path, http % "${JIRA_TOKEN}", query)).connections["http"].options

    assert found.startswith("okrsync.yaml:2: a part of key is written in the file")
    assert made.params["key"].get_secret_value() == SECRET


@pytest.mark.parametrize("value", ["", "\n"])
def test_an_empty_secret_is_none(tmp_path: Path, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIRA_TOKEN")
    (tmp_path / "token").write_text(value)
    monkeypatch.setenv("JIRA_TOKEN_FILE", str(tmp_path / "token"))
    if not value:
        monkeypatch.setenv("JIRA_TOKEN", value)

    (found,) = problems(write(tmp_path, JIRA % "'${JIRA_TOKEN}'"))

    assert found.startswith("okrsync.yaml:2: token: JIRA_TOKEN is empty: see ")


@pytest.mark.parametrize("kind", ["binary", "fifo", "folder", "large"])
def test_a_file_that_is_no_secret(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIRA_TOKEN")
    file = tmp_path / "token"
    {
        "binary": lambda: file.write_bytes(bytes(range(256))),
        "fifo": lambda: os.mkfifo(file),
        "folder": file.mkdir,
        "large": lambda: file.write_bytes(b"a" * 1_000_000),
    }[kind]()
    monkeypatch.setenv("JIRA_TOKEN_FILE", str(file))

    (found,) = problems(write(tmp_path, JIRA % "'${JIRA_TOKEN}'"))

    assert found.startswith("okrsync.yaml:2: token: JIRA_TOKEN ")
    assert str(file) in found


@pytest.mark.parametrize("option", ["url", "email"])
@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        f"https://{SECRET}",
        f"http://{SECRET}.example.com",
        f"https://u:{SECRET}@h",
        f"https://h:{SECRET}",
        f"[{SECRET}",
    ],
)
def test_what_is_filled_in_is_never_told(
    tmp_path: Path, option: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ODD", value)
    worker = (JIRA % "'${JIRA_TOKEN}', tokn: 1").replace(
        "url: 'https://acme.atlassian.net'" if option == "url" else "email: a@acme.com", f"{option}: '${{ODD}}'"
    )

    assert all(found.startswith("okrsync.yaml:2") for found in problems(write(tmp_path, worker)))


@pytest.mark.parametrize("key", ["okrs", "workspace", "time_zone", "public_url"])
def test_no_setting_but_the_store_takes_a_reference(tmp_path: Path, key: str) -> None:
    found = problems(write(tmp_path, f"{key}: '${{JIRA_TOKEN}}'\n" + JIRA % "'${JIRA_TOKEN}'"))

    assert (
        f"okrsync.yaml:1: {key} can't contain ${{NAME}}. Write the value itself, or set the variable OKRSYNC_{key.upper()}"
        in found
    )


def test_two_workspaces_read_their_own_secrets_alone(tmp_path: Path) -> None:
    environment = {"ACME_JIRA_TOKEN": "of-acme", "BETA_JIRA_TOKEN": "of-beta", "JIRA_TOKEN": "of-nobody"}
    acme, beta = (Secrets(environment=environment, prefix=prefix) for prefix in ("ACME_", "BETA_"))

    assert acme.fill_in("${JIRA_TOKEN}")[0] == "of-acme"
    assert beta.fill_in("${JIRA_TOKEN}")[0] == "of-beta"
    for name in ("BETA_JIRA_TOKEN", "ACME_JIRA_TOKEN", "PATH"):
        with pytest.raises(MissingSecret):
            acme.look_up(name)


def test_a_folder_of_secrets_is_all_that_a_workspace_sees(tmp_path: Path) -> None:
    for name in ("acme", "beta"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "JIRA_TOKEN").write_text(f"of-{name}\n")
    (tmp_path / "beta" / "ONLY_BETA").write_text("of-beta")
    environment = {"JIRA_TOKEN": "of-nobody", "ONLY_BETA_FILE": str(tmp_path / "beta" / "ONLY_BETA")}
    acme = Secrets(environment=environment, folder=tmp_path / "acme")

    assert acme.look_up("JIRA_TOKEN") == "of-acme"
    with pytest.raises(MissingSecret, match="ONLY_BETA is not set"):
        acme.look_up("ONLY_BETA")


def test_a_workspace_names_no_file_of_another(tmp_path: Path) -> None:
    for name in ("acme", "beta"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cert.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    graph = "connections:\n  graph: {tenant: t, client_id: c, certificate_file: %s}\n"
    secrets = Secrets(environment={}, folder=tmp_path / "acme")
    (tmp_path / "w").mkdir()

    folder = write(tmp_path / "w", graph % (tmp_path / "acme" / ".." / "beta" / "cert.pem"), "graph: {users: all}")

    assert any(
        "certificate_file names a file outside the workspace's folder" in one for one in problems(folder, secrets)
    )


def test_who_runs_it_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OKRSYNC_SECRET_PREFIX", "ACME_")

    (found,) = problems(write(tmp_path, JIRA % "'${JIRA_TOKEN}'"))

    assert "JIRA_TOKEN is not set; looked at the variable ACME_JIRA_TOKEN" in found


def test_an_ordinary_word_in_a_secret_hides_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_TOKEN", "a-token-for-the-file-and-the-write")

    (found,) = problems(write(tmp_path, JIRA % "'${JIRA_TOKEN}', timeout: soon"))

    assert found == "okrsync.yaml:2: timeout must be a number, not 'soon'. Write it in digits, such as 2"


def test_an_ordinary_word_of_a_secret_is_not_shown_in_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = {"ODD": "correct-horse"}
    said = [Problem(file=Path("okrsync.yaml"), line=1, message="url can't be 'my horse'")]

    assert without_values(said, used)[0].message == "the value of ${ODD} is not accepted here"
