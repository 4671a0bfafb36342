"""Everybody but the client: who pays and when, who approves, who mends a password; and the portal by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pec_autorenew.model import OrderState
from tests.year.cast import REGISTERED_WITHIN, TO_ORDER, Trait, dice
from tests.year.deadlines import GRACE, working_days_later
from tests.year.story import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random
    from typing import Any

    from tests.year.cast import Cast
    from tests.year.stage import Stage, Told, TrueOrder
    from tests.year.story import Day

#: Days before the expiry at which the portal charges by itself, and a domain is renewed.
_CHARGED: Final = 7
_DOMAIN: Final = 12
#: By how much everything becomes dearer, in percent.
RISE: Final = 30


class Habit(StrEnum):
    """When somebody pays."""

    PROMPT = "prompt"
    REMINDED_TWICE = "reminded twice"
    LAST_DAY = "on the last day"
    NEVER = "never"


@dataclass
class Bill:
    """An order of which somebody was told."""

    told_on: date
    pay_by: date
    reminders: int = 0


@dataclass
class People:
    """Everybody but the client."""

    cast: Cast
    stage: Stage
    seed: int
    bills: dict[str, Bill] = field(default_factory=dict)
    #: When the bank has registered a payment, by order.
    registered: dict[str, date] = field(default_factory=dict)
    #: When each question is answered, by mailbox and expiry.
    answers: dict[tuple[str, date], date] = field(default_factory=dict)
    #: When the configuration gets a password that the portal takes, by login.
    mended: dict[str, date] = field(default_factory=dict)
    did: Counter[str] = field(default_factory=Counter)

    # -- before the runs of a day ----------------------------------------------------------------------------------

    def morning(self, day: Day) -> None:
        """Let the portal register what was paid and renew what it renews by itself, and fate strike."""
        self.stage.catch_up()
        for number, on in list(self.registered.items()):
            if on <= day.date:
                del self.registered[number]
                late = dice(self.seed, number, "late").randrange(5) == 0
                self.stage.pay(number, late=late)
                self.did["paid"] += 1
        for address, expiry in self.stage.expiries().items():
            if self._renewed_by_others(address, expiry, day.date):
                self.stage.move(address)
                self.did["renewed by others"] += 1
        for order in self._unpaid():
            if all(self._deleted(address, day.date) for address in order.lines) and self.seed % 2:
                self.stage.cancel(order.number)
        for trouble in day.troubles:
            self._strike(trouble, day.date)

    def _renewed_by_others(self, address: str, expiry: date, today: date) -> bool:
        left = (expiry - today).days
        match self.cast.boxes[address].trait:
            case Trait.NOT_CHARGED:  # somebody looks after it in the end, before it is deleted
                return left <= dice(self.seed, address, "mends").randrange(-9, self.cast.rules.critical_days - 1)
            case Trait.ON_DOMAIN:
                return left <= dice(self.seed, address, "domain").choice((_DOMAIN, _DOMAIN, 2))
            case _:
                return address in self.stage.automatic() and left <= _CHARGED

    def _deleted(self, address: str, today: date) -> bool:
        return (self.stage.expiries()[address] - today).days < -GRACE

    def _strike(self, trouble: Trouble, today: date) -> None:
        """Let somebody do what the client has to live with."""
        random = dice(self.seed, trouble, today)
        match trouble:
            case Trouble.PRICE:
                self.stage.raise_prices(RISE)
            case Trouble.PASSWORD:
                self._change_password(random, today)
            case Trouble.CANCELLED:
                free = [one for one in self._unpaid() if one.number in self.bills and one.number not in self.registered]
                if free:
                    self.stage.cancel(random.choice(free).number)
                    self.did["cancelled"] += 1
            case Trouble.FOREIGN:
                self._order_by_hand(random, today)
            case _:
                pass

    def _change_password(self, random: Random, today: date) -> None:
        login = random.choice([name for name, one in self.cast.logins.items() if one.username.startswith("1")])
        if login not in self.mended:
            self.stage.refuse_password(login)
            self.mended[login] = today + timedelta(days=random.randrange(1, 10))
            self.did["passwords"] += 1

    def _order_by_hand(self, random: Random, today: date) -> None:
        # Before the client may have tried: nobody could tell such an order from one of its own whose answer was lost.
        taken = {address for one in self.stage.orders() if one.stands for address in one.lines}
        soon = [
            address
            for address, expiry in self.stage.expiries().items()
            if self.cast.boxes[address].trait in TO_ORDER
            and address not in taken
            and 0 < (expiry - today).days - self.cast.rules.window_days <= 5
        ]
        if soon:
            self.stage.order(random.choice(soon))
            self.did["by hand"] += 1

    # -- what a run tells ------------------------------------------------------------------------------------------

    def read(self, told: Told, today: date) -> None:
        """Read a report: what is to be paid, and what is asked."""
        for item in told.document["items"]:
            if item["outcome"] == "awaiting-payment" and item["order_number"] and item["pay_by"]:
                self._billed(item, today)
            if (item["outcome"], item["reason"]) == ("needs-person", "approval"):
                self._asked(item["mailbox"], date.fromisoformat(item["expiry_before"]), today)

    def _billed(self, item: Mapping[str, Any], today: date) -> None:
        bill = self.bills.setdefault(item["order_number"], Bill(today, today))
        bill.pay_by = date.fromisoformat(item["pay_by"])
        bill.reminders += item["reminder"]

    def _asked(self, address: str, expiry: date, today: date) -> None:
        random = dice(self.seed, address, expiry, "answers")
        if self.cast.boxes[address].trait is Trait.ANSWERED_LATE:
            answer = expiry + timedelta(days=random.randrange(1, 15))
        else:
            answer = today + timedelta(days=random.randrange(6))
        self.answers.setdefault((address, expiry), max(answer, today))

    # -- after the runs --------------------------------------------------------------------------------------------

    def evening(self, today: date) -> None:
        """Pay, approve, and mend what has come to be due."""
        for order in self._unpaid():
            if order.number not in self.registered and self._pays(order, today):
                self.registered[order.number] = self._registration(order, today)
        for asked, on in list(self.answers.items()):
            if on <= today:
                del self.answers[asked]  # where the answer comes too late, it is asked again
                self.did["approved"] += self.stage.approve(*asked)
        self.mend_passwords(today)

    def mend_passwords(self, until: date = date.max) -> None:
        """Give the configuration the passwords that are to be there by a day: without one, all that are wanting."""
        for login, on in list(self.mended.items()):
            if on <= until:
                del self.mended[login]
                self.stage.new_password(login)

    def _pays(self, order: TrueOrder, today: date) -> bool:
        bill = self.bills.get(order.number)
        if bill is None:
            return False
        match self._habit(order):
            case Habit.PROMPT:
                days = dice(self.seed, order.number, "days").randrange(5)
                return today >= bill.told_on + timedelta(days=days)
            case Habit.REMINDED_TWICE:
                return bill.reminders >= 2
            case Habit.LAST_DAY:
                return today >= bill.pay_by
            case Habit.NEVER:
                return False

    def _habit(self, order: TrueOrder) -> Habit:
        if any(self.cast.boxes[address].trait is Trait.UNPAID for address in order.lines):
            return Habit.NEVER
        usual = (Habit.PROMPT, Habit.PROMPT, Habit.PROMPT, Habit.REMINDED_TWICE, Habit.LAST_DAY)
        return dice(self.seed, order.number, "habit").choice(usual)

    def _registration(self, order: TrueOrder, today: date) -> date:
        most = REGISTERED_WITHIN[self.cast.login_of(next(iter(order.lines))).method]
        return working_days_later(today, dice(self.seed, order.number, "bank").randint(min(most, 1), most))

    def _unpaid(self) -> list[TrueOrder]:
        return [one for one in self.stage.orders() if one.state is OrderState.AWAITING_PAYMENT]
