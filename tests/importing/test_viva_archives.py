"""Archives of strangers: nothing in them leads out, unpacks without end or passes unread."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from config.problems import ConfigError
from importing import archive
from importing.viva_goals import read
from tests.importing.made import AS_OF, STAMP, noted


def refused(file: Path, columns: Path | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        read(file, as_of=AS_OF, columns=columns)
    return str(caught.value)


def zipped(file: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name.replace("__", "/"), data)
    return file


OBJECTIVES = f"objectives_export_file_{STAMP}"


@pytest.mark.parametrize("name", ["../objectives_x.json", "/objectives_x.json", "a/../../b.json", "..\\b", "C:/b.json"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(name, "[]")

    assert "a path outside of it" in refused(file)


def test_bombs_are_refused_also_when_their_directory_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = zipped(tmp_path / "export.zip", **{OBJECTIVES: b"[" + b" " * 100_000 + b"]"})
    monkeypatch.setattr(archive, "MAX_INFLATED", 50_000)
    assert "when unpacked" in refused(file)

    raw = file.read_bytes()
    file.write_bytes(raw.replace((100_002).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    monkeypatch.setattr("importing.viva_json.MAX_INFLATED", 50_000)
    assert "damaged" in refused(file) or "when unpacked" in refused(file)


def test_too_many_files_and_too_large_a_file_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = zipped(tmp_path / "export.zip", **{f"a{n}": b"" for n in range(501)})
    assert "more than 500 files" in refused(file)

    monkeypatch.setattr(archive, "MAX_FILE", 10)
    assert "larger than" in refused(file)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{}", "is not an array"),
        (b'[{"ID": 1', "is not JSON: line 1"),
        (b"[NaN]", "NaN is not a number"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"[" * 200_000, "nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "is not JSON"),
    ],
)
def test_broken_json_is_refused_with_its_file(tmp_path: Path, data: bytes, why: str) -> None:
    message = refused(zipped(tmp_path / "export.zip", **{OBJECTIVES: data}))

    assert why in message
    assert OBJECTIVES in message


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    assert "this zip contains no objectives_export_file" in refused(zipped(tmp_path / "a.zip", other=b"[]"))
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 nothing")
    assert "this is not an export of Viva Goals" in refused(tmp_path / "b.zip")
    assert "can't be read" in refused(tmp_path / "missing.zip")
    assert "is not a file" in refused(tmp_path)
    damaged = zipped(tmp_path / "c.zip", **{OBJECTIVES: b"[" + b" 1," * 500 + b"1]"})
    raw = bytearray(damaged.read_bytes())
    raw[len(OBJECTIVES) + 32] ^= 0xFF
    damaged.write_bytes(bytes(raw))
    assert "is damaged" in refused(damaged)


def test_unknown_members_are_told(tmp_path: Path) -> None:
    tree = read(zipped(tmp_path / "a.zip", **{OBJECTIVES: b"[]", "extra.txt": b"x"}), as_of=AS_OF)

    assert "does not belong" in noted(tree, "extra.txt")
