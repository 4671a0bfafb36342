"""Each run is judged when it has ended: on the portal's truth, by rules that are written down here once more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.model import OrderState
from tests.year.cast import TO_ORDER, Trait
from tests.year.charges import Charge, Finding
from tests.year.deadlines import GRACE, last_step, pay_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.year.books import Books, Purchase, Seen
    from tests.year.cast import Box

CRITICAL: Final = 7
#: What says of a mailbox in its window that nothing is wrong.
_GOOD: Final = frozenset({"renewed", "awaiting-payment", "skipped"})
_NOTHING_ORDERED: Final = frozenset({"failed", "stopped", "needs-person", "drift", "would-order"})
#: How old a look may be that proves that nothing is due.
_FRESH: Final = timedelta(days=7)


def is_shouted(seen: Seen, address: str) -> bool:
    """Whether a run ended with the alarm, and said that it was for this mailbox."""
    named = seen.told.alarm is None or f"{address} (" in seen.told.alarm
    return CRITICAL in seen.codes and named


@dataclass
class Judge:
    """Knows the books, and what it saw itself."""

    books: Books
    #: The last day on which somebody was reminded, by mailbox, expiry and order.
    reminded: dict[tuple[str, str, str], date] = field(default_factory=dict)

    def judge(self, seen: Seen) -> Iterator[Finding]:
        """Yield what is wrong with a run."""
        yield from self._orders(seen)
        for box in self.books.cast.boxes.values():
            yield from self._cared_for(seen, box)
            yield from self._told(seen, box)
        yield from self._alarm(seen)
        yield from self._reminders(seen)
        yield from self._report(seen)
        yield from self._visits(seen)

    # -- what was ordered ------------------------------------------------------------------------------------------

    def _orders(self, seen: Seen) -> Iterator[Finding]:
        """DUP, PRC: never twice, never too much, never the wrong thing."""
        rules = self.books.cast.rules
        for bought in seen.bought:
            for address, expiry in bought.expiries.items():
                name = f"{address}/{expiry}, order {bought.order.number}"
                yield from self._wrong_order(seen, bought, address, name)
                if bought.order.lines[address] > rules.max_per_mailbox:
                    yield Charge.TOO_MUCH, f"{name}: {bought.order.lines[address]}"
        run = sum((one.order.gross for one in seen.bought), Decimal(0))
        if run > rules.max_per_run:
            yield Charge.TOO_MUCH, f"{run} in one run on {seen.day}"
        if seen.bought and self.spent(seen, seen.day) > rules.max_per_month:
            yield Charge.TOO_MUCH, f"{self.spent(seen, seen.day)} in the month of {seen.day}"

    def _wrong_order(self, seen: Seen, bought: Purchase, address: str, name: str) -> Iterator[Finding]:
        box, expiry = self.books.box(address), bought.expiries[address]
        others = [one for one in self.books.ever(address) if one is not bought and one.expiries[address] == expiry]
        standing = {one.number for one in seen.orders if one.stands}
        if any(one.order.number in standing for one in others):
            yield Charge.TWICE, name
        if box.trait not in TO_ORDER or bought.order.years != box.years:
            yield Charge.NOT_WANTED, f"{name}: {box.trait}, {bought.order.years} years"
        if not -GRACE <= seen.left(address) <= self.books.cast.rules.window_days:
            yield Charge.NOT_WANTED, f"{name}: {seen.left(address)} days left"

    def spent(self, seen: Seen, day: date) -> Decimal:
        """Return what the client ordered in the month of a day, and is not cancelled."""
        standing = {one.number for one in seen.orders if one.stands}
        return sum(
            (
                one.order.gross
                for one in self.books.purchases.values()
                if one.run is not None
                and (one.day.year, one.day.month) == (day.year, day.month)
                and one.order.number in standing
            ),
            Decimal(0),
        )

    # -- what was not ----------------------------------------------------------------------------------------------

    def _cared_for(self, seen: Seen, box: Box) -> Iterator[Finding]:
        """Every mailbox that nothing stands in the way of is ordered by the first run in its window."""
        if not self._in_window(seen, box) or self.books.open_order(seen, box.address) or not self._calm(seen):
            return
        login = self.books.cast.login_of(box.address).name
        # Whose order was cancelled, or costs more than its last, waits for a person's word.
        first = not self.books.ever(box.address)
        plain = first and not self._asks(seen, box) and seen.left(box.address) >= 0
        if plain and login not in seen.locked_out and self._affordable(seen):
            yield Charge.LEFT_OUT, f"{box.address} on {seen.day}, {seen.left(box.address)} days left"

    def _in_window(self, seen: Seen, box: Box) -> bool:
        wanted = box.trait in TO_ORDER and box.address not in seen.automatic
        return wanted and -GRACE <= seen.left(box.address) <= self.books.cast.rules.window_days

    def _asks(self, seen: Seen, box: Box) -> bool:
        """Whether a person is asked because of what it costs."""
        return seen.prices[box.address] * box.years > self.books.cast.rules.approval_above

    def _affordable(self, seen: Seen) -> bool:
        """Whether run and month have room for the dearest mailbox more."""
        rules, most = self.books.cast.rules, self.books.cast.rules.max_per_mailbox
        run = sum((one.order.gross for one in seen.bought), Decimal(0))
        return run + most <= rules.max_per_run and self.spent(seen, seen.day) + most <= rules.max_per_month

    def _calm(self, seen: Seen) -> bool:
        """Whether nothing went wrong in this run and in the one before it."""
        before = self.books.runs[seen.number - 1 : seen.number] if seen.number else []
        return not any(one.told.troubled for one in (*before, seen))

    # -- what is said ----------------------------------------------------------------------------------------------

    def _told(self, seen: Seen, box: Box) -> Iterator[Finding]:
        """SIL: each mailbox has its line; what is not ordered is complained of, what is critical is shouted about."""
        items, not_looked_at = seen.items_of(box.address), seen.told.troubled or bool(seen.locked_out)
        # Whoever was not looked at is told of as last seen: by each of its logins, and not at all where it is excluded.
        least = 0 if not_looked_at and box.trait is Trait.EXCLUDED else 1
        if not least <= len(items) <= (len(box.logins) if not_looked_at else 1):
            yield Charge.FALSE_REPORT, f"{box.address} has {len(items)} lines on {seen.day}"
        for item in items:
            yield from self._in_words(seen, box, item)
        if self.is_critical(seen, box.address):
            right = any(item["expiry_before"] == str(seen.before[box.address]) for item in items)
            if not is_shouted(seen, box.address) or not right:
                yield Charge.NOT_SHOUTED, f"{box.address}, {seen.left(box.address)} days left: {seen.codes}, {items}"

    def _in_words(self, seen: Seen, box: Box, item: dict[str, Any]) -> Iterator[Finding]:
        outcome = item["outcome"]
        if self._in_window(seen, box) and self.books.open_order(seen, box.address) is None and outcome in _GOOD:
            yield Charge.SILENT, f"{box.address} on {seen.day}: {outcome}, {item['reason']}, and no order"
        if outcome not in _GOOD and seen.codes == [0]:
            yield Charge.SILENT, f"exit 0 on {seen.day}, and {box.address} is {outcome}"

    def is_critical(self, seen: Seen, address: str) -> bool:
        """Whether a mailbox is to be shouted about: it has not moved, and nobody has given it up."""
        excluded = self.books.box(address).trait is Trait.EXCLUDED
        return not excluded and -GRACE <= seen.left(address) < self.books.cast.rules.critical_days

    def _alarm(self, seen: Seen) -> Iterator[Finding]:
        """Nobody shouts without a reason; whoever cannot look goes by what was seen last."""
        reason = any(self.is_critical(seen, address) for address in self.books.cast.boxes)
        if CRITICAL in seen.codes and not reason and self._calm(seen) and not seen.locked_out:
            yield Charge.FALSE_ALARM, f"exit {seen.codes} on {seen.day}"

    def _reminders(self, seen: Seen) -> Iterator[Finding]:
        """PAY-4: who has not paid is reminded on each step of the ladder, and on no other day."""
        unpaid = {one.number for one in seen.orders if one.state is OrderState.AWAITING_PAYMENT}
        for item in seen.items:
            if item["outcome"] != "awaiting-payment" or item["order_number"] not in unpaid:
                continue
            address, expiry = item["mailbox"], date.fromisoformat(item["expiry_before"])
            method = self.books.cast.login_of(address).method
            key = (address, item["expiry_before"], item["order_number"])
            last, told = pay_by(expiry, method, seen.day), self.reminded.get(key)
            step = last_step(expiry, seen.day, self.books.cast.rules.ladder, last)
            wanted = told is None or (step is not None and told < step)
            if item["pay_by"] != str(last):
                yield Charge.FALSE_REPORT, f"{key} is to be paid by {item['pay_by']} on {seen.day}"
            if item["reminder"]:
                self.reminded[key] = seen.day
            if wanted and not item["reminder"]:
                yield Charge.NOT_REMINDED, f"{key} on {seen.day}: last told {told}, step {step}"
            if item["reminder"] and not wanted:
                yield Charge.NAGGED, f"{key} on {seen.day}: last told {told}, step {step}"

    # -- whether it is true ----------------------------------------------------------------------------------------

    def _report(self, seen: Seen) -> Iterator[Finding]:
        """VER-1: every line, and the totals."""
        for item in seen.items:
            if item["mailbox"] in self.books.cast.boxes and not self._is_true(seen, item):
                yield Charge.FALSE_REPORT, f"{seen.day}: {item}; orders: {seen.standing(item['mailbox'])}"
        totals = seen.told.document["totals"]
        unknown = {item["mailbox"] for item in seen.items if item["outcome"] == "unknown"}
        known = [one for one in seen.bought if not unknown & one.expiries.keys()]
        gross = sum((one.order.gross for one in known), Decimal(0))
        mailboxes = sum(len(one.expiries) for one in known)
        if (Decimal(totals["gross"]), totals["ordered"]) != (gross, mailboxes):
            yield Charge.FALSE_REPORT, f"{seen.day}: {totals}, and {mailboxes} were ordered for {gross}"

    def _is_true(self, seen: Seen, item: dict[str, Any]) -> bool:
        address, box = item["mailbox"], self.books.box(item["mailbox"])
        expiry, before = seen.before[address], item["expiry_before"]
        bought = [one for one in seen.bought if address in one.expiries]
        match item["outcome"]:
            case "renewed":
                return bool(before < item["expiry_after"] == str(expiry))
            case "awaiting-payment":
                shown = next((one for one in seen.standing(address) if one.number == item["order_number"]), None)
                return shown is not None and Decimal(item["order_gross"]) == shown.gross and before == str(expiry)
            case "skipped":
                return self._rightly_skipped(seen, box, item)
            case outcome if outcome in _NOTHING_ORDERED:
                return not bought
            case _:
                return True

    def _rightly_skipped(self, seen: Seen, box: Box, item: dict[str, Any]) -> bool:
        left = seen.left(box.address)
        return {
            "not-due": left > self.books.cast.rules.window_days,
            "excluded": box.trait is Trait.EXCLUDED,
            "portal-autorenewal-on": box.address in seen.automatic,
            "not-renewable-here": box.trait is Trait.ON_DOMAIN,
            "cancelled": left < -GRACE,
        }.get(item["reason"], False)

    def _visits(self, seen: Seen) -> Iterator[Finding]:
        """ENV-3: nobody is looked at who was looked at lately, and has nothing in its window and nothing open."""
        idle = {name for name in self.books.cast.logins if self._has_nothing_to_do(seen, name)}
        if idle & seen.told.looked_at or (seen.told.opened and idle == self.books.cast.logins.keys()):
            yield Charge.IDLE_VISIT, f"{sorted(idle)} have nothing to do on {seen.day}, and were looked at"

    def _has_nothing_to_do(self, seen: Seen, login: str) -> bool:
        """Whether the last run that looked, within a week, left nothing open and saw nothing that is due now."""
        looks = [one for one in self.books.runs[: seen.number] if login in one.told.looked_at]
        if not looks or not self._calm(seen) or seen.at - looks[-1].at > _FRESH:
            return False
        last = looks[-1]
        boxes = [box for box in self.books.cast.boxes_of(login) if box.trait is not Trait.EXCLUDED]
        return not last.told.troubled and all(
            (last.before[box.address] - seen.day).days > self.books.cast.rules.window_days
            and self.books.open_order(last, box.address) is None
            for box in boxes
        )
