"""What a run has to tell so far: its items, whoever watches, and what nobody could be told."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pec_autorenew.engine.proof import cut_short
from pec_autorenew.engine.settling import record
from pec_autorenew.engine.telling import CLICKED, with_item
from pec_autorenew.engine.visit import unexpected
from pec_autorenew.model import Item, Outcome
from pec_autorenew.states import SPENDING, RenewalState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.task import Result, Task
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.errors import PecAutorenewError


@dataclass(slots=True)
class Tally:
    """The items of a run, one for each mailbox."""

    task: Task
    errand: Errand
    result: Result
    done: Callable[[Item], None]
    #: What went wrong while whoever watches was told; at the end it is an item.
    unheard: PecAutorenewError | None = None
    #: Whose items there are.
    _mailboxes: set[str] = field(default_factory=set)
    #: One item is added at a time, and whoever watches hears of one thing at a time.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def watch(self, hear: Callable[[Any], object], what: object) -> None:
        """Tell whoever watches; that nobody can be told changes no order, and is told at the end (SIL-4)."""
        with self.lock:
            try:
                hear(what)
            except Exception as error:  # noqa: BLE001 - an item at the end
                self.unheard = unexpected(error)

    def add(self, items: Iterable[Item]) -> None:
        """Add items, as far as they are asked for."""
        for item in items:
            if self.task.covers(item.mailbox):
                with self.lock:
                    self._add(item)

    def _add(self, item: Item) -> None:
        if item.mailbox and item.mailbox not in self._mailboxes:  # as nearly always: nothing to compare it with
            self._mailboxes.add(item.mailbox)
            told = [*self.result.items, item]
        else:
            told = with_item(self.result.items, item)
        if told is not self.result.items:
            self.result.items = told
            self.watch(self.done, told[-1])

    def put_in_order(self, since: int, mailboxes: Iterable[str]) -> None:
        """Put the items from number `since` on in the order of their mailboxes, whoever was faster; others go last."""
        place = {address: number for number, address in enumerate(mailboxes)}
        items = self.result.items
        items[since:] = sorted(items[since:], key=lambda item: place.get(item.mailbox or "", len(place)))

    def surprise(self, account: str, error: Exception) -> PecAutorenewError:
        """Write an unforeseen error into the ledger, and return what may be told of it."""
        surprise = unexpected(error)
        self.errand.note("unexpected-error", account, message=surprise.message)
        return surprise

    def never_seen(self) -> list[Item]:
        """Return an item for each mailbox that was asked for by name and that nobody shows."""
        seen = {item.mailbox for item in self.result.items} | {
            box.address for one in self.result.surveys for box in one.mailboxes
        }
        message = "It was asked for by name, and no account shows it."
        unknown = sorted((self.task.mailboxes | self.task.early.keys()) - seen)
        return [Item("", one, Outcome.FAILED, "mailbox-not-found", message) for one in unknown]

    def close(self, visits: Mapping[str, Visit]) -> None:
        """See that each order of this run is reported as the ledger has it, and none is left in `submitting`."""
        errand, result = self.errand, self.result
        only = next(iter(visits)) if len(visits) == 1 else None  # of a run that is shared, one account is ours
        for renewal in errand.ledger.renewals(errand.portal, account=only, states=SPENDING, run_id=errand.run_id):
            told = [one for one in result.items if one.id == renewal.name and one.outcome in CLICKED]
            visit = visits.get(renewal.account)
            if visit is not None and renewal.counts and (renewal.state is RenewalState.SUBMITTING or not told):
                item = record(visit, renewal, cut_short(renewal), looked=False)
                result.items = [one for one in result.items if one.id != renewal.name]
                self.add([item])
        if self.unheard is not None:
            result.items.append(Item("", None, Outcome.FAILED, self.unheard.reason, self.unheard.message))
