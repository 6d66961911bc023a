"""Every text is in every language, with the same placeholders, and none is left over."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from config.settings import WorkerSettings
from views.korean import PARTICLES
from views.language import LANGUAGES, LOCALE, Language

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("cli", "sync", "views", "web")
KEYWORDS = {"say": None, "many": (1, 2), "later": None}
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.svg", "jinja2")]
"""As in babel.ini."""
OTHERS = [code for code in LANGUAGES if code != "en"]


def in_the_code() -> set[str | tuple[str, ...]]:
    return {
        message
        for folder in FOLDERS
        if (ROOT / folder).is_dir()
        for _, _, message, _, _ in extract_from_dir(str(ROOT / folder), METHODS, keywords=KEYWORDS)
    }


def catalogue(code: str) -> Catalog:
    with (LOCALE / code / "LC_MESSAGES" / "okrsync.po").open("rb") as file:
        return read_po(file, locale=code)


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def fields(text: str) -> dict[str, str]:
    return {name: spec or "" for _, name, spec, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_is_missing_and_none_is_left_over(code: str) -> None:
    told = {message.id: message for message in catalogue(code) if message.id}

    assert set(told) == in_the_code()
    assert [message.id for message in told.values() if message.fuzzy or not all(forms(message.string))] == []


@pytest.mark.parametrize("code", OTHERS)
def test_placeholders_are_equal(code: str) -> None:
    wrong = [
        (message.id, form)
        for message in catalogue(code)
        for form in forms(message.string)
        if message.id and set(fields(form)) != set().union(*(fields(one) for one in forms(message.id)))
    ]

    assert wrong == []


def test_only_particles_that_there_are_are_asked_for() -> None:
    asked = {spec for message in catalogue("ko") for form in forms(message.string) for spec in fields(form).values()}

    assert asked - {""} <= PARTICLES


def calls() -> Iterator[ast.Call]:
    for folder in FOLDERS:
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in ("say", "many"):
                    yield node


def test_the_texts_of_the_code_are_all_found() -> None:
    """A text that is put together, or stands in an f-string, is one that no catalogue knows."""
    found = {form for message in in_the_code() for form in forms(message)}
    texts = [one.args[0] for one in calls()]

    assert {text.value for text in texts if isinstance(text, ast.Constant)} <= found
    assert [ast.unparse(text) for text in texts if isinstance(text, ast.JoinedStr | ast.BinOp)] == []


def test_a_text_is_filled_in() -> None:
    english, korean = Language(), Language(code="ko")

    assert english.many("{n} row behind it", "{n} rows behind it", 1) == "1 row behind it"
    assert english.many("{n} row behind it", "{n} rows behind it", 1200) == "1,200 rows behind it"
    assert korean.many("{n} row behind it", "{n} rows behind it", 1) == "근거 1행"
    assert korean.say("{key}: {value} is accepted.", key="a", value="84%") == "a: 84%를 수락했습니다."


def test_what_is_filled_in_is_no_text_to_fill_in() -> None:
    assert Language().say("note: {note}", note="{by} 을(를)") == "note: {by} 을(를)"


def test_settings_know_the_languages() -> None:
    for code in LANGUAGES:
        assert WorkerSettings(language=code).language == code
