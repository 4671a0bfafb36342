"""The client's renewal, timed from the start of its browser to the proof in the ledger.

Run as `python -m bench.client CONFIG`; the last line of stdout is the time in seconds, imports left out, as for the
script.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pec_autorenew.cli.watching import Silence
from pec_autorenew.config import clock_from_env, load_config
from pec_autorenew.engine.local import Command, Runner, Task
from pec_autorenew.flows.portal import browser_portals
from pec_autorenew.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator


def main() -> None:
    """Renew what is due."""
    config = load_config(Path(sys.argv[1]))
    clock = clock_from_env(config)

    @contextmanager
    def portals(run_id: str) -> Iterator[Any]:
        with browser_portals(config, clock, config.state_dir / "runs" / run_id) as opened:
            yield opened

    with Ledger.open(config.ledger_url) as ledger:
        started = time.perf_counter()
        Runner(config, ledger, portals, clock, Silence()).run(Task(Command.RENEW))
        print(time.perf_counter() - started)


if __name__ == "__main__":
    main()
