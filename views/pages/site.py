"""The whole site as files, to be read from a disk, a file share or any static host."""

from __future__ import annotations

from collections.abc import Iterator

from views.language import Language
from views.pages.build import Pages
from views.pages.facts import SiteFacts
from views.pages.links import FileLinks
from views.templating import asset

ASSETS = ("style.css", "icon.svg", "icon-attention.svg")
_HERE, _DOWN = FileLinks(), FileLinks(root="../")


def files(site: SiteFacts, language: Language) -> Iterator[tuple[str, str]]:
    """Each file by its path below the site's folder."""
    pages = Pages(site, language)
    yield from ((name, asset(name)) for name in ASSETS)
    yield _HERE.now(), pages.now(_HERE)
    yield _HERE.people(), pages.people(_HERE)
    yield _HERE.kpis(), pages.kpis(_HERE)
    yield _HERE.objectives(), pages.all_objectives(_HERE)
    yield _HERE.week(), pages.week(None, _HERE)
    for week in site.weeks:
        yield _HERE.week(week.week.name), pages.week(week.week.name, _HERE)
    for name in pages.objectives:
        yield _HERE.objective(*name), pages.objective(name, _DOWN)
    for name in pages.views:
        yield _HERE.key_result(*name), pages.key_result(name, _DOWN)
