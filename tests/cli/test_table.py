"""Tables at the width of a terminal, and whole rows for a pipe."""

from __future__ import annotations

import pytest

from cli.table import Column, print_table
from cli.terminal import Terminal, lines_of, width_of

COLUMNS = [
    Column(title="핵심 결과"),
    Column(title="시작 → 목표", leaves=1),
    Column(title="현재", right=True),
    Column(title="bar", leaves=2),
    Column(title="계획", right=True, leaves=3),
    Column(title="상태"),
]
ROWS = [
    ["Marketo와 Salesforce 간에 통합된 고객 및 사용자 데이터를 80%에서 90%로 향상", "80% → 90%", ["84%", (" 보류", "yellow")], "━━━━", "59%", ("뒤처짐", "yellow")],
    ["Short", "$12,000,000 → $15,000,000", "$13,944,304.61", "━━━━", "59%", "on track"],
    ["無空白日本語タイトルはとても長いので単語の間で改行できません", "1 → 2", "1", "━━━━", "-", "at risk"],
]  # fmt: skip


def drawn(width: int | None, capsys: pytest.CaptureFixture[str]) -> list[str]:
    print_table(Terminal(width=width, coloured=False), COLUMNS, ROWS)
    return capsys.readouterr().out.splitlines()


def test_a_narrow_terminal_keeps_value_and_status(capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn(60, capsys)

    assert all(width_of(line) <= 60 for line in lines)
    assert "현재" in lines[0]
    assert "상태" in lines[0]
    assert not any(gone in lines[0] for gone in ("시작 → 목표", "bar", "계획"))


def test_columns_leave_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    heads = {width: drawn(width, capsys)[0] for width in (140, 95, 70, 69)}
    shown = {
        width: [title for title in ("시작 → 목표", "bar", "계획") if title in head] for width, head in heads.items()
    }

    assert shown == {140: ["시작 → 목표", "bar", "계획"], 95: ["bar", "계획"], 70: ["bar", "계획"], 69: ["계획"]}


@pytest.mark.parametrize("width", [80, 64, 50, None])
def test_wide_characters_keep_columns(width: int | None, capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn(width, capsys)
    ends = {
        width_of(line[: line.index(status)])
        for line in lines
        for status in ("상태", "뒤처짐", "on track", "at risk")
        if status in line
    }

    assert len(ends) == 1


def test_titles_are_wrapped_between_words(capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn(60, capsys)

    assert [word for word in str(ROWS[0][0]).split() if not any(word in line for line in lines)] == []


def test_a_pipe_gets_whole_rows(capsys: pytest.CaptureFixture[str]) -> None:
    lines = drawn(None, capsys)

    assert len(lines) == 1 + len(ROWS)
    assert ROWS[0][0] in lines[1]


def test_an_empty_column_takes_no_room(capsys: pytest.CaptureFixture[str]) -> None:
    columns = [Column(title="A"), Column(title="Note"), Column(title="C")]
    print_table(Terminal(width=80, coloured=False), columns, [["a", "", "c"]])

    assert capsys.readouterr().out.splitlines() == ["A  C", "a  c"]


def test_sentences_hang_between_words(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(width=40, coloured=False).line(
        ("!", "red"), " ", ("tickets", "bold"), ": 가나다 라마바 사아자 차카타 파하 one two three", hang=2
    )
    lines = capsys.readouterr().out.splitlines()

    assert len(lines) == 2
    assert all(width_of(line) <= 40 for line in lines)
    assert lines[1].startswith("  ")


def test_colours_are_for_terminals(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(width=80, coloured=True).line(("on track", "green"))
    Terminal(width=None, coloured=False).line(("on track", "green"))
    coloured, plain = capsys.readouterr().out.splitlines()

    assert plain == "on track"
    assert coloured == "\x1b[32mon track\x1b[0m"


def test_a_word_longer_than_the_line_is_cut_where_it_must_be() -> None:
    assert lines_of("aaaa bb", 2, 2, hard=True) == [(0, 2), (2, 4), (5, 7)]
    assert lines_of("aaaa bb", 2, 2) == [(0, 4), (5, 7)]
