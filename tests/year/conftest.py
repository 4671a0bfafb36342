"""Say what the years and months came to: there is nothing to look at in a test that passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Add a line for each (`make torture`)."""
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, ())]
    told = sorted(str(value) for one in reports for name, value in one.user_properties if name == "year")
    if told:
        terminalreporter.write_sep("=", "years and months")
        for line in told:
            terminalreporter.write_line(line)
