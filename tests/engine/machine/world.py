"""Two machines, one ledger in SQLite, one portal: runs, also one in the middle of another, and power cuts."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Never
from unittest import mock

from sqlalchemy import event

from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.engine.local import Runner
from pec_autorenew.errors import PecAutorenewError
from pec_autorenew.ledger import Ledger
from tests.engine.double import Clock
from tests.engine.machine.portal import SETTLE, Going, WatchedTruth, portals_of
from tests.engine.machine.tally import TALLY
from tests.engine.machine.verdicts import wrong_with_order, wrong_with_report
from tests.engine.office import CONFIG, Watcher, account

if TYPE_CHECKING:
    from datetime import timedelta

    from pec_autorenew.engine.local import Result, Task
    from tests.engine.double import Order
    from tests.engine.machine.portal import Filled

PORTAL: Final = CONFIG["portal"]["base_url"]
FULL: Final = "database or disk is full"
#: Memory, where there is some: a power cut is simulated, and no disk has to prove itself.
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it


class PowerCut(BaseException):
    """The machine is dead: whatever its process still does in unwinding never happens."""


@cache
def _empty_ledger() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite3"
        Ledger.open(path).close()
        return path.read_bytes()


class World:
    """All that the state machine acts on."""

    def __init__(self, approval: str = "none", limits: tuple[str, str, str] = ("70.00", "200.00", "500.00")) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pec-machine-", dir=MEMORY if MEMORY.is_dir() else None))
        self.clock = Clock()
        self.truth = WatchedTruth(self.clock, judge=self._judge)
        self.wrongs: list[tuple[str, str]] = []
        self.tree: dict[str, Any] = {
            **deepcopy(CONFIG),
            "limits": dict(zip(("max_per_mailbox", "max_per_run", "max_per_month"), limits, strict=True)),
            "renewal": {"settle": f"{SETTLE.seconds // 60} min", "approval": approval},
            "accounts": [account("studio", exclude=["ESCL@pec.it"]), account("azienda", years=2)],
        }
        self._configs: dict[str, Config] = {}
        self._copies = 0
        self.path = self.folder / "ledger-0.sqlite3"
        self.path.write_bytes(_empty_ledger())
        self.ledger = self._open()

    def close(self) -> None:
        """Leave nothing behind."""
        self.ledger.close()
        shutil.rmtree(self.folder)

    def config(self, machine: str = "here") -> Config:
        """Return the configuration of a machine: each has a state folder of its own."""
        if machine not in self._configs:
            tree = {**self.tree, "ledger": {"state_dir": str(self.folder / machine)}}
            self._configs[machine] = Config.from_layers((Layer("file", tree),))
        return self._configs[machine]

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.clock.advance(by)

    # -- runs ------------------------------------------------------------------------------------------------------

    def run(
        self, task: Task, *, machine: str = "here", cut_after: int | None = None, full_after: int | None = None
    ) -> Result | None:
        """Run a task, and judge what it says; None where it ended with an error, or died."""
        truth, here = self.truth, machine == "here"
        ledger = self.ledger if here else self._open()
        going = Going(task, self.config(machine), ledger, machine, self.clock.now)
        going.cut_after, going.full_after = cut_after, full_after
        going.before = {address: box.expiry for address, box in truth.boxes.items()}
        TALLY.runs += 1
        TALLY.nested += bool(truth.going)
        truth.going.append(going)
        result = None
        try:
            with mock.patch("platform.node", return_value=machine):
                runner = Runner(going.config, ledger, portals_of(truth), self.clock, Watcher(), _no_waiting)  # type: ignore[arg-type]
                result = runner.run(task)
        except (PowerCut, PecAutorenewError):
            assert result is None
        finally:
            truth.going.pop()
            if not here:
                ledger.close()
        if going.dead:
            self._begin_again(going)
            return None
        if result is not None:
            self._tell(wrong_with_report(truth, going, result))
        return result

    def _judge(self, truth: WatchedTruth, order: Order, going: Going, filled: Filled) -> None:
        self._tell(wrong_with_order(truth, order, going, filled))

    def _tell(self, wrongs: Any) -> None:  # noqa: ANN401 - any iterable of what is wrong
        for kind, what in wrongs:
            TALLY.wrongs[kind] += 1
            self.wrongs.append((kind, what))

    # -- death -----------------------------------------------------------------------------------------------------

    def cut(self) -> Never:
        """Cut the power of the machine that works now: its ledger is what the disk has at this moment."""
        going = self.truth.going[-1]
        going.dead = True
        TALLY.kills += 1
        if going.ledger is self.ledger:
            self.truth.script.clear()
            self._copies += 1
            for suffix in ("", "-journal", "-wal"):
                present = self.path.with_name(self.path.name + suffix)
                if present.exists():
                    shutil.copy(present, self.folder / f"ledger-{self._copies}.sqlite3{suffix}")
        raise PowerCut

    def _begin_again(self, going: Going) -> None:
        """Go on with what the disk had; the ledger that the dying process wrote on is thrown away."""
        if going.ledger is self.ledger:
            self.ledger.close()
            self.path = self.folder / f"ledger-{self._copies}.sqlite3"
            self.ledger = self._open()

    def _open(self) -> Ledger:
        ledger = Ledger.open(self.path)
        engine = ledger._database.engine

        @event.listens_for(engine, "before_cursor_execute")
        def _before(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
            self._statement(ledger, statement)

        @event.listens_for(engine, "commit")
        def _commit(_connection: Any) -> None:  # noqa: ANN401 - likewise
            self._statement(ledger, "COMMIT")

        return ledger

    def _statement(self, ledger: Ledger, statement: str) -> None:
        """Let the disk be full, or the power fail, at a statement of the run that works on this ledger."""
        going = next((one for one in reversed(self.truth.going) if one.ledger is ledger), None)
        if going is None:
            return
        if going.dead:
            if ledger is not self.ledger:
                raise PowerCut
            return  # what it writes is thrown away
        if going.cut_after is not None:
            going.cut_after -= 1
            if going.cut_after < 0:
                self.cut()
        if going.full_after is not None and statement.startswith(("INSERT", "UPDATE", "DELETE")):
            going.full_after -= 1
            if going.full_after < 0:
                TALLY.faults += going.full_after == -1
                raise sqlite3.OperationalError(FULL)


def _no_waiting(_seconds: float) -> None:
    """Take no time."""
