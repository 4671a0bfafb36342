"""The accounts that a run has visited; a few visits stay open until the turn of their orders (RES-3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from pec_autorenew.model import Item, Outcome

if TYPE_CHECKING:
    from types import TracebackType

    from pec_autorenew.engine.tally import Tally
    from pec_autorenew.engine.task import OpenPortal
    from pec_autorenew.engine.visit import Visit

#: So many visits stay open until their orders have their turn; the accounts beyond sign in anew.
_STAY_OPEN: Final = 8


@dataclass(slots=True)
class Visits:
    """One visit for each account that was looked at, and the lanes of those that are open and wait."""

    tally: Tally
    of: dict[str, Visit] = field(default_factory=dict)
    _waiting: dict[str, OpenPortal] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Begin with none."""
        return self

    def keep(self, visit: Visit, lane: OpenPortal) -> None:
        """Leave a visit open until its orders have their turn, unless many are."""
        if len(self._waiting) < _STAY_OPEN:
            self._waiting[visit.account.name] = lane
        else:
            self.close(visit)

    def lane_of(self, account: str) -> OpenPortal | None:
        """Return the lane in which the account's visit is open and waits; None where it would begin anew."""
        return self._waiting.get(account)

    def take(self, account: str, lane: OpenPortal) -> Visit:
        """Return the account's visit, which waits no longer; begun anew in this lane if it did not stay open."""
        visit = self.of[account]
        if self._waiting.pop(account, None) is None:
            visit = self.of[account] = visit.again(lane(visit.account))
        return visit

    def give_back(self, visit: Visit, lane: OpenPortal) -> None:
        """Let a visit wait for the account's next order, where it is open already."""
        self._waiting[visit.account.name] = lane

    def end(self, account: str) -> None:
        """End the account's visit if it is open and waits."""
        if self._waiting.pop(account, None) is not None:
            self.close(self.of[account])

    def close(self, visit: Visit) -> None:
        """End a visit; what goes wrong with that is told, and stops nobody else."""
        try:
            visit.portal.close()
        except Exception as error:  # noqa: BLE001 - it becomes an item and an event (SIL-4)
            surprise = self.tally.surprise(visit.account.name, error)
            self.tally.add([Item(visit.account.name, None, Outcome.FAILED, surprise.reason, surprise.message)])

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End all that still wait; after an error they end with their browsers, of which one may be busy or hang."""
        if kind is None:
            for account in tuple(self._waiting)[::-1]:
                self.end(account)
