"""Says after a long sweep what was tried."""

from __future__ import annotations

import pytest

from tests.connectors.liar import TALLY
from tests.sweep import TORTURE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not TALLY or not (TORTURE or terminalreporter.config.option.verbose > 0):
        return
    terminalreporter.write_line("Lying answers, by connector and endpoint: tried, held, broke")
    for (connector, where), (tried, held, broke) in sorted(TALLY.items()):
        terminalreporter.write_line(f"  {connector:<12}{where:<60}{tried:>8}{held:>8}{broke:>8}")
    total = [sum(column) for column in zip(*TALLY.values(), strict=True)]
    terminalreporter.write_line(f"  {'together':<72}{total[0]:>8}{total[1]:>8}{total[2]:>8}")
