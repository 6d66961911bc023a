"""`okrsync test`"""

from __future__ import annotations

import click

from cli import exits
from cli.session import Session, console, json_option, pass_session, print_json


@click.command("test")
@json_option
@pass_session
def test(session: Session, as_json: bool) -> int:
    """Run the `tests:` that key results carry in their files; asks no source, writes nothing."""
    from sync.cases import run_cases

    workspace = session.workspace()
    results = list(run_cases(workspace.bindings, workspace.time_zone))
    failed = [result for result in results if result.wrong]
    if as_json:
        print_json([vars(result) for result in results])
        return exits.TROUBLED if failed else exits.CURRENT
    out = console()
    for result in failed:
        out.print(f"[red]✗[/] [bold]{result.key_result}[/], test {result.number}:")
        for wrong in result.wrong:
            out.print(f"    {wrong}", markup=False, soft_wrap=True)
    tested = len({result.key_result for result in results})
    mark = "[red]✗[/]" if failed else "[green]✓[/]"
    out.print(f"{mark} {len(results) - len(failed)} of {len(results)} tests of {tested} key results pass.")
    return exits.TROUBLED if failed else exits.CURRENT
