"""A worker whose portal is the double: `python -m tests.fleet.worker FACTS`, where the facts are JSON."""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.engine.distributed import Fleet, Timing
from pec_autorenew.engine.lanes import Lanes
from pec_autorenew.engine.sweeping import Company, Sweeper
from pec_autorenew.ledger import Ledger
from tests.engine.double import START
from tests.engine.office import CONFIG, Watcher, account
from tests.fleet.portal import SharedPortals

if TYPE_CHECKING:
    from datetime import datetime

#: Everything is quick, so that a test sees what takes minutes in life.
QUICK = {"poll": 0.1, "tend": 1, "heartbeat": 0.3, "dead_after": 2.0, "again": 1.0, "patience": 5.0}


@dataclass
class Facts:
    """What a worker is told when it is started."""

    ledger: str
    portal: str
    state_dir: str
    accounts: int
    #: When the common clock showed START.
    since: float
    width: int = 2
    seconds: float = 0.0
    lease: str = "3 s"
    timing: dict[str, Any] = field(default_factory=lambda: dict(QUICK))
    limits: dict[str, str] = field(default_factory=dict)

    def as_argument(self) -> str:
        """Return it for the command line."""
        return json.dumps(asdict(self))

    def config(self) -> Config:
        """Return the configuration that all workers share."""
        roomy = {"max_per_mailbox": "40.00", "max_per_run": "900000.00", "max_per_month": "900000.00"}
        tree = {
            **CONFIG,
            "limits": {**roomy, **self.limits},
            "ledger": {"url": self.ledger, "state_dir": self.state_dir},
            "worker": {"lease": self.lease},
            "accounts": [account(f"a{number}") for number in range(self.accounts)],
        }
        return Config.from_layers((Layer("file", tree),))

    def clock(self) -> datetime:
        """Tell the time that all workers share."""
        return START + timedelta(seconds=time.time() - self.since)


def sweeper(facts: Facts, ledger: Ledger, portals: Any) -> Sweeper:  # noqa: ANN401 - lanes, or the portals themselves
    """Return a worker's sweeper."""
    company = Company(lambda _: Watcher())
    never = threading.Event()
    return Sweeper(facts.config(), ledger, portals, facts.clock, never.wait, company, pretended_clock=True)  # type: ignore[arg-type]


def main() -> None:
    """Work until asked to end."""
    facts = Facts(**json.loads(sys.argv[1]))
    Path(facts.state_dir).mkdir(parents=True, exist_ok=True)
    portals = SharedPortals(facts.portal, facts.clock, facts.width, facts.seconds)
    lanes = Lanes(portals)  # type: ignore[arg-type]
    with Ledger.open(facts.ledger) as ledger:
        Fleet(sweeper(facts, ledger, lanes), lanes, facts.width, Timing(**facts.timing)).serve()


if __name__ == "__main__":
    main()
