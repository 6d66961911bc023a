"""Who runs this process, as the operating system knows it. Anybody can claim another name; both are written down."""

from __future__ import annotations

import getpass
import os
import socket


def user() -> str:
    """The user's name, or the number where the system knows no name for it, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def system_user() -> str:
    """The user of this process and its machine, whatever the environment claims: "ada@build-7", "uid 10001@pod-3"."""
    try:
        import pwd

        name = pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        name = f"uid {os.getuid()}" if hasattr(os, "getuid") else getpass.getuser()
    return f"{name}@{socket.gethostname()}"
