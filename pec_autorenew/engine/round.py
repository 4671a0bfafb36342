"""One run under way: every account is looked at, then the due mailboxes are ordered, most urgent first."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pec_autorenew.engine.braking import Brakes
from pec_autorenew.engine.claiming import Claims
from pec_autorenew.engine.lookers import Looked, Lookers
from pec_autorenew.engine.orders import Orders
from pec_autorenew.engine.settling import cancelled_before, settle_open
from pec_autorenew.engine.tally import Tally
from pec_autorenew.engine.task import Command, lanes_of
from pec_autorenew.engine.unchanged import to_look_at
from pec_autorenew.engine.visit import Visit, not_looked_at
from pec_autorenew.engine.visits import Visits
from pec_autorenew.errors import (
    LedgerError,
    NextStep,
    PecAutorenewError,
    TooManyRequests,
)
from pec_autorenew.model import Item, Outcome, WantedOrder
from pec_autorenew.planning import (
    most_urgent_first,
    plan_account,
    today_in_rome,
    with_mailboxes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.config import Account
    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.task import OpenPortal, Portals, Progress, Result, Task
    from pec_autorenew.errors import Interrupted
    from pec_autorenew.model import Survey


def _nothing() -> None:
    """Let the time run as it does."""


@dataclass(slots=True)
class Round:
    """The accounts of one run."""

    task: Task
    errand: Errand
    portals: Portals
    progress: Progress
    result: Result
    brakes: Brakes = field(init=False)
    claims: Claims = field(init=False)
    tally: Tally = field(init=False)
    visits: Visits = field(init=False)
    orders: Orders = field(init=False)
    #: Called when the browsers are there: from now on the run's time counts.
    begun: Callable[[], object] = _nothing
    #: Whether whoever started this has claimed its accounts, and gives them back.
    claimed: bool = False
    _to_look_at: list[Account] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with nothing that stops orders."""
        self.brakes = Brakes(self.errand, self.result.drifts)
        self.claims = Claims(self.errand)
        self.tally = Tally(self.task, self.errand, self.result, self.progress.done)
        self.visits = Visits(self.tally)
        self.orders = Orders(
            self.errand, self.brakes, self.claims, self.tally, self.visits, self.progress, self.task.max_items
        )
        self.errand.asked = partial(self.tally.watch, self.progress.asked)
        self.errand.keep_claims = self.claims.keep

    def go(self) -> None:
        """Look at what has to be looked at, and order what is due."""
        errand, task = self.errand, self.task
        for address, reason in task.early.items():
            errand.note("renew-early", "", mailbox=address, reason=reason)
        with ExitStack() as stack:
            self._to_look_at = to_look_at(errand.config.accounts_named(task.accounts), task, errand, self.tally)
            for account in () if self.claimed else self._to_look_at:
                self.claims.take(account.name)
                stack.callback(self.claims.release, account.name)
            if self._to_look_at:
                self._visit_all(stack)
        self.tally.add(self.tally.never_seen())

    def _visit_all(self, stack: ExitStack) -> None:
        lookers = stack.enter_context(Lookers())
        stack.enter_context(self.orders)
        open_portal = stack.enter_context(self.portals(self.result.run_id))
        stack.enter_context(self.visits)
        self.begun()
        for looked in lookers.looked(tuple(self._to_look_at), open_portal, self._look):
            self.orders.waiting += self._received(looked)
            del self._to_look_at[0]
        planned = self.result.planned = most_urgent_first(self.orders.waiting)
        self.orders.waiting = list(planned)
        boxes = [(order, box.address) for order in planned for box in order.mailboxes]
        if self.task.command is Command.PLAN:
            self.tally.add(self.visits.of[order.account].due(order, address) for order, address in boxes)
        if self.task.command is not Command.RENEW:
            self.orders.waiting = []
            return
        self.tally.watch(self.progress.planned, planned)
        before = len(self.result.items)
        self.orders.place(lanes_of(open_portal))
        self.tally.put_in_order(before, [address for _, address in boxes])

    # -- looking ---------------------------------------------------------------------------------------------------

    def _look(self, account: Account, lane: OpenPortal) -> Looked:
        """Look at an account, maybe beside others: nothing is decided here but what is seen."""
        self.tally.watch(self.progress.look, account.name)
        if self.brakes.halted is not None:
            return Looked(account, lane)
        try:
            visit = Visit(self.errand, account, lane(account))
        except Exception as error:  # noqa: BLE001 - whoever receives it says what it means
            return Looked(account, lane, error=error)
        try:
            self.claims.keep()
            return Looked(account, lane, visit, self._first_look(visit))
        except Exception as error:  # noqa: BLE001 - likewise
            if isinstance(error, PecAutorenewError):
                visit.pictures_of(error)  # before another account is looked at in this browser
            if isinstance(error, TooManyRequests):
                self.brakes.halted = error  # at once: nobody else begins
            return Looked(account, lane, visit, error=error)

    def _first_look(self, visit: Visit) -> Survey | None:
        return visit.look()

    def _received(self, looked: Looked) -> tuple[WantedOrder, ...]:
        """Settle what is open at an account that was looked at, and return what is to be ordered."""
        visit = looked.visit
        if visit is None:
            self._not_opened(looked)
            return ()
        self.visits.of[looked.account.name] = visit
        orders = self._orders_of(visit, looked)
        if orders:
            self.visits.keep(visit, looked.lane)
        else:
            self.visits.close(visit)
        return orders

    def _not_opened(self, looked: Looked) -> None:
        error = looked.error or self.brakes.halted
        if isinstance(looked.error, PecAutorenewError):
            raise looked.error
        if not isinstance(error, PecAutorenewError):
            assert error is not None  # noqa: S101 - a visit, or why there is none
            error = self.tally.surprise(looked.account.name, error)
        self.tally.add(not_looked_at(self.errand, looked.account, error))

    def _orders_of(self, visit: Visit, looked: Looked) -> tuple[WantedOrder, ...]:
        try:
            return self._work_on(visit, looked.seen())
        except LedgerError:
            raise
        except PecAutorenewError as error:
            if error.next_step is NextStep.STOP_RUN and not isinstance(error, TooManyRequests):
                raise
            self.brakes.stop(visit, error)
            self.tally.add(visit.not_looked_at(error))
        except Exception as error:  # noqa: BLE001 - it becomes an item and an event; the other accounts go on (SIL-4)
            self.tally.add(visit.not_looked_at(self.tally.surprise(visit.account.name, error)))
        return ()

    def _work_on(self, visit: Visit, survey: Survey | None) -> tuple[WantedOrder, ...]:
        """Do what this run does with an account that was looked at: settle, plan."""
        assert survey is not None  # noqa: S101 - it was looked at, and that raised nothing
        self.claims.keep()  # what others did since we lost an account is not to be judged by a look from before it
        visit.own(survey)
        if self.task.command is Command.LOGIN:
            visit.signed_in_by_a_person()
        return self._plan(visit, survey, settle_open(visit, survey))

    def _plan(self, visit: Visit, survey: Survey, open_items: list[Item]) -> tuple[WantedOrder, ...]:
        """Add the items of what is open and of what is not due; return the orders for the rest."""
        self.result.surveys.append(survey)
        self.tally.add(open_items)
        settled = {item.mailbox for item in open_items if item.mailbox}
        shrank = visit.shrank()
        if shrank is not None:
            self.brakes.stop(visit, shrank)
            self.tally.add(visit.not_looked_at(shrank, settled=settled))
            return ()
        if self.task.command in {Command.RECONCILE, Command.LIST, Command.LOGIN}:
            return ()
        plan = plan_account(
            self.errand.config,
            visit.account,
            survey,
            today_in_rome(self.errand.clock()),
            settled=settled | visit.owned_elsewhere(),
            early=self.task.early,
            held=cancelled_before(visit, survey),
        )
        self.tally.add([*plan.items, *visit.not_found(survey)])
        orders = (
            with_mailboxes(one, tuple(box for box in one.mailboxes if self.task.covers(box.address)))
            for one in plan.orders
        )
        return tuple(order for order in orders if order.mailboxes)

    # -- whatever happens ------------------------------------------------------------------------------------------

    def surprised(self, error: Exception) -> None:
        """Tell of an error that nobody foresaw and that ended the run."""
        surprise = self.tally.surprise("", error)
        self._leave_rest(surprise)
        self.tally.add([Item("", None, Outcome.FAILED, surprise.reason, surprise.message)])

    def not_begun(self, error: PecAutorenewError) -> None:
        """Tell of every account that it was not looked at: somebody said no before the first."""
        self._to_look_at = self.errand.config.accounts_named(self.task.accounts)
        self._leave_rest(error)
        if not self.result.items:
            (name,) = self.task.accounts if len(self.task.accounts) == 1 else ("",)
            self.tally.add([Item(name, None, Outcome(error.outcome), error.reason, error.message)])

    def ended(self, error: Interrupted) -> None:
        """Tell of what was not done because the run was asked to end, or its time was over."""
        self.errand.note("interrupted", "", reason=error.reason, message=error.message)
        self._leave_rest(error)
        if not self.result.items:
            self.tally.add([Item("", None, Outcome.FAILED, error.reason, error.message)])

    def tell_every_click(self) -> None:
        """See that each order of this run is reported as the ledger has it."""
        self.tally.close(self.visits.of)

    def _leave_rest(self, error: PecAutorenewError) -> None:
        """Add an item for each mailbox and account that the run did not come to."""
        told = {(item.account, item.mailbox) for item in self.result.items}
        for order in self.orders.waiting:
            visit = self.visits.of[order.account]
            boxes = [box.address for box in order.mailboxes if (order.account, box.address) not in told]
            self.tally.add([visit.item(order, one, Outcome.FAILED, error.reason, error.message) for one in boxes])
        for account in self._to_look_at:
            rest = not_looked_at(self.errand, account, error)
            self.tally.add(one for one in rest if (one.account, one.mailbox) not in told)
