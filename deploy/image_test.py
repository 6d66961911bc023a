"""Runs the commands of okrsync in the root file system of a built image: as uid 10001, which has no passwd entry, and
with a read-only root. Writable are /tmp and /var/lib/okrsync alone, both empty. Called by `deploy/image-test`, as root.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    ([*DEMO, "test"], 0),
    ([*DEMO, "check-in", "tickets", "--value", "70", "--note", "counted by hand"], 0),
    ([*DEMO, "pin", "visits"], 0),
    ([*DEMO, "resume", "visits"], 0),
    ([*DEMO, "sync"], 3),  # the stand-ins of the demo are gone: passing trouble, and every value is kept
    (["init", "/tmp/acme", "--sandbox"], 0),
    (["init", "/tmp/imported", "--from-csv", CSV], 0),
    (["-c", "/tmp/imported", "check"], 0),
    (["connectors"], 0),
    (["schema"], 0),
    (["sync"], 2),  # nothing is mounted at /etc/okrsync
)


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
        ["/usr/sbin/chroot", f"--userspec={USER}", "--groups=", str(root), *command],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


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
