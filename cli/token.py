"""`okrsync token create`, `list`, `revoke`"""

from __future__ import annotations

from datetime import timedelta

import click

from cli import exits
from cli.session import Session, json_option, pass_session, print_json
from cli.terminal import out
from sync.who import user


@click.group()
def token() -> None:
    """Manage the tokens with which scripts and CI call `serve`. The store keeps only their hashes."""


@token.command()
@click.option("--scope", type=click.Choice(["sync"]), required=True, help="What it allows: `sync` asks for a pass.")
@click.option("--name", default="", help="What it is for, as people will see it in the list.")
@click.option("--days", type=click.IntRange(1, 3650), help="How long it is valid. Without it, until you revoke it.")
@click.option("--by", default=user, show_default="you", help="The person who makes it.")
@pass_session
def create(session: Session, scope: str, name: str, days: int | None, by: str) -> int:
    """Make a token and print it. Nobody can see it again later."""
    from sync.store.tokens import SCOPES

    now = session.clock()
    expires_at = None if days is None else now + timedelta(days=days)
    allowed = next(one for one in SCOPES if one == scope)
    with session.store(session.workspace(), writes=True) as store:
        made, secret = store.tokens.create(name=name, scope=allowed, by=by, at=now, expires_at=expires_at)
    click.echo(f"{made.id} is made. Keep this token. It is not shown again:", err=True)
    click.echo(secret)
    return exits.CURRENT


@token.command("list")
@json_option
@pass_session
def list_(session: Session, as_json: bool) -> int:
    """List the tokens, and which of them are valid."""
    from cli.table import Column, print_table
    from views.tokens import token_list

    now = session.clock()
    with session.store(session.workspace()) as store:
        known = store.tokens.all()
    data = token_list(known, now)
    if as_json:
        print_json(data)
        return exits.CURRENT
    if not known:
        out().line("There is no token. `okrsync token create --scope sync` makes one.")
    columns = [
        Column(title="name"),
        Column(title="id"),
        Column(title="scope"),
        Column(title="made"),
        Column(title="state"),
    ]
    rows = [
        [one["name"] or "-", one["id"], one["scope"], f"{one['at'][:10]} by {one['by']}", one["state"]]
        for one in data["tokens"]
    ]
    print_table(out(), columns, rows)
    return exits.CURRENT


@token.command()
@click.argument("ident", metavar="ID")
@pass_session
def revoke(session: Session, ident: str) -> int:
    """Revoke the token with this ID. `okrsync token list` lists the ids."""
    with session.store(session.workspace(), writes=True) as store:
        if not store.tokens.revoke(ident, session.clock()):
            raise click.ClickException(f"There is no token {ident!r} to revoke. `okrsync token list` lists them.")
    out().line(f"{ident} is revoked.")
    return exits.CURRENT
