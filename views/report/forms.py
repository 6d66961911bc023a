"""The forms in which a report is given."""

from __future__ import annotations

from views.json_text import json_text
from views.language import Language
from views.report.markdown import markdown
from views.report.model import Report
from views.report.text import text

FORMS = ("html", "markdown", "text", "json")


def in_form(made: Report, form: str, language: Language) -> str:
    match form:
        case "html":
            from views.templating import rendered

            return rendered("report.html", language, r=made)
        case "markdown":
            return markdown(made, language)
        case "json":
            return json_text(made.model_dump(mode="json"), indent=2) + "\n"
    return text(made, language)
