"""What tests of the walk over the portal have in common: whoever goes along, a relabelled portal, a whole run."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pec_autorenew.cli.watching import Silence
from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.engine.local import Command, Result, Runner, Task
from pec_autorenew.ledger import Ledger
from tests.flows.clerk import PASSWORD_VARIABLE, STUDIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pec_autorenew.config import Account
    from pec_autorenew.flows.check_portal import Guide
    from pec_autorenew.flows.portal import BrowserPortal
    from pec_autorenew.mock_portal import Account as Customer
    from tests.flows.clerk import Clerk


@dataclass
class Companion:
    """Goes along, hears every step, and does what a test says at some of them; ends the walk at `until`."""

    until: str = ""
    at: dict[str, Callable[[], object]] = field(default_factory=dict)
    on_wait: Callable[[str], bool] = lambda _: False
    steps: list[str] = field(default_factory=list)

    def next(self, step: str) -> bool:
        """Hear a step."""
        self.steps.append(step)
        for words, act in self.at.items():
            if words in step:
                act()
        return not self.until or self.until not in step

    def wait(self, why: str) -> bool:
        """Do what the portal asks for."""
        self.steps.append(f"wait: {why}")
        return self.on_wait(why)


def nothing(_: object) -> None:
    """Prepare nothing."""


@dataclass
class Checks:
    """Runs `check-portal` on the clerk's portal as the command does, with a ledger and a state folder of its own."""

    clerk: Clerk
    folder: Path
    #: The newest visit.
    visit: BrowserPortal | None = None

    def config(self, customer: Customer = STUDIO, **tables: Any) -> Config:  # noqa: ANN401 - any table
        """Return a configuration for one customer."""
        self.clerk.remember(customer.password)
        tree = {
            "portal": {
                "base_url": self.clerk.portal.url,
                "login_origins": list(self.clerk.portal.login_origins),
            },
            "browser": {"action_timeout": "5 s"},
            "ledger": {"state_dir": str(self.folder)},
            "accounts": [{"name": "clerk", "username": customer.username, "password": {"env": PASSWORD_VARIABLE}}],
            **tables,
        }
        return Config.from_layers((Layer("file", tree),))

    def run(
        self,
        customer: Customer = STUDIO,
        *,
        guide: Guide | None = None,
        relabel: tuple[str, str] | None = None,
        prepare: Callable[[BrowserPortal], object] = nothing,
        tables: dict[str, Any] | None = None,
        **task: Any,  # noqa: ANN401 - whatever a task takes
    ) -> Result:
        """Run it; `relabel` is what the portal says now in the place of something."""
        config = self.config(customer, **(tables or {}))
        if relabel is not None:
            relabelled(self.clerk, *relabel)

        def visit(account: Account) -> BrowserPortal:
            opened = self.clerk.open_portal(account)
            opened.sessions.forget(account.name)  # a walk comes to the door without one, and here the pages come first
            opened.pages.screen.timeout = 2_500 if relabel or prepare is not nothing else 8_000
            if guide is not None:
                opened.guide = guide
            prepare(opened)
            self.visit = opened
            self.clerk.visits.append(opened)
            return opened

        @contextmanager
        def portals(_: str) -> Iterator[Any]:
            yield visit

        with Ledger.open(config.ledger_url) as ledger:
            runner = Runner(config, ledger, portals, self.clerk.truth.clock.now, Silence())
            result = runner.run(Task(Command.CHECK_PORTAL, live=False, **task))
            stored = ledger.run(result.run_id)
            assert stored is not None
            assert stored.mode == "dry-run"
            assert ledger.renewals() == ()
        return result


def relabelled(clerk: Clerk, was: str, now: str) -> None:
    """Let the portal say `now` wherever it said `was`, in whatever case; until it is arranged afresh."""
    pattern = re.compile(re.escape(was), re.IGNORECASE)
    clerk.portal._desk.rendering.rename = lambda text: pattern.sub(now, text)  # type: ignore[assignment]


def untouched(clerk: Clerk) -> dict[str, object]:
    """Return the part of the truth that no walk may change."""
    truth = clerk.truth
    return {
        "mailboxes": {address: replace(box) for address, box in truth.mailboxes.items()},
        "orders": dict(truth.orders),
        "accounts": dict(truth.accounts),
        "options": truth.options,
        "confirm posts": truth.confirm_posts,
        "holder edits": list(truth.holder_edits),
    }
