"""Ports for the stand-ins of one test, far from those of another run on the same machine."""

from __future__ import annotations

import random

from cli.sandbox import free_port


def three_free_ports() -> int:
    """The first of them."""
    return free_port(random.SystemRandom().randrange(19_000, 32_000, 3))
