"""A run's surroundings for engine tests: the portal's double, a real ledger, a configuration."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.engine.errand import no_mail
from pec_autorenew.engine.local import Command, Result, Runner, Task
from tests.engine.double import Clock, Truth, portals_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pec_autorenew.confirmations import Reader
    from pec_autorenew.ledger import Handover, Ledger, Renewal
    from pec_autorenew.model import Item, WantedOrder

CONFIG: dict[str, Any] = {
    "portal": {"base_url": "http://127.0.0.1:8000/"},
    "limits": {"max_per_mailbox": "40.00", "max_per_run": "200.00", "max_per_month": "500.00"},
    "mandate": {"given_by": "Prova", "given_on": "2026-11-01", "accept": ["condizioni-generali"]},
}


def account(name: str, **facts: object) -> dict[str, object]:
    """Return an account's table."""
    return {"name": name, "username": f"{name}@aruba.it", "password": {"env": "UNUSED"}, **facts}


@dataclass
class Watcher:
    """Remembers what a run told whoever watches; may fail at it."""

    orders: list[list[str]] = field(default_factory=list)
    told: list[Item] = field(default_factory=list)
    asked_for: list[Handover] = field(default_factory=list)
    on_done: Callable[[Item], None] | None = None

    def look(self, account: str) -> None:
        """Hear nothing."""

    def planned(self, orders: list[WantedOrder]) -> None:
        """Remember what was planned."""
        self.orders.append([box.address for order in orders for box in order.mailboxes])

    def ordering(self, order: WantedOrder) -> None:
        """Hear nothing."""

    def asked(self, handover: Handover) -> None:
        """Remember what a person is asked to do."""
        self.asked_for.append(handover)

    def done(self, item: Item) -> None:
        """Remember the item."""
        if self.on_done is not None:
            self.on_done(item)
        self.told.append(item)


@dataclass
class Office:
    """Everything that a run needs, and short ways to ask what came of it."""

    state_dir: Path
    ledger: Ledger
    clock: Clock = field(default_factory=Clock)
    tree: dict[str, Any] = field(default_factory=lambda: {**deepcopy(CONFIG), "accounts": [account("studio")]})
    watcher: Watcher = field(default_factory=Watcher)
    pretended_clock: bool = False
    slept: list[float] = field(default_factory=list)
    #: What is read in the accounts' mailboxes.
    confirmations: Reader = no_mail
    truth: Truth = field(init=False)

    def __post_init__(self) -> None:
        """Give the portal the same clock."""
        self.truth = Truth(self.clock)

    def configure(self, *accounts: dict[str, object], **tables: dict[str, Any]) -> None:
        """Change tables of the configuration, and the accounts."""
        if accounts:
            self.tree["accounts"] = list(accounts)
        for name, table in tables.items():
            self.tree[name] = {**self.tree.get(name, {}), **table}

    @property
    def config(self) -> Config:
        """The configuration in force."""
        ledger = {**self.tree.get("ledger", {}), "state_dir": str(self.state_dir)}
        return Config.from_layers((Layer("file", {**self.tree, "ledger": ledger}),))

    def runner(self) -> Runner:
        """Return what a command would start."""
        return Runner(
            self.config,
            self.ledger,
            portals_of(self.truth),  # type: ignore[arg-type]
            self.clock,
            self.watcher,
            self.slept.append,
            self.pretended_clock,
            confirmations=self.confirmations,
        )

    def run(self, command: str = "renew", **task: Any) -> Result:  # noqa: ANN401 - whatever a task takes
        """Run a command."""
        return self.runner().run(Task(Command(command), **task))

    def send_canary_home(self) -> None:
        """Let an order have been seen in the portal's list before: the next ones need not go alone (BLK-3)."""
        self.ledger.set_flag("canary/http://127.0.0.1:8000", "proved", self.clock())

    def renewals(self, address: str | None = None) -> tuple[Renewal, ...]:
        """Return what the ledger holds."""
        return self.ledger.renewals(address=address)


def said(result: Result) -> dict[str | None, tuple[str, str]]:
    """Return outcome and reason by mailbox; two items for one mailbox are an error of the run."""
    told = {item.mailbox: (item.outcome.value, item.reason) for item in result.items}
    assert len(told) == len(result.items), result.items
    return told
