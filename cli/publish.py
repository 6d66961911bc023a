"""`okrsync publish`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli import exits, style
from cli.ids import offer_both
from cli.session import Session, json_option, pass_session, print_json
from cli.table import Column, print_table
from cli.terminal import out

if TYPE_CHECKING:
    from config.load import Workspace
    from mapping.posting import Post, Preview
    from sync.publishing.sending import Published

FORMAT = 1


@click.command()
@click.argument("key_results", nargs=-1, metavar="[ID]...", shell_complete=offer_both)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and what stands there. Write nothing.")
@click.option("--retry-failed", is_flag=True, help="Try refused writes again, with the current value.")
@click.option("--status", is_flag=True, help="Show what was published where, and what waits. Call no tool.")
@click.option("--test", "tested", metavar="CONNECTION", help="Check whether okrsync can write to its destinations.")
@json_option
@pass_session
def publish(
    session: Session,
    key_results: tuple[str, ...],
    dry_run: bool,
    retry_failed: bool,
    status: bool,
    tested: str | None,
    as_json: bool,
) -> int:
    """Publish the recorded check-ins that wait or were never published at their destination.

    `sync` publishes changes by itself. okrsync never overwrites what somebody else wrote, unless the destination
    says `on_conflict: overwrite`.
    """
    from cli.ids import key_results as named
    from cli.logs import set_up_logging
    from sync.publishing.commands import preview_all, publish_again, publish_all
    from sync.publishing.contents import keys_of

    if sum((status, tested is not None, dry_run or retry_failed)) > 1:
        raise click.UsageError("Choose one of --status, --test, and --dry-run or --retry-failed.")
    set_up_logging()
    workspace = session.workspace()
    if tested is not None:
        return _test(session, workspace, tested, as_json=as_json)
    only = keys_of(workspace, named(key_results, workspace) if key_results else ())
    with session.store(workspace, writes=not (dry_run or status)) as store:
        if status:
            slots = {slot for one in workspace.publications for slot in one.slots if only is None or slot.key in only}
            return _print_posts([one for slot, one in store.outbox.posts().items() if slot in slots], as_json=as_json)
        if dry_run:
            previews = preview_all(workspace, store, session.clock, only, again=retry_failed)
            return _print_previews(previews, as_json=as_json)
        act = publish_again if retry_failed else publish_all
        return _print_published(act(workspace, store, session.clock, only), as_json=as_json)


def _print_published(made: Published, *, as_json: bool) -> int:
    from views import publishing
    from views.language import ENGLISH

    if as_json:
        print_json({"format_version": FORMAT, "sent": made.sent, "places": publishing.posts_data(made.posts)})
    else:
        out().line(ENGLISH.many("Published to {n} place.", "Published to {n} places.", made.sent))
        print_troubled(made.troubled)
    return exits.for_posts(made.troubled)


def print_troubled(posts: list[Post]) -> None:
    """What was not published, why, and what to do."""
    from views import publishing
    from views.language import ENGLISH

    to = out()
    for one in posts:
        told = f"{publishing.state(one, ENGLISH)}: {one.cause}"
        to.line(*style.marked("held" if one.state == "conflict" else "stale", publishing.name(one), told), hang=2)
        if one.fix:
            to.line(one.fix, indent=4)


def _print_posts(posts: list[Post], *, as_json: bool) -> int:
    from views import publishing
    from views.formats import moment
    from views.language import ENGLISH

    if as_json:
        print_json({"format_version": FORMAT, "places": publishing.posts_data(posts)})
        return exits.for_posts([one for one in posts if one.is_open and one.error])
    to = out()
    if not posts:
        to.line("Nothing was published yet.")
    columns = [Column(title=title) for title in ("Key result", "Place", "State", "Since")]
    rows = [
        [
            one.subject,
            publishing.place(one),
            publishing.state(one, ENGLISH),
            moment(one.sent_at if one.sent_at and not one.is_open else one.due_at, ENGLISH),
        ]
        for one in posts
    ]
    print_table(to, columns, rows)
    troubled = [one for one in posts if one.is_open and one.error]
    print_troubled(troubled)
    return exits.for_posts(troubled)


def _print_previews(previews: tuple[Preview, ...], *, as_json: bool) -> int:
    from views import publishing

    if as_json:
        print_json({"format_version": FORMAT, "places": [publishing.preview_data(one) for one in previews]})
    else:
        print_previews(previews)
    return exits.UNPUBLISHED if any(one.error or one.conflict for one in previews) else exits.CURRENT


def print_previews(previews: tuple[Preview, ...], *, quiet: bool = False) -> None:
    from views import publishing
    from views.language import ENGLISH

    to = out()
    changed = [one for one in previews if one.changes and not one.conflict and not one.error]
    if changed:
        to.line(("These would be published", "bold"))
        for one in changed:
            to.line(f"{publishing.name(one.slot)}: {publishing.changes(one, ENGLISH)}", indent=2, hang=4)
    elif not quiet:
        to.line("Nothing would be published.")
    for one in previews:
        name = publishing.name(one.slot)
        if one.error:
            to.line(*style.marked("stale", name, f"{one.error}: {one.cause}"), hang=2)
            to.line(one.fix or "", indent=4)
        elif one.conflict:
            told = f"somebody else changed it there, so it stays: {publishing.changes(one, ENGLISH)}"
            to.line(*style.marked("held", name, told), hang=2)


def _test(session: Session, workspace: Workspace, name: str, *, as_json: bool) -> int:
    from sync.publishing.judging import judged

    if name not in workspace.connections or not workspace.connections[name].publishes:
        open_ = sorted(one for one, made in workspace.connections.items() if made.publishes)
        known = f" Write one of {', '.join(open_)}." if open_ else " None has `publish: true`."
        raise click.ClickException(f"Nothing is published to a connection {name!r}.{known}")
    found = list(judged(workspace, name, session.clock))
    told: list[dict[str, Any]] = [
        {
            "place": one.place,
            "file": str(one.file),
            "line": one.line,
            "error": one.error.kind if one.error else None,
            "cause": one.error.message if one.error else None,
            "fix": one.error.fix if one.error else None,
        }
        for one in found
    ]
    if as_json:
        print_json({"format_version": FORMAT, "connection": name, "destinations": told})
    else:
        to = out()
        for one in told:
            text = f": {one['error']}: {one['cause']}" if one["error"] else " can be written to"
            to.line(style.MARKS["bad" if one["error"] else "good"], f" {one['place']}{text}", hang=2)
            if one["error"]:
                to.line(str(one["fix"]), indent=4)
                to.line(f"{one['file']}:{one['line']}", indent=4)
    return exits.CURRENT if not any(one["error"] for one in told) else exits.TROUBLED
