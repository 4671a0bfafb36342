"""A run on this machine: alone, in the ledger from its first moment, and finished there whatever happens."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from pec_autorenew.config import masked_dump
from pec_autorenew.engine.errand import Errand, no_mail, nobody_minds
from pec_autorenew.engine.locks import forget_the_dead, holder_of, only_run
from pec_autorenew.engine.readiness import require_ready
from pec_autorenew.engine.reckoning import report_of
from pec_autorenew.engine.reminding import remember_reminders
from pec_autorenew.engine.restored import notice_restored
from pec_autorenew.engine.round import Round
from pec_autorenew.engine.stopping import Overtime, requests_heard
from pec_autorenew.engine.task import Command, Portals, Progress, Result, Task
from pec_autorenew.errors import HookFailed, Interrupted, LedgerError, OutOfTime, PecAutorenewError
from pec_autorenew.model import Outcome
from pec_autorenew.planning import today_in_rome
from pec_autorenew.results import FAILED, exit_code_of_error, exit_codes, worst_first

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pec_autorenew.config import Config
    from pec_autorenew.confirmations import Reader
    from pec_autorenew.ledger import Ledger
    from pec_autorenew.model import WantedMailbox, WantedOrder

__all__ = ["Command", "Portals", "Progress", "Result", "Runner", "Task"]

#: The commands that write down what became of an order.
_SETTLING: Final = frozenset({Command.RENEW, Command.RECONCILE})


@dataclass(slots=True)
class Runner:
    """Runs a task over the accounts; what becomes of it is decided in this one process, whoever drives the browsers."""

    config: Config
    ledger: Ledger
    portals: Portals
    clock: Callable[[], datetime]
    progress: Progress
    sleep: Callable[[float], None] = time.sleep
    #: Whether `clock` is a test's.
    pretended_clock: bool = False
    #: Called with the run's name once it stands in the ledger, before anything is visited; what it raises ends the run.
    prelude: Callable[[str], object] = lambda _: None
    #: Called with the run's name and mode, an order and one of its mailboxes right before it is filled in; HookFailed
    #: keeps this mailbox from being ordered.
    before_renewal: Callable[[str, str, WantedOrder, WantedMailbox], object] = nobody_minds
    #: Reads the mail about an account's orders, for the commands that settle them.
    confirmations: Reader = no_mail

    def run(self, task: Task) -> Result:
        """Do `task` and have it in the ledger. Raises AnotherRun, ConfigError, LedgerError.

        A request to end (Ctrl-C, SIGTERM) ends it early, with what became of each mailbox in the result.
        """
        if task.command is Command.RENEW:
            require_ready(self.config)
        started = self.clock()
        result = Result(f"{started:%Y-%m-%dT%H-%M-%S}Z-{uuid4().hex[:4]}")
        errand = Errand(
            self.config,
            self.ledger,
            result.run_id,
            task.live,
            self.clock,
            holder_of(result.run_id),
            self.sleep,
            task.attended,
            self.pretended_clock,
            before_renewal=self.before_renewal,
            confirmations=self.confirmations if task.command in _SETTLING else no_mail,
        )
        with only_run(self.config.state_dir, result.run_id):
            forget_the_dead(self.ledger, errand.portal)
            self.ledger.park_overdue(errand.portal, started)
            self.ledger.start_run(
                result.run_id, task.command, errand.mode, errand.portal, started, masked_dump(self.config)
            )
            notice_restored(errand)
            self._go(_round_of(task)(task, errand, self.portals, self.progress, result), result)
        return result

    def _done(self, work: Round) -> tuple[BaseException | None, Callable[[], None]]:
        """Do the work; return what is to be raised once the run is finished, and what is to be told of its end."""
        try:
            self.prelude(work.errand.run_id)
            work.go()
        except HookFailed as error:
            return None, partial(work.not_begun, error)
        except Overtime:
            return None, partial(work.ended, OutOfTime("browser.run_deadline passed before this was done"))
        except KeyboardInterrupt:
            return None, partial(work.ended, Interrupted("the run was asked to end before this was done"))
        except PecAutorenewError as error:
            return error, _nothing
        except Exception as error:  # noqa: BLE001 - it becomes an item, an event and an exit code (SIL-4)
            return None, partial(work.surprised, error)
        except BaseException as error:  # noqa: BLE001 - raised again by the caller
            return error, _nothing
        return None, _nothing

    def _go(self, work: Round, result: Result) -> None:
        """Do the work and finish the run in the ledger; then raise what ended it early, if it is not in the result."""
        with requests_heard() as hearing:
            if not work.task.attended:  # a person who sits there ends the run themselves
                seconds = self.config.browser.run_deadline.total_seconds()
                hearing.give(seconds + self.config.renewal.jitter.total_seconds())
                work.begun = partial(hearing.give, seconds)
            failure, tell_end = self._done(work)
            hearing.be_deaf()
            try:
                tell_end()
                work.tell_every_click()
                self._finish(result, failure)
                if failure is None:
                    remember_reminders(work.errand, result.items)
            except LedgerError:
                if failure is None:
                    raise
        if failure is not None:
            if isinstance(failure, PecAutorenewError):
                failure.order_may_exist |= any(item.outcome is Outcome.UNKNOWN for item in result.items)
            raise failure

    def _finish(self, result: Result, failure: BaseException | None) -> None:
        codes = set(exit_codes(result.items, today_in_rome(self.clock()), self.config.renewal.critical_days))
        if failure is not None:
            codes.add(exit_code_of_error(failure) if isinstance(failure, PecAutorenewError) else FAILED)
        result.codes = worst_first(codes)
        report = report_of(self.config, self.ledger, result)
        if result.checks:
            from pec_autorenew.engine.earlier import kept_of

            report |= kept_of(self.ledger, result)
        self.ledger.finish_run(result.run_id, self.clock(), result.codes[0], result.codes, report)


def _round_of(task: Task) -> type[Round]:
    if task.command is Command.CHECK_PORTAL:
        from pec_autorenew.engine.checking import CheckRound

        return CheckRound
    return Round


def _nothing() -> None:
    """Tell nothing: the run came to its own end."""
