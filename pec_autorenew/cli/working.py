"""`worker`: takes accounts from the queue of a shared ledger, beside its like on any number of machines."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import click

from pec_autorenew.cli.aftermath import Aftermath
from pec_autorenew.cli.ending import ending, leave
from pec_autorenew.cli.options import asking
from pec_autorenew.cli.running import looking
from pec_autorenew.cli.telling import told_of_errors
from pec_autorenew.cli.watching import Lines

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pec_autorenew.cli.options import Asked
    from pec_autorenew.cli.running import Look
    from pec_autorenew.engine.lanes import Lanes
    from pec_autorenew.engine.sweeping import Company, Sweeper
    from pec_autorenew.engine.task import Progress, Result

#: How often it is looked whether the one sweep that somebody waits for is over, in seconds.
_SOON_S: Final = 2


@click.command("worker")
@click.option("--once", is_flag=True, help="Begin a sweep over all accounts now, and end with its exit code.")
@asking()
def worker(asked: Asked, *, once: bool) -> None:
    """Look after the accounts together with workers on other machines, over one ledger on PostgreSQL."""
    with ending(asked, "worker"):
        from pec_autorenew.engine.locks import only_run
        from pec_autorenew.engine.readiness import require_ready

        logging.basicConfig(level=logging.WARNING, format="%(message)s")
        config = asked.config()
        with told_of_errors(asked, config, live=True):
            require_ready(config)
        require_shared(config.ledger.url)
        with looking(asked, config, told=True) as look, only_run(config.state_dir, "worker"):
            leave(work(look, once=once))


def require_shared(ledger_url: str) -> None:
    """Raise ConfigError unless the ledger is one that workers can share, and what they need is installed."""
    from importlib.util import find_spec

    from pec_autorenew.errors import ConfigError

    if not ledger_url.startswith("postgresql"):
        raise ConfigError("`worker` needs a ledger on PostgreSQL, named by `[ledger] url`: see docs/scaling.md.")
    if find_spec("procrastinate") is None:
        raise ConfigError("`worker` needs the extra «fleet»: pip install 'pec-autorenew[fleet]'.")


def work(look: Look, *, once: bool) -> int:
    """Work until asked to end; with `once`, until a sweep that begins now is over, whose exit code is returned."""
    from pec_autorenew.engine.distributed import Fleet
    from pec_autorenew.engine.lanes import Lanes

    with closing(Lanes(partial(_browsers, look))) as lanes:
        if once:
            return _one_sweep(look, lanes)
        Fleet(_sweeper(look, lanes), lanes, look.config.browser.workers).serve()
        return 0


def _one_sweep(look: Look, lanes: Lanes) -> int:
    """Begin a sweep, work until it is over, and begin no other: the exit code is that of one."""
    from pec_autorenew.engine.distributed import Fleet, Timing

    sweeper = _sweeper(look, lanes)
    sweeper.keeps_times = False
    run_id = sweeper.begin()

    def is_over() -> bool:
        return run_id not in look.ledger.sweeps_under_way(sweeper.portal)

    Fleet(sweeper, lanes, look.config.browser.workers, Timing(tend=_SOON_S), until=is_over).serve()
    run = look.ledger.run(run_id)
    return run.exit_code or 0 if run is not None and run.finished_at else 75


def _browsers(look: Look, run_id: str) -> AbstractContextManager[Any]:
    from pec_autorenew.engine.crew import browsers
    from pec_autorenew.engine.pacing import pace_of

    pace = pace_of(look.config, look.ledger, look.clock, run_id, has_time=True)
    return browsers(look.config, look.clock, look.folder(run_id), pace=pace)


def _sweeper(look: Look, lanes: Any) -> Sweeper:  # noqa: ANN401 - the worker's lanes
    from pec_autorenew.engine.sweeping import Sweeper

    company = _company(look)
    return Sweeper(look.config, look.ledger, lanes, look.clock, time.sleep, company, look.clock.pretended)


def _company(look: Look) -> Company:
    """Return whoever hears of a run of `renew` on one machine."""
    from pec_autorenew.confirmations import read_confirmations
    from pec_autorenew.engine.sweeping import Company

    @lru_cache(maxsize=1)  # all visits of a sweep: what cannot wait is told together
    def watches(run_id: str) -> Progress:
        return Aftermath(look).joining(run_id, Lines(as_json=look.asked.log_json))

    def ends(result: Result) -> None:
        look.report(result)

    return Company(
        watches,
        begins=lambda run_id: Aftermath(look).prelude(run_id),
        ends=ends,
        breaks=lambda error: Aftermath(look).broke(error),
        before_renewal=Aftermath(look).programs.before_renewal,
        confirmations=read_confirmations,
    )
