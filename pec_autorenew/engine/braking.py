"""What stops new orders while reading goes on: a pause, a wrong clock, an old ledger, an error, drift, a canary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pec_autorenew.engine.clocks import why_not_believed
from pec_autorenew.engine.restored import RESTORED, why_not_yet
from pec_autorenew.errors import NextStep
from pec_autorenew.ledger import PAUSE, PROVED, origin
from pec_autorenew.model import Outcome
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.ledger import Renewal

#: The events of what was not recognised, and of an order's pages among it: the ledger has them, so they hold for every
#: worker of the run.
DRIFT: Final = "drift"
_ORDER_PAGE: Final = "order-page-drift"
_WANTED: Final = "wanted"
#: A person is asked about one order; the account's others may go on.
_ABOUT_ONE_ORDER: Final = frozenset({"unknown-consent", "approval", "foreign-order"})
#: The portal's list shows, or showed, an order of ours.
_HOME: Final = frozenset({RenewalState.AWAITING_PAYMENT, RenewalState.RENEWED})


@dataclass(slots=True)
class Brakes:
    """Why no further order may be placed in this run."""

    errand: Errand
    #: Why nothing more is to be done at all.
    halted: PecAutorenewError | None = None

    def why_not(self, visit: Visit) -> tuple[Outcome, str, str] | None:
        """Return outcome, reason and words for what may not be ordered now at this account; None where it may."""
        paused = self.errand.ledger.flag(PAUSE) if self.errand.live else None
        if paused is not None:
            why = f" ({paused.value})" if paused.value else ""
            return Outcome.STOPPED, "paused", f"New orders are paused{why}; `resume` allows them again."
        wrong_clock = why_not_believed(visit)
        if wrong_clock:
            return Outcome.STOPPED, "clock", wrong_clock
        not_yet = why_not_yet(visit)
        if not_yet:
            return Outcome.STOPPED, RESTORED, not_yet
        stopped = self.halted or visit.stopped
        if stopped is not None:
            return Outcome(stopped.outcome), stopped.reason, f"Not ordered after this: {stopped.message}."
        if self._drifted_too_far():
            message = "The portal was not recognised elsewhere in this run: no further order (DRF-4)."
            return Outcome.DRIFT, "unexpected-page", message
        lost = self._lost_canary()
        if lost:
            message = f"The first order, for {lost}, went ahead alone and is not in the list yet (BLK-3)."
            return Outcome.STOPPED, "canary", message
        return None

    # -- drift and the canary ----------------------------------------------------------------------------------------

    def order_page_drifted(self, account: str) -> None:
        """Remember that the portal was not recognised while an order was filled in: no further order in this run."""
        self.errand.note(_ORDER_PAGE, account)

    def _drifted_too_far(self) -> bool:
        """Whether an order's page, or a second account, was not recognised, whichever worker was there (DRF-4)."""
        ledger, run_id = self.errand.ledger, self.errand.run_id
        accounts = {event.account for event in ledger.events(run_id=run_id, kind=DRIFT)}
        return len(accounts) > 1 or bool(ledger.events(run_id=run_id, kind=_ORDER_PAGE))

    def drift(self) -> None:
        """Remember that the portal was not recognised: the next order goes ahead alone (BLK-3)."""
        self.errand.ledger.set_flag(canary_key(self.errand), _WANTED, self.errand.clock(), run_id=self.errand.run_id)

    def wants_canary(self) -> bool:
        """Whether the next order is the first at this portal, or the first since it was not recognised (BLK-3)."""
        flag = self.errand.ledger.flag(canary_key(self.errand)) if self.errand.live else None
        return self.errand.live and (flag is None or flag.value != PROVED)

    def _lost_canary(self) -> str:
        """Return the order that went ahead alone, in whatever run, and of which nobody knows yet what became; or ""."""
        sent = self.errand.ledger.unsettled(self.errand.portal) if self.wants_canary() else ()
        return sent[-1].name if sent else ""


def is_about_one_order(error: PecAutorenewError) -> bool:
    """Whether an error says something about one order only, and nothing about the account."""
    return error.next_step is NextStep.STOP_ITEM or error.reason in _ABOUT_ONE_ORDER


def canary_key(errand: Errand) -> str:
    """Return the flag that says whether an order of ours was seen in this portal's list."""
    return f"canary/{origin(errand.portal)}"


def came_home(errand: Errand, renewal: Renewal, state: RenewalState) -> None:
    """Note that the portal's list showed an order of ours, unless it was placed before the portal last changed."""
    if state not in _HOME or not renewal.counts or renewal.submitted_at is None:
        return
    key = canary_key(errand)
    flag = errand.ledger.flag(key)
    if flag is None or (flag.value == _WANTED and flag.at < renewal.submitted_at):
        errand.ledger.set_flag(key, PROVED, errand.clock(), run_id=errand.run_id)
