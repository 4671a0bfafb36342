"""The whole client, run in this process against a mock portal where something goes wrong."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.engine.local import Command, Runner, Task
from pec_autorenew.ledger import Ledger
from pec_autorenew.results import item_as_json
from tests.engine.office import Watcher
from tests.faults.promises import Promises
from tests.wrongs import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pec_autorenew.engine.task import OpenPortal
    from pec_autorenew.ledger import Renewal
    from pec_autorenew.mock_portal import Layout, MockPortal, Truth

PASSWORD: Final = "PEC_FAULTS_PASSWORD"
DUE: Final = "bianca.sorbo@pec.it"
WAITING: Final = ("awaiting-payment", "waiting")
#: Longer than `renewal.settle`: an empty list proves something now.
SETTLED: Final = timedelta(minutes=20)
#: How many runs come after what went wrong: one finds that nothing was ordered, one orders, one has nothing to do. In
#: `make test` the first that has nothing to do and does nothing is the last: the next would begin where it began.
LATER: Final = 3
TO_THE_END: Final = bool(os.environ.get("PEC_EVERY_LAYOUT"))
#: How long the client waits for the portal; an answer that is late comes later than this.
PATIENCE: Final = "4 s"


def tree_for(portal: MockPortal, state_dir: Path, **tables: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration for the one customer of «single»."""
    return {
        "portal": {"base_url": portal.url, "login_origins": list(portal.login_origins)},
        "browser": {"action_timeout": PATIENCE},
        "ledger": {"state_dir": str(state_dir)},
        "limits": {"max_per_mailbox": "40.00", "max_per_run": "200.00", "max_per_month": "500.00"},
        "mandate": {
            "given_by": "Prova Provetti",
            "given_on": "2026-11-01",
            "accept": ["condizioni-generali", "clausole-vessatorie", "informativa-privacy"],
        },
        "accounts": [{"name": "bianca", "username": "200001@aruba.it", "password": {"env": PASSWORD}}],
        **tables,
    }


@dataclass
class Scene:
    """One customer, one client with a ledger of its own, and a portal that does not behave."""

    portal: MockPortal
    open_portal: OpenPortal
    state_dir: Path
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    due: tuple[str, ...] = (DUE,)
    promises: Promises = field(init=False)
    runs: int = 0
    kills: int = 0
    struck: int = 0
    #: What happens while the client waits.
    on_sleep: Callable[[], object] = lambda: None

    def begin(self, *faults: str, layout: Layout = "g4", truth: str = "single") -> Scene:
        """Arrange the portal, and remember how it stands."""
        self.portal.reset(scenario="+".join((truth, *faults)), layout=layout)
        self.promises = Promises.of(self.truth, self.due, self.tables.get("renewal", {}).get("years", 1))
        return self

    @property
    def truth(self) -> Truth:
        """What the portal knows."""
        return self.portal.truth

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return Config.from_layers((Layer("file", tree_for(self.portal, self.state_dir, **self.tables)),))

    def run(self, command: str = "renew", **task: Any) -> dict[str, tuple[str, str]]:  # noqa: ANN401 - a task's fields
        """Run a command, judge it on the truth, and return outcome and reason by mailbox."""

        @contextmanager
        def portals(_run_id: str) -> Iterator[OpenPortal]:
            yield self.open_portal

        with self.ledger() as ledger:
            runner = Runner(
                self.config,
                ledger,
                portals,
                self.truth.clock.now,
                Watcher(),
                self._sleep,
                pretended_clock=True,
            )
            result = runner.run(Task(Command(command), **task))
        report = {"items": [item_as_json(item) for item in result.items], "exit_code": result.codes[0]}
        self.promises.keep(report)
        self.promises.hold()
        self.codes = result.codes
        self.runs += 1
        return {item.mailbox or "": (item.outcome.value, item.reason) for item in result.items}

    def _sleep(self, seconds: float) -> None:
        self.truth.clock.advance(seconds)
        self.on_sleep()

    def calm(self) -> None:
        """Let nothing more go wrong."""
        self.struck += len(self.portal.faults.struck)
        self.portal.clear_faults()

    def later_runs(self) -> dict[str, tuple[str, str]]:
        """Run again and again, each later than `settle`; judge the ledger; return what the last one said."""
        for _ in range(LATER):
            self.truth.clock.advance(SETTLED.total_seconds())
            before = dict(self.truth.orders)
            said = self.run()
            idle = before == self.truth.orders and {said.get(one) for one in self.due} == {WAITING}
            if idle and not TO_THE_END:
                break
        with self.ledger() as ledger:
            self.promises.keep_in(ledger)
        self.promises.hold()
        return said

    def tally(self) -> Counter[str]:
        """Count what was done and what was found, for the summary."""
        done = {"runs": self.runs, "kills": self.kills, "faults": self.struck + len(self.portal.faults.struck)}
        wrongs = Counter(kind.value for kind, _ in self.promises.wrongs)
        return Counter({**done, "orders": len(self.truth.orders), **{kind.value: wrongs[kind.value] for kind in Wrong}})

    def ledger(self) -> Ledger:
        """Open the ledger."""
        return Ledger.open(self.state_dir / "ledger.sqlite3")

    def renewals(self) -> tuple[Renewal, ...]:
        """Return what the ledger holds."""
        with self.ledger() as ledger:
            return ledger.renewals()
