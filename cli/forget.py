"""`okrsync forget`"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal

import click

from cli import exits
from cli.session import Session, pass_session
from cli.terminal import out
from sync.who import user

if TYPE_CHECKING:
    from mapping.model import Key
    from sync.forgetting import Found


@click.command()
@click.argument("what", metavar="PERSON|ID")
@click.option(
    "--as", "kind", type=click.Choice(["person", "key-result"]), help="Which of the two it is, if both have this name."
)
@click.option("--cycle", help="Only in this cycle, if an id was used in several.")
@click.option("--dry-run", is_flag=True, help="Show what would be forgotten, but write nothing.")
@click.option("--yes", is_flag=True, help="Don't ask for a confirmation.")
@click.option("--by", default=user, show_default="you", help="The person who asks for this.")
@pass_session
def forget(
    session: Session,
    what: str,
    kind: Literal["person", "key-result"] | None,
    cycle: str | None,
    dry_run: bool,
    yes: bool,
    by: str,
) -> int:
    """Remove a person's name and notes from the store, or everything about a key result. You can't undo this.
    The person's values stay. okrsync doesn't clean files and backups."""
    from sync.forgetting import find
    from sync.forgetting import forget as act
    from sync.known import name_of
    from views import formats

    workspace = session.workspace()
    with session.store(workspace, writes=True) as store:
        found = find(workspace, store, what, cycle)
        chosen = _chosen(what, kind, found)
        if not (dry_run or yes):
            _confirm(what if isinstance(chosen, str) else ", ".join(map(name_of, chosen)))
        counts = act(workspace, store, chosen, session.clock(), by, dry=dry_run)
    to = out()
    for name, number in sorted(counts.items()):
        to.line(formats.count(number, "row"), f" of {name}", indent=2)
    done = "would be forgotten" if dry_run else "is forgotten"
    to.line(f"{what} {done}." if counts else f"Nothing of {what} is in the store.")
    if isinstance(chosen, str):
        to.line("What others wrote about this person stays. OKR files, exports and backups may still name them.")
    elif found.named:
        to.line(f"An OKR file still names {', '.join(found.named)}, so the next sync records it again.")
    return exits.CURRENT


def _chosen(what: str, kind: str | None, found: Found) -> str | tuple[Key, ...]:
    person = found.person if kind != "key-result" else None
    keys = found.keys if kind != "person" else ()
    if person and keys:
        raise click.UsageError(f"{what!r} is a person and an id. Add `--as person` or `--as key-result`.")
    if person:
        return person
    if keys:
        return keys
    from config.suggest import did_you_mean

    raise click.ClickException(
        f"The store knows no person and no key result {what!r}. {did_you_mean(what, found.people)}".rstrip()
    )


def _confirm(what: str) -> None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("Nobody can confirm it here. Check it with --dry-run, then add --yes.")
    click.confirm(f"Forget {what} for good?", abort=True, err=True)
