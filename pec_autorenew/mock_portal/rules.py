"""The rules of the house: states, what may be renewed, prices, the expiry after a payment. All of it pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from pec_autorenew.mock_portal.values import (
    Choice,
    ExtraLine,
    Mailbox,
    MailboxState,
    MailboxType,
    OrderLine,
    Quote,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pec_autorenew.mock_portal.options import Options

GRACE = timedelta(days=90)
RED_FROM = timedelta(days=90)
VAT_PERCENT = 22
YEARLY_NET_CENTS = {MailboxType.STANDARD: 500, MailboxType.PRO: 2500, MailboxType.PREMIUM: 3500}
EXTRA_GB_NET_CENTS = 300
BOX_GB = {MailboxType.STANDARD: 1, MailboxType.PRO: 2, MailboxType.PREMIUM: 2}
ARCHIVE_GB = {MailboxType.STANDARD: 0, MailboxType.PRO: 3, MailboxType.PREMIUM: 8}
KIT_NET_CENTS = 3500
KIT_TEXT = "Dispositivo di Firma Digitale"


def state_on(mailbox: Mailbox, today: date) -> MailboxState:
    """Say what the list shows: ninety days after the expiry nothing is left to renew."""
    if mailbox.cancelled or today > mailbox.expiry + GRACE:
        return MailboxState.CANCELLED
    if mailbox.activating:
        return MailboxState.ACTIVATING
    return MailboxState.EXPIRED if today > mailbox.expiry else MailboxState.ACTIVE


def expiry_is_near(mailbox: Mailbox, today: date) -> bool:
    """Say whether the expiry is printed in red."""
    return today >= mailbox.expiry - RED_FROM


def renewable_on(mailbox: Mailbox, today: date, *, unpaid_order: bool) -> bool:
    """Say whether «Rinnova» is offered."""
    return not (
        unpaid_order
        or mailbox.auto_renewal
        or mailbox.on_domain
        or state_on(mailbox, today) in {MailboxState.CANCELLED, MailboxState.ACTIVATING}
    )


def add_years(day: date, years: int) -> date:
    """Move a day by whole years; the 29th of February becomes the 28th where it must."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def vat_on(net_cents: int) -> int:
    """Round the tax on one line to the nearest cent, halves up."""
    return (net_cents * VAT_PERCENT + 50) // 100


def yearly_net_cents(mailbox: Mailbox, choice: Choice) -> int:
    """Price one mailbox for one year; a price of its own holds only for its own plan."""
    own_price = mailbox.yearly_net_cents if choice.type == mailbox.type else None
    plan = YEARLY_NET_CENTS[choice.type] if own_price is None else own_price
    return plan + EXTRA_GB_NET_CENTS * (mailbox.extra_gb + choice.extra_gb)


def price_line(mailbox: Mailbox, choice: Choice, years: int) -> OrderLine:
    """Price one row of the cart."""
    net = years * yearly_net_cents(mailbox, choice)
    vat = vat_on(net)
    return OrderLine(
        address=mailbox.address,
        type=choice.type,
        extra_gb=choice.extra_gb,
        years=years,
        net_cents=net,
        vat_cents=vat,
        gross_cents=net + vat,
    )


def price_extra(text: str, net_cents: int) -> ExtraLine:
    """Price a line that is not a mailbox."""
    vat = vat_on(net_cents)
    return ExtraLine(text=text, net_cents=net_cents, vat_cents=vat, gross_cents=net_cents + vat)


def price_cart(
    mailboxes: Mapping[str, Mailbox],
    choices: Sequence[Choice],
    *,
    years: int,
    kit: bool,
    options: Options,
) -> Quote:
    """Price a whole cart: the tax is rounded line by line, then summed."""
    lines = tuple(price_line(mailboxes[choice.address], choice, years) for choice in choices)
    extras: tuple[ExtraLine, ...] = ()
    if kit:
        extras += (price_extra(KIT_TEXT, KIT_NET_CENTS),)
    if options.extra_line is not None:
        extras += (price_extra(options.extra_line.text, options.extra_line.net_cents),)
    everything: tuple[OrderLine | ExtraLine, ...] = (*lines, *extras)
    return Quote(
        lines=lines,
        extras=extras,
        years=years,
        net_cents=sum(line.net_cents for line in everything),
        vat_cents=sum(line.vat_cents for line in everything),
        gross_cents=sum(line.gross_cents for line in everything),
    )
