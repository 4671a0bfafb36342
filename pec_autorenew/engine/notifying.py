"""Who is told what and when: one digest for each run, and at once what cannot wait (NOT-1).

A message that nobody took is not remembered as told: the next run has it again (NOT-2). A dry run tells everything it
finds, marked, and remembers nothing (DRY-1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from pec_autorenew.config import Severity
from pec_autorenew.engine.memory import Memory
from pec_autorenew.engine.people import BANK
from pec_autorenew.engine.portal_news import PortalNews
from pec_autorenew.model import Outcome, fold_address
from pec_autorenew.notify.digest import Notice
from pec_autorenew.notify.matters import (
    CHANGED,
    broken,
    is_urgent,
    matters_of,
    most_urgent_first,
    request,
    stage_of,
)
from pec_autorenew.paying import GRACE_DAYS
from pec_autorenew.planning import days_left, today_in_rome

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import date, datetime

    from pec_autorenew.checks import AccountCheck
    from pec_autorenew.config import Config
    from pec_autorenew.engine.task import Progress
    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.ledger import Handover, Ledger, Run
    from pec_autorenew.model import Item, WantedOrder
    from pec_autorenew.notify.channels import Delivery
    from pec_autorenew.notify.matters import Matter

#: An event for each channel that did not take a message.
NOT_TAKEN: Final = "message-not-taken"
#: What happens within this time of a message is told together.
_MOMENTS: Final = timedelta(minutes=10)


class Notifier(Protocol):
    """Whoever carries messages."""

    def send(self, notice: Notice) -> Delivery:
        """Carry it to every channel that is told of such matters; never raises, never takes longer than it may."""


@dataclass(slots=True)
class Herald:
    """Tells people of one run."""

    config: Config
    ledger: Ledger
    notifier: Notifier
    clock: Callable[[], datetime]
    run_id: str = ""
    live: bool = True
    #: Says at the terminal that a channel did not take a message.
    complain: Callable[[str], object] = lambda _: None
    memory: Memory = field(init=False)

    def __post_init__(self) -> None:
        """Remember what was told."""
        self.memory = Memory(self.config, self.ledger)

    def tell_digest(self, items: Sequence[Item], started: datetime) -> bool:
        """Tell what the run has changed, or what is said again today; say whether all of it was taken."""
        today = today_in_rome(self.clock())
        matters = matters_of(self.config, items, today)
        if not self.live:
            return self._tell(matters)
        resolved, silent = self.memory.over(items, matters, started)
        return self._tell([*self.memory.due(matters, today), *resolved], silent)

    def tell_at_once(self, items: Iterable[Item]) -> None:
        """Tell, in the middle of a run, what is new about these."""
        today = today_in_rome(self.clock())
        self._tell(self.memory.due(matters_of(self.config, items, today), today))

    def tell_request(self, handover: Handover) -> None:
        """Tell what a person is asked while the run waits for it: each time, for each time the answer is awaited."""
        today = today_in_rome(self.clock())
        mailbox, expiry = self._most_urgent(handover.account)
        asked = request(
            handover.account,
            handover.reason,
            handover.message,
            until=handover.wait_until,
            mailbox=mailbox,
            expiry=expiry,
            stage=stage_of(expiry, today, self.config.renewal.critical_days),
        )
        self._tell([asked])

    def tell_broken(self, error: PecAutorenewError) -> bool:
        """Tell that a run ended with an error, if that is new or on the ladder. Raises LedgerError."""
        matter = broken(error, self._most_urgent()[1])
        return self._tell(self.memory.due([matter], today_in_rome(self.clock())))

    def tell_check(self, run: Run, checks: Sequence[AccountCheck], items: Sequence[Item]) -> bool:
        """Tell what a check of the portal found: what changed, and what kept a walk from its end.

        What was told of an account that was walked to its end is over. Say whether all of it was taken.
        """
        today = today_in_rome(self.clock())
        changed = {check.account for check in checks if check.drift}
        rest = [one for one in items if not (one.outcome is Outcome.DRIFT and one.account in changed)]
        matters = matters_of(self.config, rest, today)
        whole = {check.account for check in checks} - {one.account for one in items}
        resolved, silent = self.memory.over(items, matters, run.started_at, walked=whole)
        news = PortalNews(self.config, self.ledger, run, checks)
        changes, others = news.matters(), [*self.memory.due(matters, today), *resolved]
        taken = self._sent([*changes, *others])
        self.memory.keep([one for one in taken if one.outcome != CHANGED], silent, self.clock(), self.run_id or None)
        news.keep({one.key for one in taken if one.outcome == CHANGED}, self.clock())
        return len(taken) == len(changes) + len(others)

    def _tell(self, matters: Collection[Matter], forgotten: Collection[str] = ()) -> bool:
        """Send what there is and remember what was taken; say whether all of it was."""
        taken = self._sent(matters)
        if self.live:
            self.memory.keep(taken, forgotten, self.clock(), self.run_id or None)
        return len(taken) == len(matters)

    def _sent(self, matters: Collection[Matter]) -> list[Matter]:
        """Send what there is; return what was taken."""
        if not matters:
            return []
        notice = Notice(
            tuple(most_urgent_first(matters)),
            today_in_rome(self.clock()),
            self.run_id,
            self.config.portal.base_url,
            dry_run=not self.live,
        )
        delivery = self.notifier.send(notice)
        for problem in delivery.problems:
            self.complain(problem)
            self.ledger.note(NOT_TAKEN, self.clock(), run_id=self.run_id or None, facts={"message": problem})
        return [one for one in matters if delivery.reached(one.severity)]

    def _most_urgent(self, account: str | None = None) -> tuple[str | None, date | None]:
        """Return the mailbox that expires first, of an account or of all, by the last looks; not those long gone."""
        portal, today = self.config.portal.base_url, today_in_rome(self.clock())
        if account is None:
            stored = self.ledger.last_surveys(portal, complete_only=True)
        else:
            found = self.ledger.last_survey(portal, account)
            stored = (found,) if found else ()
        boxes = [
            (box.expiry, fold_address(box.address))
            for one in stored
            if (configured := self.config.account(one.survey.account)) is not None
            for box in one.survey.mailboxes
            if configured.covers(box.address) and days_left(box.expiry, today) >= -GRACE_DAYS
        ]
        expiry, mailbox = min(boxes, default=(None, None))
        return mailbox, expiry


def tell_unremembered(
    config: Config, notifier: Notifier, now: datetime, error: PecAutorenewError, complain: Callable[[str], object]
) -> bool:
    """Tell of an error that the ledger cannot keep, each time: it may be all that is known of an order (DUP-8)."""
    delivery = notifier.send(Notice((broken(error, None),), today_in_rome(now), portal=config.portal.base_url))
    for problem in delivery.problems:
        complain(problem)
    return delivery.reached(Severity.ALARM)


@dataclass(slots=True)
class Alerts:
    """Watches a run, as does whoever watched it already, and has told at once what cannot wait for its end."""

    inner: Progress
    herald: Herald
    _urgent: list[Item] = field(default_factory=list)
    _told_at: datetime | None = None

    def look(self, account: str) -> None:
        """Pass it on; a moment to tell what came before."""
        self.inner.look(account)
        self._tell_now_and_then()

    def planned(self, orders: list[WantedOrder]) -> None:
        """Pass it on; a moment to tell what came before."""
        self.inner.planned(orders)
        self._tell_now_and_then()

    def ordering(self, order: WantedOrder) -> None:
        """Pass it on; a moment to tell what came before."""
        self.inner.ordering(order)
        self._tell_now_and_then()

    def asked(self, handover: Handover) -> None:
        """Pass it on, and tell it before it is waited for; what nobody waits for comes with its item."""
        self.inner.asked(handover)
        if handover.reason != BANK and handover.wait_until > handover.asked_at:
            self.herald.tell_request(handover)

    def done(self, item: Item) -> None:
        """Pass it on, and keep it for the next moment if it is urgent; a dry run's digest is early enough."""
        self.inner.done(item)
        herald = self.herald
        if herald.live and is_urgent(herald.config, item, today_in_rome(herald.clock())):
            self._urgent.append(item)

    def tell_the_rest(self) -> None:
        """Tell what is left: the run has ended with an error, and there will be no digest."""
        urgent, self._urgent = self._urgent, []
        if urgent:
            self.herald.tell_at_once(urgent)

    def _tell_now_and_then(self) -> None:
        """Tell what is new, at most once in some minutes: what is left goes into the digest."""
        now = self.herald.clock()
        if self._urgent and (self._told_at is None or now - self._told_at >= _MOMENTS):
            self._told_at = now
            self.tell_the_rest()
