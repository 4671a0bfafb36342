"""Lanes in memory for the portal's double: several accounts beside each other, without a process."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pec_autorenew.engine.local import Runner, Task
from pec_autorenew.engine.task import Command
from tests.engine.double import PortalDouble, Truth
from tests.engine.filed import Ends
from tests.engine.office import Office, account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pec_autorenew.config import Account
    from pec_autorenew.engine.local import Result
    from pec_autorenew.engine.task import Portals
    from tests.engine.filed import Workshop

#: Longer than any look of a test; who waits for that long has nobody beside it.
PATIENCE_S = 20.0


@dataclass
class Beside:
    """What opens visits in several lanes, and knows how many are open."""

    truth: Truth
    width: int
    open: int = 0
    most: int = 0
    #: Set once the browsers are gone.
    closed: threading.Event = field(default_factory=threading.Event)

    @property
    def lanes(self) -> tuple[Callable[[Account], PortalDouble], ...]:
        """Return one way in for each lane."""
        return (self._visit,) * self.width

    def _visit(self, account: Account) -> PortalDouble:
        self.open += 1
        self.most = max(self.most, self.open)
        portal = PortalDouble(self.truth, account, account.name in self.truth.sessions)
        close = portal.close

        def closed() -> None:
            self.open -= 1
            close()

        portal.close = closed  # type: ignore[method-assign]
        return portal


def run(office: Office, beside: Beside, task: Task | None = None, **means: Any) -> Result:  # noqa: ANN401 - a runner's
    """Run with lanes."""

    @contextmanager
    def portals(_run_id: str) -> Iterator[Beside]:
        try:
            yield beside
        finally:
            beside.closed.set()

    runner = office.runner()
    runner.portals = portals  # type: ignore[assignment]
    for name, value in means.items():
        setattr(runner, name, value)
    return runner.run(task or Task(Command.RENEW))


def accounts(office: Office, count: int) -> None:
    """Configure accounts, each with a mailbox that is due; the last is the most urgent."""
    office.configure(
        *(account(f"a{number:02}") for number in range(count)),
        limits={"max_per_run": "5000.00", "max_per_month": "5000.00"},
    )
    for number in range(count):
        office.truth.add(f"m{number:02}@pec.it", 29 - number, f"a{number:02}")


def run_in(shop: Workshop, office: Office) -> Result:
    """Run with workers."""
    portals = cast("Portals", shop.crew)
    runner = Runner(office.config, office.ledger, portals, office.clock, office.watcher, office.slept.append)
    return runner.run(Task(Command.RENEW))


def asked_to_end_once_two_hang(shop: Workshop, office: Office, step: str) -> Result:
    """Run with workers of which two hang at a step; then the run is asked to end."""
    hangs, hung = Ends("hangs", signal.SIGUSR1), 0
    shop.truth.script[step] += [hangs, hangs]

    def hear(_number: int, _frame: object) -> None:
        nonlocal hung
        hung += 1
        if hung == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.signal(signal.SIGUSR1, hear)
    try:
        return run_in(shop, office)
    finally:
        signal.signal(signal.SIGUSR1, before)
