"""What closing a cycle says of each objective, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cli.table import Cell, Column, print_table
from cli.terminal import out

if TYPE_CHECKING:
    from decimal import Decimal

    from mapping.facts import KeyResultView, ObjectiveReport
    from mapping.records import Closing
    from views.language import Language


def print_report(
    reports: Iterable[ObjectiveReport], files: Mapping[Path, str], language: Language, *, named: bool
) -> None:
    from views import words

    to = out()
    for report in reports:
        judged = "-"
        if report.score is not None and report.verdict:
            judged = f"{report.score:.2f}, {words.verdict(report.verdict, language)}"
        to.blank()
        kind = words.kind(report.objective.kind, language)
        to.line((report.objective.title, "bold"), " ", (f"({kind})", "dim"), f" {judged}")
        for note in report.notes:
            to.line(note, indent=2)
        columns = [
            Column(title=language.say("Key result")),
            Column(title=language.say("Value"), right=True),
            Column(title=language.say("Progress"), right=True, leaves=2),
            Column(title=language.say("Suggested"), right=True, leaves=1),
            Column(title=language.say("Score"), right=True),
            Column(title=""),
            Column(title=language.say("Note"), leaves=3),
        ]
        print_table(to, columns, [_row(view, closing, language) for view, closing in report.views])
    to.blank()
    for file, text in files.items():
        if named:
            to.line(language.say("# Carried over, into {file}:", file=file))
        else:
            to.line(language.say("# Carried over, for the next cycle; `--next okrs/{file}` writes it:", file=file))
        to.text(text)
        to.blank()


def _row(view: KeyResultView, closing: Closing, language: Language) -> list[Cell]:
    from views import formats, words

    return [
        view.key_result.title,
        formats.value(view.check_in.value if view.check_in else None, language),
        formats.percent(view.progress),
        _shown(closing.suggested),
        _shown(closing.score),
        words.ended(closing.outcome, language),
        closing.note or "",
    ]


def _shown(score: Decimal | None) -> str:
    return "-" if score is None else str(score)
