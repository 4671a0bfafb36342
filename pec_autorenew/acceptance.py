"""What a cart and an order form must say before anything is bought: pure, line by line, cent by cent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import PolicyStop
from pec_autorenew.italian import dates_in, format_date, format_money
from pec_autorenew.names import upsells_in

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pec_autorenew.config import Limits
    from pec_autorenew.model import FormLine, InvoiceIdentifier, MailboxType, OrderForm, WantedMailbox, WantedOrder

#: By no more does a form's last day differ from the wanted one, whether it counts from today or to a month's end.
_NEARLY: Final = timedelta(days=182)
_CENT: Final = Decimal("0.01")


def require_same_cart(cart: Mapping[str, tuple[MailboxType | None, str]], wanted: WantedOrder) -> None:
    """Raise PolicyStop unless the cart holds exactly the wanted mailboxes, each of its type, without extra space."""
    if cart.keys() != wanted.addresses:
        raise PolicyStop(_set_difference(cart.keys(), wanted), page="Gestione caselle PEC")
    for box in wanted.mailboxes:
        kind, extra = cart[box.address]
        if kind is not None and kind is not box.type:
            raise PolicyStop(f"{box.address} is {box.type or '?'} and the cart says {kind}", reason="type-changed")
        if extra:
            raise PolicyStop(
                f"the cart has «{extra}» for {box.address}; whether the mailbox has that space today is not shown, and "
                "dropping it could cost messages: order this renewal by hand",
                page="Gestione caselle PEC",
                reason="upsell-not-refusable",
            )


def require_identifier(
    shown: InvoiceIdentifier | None, configured: InvoiceIdentifier | None
) -> InvoiceIdentifier | None:
    """Return the identifier that has to be typed, or None where the form keeps what it shows (PRC-9).

    Raises PolicyStop: identifier-missing, identifier-mismatch.
    """
    if shown is None and configured is None:
        raise PolicyStop(
            "the form asks for the e-invoice identifier; add [accounts.billing]", reason="identifier-missing"
        )
    if (
        shown is not None
        and configured is not None
        and (shown.kind, shown.value.upper()) != (configured.kind, configured.value.upper())
    ):
        raise PolicyStop(
            f"the form has {shown.kind} {shown.value} and the configuration {configured.kind} {configured.value}",
            reason="identifier-mismatch",
        )
    return configured if shown is None else None


def require_acceptable(form: OrderForm, wanted: WantedOrder, cart: Mapping[str, MailboxType | None]) -> None:
    """Raise PolicyStop unless the form is exactly the wanted order, line by line (PRC-5, PRC-6, PRC-8)."""
    differences: list[str] = []
    if form.addresses != wanted.addresses:
        differences.append(_set_difference(form.addresses, wanted))
    differences += [f"an extra line: {line.text}" for line in form.lines if not line.address]
    differences += [
        f"the line of {line.address} holds «{word}»"
        for line in form.lines
        if line.address
        for word in upsells_in(line.text)
    ]
    if form.years != wanted.years:
        differences.append(f"{form.years} years instead of {wanted.years}")
    if form.method is not wanted.method:
        differences.append(f"paid by {form.method} instead of {wanted.method}")
    differences += [
        f"{line.years} years for {line.address} instead of {wanted.years}"
        for line in form.lines
        if line.address and line.years not in {None, wanted.years}
    ]
    boxes = {box.address: box for box in wanted.mailboxes}
    differences += [
        f"the form renews {box.address} until {format_date(day)}, and {_years_of(wanted)} from "
        f"{format_date(box.expiry)} on was wanted: it may have been renewed meanwhile"
        for line in form.lines
        if (box := boxes.get(line.address)) and {form.years, line.years or wanted.years} == {wanted.years}
        for day in _too_late(line, box, wanted.years)
    ]
    if differences:
        raise PolicyStop("; ".join(differences), page="Modulo Ordine")
    types = {line.address: line.type for line in form.lines}
    for box in wanted.mailboxes:
        seen = types[box.address] or cart.get(box.address)
        if box.type is None or seen is None:
            raise PolicyStop(f"the type of {box.address} cannot be compared: it is not shown", page="Modulo Ordine")
        if seen is not box.type:
            raise PolicyStop(f"{box.address} is {box.type} and the form says {seen}", reason="type-changed")


def require_price_as_told(form: OrderForm, told: Decimal | None) -> None:
    """Raise PolicyStop(price-changed) where the form wants more than the cart said, before anybody changed the years.

    For how many years the cart's total was is not said there: for one at least.
    """
    if told is not None and form.gross > told * form.years + _CENT * max(1, len(form.lines)):
        raise PolicyStop(
            f"the form wants {format_money(form.gross)} (years: {form.years}), and the cart said {format_money(told)}",
            page="Modulo Ordine",
            reason="price-changed",
        )


def _years_of(wanted: WantedOrder) -> str:
    """Return the wanted years as a sentence says them."""
    return f"{wanted.years} year{'' if wanted.years == 1 else 's'}"


def _too_late(line: FormLine, box: WantedMailbox, years: int) -> tuple[date, ...]:
    """Return the last day on the line, where it is later than any renewal of that expiry ends (DUP-5)."""
    end = date(box.expiry.year + years, box.expiry.month, min(box.expiry.day, 28))
    try:
        late = [day for day in dates_in(line.text) if day - end > _NEARLY]
    except ValueError as error:
        raise PolicyStop(
            f"the line of {box.address} shows a day that does not exist: {error}", page="Modulo Ordine"
        ) from error
    return (max(late),) if late else ()


def form_differences(before: OrderForm, now: OrderForm) -> list[str]:
    """Return, line by line, what is no longer as it was on the form that was checked; empty when nothing is."""
    differences = [
        f"{what} was {then or 'not shown'} and is {today or 'not shown'}"
        for what, then, today in (
            ("the total", before.gross, now.gross),
            ("the net sum", before.net, now.net),
            ("the VAT", before.vat, now.vat),
            ("the number of years", before.years, now.years),
            ("the method", before.method, now.method),
        )
        if then != today
    ]
    differences += [f"gone: {line.text}" for line in before.lines if line not in now.lines]
    differences += [f"new: {line.text}" for line in now.lines if line not in before.lines]
    differences += [
        f"a consent is no longer {'ticked' if one.ticked else 'unticked'}: {one.text}"
        for one in before.consents
        if one not in now.consents
    ]
    differences += [
        f"a consent is new: {one.text}"
        for one in now.consents
        if one.text not in {known.text for known in before.consents}
    ]
    return differences or (["the order of its lines"] if before != now else [])


def rise_in_percent(amount: Decimal, years: int, last_amount: Decimal, last_years: int) -> Decimal:
    """Return by how much a year costs more than in the mailbox's last order, in percent; negative for less (PRC-7)."""
    before = last_amount / last_years
    return (amount / years - before) * 100 / before


def _set_difference(shown: Collection[str], wanted: WantedOrder) -> str:
    missing, surplus = sorted(wanted.addresses - set(shown)), sorted(set(shown) - wanted.addresses)
    parts = [f"{', '.join(missing)} is missing from the order"] if missing else []
    return "; ".join([*parts, f"{', '.join(surplus)} is in the order and not wanted"] if surplus else parts)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one mailbox of an otherwise right order must not be bought."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Left:
    """What may still be spent."""

    amount: Decimal
    #: The client whose limit leaves no more; "" where it is that of all.
    client: str = ""

    def __str__(self) -> str:
        """Return it as a sentence says it."""
        return f"{format_money(self.amount)} that are left{f' for client {self.client}' if self.client else ''}"


def refusals(form: OrderForm, wanted: WantedOrder, limits: Limits, left: Left) -> dict[str, Refusal]:
    """Return, by address, what the limits refuse; `left` is what run and month may still spend (PRC-1 to PRC-4).

    Most urgent first: what does not fit any more is refused with reason `budget`.
    """
    ceiling = limits.max_per_mailbox
    if ceiling is None:
        raise PolicyStop("limits.max_per_mailbox is not configured", reason="over-limit")
    refused: dict[str, Refusal] = {}
    for box in wanted.mailboxes:
        amount = price_of(form, box.address)
        if amount <= 0 or amount < limits.min_per_mailbox:
            refused[box.address] = Refusal(
                "under-limit", f"{format_money(amount)} is below {format_money(limits.min_per_mailbox)}."
            )
        elif amount > ceiling:
            refused[box.address] = Refusal("over-limit", f"{format_money(amount)} is above {format_money(ceiling)}.")
        elif amount > left.amount:
            refused[box.address] = Refusal("budget", f"{format_money(amount)} is more than the {left}.")
        else:
            left = replace(left, amount=left.amount - amount)
    return refused


def price_of(form: OrderForm, address: str) -> Decimal:
    """Return what this mailbox costs in the order, VAT included: its own amount, or the total of an order for one."""
    return form.amounts_per_mailbox.get(address, form.gross)


def needs_splitting(form: OrderForm) -> bool:
    """Whether the form hides what each of several mailboxes costs, so that they are ordered one by one (PRC-1)."""
    return len(form.addresses) > 1 and not form.amounts_per_mailbox
