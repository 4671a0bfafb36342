"""What stops new orders while reading goes on: a pause, a wrong clock, an old ledger, an error, drift, a canary."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.engine.clocks import why_not_believed
from pec_autorenew.engine.people import park
from pec_autorenew.engine.restored import RESTORED, why_not_yet
from pec_autorenew.errors import Drift, InventoryShrank, NextStep, PortalUnreachable, SessionEnded
from pec_autorenew.guidance import drift_as_json
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
    #: What was not recognised, as the report has it.
    drifts: list[dict[str, Any]]
    #: Why nothing more is to be done at all.
    halted: PecAutorenewError | None = None
    _told: list[Drift] = field(default_factory=list)

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

    def stop(self, visit: Visit, error: PecAutorenewError) -> None:
        """Remember how far an error reaches: this order, this account, or the run."""
        if isinstance(error, Drift):
            self._drifted(visit, error)
        park(visit, error)
        match error.next_step:
            case NextStep.STOP_RUN:
                self.halted = error
            case NextStep.STOP_ACCOUNT | NextStep.ASK_PERSON | NextStep.RECONCILE:
                if not is_about_one_order(error):
                    visit.stopped = error
            case NextStep.RETRY:
                if isinstance(error, PortalUnreachable | SessionEnded):
                    visit.stopped = error
            case NextStep.STOP_ITEM:
                pass

    # -- drift and the canary ----------------------------------------------------------------------------------------

    def order_ended(self, visit: Visit) -> None:
        """Remember whether the portal was not recognised while an order was filled in: then none follows (DRF-4)."""
        if isinstance(visit.stopped, Drift):
            self._drifted(visit, visit.stopped)
            if not isinstance(visit.stopped, InventoryShrank):
                self.errand.note(_ORDER_PAGE, visit.account.name)

    def _drifted(self, visit: Visit, error: Drift) -> None:
        """Let the next order go ahead alone (BLK-3); keep what a person needs to say what the portal is now (DRF-4)."""
        key = canary_key(self.errand)
        self.errand.ledger.set_flag(key, _WANTED, self.errand.clock(), run_id=self.errand.run_id)
        if any(told is error for told in self._told):
            return
        self._told.append(error)
        visit.pictures_of(error)
        facts = drift_as_json(error)
        self.errand.note(DRIFT, visit.account.name, **facts)
        self.drifts.append({"account": visit.account.name, **facts})

    def _drifted_too_far(self) -> bool:
        """Whether an order's page, or a second account, was not recognised, whichever worker was there (DRF-4)."""
        ledger, run_id = self.errand.ledger, self.errand.run_id
        accounts = {event.account for event in ledger.events(run_id=run_id, kind=DRIFT)}
        return len(accounts) > 1 or bool(ledger.events(run_id=run_id, kind=_ORDER_PAGE))

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
