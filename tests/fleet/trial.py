"""A trial of many workers: they are started, killed, started again; then the portal's truth is looked at."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import psycopg

from pec_autorenew.ledger import Ledger, conninfo
from tests.fleet.portal import SharedPortals, furnish
from tests.fleet.worker import Facts, sweeper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

    from tests.postgres import Server


@dataclass
class Trial:
    """Some accounts, a sweep over them, and the processes that work on it."""

    facts: Facts
    folder: Path
    workers: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    killed: int = 0
    run_id: str = ""

    @classmethod
    def of(cls, server: Server, folder: Path, accounts: int, *, due: int | None = None, **facts: Any) -> Trial:  # noqa: ANN401 - of any type
        """Furnish a portal, and begin a sweep."""
        portal = conninfo(server.empty())
        furnish(portal, accounts, due=accounts if due is None else due)
        trial = cls(Facts(server.ledger(), portal, str(folder / "begins"), accounts, time.time(), **facts), folder)
        with Ledger.open(trial.facts.ledger) as ledger:
            ledger.set_flag("canary/http://127.0.0.1:8000", "proved", trial.facts.clock())
            trial.run_id = sweeper(trial.facts, ledger, None).begin()
        return trial

    def start(self, number: int) -> None:
        """Start a worker, in the place of one that died."""
        facts = replace(self.facts, state_dir=str(self.folder / f"worker-{number}"))
        with (self.folder / f"worker-{number}.log").open("ab") as log:
            self.workers[number] = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "tests.fleet.worker", facts.as_argument()], stdout=log, stderr=log
            )

    def kill(self, number: int) -> None:
        """Kill a worker where it stands, and start another one in its place."""
        self.workers[number].kill()
        self.workers[number].wait()
        self.killed += 1
        self.start(number)

    def end(self) -> list[int]:
        """Ask all workers to end, and return their exit codes."""
        for worker in self.workers.values():
            worker.send_signal(signal.SIGTERM)
        return [worker.wait(60) for worker in self.workers.values()]

    def watch(self, every: float, for_seconds: float) -> Iterator[int]:
        """Yield how many accounts are open, now and then, until none is; at its end the sweep is over."""
        end = time.monotonic() + for_seconds
        with Ledger.open(self.facts.ledger) as ledger:
            while time.monotonic() < end:
                run = ledger.run(self.run_id)
                assert run is not None
                if run.finished_at is not None:
                    return
                yield ledger.count_open_visits(self.run_id)
                for number, worker in self.workers.items():
                    assert worker.poll() is None, self.log(number)
                pause(every)
        raise AssertionError(f"not over after {for_seconds:.0f} s")

    def log(self, number: int) -> str:
        """Return what a worker wrote."""
        return (self.folder / f"worker-{number}.log").read_text("utf-8")

    def be_cruel(self, random: Random, workers: int, every: int, for_seconds: float) -> None:
        """Kill two of so many workers at random moments, whenever about so many accounts were done since the last."""
        next_at = self.facts.accounts - every
        for still_open in self.watch(0.1, for_seconds):
            if still_open <= next_at:
                for number in random.sample(range(workers), min(2, workers)):
                    self.kill(number)
                next_at = still_open - round(every * random.uniform(0.5, 1.5))

    def sweep_again(self, accounts: set[str]) -> None:
        """Visit some accounts an hour later: in one sweep to prove what was not ordered, in the next to order it."""
        later = replace(self.facts, since=self.facts.since - 3600)
        portals = SharedPortals(later.portal, later.clock, 1)
        with Ledger.open(later.ledger) as ledger, closing(portals):
            worker = sweeper(later, ledger, portals)
            for _ in range(2):
                run_id = worker.begin()
                for account in sorted(accounts):
                    worker.visit(run_id, account)

    # -- the truth -------------------------------------------------------------------------------------------------

    def orders(self) -> dict[str, int]:
        """Return how many orders the portal has for each mailbox that has any."""
        with psycopg.connect(self.facts.portal) as connection:
            return dict(connection.execute("SELECT address, count(*) FROM placed GROUP BY address").fetchall())


def pause(seconds: float) -> None:
    """Let the others work."""
    import threading

    threading.Event().wait(seconds)
