"""One run under way: every account is looked at, then the due mailboxes are ordered, most urgent first."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from pec_autorenew.engine import gate
from pec_autorenew.engine.braking import DRIFT, Brakes, is_about_one_order
from pec_autorenew.engine.claiming import Claims
from pec_autorenew.engine.lookers import Looked, Lookers
from pec_autorenew.engine.people import park
from pec_autorenew.engine.settling import cancelled_before, settle_open
from pec_autorenew.engine.tally import Tally
from pec_autorenew.engine.task import Command
from pec_autorenew.engine.unchanged import to_look_at
from pec_autorenew.engine.visit import Visit, not_looked_at
from pec_autorenew.errors import (
    AlreadyOpen,
    Drift,
    InventoryShrank,
    LedgerError,
    NextStep,
    PecAutorenewError,
    PortalUnreachable,
    SessionEnded,
    TooManyRequests,
)
from pec_autorenew.guidance import drift_as_json
from pec_autorenew.model import Item, Outcome, WantedOrder
from pec_autorenew.planning import (
    most_urgent_first,
    plan_account,
    single_orders,
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

#: Outcomes of a mailbox whose order was sent, or would have been: they count for `--max-items`.
_SENT: Final = frozenset({Outcome.AWAITING_PAYMENT, Outcome.RENEWED, Outcome.UNKNOWN, Outcome.WOULD_ORDER})
#: So many visits stay open until their orders have their turn; the accounts beyond sign in anew (RES-3).
_STAY_OPEN: Final = 8


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
    #: Mailboxes that may still be ordered in this run; None for any number.
    items_left: int | None = None
    #: Called when the browsers are there: from now on the run's time counts.
    begun: Callable[[], object] = _nothing
    #: Every account that was visited; the lanes in which those with orders were looked at; those still open.
    _visits: dict[str, Visit] = field(default_factory=dict)
    _lanes: dict[str, OpenPortal] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _to_look_at: list[Account] = field(default_factory=list)
    _to_order: list[WantedOrder] = field(default_factory=list)
    _told_drifts: list[Drift] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with nothing that stops orders."""
        self.brakes = Brakes(self.errand)
        self.claims = Claims(self.errand)
        self.tally = Tally(self.task, self.errand, self.result, self.progress.done)
        self.errand.asked = partial(self.tally.watch, self.progress.asked)
        self.errand.keep_claims = self.claims.keep

    def go(self) -> None:
        """Look at what has to be looked at, and order what is due."""
        errand, task = self.errand, self.task
        self.items_left = task.max_items
        for address, reason in task.early.items():
            errand.note("renew-early", "", mailbox=address, reason=reason)
        with ExitStack() as stack:
            self._to_look_at = to_look_at(self._chosen(), task, errand, self.tally)
            for account in self._to_look_at:
                self.claims.take(account.name)
                stack.callback(self.claims.release, account.name)
            if self._to_look_at:
                self._visit_all(stack)
        self.tally.add(self.tally.never_seen())

    def _chosen(self) -> list[Account]:
        """Return the accounts that the run is about."""
        names = self.task.accounts
        return [one for one in self.errand.config.accounts if not names or one.name in names]

    def _visit_all(self, stack: ExitStack) -> None:
        lookers = stack.enter_context(Lookers())
        open_portal = stack.enter_context(self.portals(self.result.run_id))
        stack.callback(self._close_all)
        self.begun()
        for looked in lookers.looked(tuple(self._to_look_at), open_portal, self._look):
            self._to_order += self._received(looked)
            del self._to_look_at[0]
        self.result.planned = most_urgent_first(self._to_order)
        self._to_order = list(self.result.planned)
        if self.task.command is Command.PLAN:
            self.tally.add(
                self._visits[order.account].due(order, box.address)
                for order in self._to_order
                for box in order.mailboxes
            )
        if self.task.command is not Command.RENEW:
            self._to_order = []
            return
        self.tally.watch(self.progress.planned, self.result.planned)
        while self._to_order:
            self._order_next()

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
        self._visits[looked.account.name] = visit
        orders = self._orders_of(visit, looked)
        if orders:
            self._lanes[looked.account.name] = looked.lane
        if orders and len(self._open) < _STAY_OPEN:
            self._open.append(looked.account.name)
        else:
            self._close(visit)
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
            self._stop(visit, error)
            self.tally.add(visit.not_looked_at(error))
        except Exception as error:  # noqa: BLE001 - it becomes an item and an event; the other accounts go on (SIL-4)
            self.tally.add(visit.not_looked_at(self.tally.surprise(visit.account.name, error)))
        return ()

    def _work_on(self, visit: Visit, survey: Survey | None) -> tuple[WantedOrder, ...]:
        """Do what this run does with an account that was looked at: settle, plan."""
        assert survey is not None  # noqa: S101 - it was looked at, and that raised nothing
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
            self._stop(visit, shrank)
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

    def _close(self, visit: Visit) -> None:
        """End a visit; what goes wrong with that is told, and stops nobody else."""
        if visit.account.name in self._open:
            self._open.remove(visit.account.name)
        try:
            visit.portal.close()
        except Exception as error:  # noqa: BLE001 - it becomes an item and an event (SIL-4)
            surprise = self.tally.surprise(visit.account.name, error)
            self.tally.add([Item(visit.account.name, None, Outcome.FAILED, surprise.reason, surprise.message)])

    def _close_all(self) -> None:
        for account in self._open[::-1]:
            self._close(self._visits[account])

    # -- ordering --------------------------------------------------------------------------------------------------

    def _order_next(self) -> None:
        """Order the next of what is planned, as far as nothing stands against it."""
        order = self._to_order[0]
        stop = self.brakes.why_not(self._visits[order.account])
        if stop is not None:
            visit = self._visits[order.account]
            self.tally.add([visit.item(order, box.address, *stop) for box in order.mailboxes])
        else:
            self._order_what_is_allowed(self._opened(order.account), order)
        self._to_order.remove(order)
        if order.account in self._open and all(one.account != order.account for one in self._to_order):
            self._close(self._visits[order.account])

    def _opened(self, account: str) -> Visit:
        """Return the account's visit, begun anew if it did not stay open."""
        visit = self._visits[account]
        if account not in self._open:
            visit = self._visits[account] = visit.again(self._lanes[account](visit.account))
            self._open.append(account)
        return visit

    def _order_what_is_allowed(self, visit: Visit, order: WantedOrder) -> None:
        allowed = order.mailboxes[: self.items_left] if self.items_left is not None else order.mailboxes
        message = "--max-items allows no more in this run."
        over = order.mailboxes[len(allowed) :]
        self.tally.add([visit.item(order, box.address, Outcome.STOPPED, "budget", message) for box in over])
        if allowed and self.brakes.wants_canary():
            self._to_order[1:1] = [with_mailboxes(order, allowed[1:])] if allowed[1:] else []
            self._order(visit, with_mailboxes(order, allowed[:1]))
        elif allowed:
            self._order(visit, with_mailboxes(order, allowed))

    def _order(self, visit: Visit, order: WantedOrder) -> None:
        """Order; where one mailbox of several is refused, each is judged by itself, so that it holds back no other."""
        self.tally.watch(self.progress.ordering, order)
        left = {box.address: box for box in order.mailboxes}
        try:
            self.claims.keep()
            for item in gate.order(visit, order):
                left.pop(item.mailbox or "", None)
                if self.items_left is not None and item.outcome in _SENT:
                    self.items_left -= 1
                self.tally.add([item])
        except PecAutorenewError as error:
            if isinstance(error, LedgerError) and not isinstance(error, AlreadyOpen):
                raise
            rest = with_mailboxes(order, tuple(left.values()))
            if len(left) > 1 and is_about_one_order(error):
                self._to_order[1:1] = single_orders(rest)
                return
            self._stop(visit, error)
            self.tally.add(visit.not_ordered(rest, left, error))
        except Exception as error:  # noqa: BLE001 - it becomes an item and an event; the other orders go on (SIL-4)
            visit.stopped = self.tally.surprise(visit.account.name, error)
            self.tally.add(visit.not_ordered(order, left, visit.stopped))
        if isinstance(visit.stopped, Drift):
            self._drifted(visit, visit.stopped)
            if not isinstance(visit.stopped, InventoryShrank):
                self.brakes.order_page_drifted(visit.account.name)

    def _stop(self, visit: Visit, error: PecAutorenewError) -> None:
        """Remember how far an error reaches: this order, this account, or the run."""
        if isinstance(error, Drift):
            self._drifted(visit, error)
        park(visit, error)
        match error.next_step:
            case NextStep.STOP_RUN:
                self.brakes.halted = error
            case NextStep.STOP_ACCOUNT | NextStep.ASK_PERSON | NextStep.RECONCILE:
                if not is_about_one_order(error):
                    visit.stopped = error
            case NextStep.RETRY:
                if isinstance(error, PortalUnreachable | SessionEnded):
                    visit.stopped = error
            case NextStep.STOP_ITEM:
                pass

    def _drifted(self, visit: Visit, error: Drift) -> None:
        """Remember that the portal was not recognised, and keep what a person needs to say what it is now (DRF-4)."""
        self.brakes.drift()
        if any(told is error for told in self._told_drifts):
            return
        self._told_drifts.append(error)
        visit.pictures_of(error)
        facts = drift_as_json(error)
        self.errand.note(DRIFT, visit.account.name, **facts)
        self.result.drifts.append({"account": visit.account.name, **facts})

    # -- whatever happens ------------------------------------------------------------------------------------------

    def surprised(self, error: Exception) -> None:
        """Tell of an error that nobody foresaw and that ended the run."""
        surprise = self.tally.surprise("", error)
        self._leave_rest(surprise)
        self.tally.add([Item("", None, Outcome.FAILED, surprise.reason, surprise.message)])

    def not_begun(self, error: PecAutorenewError) -> None:
        """Tell of every account that it was not looked at: somebody said no before the first."""
        self._to_look_at = self._chosen()
        self._leave_rest(error)
        if not self.result.items:
            self.tally.add([Item("", None, Outcome(error.outcome), error.reason, error.message)])

    def ended(self, error: Interrupted) -> None:
        """Tell of what was not done because the run was asked to end, or its time was over."""
        self.errand.note("interrupted", "", reason=error.reason, message=error.message)
        self._leave_rest(error)
        if not self.result.items:
            self.tally.add([Item("", None, Outcome.FAILED, error.reason, error.message)])

    def tell_every_click(self) -> None:
        """See that each order of this run is reported as the ledger has it."""
        self.tally.close(self._visits)

    def _leave_rest(self, error: PecAutorenewError) -> None:
        """Add an item for each mailbox and account that the run did not come to."""
        told = {(item.account, item.mailbox) for item in self.result.items}
        for order in self._to_order:
            visit = self._visits[order.account]
            boxes = [box.address for box in order.mailboxes if (order.account, box.address) not in told]
            self.tally.add([visit.item(order, one, Outcome.FAILED, error.reason, error.message) for one in boxes])
        for account in self._to_look_at:
            rest = not_looked_at(self.errand, account, error)
            self.tally.add(one for one in rest if (one.account, one.mailbox) not in told)
