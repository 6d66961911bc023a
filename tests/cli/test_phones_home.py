"""Nothing phones home: a whole life of commands speaks with the hosts in okrsync.yaml, and with no other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from cli.demo import make_workspace
from sandbox.company import TODAY, sample_company
from sandbox.run import running
from tests.cli.ports import three_free_ports

LISTENING = """
import json, sys
from datetime import datetime
seen = set()
def hook(event, arguments):
    if event == "socket.connect":
        seen.add(str(arguments[1]))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        seen.add(str(arguments[0] if event != "socket.sendto" else arguments[1]))
sys.addaudithook(hook)
from cli.main import run
now = datetime.fromisoformat(sys.argv[2])
for command in json.loads(sys.argv[3]):
    run(["-c", sys.argv[1], *command], clock=lambda: now)
print("SEEN", json.dumps(sorted(seen)))
"""
COMMANDS = [
    ["check"], ["check", "--connect"], ["lint"], ["test"], ["plan"], ["sync"], ["show"], ["explain", "new-sales"], ["report"], ["report", "--week", "now", "--format", "html"],
    ["history", "new-sales"], ["export"], ["check-in", "tickets", "--value", "70"], ["connectors"], ["schema"],
    ["close", "2026-Q4", "--dry-run"],
]  # fmt: skip


def test_only_the_hosts_of_the_connections_are_spoken_with(tmp_path: Path) -> None:
    port = three_free_ports()
    make_workspace(tmp_path / "demo", TODAY, port)
    with running(sample_company(), port=port, clock=lambda: TODAY):
        ran = subprocess.run(
            [sys.executable, "-c", LISTENING, tmp_path / "demo", TODAY.isoformat(), json.dumps(COMMANDS)],
            capture_output=True,
            text=True,
            check=False,
        )

    seen = json.loads(ran.stdout.rpartition("SEEN ")[2])
    assert seen, ran.stderr
    assert {one for one in seen if one != "127.0.0.1"} == {f"('127.0.0.1', {port + offset})" for offset in range(3)}
