"""The script of docs/webhooks.md rings the application."""

from __future__ import annotations

import os
import subprocess
import sys

from sync.clock import utc_now
from tests.connectors.sections.ringing import SHARED
from tests.docs.pages import ROOT, blocks
from tests.web.acme import Acme
from web.server import Server


def test_the_script_of_the_page_is_heard(acme: Acme) -> None:
    (script,) = [one for one in blocks(ROOT / "docs" / "webhooks.md") if one.language == "python"]
    server = Server(acme.app, host="127.0.0.1", port=0)
    port = server._socket.getsockname()[1]
    acme.now = utc_now()
    # Calls wait here until it answers.
    server._socket.listen()
    server.start()
    try:
        address = {"OKRSYNC_HOOK_SECRET": SHARED, "OKRSYNC_HOOK_URL": f"http://127.0.0.1:{port}/hooks/acme/numbers"}
        done = subprocess.run(
            [sys.executable, "-c", script.text], env=os.environ | address, capture_output=True, text=True, check=False
        )
    finally:
        server.stop(5)

    assert (done.stdout, done.stderr) == ("200\n", "")
    assert acme.app.state.desk.results == {("acme", "numbers", "taken"): 1}
