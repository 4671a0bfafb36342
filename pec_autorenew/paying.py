"""By when an order has to be paid, and when to remind of it: pure, from dates to dates (PAY-4, PAY-7, PAY-8).

What is paid is registered in working days; Italian ones, for the portal, its bank and its post office are Italian.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pec_autorenew.italian import format_date
from pec_autorenew.model import GRACE_DAYS as GRACE_DAYS  # noqa: PLC0414 - whoever counts days has it from here
from pec_autorenew.model import PaymentMethod

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from holidays import HolidayBase

    from pec_autorenew.model import InvoiceIdentifier

#: Working days until a payment is registered (PF-PAYMENT-TIMES), generous where the guides are vague. Card and PayPal:
#: at once. A transfer: one or two days until it has arrived, and the day after that. A postal payment: the longer end
#: of «about five to seven».
REGISTRATION_DAYS: Final[Mapping[PaymentMethod, int]] = MappingProxyType(
    {
        PaymentMethod.CARTA: 0,
        PaymentMethod.PAYPAL: 0,
        PaymentMethod.BONIFICO: 3,
        PaymentMethod.BOLLETTINO: 7,
    }
)
_SAID: Final = MappingProxyType(
    {
        PaymentMethod.CARTA: "a card",
        PaymentMethod.PAYPAL: "PayPal",
        PaymentMethod.BONIFICO: "a bonifico",
        PaymentMethod.BOLLETTINO: "a bollettino",
    }
)
#: «… una email di Conferma ordine a …»: the words, and the address in the same sentence (PF-CONFIRMATION).
_MAIL: Final = re.compile(
    r"conferma\s+ordine\b[^.:;!?@]*?\s(?P<first>\w)[\w.%+-]*@(?P<domain>[\w-]+(?:\.[\w-]+)+)", re.IGNORECASE
)
_DAY: Final = timedelta(days=1)
WEEK: Final = 7
_SATURDAY: Final = 5
#: From so many days after the expiry on, deletion is near and each day counts (SIL-3).
DAILY_FROM: Final = 60


@cache
def _italian_holidays() -> HolidayBase:
    """Return the national holidays; loaded when a payment is open, for a run with nothing due must stay light."""
    from holidays import country_holidays

    return country_holidays("IT")


def is_working_day(day: date) -> bool:
    """Whether Italian banks and post offices work on this day."""
    return day.weekday() < _SATURDAY and day not in _italian_holidays()


def latest_payment_day(deadline: date, method: PaymentMethod) -> date:
    """Return the last day on which a payment is still registered by the deadline; a working day, unless at once."""
    to_go = REGISTRATION_DAYS[method]
    if not to_go:
        return deadline
    day = deadline
    while not is_working_day(day) or to_go:
        to_go -= is_working_day(day)
        day -= _DAY
    return day


def deletion_of(expiry: date) -> date:
    """Return the last day before a mailbox that expired is deleted, with all that is in it (PF-EXPIRY-DELETION)."""
    return expiry + timedelta(days=GRACE_DAYS)


def step_since(told: date, today: date, ladder: Collection[int], expiry: date, last_day: date) -> bool:
    """Whether a step of the ladder was reached after the day on which a person was told."""
    step = _last_step(today, ladder, expiry, last_day)
    return step is not None and told < step


def _last_step(today: date, ladder: Collection[int], expiry: date, last_day: date) -> date | None:
    """Return the last day up to today on which a reminder falls; None before the first.

    So many days before the last day on which it helps, and the day after it, when only something else does; once
    the mailbox has expired weekly, and daily while deletion is near.
    """
    since = min((today - expiry).days, GRACE_DAYS)
    if since >= DAILY_FROM:
        return expiry + timedelta(days=since)
    if since > 0:
        return expiry + timedelta(days=since - (since - 1) % WEEK)
    steps = (last_day - timedelta(days=left) for left in (*ladder, -1))
    return max((step for step in steps if step <= today), default=None)


@dataclass(frozen=True, slots=True)
class Term:
    """An order that waits for its payment today: for a mailbox with this expiry, paid in this way."""

    expiry: date
    method: PaymentMethod
    today: date

    @property
    def deadline(self) -> date:
        """The day by which the payment has to be registered: the expiry, and after it the day of deletion."""
        return self.expiry if self.today <= self.expiry else deletion_of(self.expiry)

    @property
    def pay_by(self) -> date:
        """The last day to pay; it may have passed."""
        return latest_payment_day(self.deadline, self.method)

    def reminds(self, ladder: Collection[int], told: date | None) -> bool:
        """Whether a step of the ladder was reached since a person was told; whoever was never told is told now."""
        return told is None or step_since(told, self.today, ladder, self.expiry, self.pay_by)

    def sentence(self, payer: InvoiceIdentifier | None = None) -> str:
        """Return what has to be done by when; a public administration commits itself to pay instead (PAY-8)."""
        days, end, last = REGISTRATION_DAYS[self.method], format_date(self.deadline), format_date(self.pay_by)
        takes = f"{_SAID[self.method]} is registered {f'within {days} working days' if days else 'at once'}"
        if self.today > self.deadline:
            return f"Its mailbox was to be deleted after {end}: a payment may bring nothing back."
        if self.today > self.pay_by:
            why = "expires" if self.deadline == self.expiry else "is deleted after"
            late = f"{last} was the last day to pay it: {takes}, and the mailbox {why} {end}."
            return f"{late} A card is registered at once."
        if payer is not None and payer.is_public_office and days:
            return f"By {last} {commitment(payer)}"
        expired = "" if self.deadline == self.expiry else f" Expired: the mailbox is deleted after {end}."
        return f"Pay it by {last}: {takes}.{expired}"


def mail_sent_to(confirmation: str) -> str:
    """Return, masked, the address to which the portal says that it sends «Conferma ordine»; "" where it names none."""
    found = _MAIL.search(confirmation)
    return f"{found['first']}…@{found['domain']}" if found else ""


def commitment(payer: InvoiceIdentifier) -> str:
    """Return what a public administration does next (PF-PAYMENT-PA), from «send» on."""
    return (
        f"send the signed payment commitment with order number, codice univoco {payer.value}, CIG, CUP and the "
        "split-payment statement: the order is carried out once that is registered."
    )
