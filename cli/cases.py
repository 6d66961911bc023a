"""`okrsync test`"""

from __future__ import annotations

import click

from cli import exits, style
from cli.session import Session, json_option, pass_session, print_json
from cli.terminal import out


@click.command("test")
@json_option
@pass_session
def test(session: Session, as_json: bool) -> int:
    """Run the `tests:` that key results carry in their files. It asks no source and writes nothing."""
    from sync.cases import run_cases

    workspace = session.workspace()
    results = list(run_cases(workspace.bindings, workspace.time_zone))
    failed = [result for result in results if result.wrong]
    if as_json:
        print_json([vars(result) for result in results])
        return exits.TROUBLED if failed else exits.CURRENT
    to = out()
    for result in failed:
        to.line(style.MARKS["bad"], " ", (result.key_result, "bold"), f", test {result.number}:")
        for wrong in result.wrong:
            to.line(wrong, indent=4)
    tested = len({result.key_result for result in results})
    mark = style.MARKS["bad" if failed else "good"]
    to.line(mark, f" {len(results) - len(failed)} of {len(results)} tests of {tested} key results pass.")
    return exits.TROUBLED if failed else exits.CURRENT
