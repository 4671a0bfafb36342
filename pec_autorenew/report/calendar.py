"""The calendar of expiries and payment deadlines (iCalendar): days, each with the name that it keeps.

Whoever reads the file again finds the same events under the same names, moved where they have moved. All times in it
are the ledger's: the same ledger on the same day gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from pec_autorenew.italian import format_date, format_money
from pec_autorenew.ledger import origin
from pec_autorenew.model import MailboxState, PortalAutorenewal
from pec_autorenew.planning import today_in_rome
from pec_autorenew.report.unpaid import term_of
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from icalendar import Event

    from pec_autorenew.config import Config, RenewalPolicy
    from pec_autorenew.ledger import Renewal, StoredSurvey
    from pec_autorenew.model import Mailbox

#: Alarms of a day ring at this hour, wherever the calendar is.
_MORNING: Final = timedelta(hours=9)
#: Days before the last day to pay.
_BEFORE_PAYING: Final = (3, 0)
#: The revision of an event is counted from here: an expiry that moves is a later revision.
_EPOCH: Final = date(2000, 1, 1)
_SETTLED: Final = frozenset({RenewalState.RENEWED, RenewalState.CANCELLED})

_WORDS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "en": {
            "name": "PEC: expiries and payments",
            "expires": "PEC expires: {mailbox}",
            "account": "Account: {account}",
            "seen": "As seen on {day}.",
            "off": "To be ordered from {day}.",
            "on": "«Rinnovo automatico» is on: the portal charges by itself.",
            "excluded": "Nobody looks after it: the configuration does not include it.",
            "waits": "Order {number} waits for its payment.",
            "pay": "Last day to pay: order {number}, {gross}",
            "for": "Mailboxes: {mailboxes}",
            "how": "Method: {method}",
            "nothing": "An order renews nothing until it is paid. Whoever has paid already may ignore this.",
            "closed": "Paid or cancelled: order {number}",
            "done": "Settled: nothing is to be paid any more.",
        },
        "it": {
            "name": "PEC: scadenze e pagamenti",
            "expires": "Scade la PEC {mailbox}",
            "account": "Account: {account}",
            "seen": "Dato del {day}.",
            "off": "Da ordinare dal {day}.",
            "on": "Rinnovo automatico attivo: addebita il portale.",
            "excluded": "Nessuno la segue: la configurazione non la comprende.",
            "waits": "L'ordine {number} attende il pagamento.",
            "pay": "Ultimo giorno per pagare: ordine {number}, {gross}",
            "for": "Caselle: {mailboxes}",
            "how": "Modalità di pagamento: {method}",
            "nothing": "Un ordine non rinnova nulla finché non è pagato. Chi ha già pagato può ignorare questo avviso.",
            "closed": "Pagato o annullato: ordine {number}",
            "done": "Chiuso: non c'è più nulla da pagare.",
        },
    }
)


@dataclass(frozen=True, slots=True)
class Almanac:
    """What a calendar is made from."""

    config: Config
    surveys: Sequence[StoredSurvey]
    #: All renewals of the portal, oldest first.
    renewals: Sequence[Renewal]
    today: date
    #: The accounts and mailboxes that are asked for; empty for all.
    accounts: Collection[str] = ()
    mailboxes: Collection[str] = ()

    def calendar(self) -> bytes:
        """Return the calendar as a file."""
        from icalendar import Calendar

        made = Calendar()
        made.add("prodid", "-//pec-autorenew//EN")
        made.add("version", "2.0")
        made.add("calscale", "GREGORIAN")
        made.add("method", "PUBLISH")
        made.add("name", self._say("name"))
        made.add("x-wr-calname", self._say("name"))
        made.add("refresh-interval", timedelta(hours=12), parameters={"VALUE": "DURATION"})
        for event in sorted(
            (*self._expiries(), *self._payments()), key=lambda one: (one.decoded("dtstart"), str(one["uid"]))
        ):
            made.add_component(event)
        return bytes(made.to_ical())

    def _say(self, word: str, **facts: str) -> str:
        return _WORDS[self.config.notify.language][word].format(**facts)

    def _wants(self, account: str, mailbox: str) -> bool:
        return (not self.accounts or account in self.accounts) and (not self.mailboxes or mailbox in self.mailboxes)

    # -- expiries ------------------------------------------------------------------------------------------------------

    def _expiries(self) -> Iterator[Event]:
        seen: set[str] = set()
        for stored in self.surveys:
            for box in stored.survey.mailboxes:
                if box.address in seen or box.state is MailboxState.CANCELLED:
                    continue
                if self._wants(stored.survey.account, box.address):
                    seen.add(box.address)
                    yield self._expiry(stored, box)

    def _expiry(self, stored: StoredSurvey, box: Mailbox) -> Event:
        account = self.config.account(stored.survey.account)
        covered = account is not None and account.covers(box.address)
        policy = self.config.policy_for(account, box.address) if account and covered else None
        event = _all_day(self._uid("expiry", box.address), box.expiry, stored.survey.taken_at)
        event.add("summary", self._say("expires", mailbox=box.address))
        event.add("sequence", (box.expiry - _EPOCH).days)
        event.add("categories", ["PEC"])
        told = [
            self._say("account", account=stored.survey.account),
            self._standing(box, policy),
            self._say("seen", day=format_date(today_in_rome(stored.survey.taken_at))),
        ]
        event.add("description", "\n".join(told))
        alarms = sorted({policy.window_days, policy.critical_days}, reverse=True) if policy else []
        _add_alarms(event, alarms)
        return event

    def _standing(self, box: Mailbox, policy: RenewalPolicy | None) -> str:
        waiting = [one for one in self.renewals if (one.address, one.expiry) == (box.address, box.expiry)]
        if waiting and waiting[-1].state is RenewalState.AWAITING_PAYMENT:
            return self._say("waits", number=waiting[-1].order_number or "?")
        if policy is None:
            return self._say("excluded")
        if box.autorenewal is PortalAutorenewal.ON:
            return self._say("on")
        return self._say("off", day=format_date(box.expiry - timedelta(days=policy.window_days)))

    # -- payments ------------------------------------------------------------------------------------------------------

    def _payments(self) -> Iterator[Event]:
        """Yield the last day to pay of each order that waits, and take back that of each mailbox's last one."""
        newest = {one.address: one for one in self.renewals}
        orders: dict[str, list[Renewal]] = {}
        for one in self.renewals:
            over = one.state in _SETTLED and one.order_number is not None and newest[one.address] is one
            if (one.state is RenewalState.AWAITING_PAYMENT or over) and self._wants(one.account, one.address):
                orders.setdefault(one.order_number or one.order_group, []).append(one)
        for name, of_order in orders.items():
            waiting = [one for one in of_order if one.state is RenewalState.AWAITING_PAYMENT]
            yield self._payment(name, waiting or of_order, settled=not waiting)

    def _payment(self, name: str, renewals: Sequence[Renewal], *, settled: bool) -> Event:
        terms = [term_of(self.config, one, one.expiry if settled else self.today) for one in renewals]
        changed: Callable[[Renewal], datetime] = lambda one: one.settled_at or one.updated_at  # noqa: E731 - one line
        event = _all_day(
            self._uid("payment", name), min(term.pay_by for term in terms), max(changed(one) for one in renewals)
        )
        first = renewals[0]
        gross = format_money(first.order_gross) if first.order_gross else "?"
        event.add("summary", self._say("closed" if settled else "pay", number=first.order_number or "?", gross=gross))
        # It moves at most once, when the mailbox has expired and its deletion is what is left.
        event.add("sequence", 2 if settled else int(any(term.deadline != term.expiry for term in terms)))
        event.add("status", "CANCELLED" if settled else "CONFIRMED")
        event.add("categories", ["PEC"])
        told = [
            self._say("for", mailboxes=", ".join(one.address for one in renewals)),
            self._say("how", method=terms[0].method.value),
            self._say("done" if settled else "nothing"),
        ]
        event.add("description", "\n".join(told))
        _add_alarms(event, () if settled else _BEFORE_PAYING)
        return event

    def _uid(self, kind: str, name: str) -> str:
        return str(uuid5(NAMESPACE_URL, f"{origin(self.config.portal.base_url)}#{kind}/{name}"))


def _all_day(uid: str, day: date, at: datetime) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", at.replace(microsecond=0))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _add_alarms(event: Event, days: Sequence[int]) -> None:
    from icalendar import Alarm

    for before in days:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event["summary"])
        alarm.add("trigger", _MORNING - timedelta(days=before))
        event.add_component(alarm)
