"""A run on this machine: which accounts, in which order, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol
from uuid import uuid4

from pec_autorenew.config import masked_dump
from pec_autorenew.engine.locks import forget_the_dead, holder_of, only_run
from pec_autorenew.engine.visit import Errand, Visit
from pec_autorenew.errors import Drift, LedgerError, NextStep, PecAutorenewError
from pec_autorenew.ledger import PAUSE
from pec_autorenew.model import Item, Outcome, Survey, WantedOrder
from pec_autorenew.planning import most_urgent_first, nothing_can_be_due, plan_account, today_in_rome, with_mailboxes
from pec_autorenew.results import exit_codes, item_as_json, totals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pec_autorenew.config import Account, Config
    from pec_autorenew.engine.ports import Portal
    from pec_autorenew.ledger import Ledger

_LEASE: Final = timedelta(minutes=90)

#: Starts a browser (or its double) and gives what opens a visit.
Portals = Callable[[str], AbstractContextManager[Callable[["Account"], "Portal"]]]


class Command(StrEnum):
    """The commands that look at the portal."""

    RENEW = "renew"
    RECONCILE = "reconcile"
    PLAN = "plan"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is to do; empty sets mean all."""

    command: Command
    live: bool = True
    accounts: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    max_items: int | None = None
    #: Mailboxes that a person wants renewed before their window opens, and why.
    early: Mapping[str, str] = field(default_factory=dict)

    def covers(self, address: str | None) -> bool:
        """Whether the mailbox is one of those asked for; an account without known mailboxes always is."""
        return address is None or not self.mailboxes or address in self.mailboxes


class Progress(Protocol):
    """Whoever watches a run."""

    def look(self, account: str) -> None:
        """Hear that an account is about to be looked at."""

    def planned(self, orders: list[WantedOrder]) -> None:
        """Hear what will be ordered, in this order."""

    def ordering(self, order: WantedOrder) -> None:
        """Hear that an order is about to be filled in."""

    def done(self, item: Item) -> None:
        """Hear that an item of the report is certain."""


@dataclass(slots=True)
class Result:
    """What a run came to."""

    run_id: str
    items: list[Item] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    planned: list[WantedOrder] = field(default_factory=list)
    codes: tuple[int, ...] = (0,)


@dataclass(slots=True)
class Runner:
    """Runs a task over the accounts, one after the other, in one process."""

    config: Config
    ledger: Ledger
    portals: Portals
    clock: Callable[[], datetime]
    progress: Progress
    sleep: Callable[[float], None] = time.sleep

    def run(self, task: Task) -> Result:
        """Do `task` and have it in the ledger. Raises AnotherRun, ConfigError, LedgerError."""
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
            items_left=task.max_items,
        )
        with only_run(self.config.state_dir, result.run_id):
            forget_the_dead(self.ledger, errand.portal)
            self.ledger.start_run(
                result.run_id, task.command, errand.mode, errand.portal, started, masked_dump(self.config)
            )
            try:
                _Round(self, task, errand, result).go()
            finally:
                result.codes = exit_codes(result.items, today_in_rome(self.clock()), self.config.renewal.critical_days)
                report = {"items": [item_as_json(item) for item in result.items], "totals": totals(result.items)}
                self.ledger.finish_run(result.run_id, self.clock(), result.codes[0], result.codes, report)
        return result


@dataclass(slots=True)
class _Round:
    """One run under way: first every account is looked at, then the due mailboxes are ordered, most urgent first."""

    runner: Runner
    task: Task
    errand: Errand
    result: Result
    #: Accounts in which the portal was not recognised (DRF-4).
    drifted: set[str] = field(default_factory=set)
    #: Whether the portal was not recognised while an order was filled in.
    order_page_drifted: bool = False

    def go(self) -> None:
        """Look at what has to be looked at, and order what is due."""
        with ExitStack() as stack:
            accounts = [
                one for one in self.errand.config.accounts if not self.task.accounts or one.name in self.task.accounts
            ]
            for account in accounts:
                self._claim(account, stack)
            to_visit = [account for account in accounts if not self._settled_without_visit(account)]
            if not to_visit:
                return
            open_portal = stack.enter_context(self.runner.portals(self.result.run_id))
            visits = [Visit(self.errand, account, open_portal(account)) for account in to_visit]
            for visit in visits:
                stack.callback(visit.portal.close)
            plans = {visit.account.name: visit for visit in visits}
            orders = most_urgent_first([order for visit in visits for order in self._look(visit)])
            self.result.planned = orders
            if self.task.command is Command.PLAN:
                self._add(plans[order.account].due(order, box.address) for order in orders for box in order.mailboxes)
            if self.task.command is Command.RENEW:
                self.runner.progress.planned(orders)
                for order in orders:
                    self._order(plans[order.account], order)
            self._add(self._never_seen())

    def _claim(self, account: Account, stack: ExitStack) -> None:
        errand = self.errand
        errand.ledger.claim(errand.portal, account.name, errand.holder, errand.clock(), _LEASE)
        stack.callback(errand.ledger.release, errand.portal, account.name, errand.holder)

    def _settled_without_visit(self, account: Account) -> bool:
        """Whether the last survey proves that there is nothing to do: then no browser is started for it (ENV-3)."""
        errand = self.errand
        if self.task.command is not Command.RENEW or errand.ledger.open_renewals(errand.portal, account.name):
            return False
        stored = errand.ledger.last_survey(errand.portal, account.name, complete_only=True)
        if stored is None or not nothing_can_be_due(errand.config, account, stored.survey, errand.clock()):
            return False
        self.result.surveys.append(stored.survey)
        self._add(plan_account(errand.config, account, stored.survey, today_in_rome(errand.clock())).items)
        return True

    # -- looking ---------------------------------------------------------------------------------------------------

    def _look(self, visit: Visit) -> tuple[WantedOrder, ...]:
        """Look at an account, settle what is open there, and return what is to be ordered."""
        self.runner.progress.look(visit.account.name)
        try:
            survey = visit.look()
            open_items = visit.reconcile(survey)
        except LedgerError:
            raise
        except PecAutorenewError as error:
            if error.next_step is NextStep.STOP_RUN and error.reason != "too-many-requests":
                raise
            self._note_drift(error, visit.account.name)
            self._add(visit.not_looked_at(error))
            return ()
        self.result.surveys.append(survey)
        self._add(open_items)
        if self.task.command is Command.RECONCILE:
            return ()
        settled = {item.mailbox for item in open_items if item.mailbox} | visit.owned_elsewhere()
        today = today_in_rome(self.errand.clock())
        plan = plan_account(self.errand.config, visit.account, survey, today, settled=settled, early=self.task.early)
        self._add([*plan.items, *visit.not_found(survey)])
        orders = (
            with_mailboxes(one, tuple(box for box in one.mailboxes if self.task.covers(box.address)))
            for one in plan.orders
        )
        return tuple(order for order in orders if order.mailboxes)

    # -- ordering --------------------------------------------------------------------------------------------------

    def _order(self, visit: Visit, order: WantedOrder) -> None:
        order = self._within_max_items(visit, order)
        stop = self._brake(visit)
        if stop is not None:
            self._add([visit.item(order, box.address, *stop) for box in order.mailboxes])
            return
        if not order.mailboxes:
            return
        self.runner.progress.ordering(order)
        left = [box.address for box in order.mailboxes]
        try:
            for item in visit.order(order):
                if item.mailbox in left:
                    left.remove(item.mailbox)
                self._add([item])
        except LedgerError:
            raise
        except PecAutorenewError as error:
            self.order_page_drifted |= isinstance(error, Drift)
            self._add(visit.stopped(order, left, error))

    def _within_max_items(self, visit: Visit, order: WantedOrder) -> WantedOrder:
        if self.errand.items_left is None:
            return order
        kept, over = order.mailboxes[: self.errand.items_left], order.mailboxes[self.errand.items_left :]
        self.errand.items_left -= len(kept)
        message = "--max-items allows no more in this run."
        self._add([visit.item(order, box.address, Outcome.STOPPED, "budget", message) for box in over])
        return with_mailboxes(order, kept)

    def _brake(self, visit: Visit) -> tuple[Outcome, str, str] | None:
        """Return why no further order may be placed now, if so (DRF-4)."""
        if self.errand.ledger.flag(PAUSE):
            return Outcome.STOPPED, "paused", "New orders are paused; `resume` allows them again."
        if self.order_page_drifted or len(self.drifted) > 1:
            return (
                Outcome.DRIFT,
                "unexpected-page",
                "The portal was not recognised elsewhere in this run: no further order.",
            )
        if visit.survey is None:
            return (
                Outcome.FAILED,
                "portal-error",
                "An order of this account could not be looked up: no further order (DUP-4).",
            )
        return None

    def _note_drift(self, error: PecAutorenewError, account: str) -> None:
        if isinstance(error, Drift):
            self.drifted.add(account)

    # -- items -----------------------------------------------------------------------------------------------------

    def _never_seen(self) -> list[Item]:
        """Return an item for each mailbox that was asked for by name and that nobody shows."""
        seen = {item.mailbox for item in self.result.items} | {
            box.address for one in self.result.surveys for box in one.mailboxes
        }
        message = "It was asked for by name, and no account shows it."
        unknown = sorted((self.task.mailboxes | self.task.early.keys()) - seen)
        return [Item("", one, Outcome.FAILED, "mailbox-not-found", message) for one in unknown]

    def _add(self, items: Iterable[Item]) -> None:
        for item in items:
            if self.task.covers(item.mailbox):
                self.result.items.append(item)
                self.runner.progress.done(item)
