"""The command line in this process, in front of the engine's double of the portal: quick, and no browser."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from pec_autorenew.cli import cli
from pec_autorenew.ledger import Ledger
from tests.cli.users import Done
from tests.engine.double import Clock, Truth, portals_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

HEAD = """\
[portal]
base_url = "http://127.0.0.1:8000/"
[ledger]
state_dir = "state"
{ledger}
[limits]
max_per_mailbox = "40.00"
max_per_run = "200.00"
max_per_month = "500.00"
[mandate]
given_by = "Prova Provetti"
given_on = 2026-11-01
accept = ["condizioni-generali"]
"""
ACCOUNT = """
[[accounts]]
name = "{name}"
username = "{name}@aruba.it"
password = {{ env = "UNUSED" }}
"""


@dataclass
class Counter:
    """A user's folder, a portal's truth, and the commands."""

    home: Path
    truth: Truth = field(default_factory=lambda: Truth(Clock()))

    @property
    def state(self) -> Path:
        """The folder of ledger and reports."""
        return self.home / "state"

    def write(self, more: str = "", *accounts: str, ledger: str = "") -> None:
        """Write the configuration."""
        text = HEAD.format(ledger=ledger) + more
        text += "".join(ACCOUNT.format(name=name) for name in accounts or ("studio",))
        (self.home / "config.toml").write_text(text, encoding="utf-8")

    def run(self, command: str, *arguments: str, **environ: str) -> Done:
        """Run a command at the portal's time."""
        clock = {"PEC_AUTORENEW_CLOCK": self.truth.clock.now.isoformat()}
        done = CliRunner().invoke(cli, [command, "-c", str(self.home / "config.toml"), *arguments], env=clock | environ)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger."""
        with Ledger.open(self.state / "ledger.sqlite3") as opened:
            yield opened

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Return what the ledger holds of this kind."""
        with self.ledger() as ledger:
            return [json.loads(json.dumps(dict(event.facts))) for event in ledger.events(kind=kind)]


def counter_at(home: Path, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Return a counter whose commands go to its truth in the place of a browser."""
    counter = Counter(home)

    @contextmanager
    def portals(_config: object, _clock: object, folder: Path, **_: object) -> Iterator[object]:
        with portals_of(counter.truth)(folder.name) as opened:  # type: ignore[attr-defined]
            yield opened

    monkeypatch.setattr("pec_autorenew.engine.crew.browsers", portals)
    counter.write()
    return counter
