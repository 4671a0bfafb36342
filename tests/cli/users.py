"""A user at a terminal-less machine: a home of their own, a configuration, and the command as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.cli.starter import starter
from tests.markers import SAID

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import MockPortal

REPOSITORY: Final = Path(__file__).parents[2]

#: Whoever holds one of these has seen a secret (SEC-1).
MARKS: Final = {
    "PEC_STUDIO": "S3gret0-Ginepro-41",
    "PEC_AZIENDA": "S3gret0-Prugnolo-42",
    "PEC_BIANCA": "S3gret0-Sorbo-43",
}

HEAD: Final = """\
[portal]
base_url = "{url}"

[browser]
action_timeout = "10 s"

[limits]
max_per_mailbox = "40.00"
max_per_run = "200.00"
max_per_month = "500.00"

[mandate]
given_by = "Prova Provetti"
given_on = 2026-11-01
accept = ["condizioni-generali", "clausole-vessatorie", "informativa-privacy"]
"""

STUDIO: Final = """
[[accounts]]
name = "studio"
username = "100001@aruba.it"
password = { env = "PEC_STUDIO" }
client = "ginepro"
"""

AZIENDA: Final = """
[[accounts]]
name = "azienda"
username = "100002@aruba.it"
password = { env = "PEC_AZIENDA" }
[accounts.billing]
identifier = "nessuno"
"""

BIANCA: Final = """
[[accounts]]
name = "bianca"
username = "200001@aruba.it"
password = { env = "PEC_BIANCA" }
"""


@dataclass(frozen=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one document on stdout; anything else there is an error."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document

    def items(self) -> dict[str | None, tuple[str, str]]:
        """Return outcome and reason of each mailbox."""
        return {item["mailbox"]: (item["outcome"], item["reason"]) for item in self.json["items"]}

    def mailboxes(self, outcome: str) -> set[str | None]:
        """Return the mailboxes with this outcome."""
        return {address for address, (said, _) in self.items().items() if said == outcome}


Start = Callable[..., "MockPortal"]


@dataclass(slots=True)
class User:
    """Somebody with an empty home."""

    home: Path
    #: What the portal's clock says; the client's is set to it.
    now: Callable[[], str]
    #: Where the portal asks for a password, if it is not where it is itself.
    login_origins: Callable[[], Sequence[str] | None]
    said: list[str] = field(default_factory=list)
    #: Seconds that a command may take.
    patience: float = 100

    def __post_init__(self) -> None:
        """Make the place for temporary files, among all that is looked through at the end."""
        self._shared("temporary").mkdir(parents=True, exist_ok=True)

    def _shared(self, name: str) -> Path:
        return self.home.parent / name

    @property
    def config(self) -> Path:
        """The place of the configuration, where it is looked for."""
        return self.home / ".config" / "pec-autorenew" / "config.toml"

    @property
    def state(self) -> Path:
        """The folder of ledger, reports and evidence."""
        return self.home / ".local" / "state" / "pec-autorenew"

    @property
    def environment(self) -> dict[str, str]:
        """What the user's processes are given: nothing of the test's own, and the secrets."""
        origins = self.login_origins()
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(REPOSITORY),
            "PEC_AUTORENEW_CLOCK": self.now(),
            # Compiled once for all users of a session, not for each.
            "NODE_COMPILE_CACHE": str(self._shared("driver")),
            "TMPDIR": str(self._shared("temporary")),
            **({"PEC_AUTORENEW_PORTAL__LOGIN_ORIGINS": json.dumps(origins)} if origins else {}),
            **MARKS,
        }

    def write(self, text: str) -> None:
        """Write the configuration."""
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(text, encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        """Return the command line."""
        return [sys.executable, "-m", "pec_autorenew", *arguments]

    def run(self, *arguments: str, **environment: str) -> Done:
        """Run the command to its end, in a folder that holds nothing."""
        given = self.environment | environment
        ours = all(name.startswith("PEC_") for name in environment)
        if ours and not os.environ.get("PEC_EVERY_LAYOUT"):
            done = Done(*starter().run(arguments, given, self.home, self.patience))
        else:  # what Python itself reads at its start
            done = self._run_by_python(arguments, given)
        self.said += [done.out, done.err]
        return done

    def _run_by_python(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Done:
        done = subprocess.run(  # noqa: S603 - our own program
            self.command(*arguments),
            env=environment,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self.patience,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def keep_said(self) -> None:
        """Keep what was printed where it is looked through at the end (SEC-1)."""
        (self.home / SAID).write_text("\n".join(self.said), encoding="utf-8", errors="replace")


def both(portal: MockPortal) -> str:
    """Return a configuration for the demo's two customers."""
    return HEAD.format(url=portal.url) + STUDIO + AZIENDA


def ordered(portal: MockPortal) -> list[str]:
    """Return the mailboxes in the portal's orders, one entry for each order that holds them."""
    return sorted(address for order in portal.truth.orders.values() for address in order.addresses)
