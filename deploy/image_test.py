"""Runs the commands of okrsync in the root file system of a built image: as uid 10001, which has no passwd entry, and
with a read-only root. Writable are /tmp and /var/lib/okrsync alone, both empty. Called by `deploy/image-test`, as root.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

USER = "10001:10001"
ENVIRONMENT = {
    "PATH": "/opt/okrsync/bin:/usr/local/bin:/usr/bin:/bin",
    "PYTHONSAFEPATH": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OKRSYNC_STORE": "sqlite:////var/lib/okrsync/okrsync.sqlite",
    "LANG": "C.UTF-8",
    "HOME": "/",
}
WRITABLE = ("/tmp", "/var/lib/okrsync")
CSV = "/tmp/okrs.csv"
DEMO = ["-c", "/tmp/demo"]
IMPORTED = "/tmp/imported"
OF_IMPORTED = {"OKRSYNC_STORE": "sqlite:////tmp/imported.sqlite"}
"""A store belongs to one workspace."""
TODAY = datetime.now(UTC)
CYCLE = f"{TODAY.year}-Q{(TODAY.month + 2) // 3}"
COMMANDS: tuple[tuple[list[str], int], ...] = (
    (["--version"], 0),
    (["--help"], 0),
    (["demo", "/tmp/demo"], 0),
    ([*DEMO, "check"], 0),
    ([*DEMO, "show"], 0),
    ([*DEMO, "explain", "new-sales"], 0),
    ([*DEMO, "history", "new-sales"], 0),
    ([*DEMO, "export"], 0),
    ([*DEMO, "lint"], 0),
    ([*DEMO, "lint", "--sentences", "--lang", "ko"], 0),
    ([*DEMO, "due"], 0),
    ([*DEMO, "report"], 0),
    ([*DEMO, "report", "--site", "/tmp/site"], 0),
    ([*DEMO, "publish", "--status"], 0),
    ([*DEMO, "status"], 0),
    ([*DEMO, "find", "jira"], 0),
    ([*DEMO, "test"], 0),
    ([*DEMO, "check-in", "tickets", "--value", "70", "--note", "counted by hand"], 0),
    ([*DEMO, "pin", "visits"], 0),
    ([*DEMO, "resume", "visits"], 0),
    ([*DEMO, "accept", "--all"], 0),
    ([*DEMO, "reject", "--all"], 0),
    ([*DEMO, "void", "tickets", "--at", "2000-01-01"], 2),  # nothing was checked in then
    ([*DEMO, "score", "tickets", "0.8"], 0),
    ([*DEMO, "close", CYCLE, "--dry-run"], 0),
    ([*DEMO, "forget", "tickets", "--dry-run"], 0),
    ([*DEMO, "migrate"], 0),
    ([*DEMO, "store", "copy", "sqlite:////tmp/copy.sqlite"], 0),
    ([*DEMO, "token", "create", "--scope", "sync"], 0),
    ([*DEMO, "token", "list"], 0),
    (["backfill", "--help"], 0),
    (["plan", "--help"], 0),
    ([*DEMO, "sync"], 3),  # the stand-ins of the demo are gone: passing trouble, and every value is kept
    (["init", "/tmp/acme", "--sandbox"], 0),
    (["init", IMPORTED, "--from-csv", CSV], 0),
    (["-c", IMPORTED, "check"], 0),
    (["-c", IMPORTED, "show", "--cycle", "all"], 0),
    (["connectors"], 0),
    (["schema"], 0),
    (["sync"], 2),  # nothing is mounted at /etc/okrsync
)


SERVING = ([*DEMO, "serve", "--port"], ["sandbox", "--port"])
"""They run until they are told to stop."""


def main(root: Path) -> int:
    broken = 0
    with _writable(root):
        (root / CSV.lstrip("/")).write_text("id,parent,type,title,cycle,start,target\no,,objective,Grow,2027-Q1,,\n"
                                            "k,o,key result,Deals,2027-Q1,0,5\n")  # fmt: skip
        for arguments, expected in COMMANDS:
            ran = _run(root, ["okrsync", *arguments])
            right = ran.returncode == expected and "defect of okrsync" not in ran.stderr
            print(f"{'ok' if right else 'BROKEN'}: okrsync {' '.join(arguments)} -> {ran.returncode}")
            if not right:
                broken += 1
                print(ran.stdout[-2000:], ran.stderr[-2000:])
        for arguments in SERVING:
            told = _served(root, ["okrsync", *arguments])
            print(f"{'BROKEN' if told else 'ok'}: okrsync {' '.join(arguments[:-1])} {told}".rstrip())
            broken += bool(told)
        for what, command in (
            ("the root is read-only", ["touch", "/opt/okrsync/written"]),
            ("pip is gone", ["python3", "-m", "pip", "--version"]),
            ("no compiler is there", ["cc", "--version"]),
        ):
            held = _run(root, command).returncode != 0
            print(f"{'ok' if held else 'BROKEN'}: {what}")
            broken += not held
    return min(broken, 1)


def _run(root: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _as_user(root, command),
        env=ENVIRONMENT | (OF_IMPORTED if IMPORTED in command else {}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _served(root: Path, command: list[str]) -> str:
    """Start it, see that it listens, and stop it. Returns what is wrong."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(_as_user(root, [*command, str(port)]), env=ENVIRONMENT)
    try:
        for _ in range(120):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                return f"ended with {process.returncode}"
            time.sleep(0.5)
        else:
            return "does not listen"
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
        return f"stopped with {code}" if code else ""
    except subprocess.TimeoutExpired:
        return "does not stop"
    finally:
        process.kill()


def _as_user(root: Path, command: list[str]) -> list[str]:
    return ["/usr/sbin/chroot", f"--userspec={USER}", "--groups=", str(root), *command]


@contextmanager
def _writable(root: Path) -> Iterator[None]:
    """The root as the container sees it. The caller has given this process a mount namespace of its own."""
    _mount("--bind", str(root), str(root))
    for place in WRITABLE:
        _mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", f"{root}{place}")
    _mount("-t", "proc", "proc", f"{root}/proc")
    _mount("--rbind", "/dev", f"{root}/dev")
    _mount("-o", "remount,bind,ro", str(root))
    yield


def _mount(*arguments: str) -> None:
    subprocess.run(["/usr/bin/mount", *arguments], check=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
