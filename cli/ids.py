"""Ids as people write them on the command line: of a key result, an initiative, a KPI, or of an objective for all that
belongs to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.load import Workspace
    from mapping.model import KeyResult


def key_results(asked: Iterable[str], workspace: Workspace) -> list[str]:
    """The key results that are meant, each once; an objective's id means those of it that have a source. Raises
    click.ClickException for an id that is neither's."""
    of = {
        one.id: [made.id for made in one.key_results if made.id in workspace.bindings] for one in workspace.objectives
    }
    found: dict[str, None] = {}
    for key in asked:
        if key not in workspace.bindings and key not in of:
            raise _unknown(key, {*workspace.bindings, *of})
        if key not in workspace.bindings and not of[key]:
            raise click.ClickException(f"The objective {key!r} has no key result with a source.")
        found |= dict.fromkeys([key] if key in workspace.bindings else of[key])
    return list(found)


def one_key_result(key: str, workspace: Workspace) -> str:
    """Raises click.ClickException where it is none; an objective's id is told what its key results are."""
    if key in workspace.bindings:
        return key
    own = key_results([key], workspace)
    raise click.ClickException(f"{key!r} is an objective. Name one of its key results: {', '.join(own)}")


def _unknown(key: str, known: Iterable[str]) -> click.ClickException:
    from config.suggest import suggest

    near = suggest(key, known)
    hint = f" Did you mean {near!r}?" if near else ""
    return click.ClickException(f"No key result and no objective has the id {key!r}.{hint}")


# -- Completion in the shell --------------------------------------------------------------------------------------


def _offered(pick: Callable[[Workspace], dict[str, str]]) -> Any:
    def complete(context: click.Context, _: click.Parameter, begun: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        try:
            found = pick(_workspace(context))
        except Exception:
            # A shell that waits for a word is no place for an error.
            return []
        return [CompletionItem(key, help=title) for key, title in found.items() if key.startswith(begun)]

    return complete


def _workspace(context: click.Context) -> Workspace:
    from config.load import load

    return load(context.find_root().params["config"])


def _all_key_results(workspace: Workspace) -> Iterable[KeyResult]:
    yield from (made for one in workspace.objectives for made in one.key_results)
    yield from workspace.kpis


def _key_result_ids(workspace: Workspace) -> dict[str, str]:
    return {one.id: one.title for one in _all_key_results(workspace)}


def _objective_ids(workspace: Workspace) -> dict[str, str]:
    return {one.id: one.title for one in workspace.objectives}


def _owners(workspace: Workspace) -> dict[str, str]:
    said = [one.about for one in workspace.objectives] + [one.about for one in _all_key_results(workspace)]
    return {person: "" for about in said for person in (*about.owners, *about.asked)}


def _cycles(workspace: Workspace) -> dict[str, str]:
    periods = [one.period for one in workspace.objectives] + [one.period for one in _all_key_results(workspace)]
    return {one.name: f"{one.start} to {one.end}" for one in periods}


offer_key_results = _offered(_key_result_ids)
offer_objectives = _offered(_objective_ids)
offer_both = _offered(lambda workspace: _key_result_ids(workspace) | _objective_ids(workspace))
offer_owners = _offered(_owners)
offer_cycles = _offered(_cycles)
