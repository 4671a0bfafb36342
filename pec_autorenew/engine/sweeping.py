"""A sweep: one run over many accounts, which workers on any number of machines share account by account.

What was ordered, may be ordered and must not be ordered twice is in the ledger alone; whoever delivers the accounts may
deliver one twice, or to two workers at once (DUP-7).
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from pec_autorenew.config import masked_dump
from pec_autorenew.engine.errand import Errand, no_mail, nobody_minds
from pec_autorenew.engine.locks import forget_the_dead, holder_of
from pec_autorenew.engine.reckoning import report_of
from pec_autorenew.engine.reminding import remember_reminders
from pec_autorenew.engine.restored import notice_restored
from pec_autorenew.engine.round import Round
from pec_autorenew.engine.task import Command, Result, Task
from pec_autorenew.engine.telling import merged
from pec_autorenew.errors import (
    AnotherRun,
    BrowserLost,
    ConfigError,
    HookFailed,
    Interrupted,
    LedgerError,
    NotRecorded,
    PecAutorenewError,
)
from pec_autorenew.planning import ROME, today_in_rome
from pec_autorenew.results import exit_codes, item_as_json, item_from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pec_autorenew.config import Config
    from pec_autorenew.confirmations import Reader
    from pec_autorenew.engine.claiming import Claims
    from pec_autorenew.engine.task import Portals, Progress
    from pec_autorenew.ledger import Ledger, SweepVisit
    from pec_autorenew.model import WantedMailbox, WantedOrder

#: A visit that was begun so often and never done is left: its account is told of, and the sweep can end.
MOST_TRIES: Final = 5
#: The flag of a sweep that nobody has said yes or no to; and after what time the one who asks has died.
_HELD: Final = "sweep-held/"
_ASK_AGAIN: Final = timedelta(minutes=15)
#: Signs of life in the time of a lease.
SIGNS: Final = 4
_NOT_HERE: Final = (
    "account {} is not in this worker's configuration, and it is in that of the worker that began the sweep: give all "
    "workers the same one"
)
#: Reasons of what was not done because this worker ended, and that another one can do.
_LEFT: Final = frozenset({Interrupted.reason, BrowserLost.reason})


@dataclass(slots=True)
class Company:
    """Who goes along with a sweep: whoever watches, may say no, reads mail, and is told of its beginning and end."""

    #: Returns who watches one visit of a run.
    watches: Callable[[str], Progress]
    #: Called by the worker that begins a sweep; HookFailed ends it before anything is visited.
    begins: Callable[[str], object] = lambda _: None
    #: Called by the worker that ends a sweep, once the ledger has it.
    ends: Callable[[Result], object] = lambda _: None
    #: Called at once for an order that was sent and could not be written down (DUP-8).
    breaks: Callable[[PecAutorenewError], object] = lambda _: None
    before_renewal: Callable[[str, str, WantedOrder, WantedMailbox], object] = nobody_minds
    confirmations: Reader = no_mail


@dataclass(slots=True)
class Sweeper:
    """What one worker does of sweeps; its verbs may be called by several threads, and by every worker."""

    config: Config
    ledger: Ledger
    portals: Portals
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    company: Company
    pretended_clock: bool = False
    #: Whether this worker begins the day's sweeps at their times.
    keeps_times: bool = True
    #: Set when this worker is asked to end: what it could not do is another one's.
    stopping: threading.Event = field(default_factory=threading.Event)
    _under_way: dict[str, Claims] = field(default_factory=dict)
    #: The sweeps in which this worker has had a part.
    _joined: set[str] = field(default_factory=set)
    #: Whoever watches hears of one thing at a time, from whichever visit.
    _telling: threading.RLock = field(default_factory=threading.RLock)

    @property
    def portal(self) -> str:
        """The portal's address, as the ledger knows it."""
        return self.config.portal.base_url

    @property
    def lease(self) -> timedelta:
        """How long a worker that gives no sign of life keeps its accounts."""
        return self.config.worker.lease

    # -- the whole of it -------------------------------------------------------------------------------------------

    def due(self) -> str | None:
        """Return the name of the sweep that should begin now: the day's last time that has passed; None where none.

        A day on which no worker was there at its time begins later (TIM-2); while a sweep is under way none begins.
        """
        if not self.keeps_times:
            return None
        now = self.clock()
        today = now.astimezone(ROME).replace(fold=0)  # what was at 02:30 is not to be again when the hour comes again
        times = [
            today.replace(hour=one.hour, minute=one.minute, second=0, microsecond=0) for one in self.config.worker.times
        ]
        passed = [one for one in times if one <= today]
        if not passed:
            return None
        name = self._name(max(passed))
        begun = self.ledger.sweeps_under_way(self.portal) or self.ledger.run(name) is not None
        return None if begun else name

    def _name(self, at: datetime) -> str:
        """Return the same name on every machine, so that a sweep begins once."""
        mark = sha256(self.portal.encode()).hexdigest()[:4]
        return f"{at.astimezone(UTC):%Y-%m-%dT%H-%M-%S}Z-{mark}"

    def begin(self, name: str = "") -> str:
        """Begin a sweep over all accounts, the most urgent first, unless another worker has; return its name."""
        now = self.clock()
        name = name or f"{now:%Y-%m-%dT%H-%M-%S}Z-{uuid4().hex[:4]}"
        config, visits = masked_dump(self.config), self._visits()
        if self.ledger.begin_sweep(
            name, Command.RENEW, "live", self.portal, now, config=config, visits=visits, flag=_HELD + name
        ):
            self._ask(name)
        return name

    def _ask(self, run_id: str) -> None:
        """Ask whoever may say no to a sweep; not before may its accounts be visited, by whichever worker."""
        try:
            self.company.begins(run_id)
        except HookFailed as error:
            for account in self.ledger.open_visits(run_id):
                work = self._round(run_id, account, {})
                work.not_begun(error)
                self.ledger.visit_done(run_id, account, self.clock(), self._report_of(work))
        self.ledger.clear_flag(_HELD + run_id, self.clock(), run_id=run_id)

    def _held(self) -> set[str]:
        """Return the sweeps of which nobody knows yet whether they may begin; ask where whoever asked has died."""
        held = set()
        for flag in self.ledger.flags(_HELD):
            run_id = flag.key.removeprefix(_HELD)
            if self.clock() - flag.at >= _ASK_AGAIN:
                self.ledger.set_flag(flag.key, "", self.clock(), run_id=run_id)
                self._ask(run_id)
            else:
                held.add(run_id)
        return held

    def _visits(self) -> dict[str, dict[str, str]]:
        """Return the accounts by urgency, each with the mailboxes that it shows and another one looks after (DUP-9)."""
        shown = {one.survey.account: one.survey.mailboxes for one in self.ledger.last_surveys(self.portal)}
        owners: dict[str, str] = {}
        first: dict[str, str] = {}
        for account in self.config.accounts:
            for box in shown.get(account.name, ()):
                if account.covers(box.address):
                    owners.setdefault(box.address, account.name)
                    first[account.name] = min(first.get(account.name, "9"), box.expiry.isoformat())
        names = sorted((one.name for one in self.config.accounts), key=lambda one: first.get(one, ""))
        return {
            name: {
                box.address: owner for box in shown.get(name, ()) if (owner := owners.get(box.address, name)) != name
            }
            for name in names
        }

    def tend(self) -> list[str]:
        """Begin what is due, end what is done, forget who died; return the sweeps that are under way."""
        forget_the_dead(self.ledger, self.portal, holding=True)
        self.ledger.park_overdue(self.portal, self.clock())
        name = self.due()
        if name is not None:
            self.begin(name)
        held = self._held()
        under_way = (one for one in self.ledger.sweeps_under_way(self.portal) if one not in held)
        return [run_id for run_id in under_way if not self.end(run_id)]

    def end(self, run_id: str) -> bool:
        """End a sweep in which no account is open; True where it has ended, by whomever."""
        if self.ledger.count_open_visits(run_id):
            return False
        visits = self.ledger.visits(run_id)
        reports = [one.report for one in visits if one.report is not None]
        items = merged(item_from_json(item) for report in reports for item in report["items"])
        result = Result(run_id, items, drifts=[drift for report in reports for drift in report["drift"]])
        result.codes = exit_codes(items, today_in_rome(self.clock()), self.config.renewal.critical_days)
        if self.ledger.finish_sweep(run_id, self.clock(), result.codes, report_of(self.config, self.ledger, result)):
            self.company.ends(result)
        return True

    # -- one account -----------------------------------------------------------------------------------------------

    def visit(self, run_id: str, name: str) -> None:
        """Visit one account of a sweep, unless that is done. Raises AnotherRun while another worker is there.

        Whatever else it raises (LedgerError, Interrupted): the account is still open, and is to be visited again.
        """
        if self.stopping.is_set():
            raise Interrupted("this worker was asked to end")
        if run_id not in self._joined and self.ledger.flag(_HELD + run_id) is not None:
            raise AnotherRun(f"whether sweep {run_id} may begin is not known yet")
        visit = self._open_visit(run_id, name)
        if visit is None:
            return
        if self.config.account(name) is None:
            self._not_visited(run_id, name, ConfigError(_NOT_HERE.format(name), reason="not-fit"))
            return
        if visit.tries >= MOST_TRIES:
            self._not_visited(run_id, name, BrowserLost(f"{visit.tries} workers began with this account and died"))
            return
        work = self._round(run_id, name, dict(visit.owners))
        with self._claimed(work, name):
            if self._open_visit(run_id, name) is not None:  # another worker may have been there a moment ago
                self._visit(work, name)

    def _open_visit(self, run_id: str, name: str) -> SweepVisit | None:
        visit = self.ledger.visit(run_id, name)
        return visit if visit is not None and visit.done_at is None else None

    @contextmanager
    def _claimed(self, work: Round, name: str) -> Iterator[None]:
        """Hold the account from before it is looked at until what came of it is written down."""
        work.claims.take(name)
        work.claimed = True
        try:
            yield
        finally:
            work.claims.release(name)

    def _visit(self, work: Round, name: str) -> None:
        if work.result.run_id not in self._joined:
            notice_restored(work.errand)
            self._joined.add(work.result.run_id)
        key = work.errand.holder
        self._under_way[key] = work.claims
        try:
            self._go(work)
            if isinstance(work.brakes.halted, AnotherRun):
                raise work.brakes.halted  # this worker slept, and what becomes of the account is another one's to tell
            work.tell_every_click()
            if self.stopping.is_set() and any(item.reason in _LEFT for item in work.result.items):
                raise Interrupted("this worker was asked to end before the account was done")
            self._done(work, name)
        finally:
            del self._under_way[key]

    def _round(self, run_id: str, name: str, owners: dict[str, str]) -> Round:
        errand = Errand(
            self.config,
            self.ledger,
            run_id,
            live=True,
            clock=self.clock,
            # One for each delivery: the same account twice in one process is two visits, of which one waits.
            holder=holder_of(f"{run_id}/{uuid4().hex[:8]}"),
            sleep=self.sleep,
            pretended_clock=self.pretended_clock,
            before_renewal=self.company.before_renewal,
            confirmations=self.company.confirmations,
            owners=owners,
        )
        task = Task(Command.RENEW, accounts=frozenset({name}))
        work = Round(task, errand, self.portals, self.company.watches(run_id), Result(run_id))
        work.tally.lock = self._telling
        work.begun = partial(self.ledger.visit_begun, run_id, name)
        work.claims.lease, work.claims.heartbeat = self.lease, self.lease / SIGNS
        return work

    def _go(self, work: Round) -> None:
        """Do the work; an error that ends it is told of its account."""
        try:
            work.go()
        except NotRecorded as error:
            self.company.breaks(error)
            raise
        except (LedgerError, AnotherRun):
            raise
        except PecAutorenewError as error:
            work.not_begun(error)
        except Exception as error:  # noqa: BLE001 - it becomes an item and an event (SIL-4)
            work.surprised(error)

    def _done(self, work: Round, name: str) -> None:
        result, of = work.result, (self.portal, work.errand.holder)
        if self.ledger.visit_done(result.run_id, name, self.clock(), self._report_of(work), of=of):
            remember_reminders(work.errand, result.items)

    @staticmethod
    def _report_of(work: Round) -> dict[str, object]:
        return {"items": [item_as_json(item) for item in work.result.items], "drift": work.result.drifts}

    def _not_visited(self, run_id: str, name: str, error: PecAutorenewError) -> None:
        """Write down that an account was not visited, and what is known of its mailboxes, unless somebody is there."""
        work = self._round(run_id, name, {})
        with self._claimed(work, name):
            work.not_begun(error)
            self._done(work, name)

    def show_life(self) -> None:
        """Keep the claims of all visits that are under way; a visit that has lost its own hears of it by itself."""
        for claims in tuple(self._under_way.values()):
            try:
                claims.keep()
            except AnotherRun as error:
                claims.errand.note("claim-lost", "", message=error.message)
