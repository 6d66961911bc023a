"""The forms in which a report is given."""

from __future__ import annotations

from views.json_text import json_text
from views.language import Language
from views.report import final
from views.report.final import FinalReport
from views.report.markdown import markdown
from views.report.model import Report
from views.report.outline import outline
from views.report.text import text

FORMS = ("html", "markdown", "text", "json")


def in_form(made: Report | FinalReport, form: str, language: Language) -> str:
    if form == "json":
        return json_text(made.model_dump(mode="json"), indent=2) + "\n"
    if form == "html":
        from views.templating import rendered

        if isinstance(made, FinalReport):
            return rendered("final.html", language, r=made, judged=final.judged)
        return rendered("report.html", language, r=made)
    blocks = final.outline(made, language) if isinstance(made, FinalReport) else outline(made, language)
    return markdown(blocks) if form == "markdown" else text(blocks)
