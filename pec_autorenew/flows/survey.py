"""Look at an account's mailboxes and orders, afresh."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pec_autorenew.errors import InventoryShrank
from pec_autorenew.model import Mailbox, PortalOrder, Survey, fold_address

if TYPE_CHECKING:
    from datetime import datetime

    from pec_autorenew.pages.portal_pages import PortalPages


def survey(pages: PortalPages, account: str, username: str, now: datetime) -> Survey:
    """Load the list afresh and return what it shows, tab by tab.

    Raises InventoryShrank when there is no mailbox and the portal does not say so in words (SIL-1).
    """
    if pages.here is not pages.home:  # where a sign-in or a fresh load has just led: the list behind it is fresh
        pages.open()
    offers_flags = go_to_list(pages)
    mailboxes: dict[str, Mailbox] = {}
    orders: dict[PortalOrder, None] = {}
    orders_visible = False
    for tab in pages.caselle.tabs() or ("",):
        if tab:
            show_tab(pages, tab)
        for box in _mailboxes(pages, tab, username):
            mailboxes.setdefault(box.address, box)
        if pages.ordini.is_shown():
            orders_visible = True
            orders.update(dict.fromkeys(pages.ordini.read_orders()))
    if not mailboxes and not pages.caselle.shows_empty_state():
        raise InventoryShrank("the list shows no mailbox and does not say that there is none", page=pages.caselle.name)
    known, own = frozenset(mailboxes), fold_address(username)
    # An order that names other mailboxes only must not look like one that names none.
    listed = tuple(replace(order, mailboxes=(order.mailboxes & known) or (order.mailboxes - {own})) for order in orders)
    return Survey(account, now, tuple(mailboxes.values()), listed, orders_visible, offers_flags)


def go_to_list(pages: PortalPages) -> bool:
    """Go from wherever the area opens to the list; return whether home offers «Rinnova caselle»."""
    here = pages.here or pages.arrive(pages.home, pages.caselle)
    if here is pages.caselle:
        return False
    offers_flags = pages.home.offers_renewal_of_several()
    pages.home.open_list()
    pages.arrive(pages.caselle)
    return offers_flags


def show_tab(pages: PortalPages, tab: str) -> None:
    """Open a tab of the list and wait until its mailboxes stand there."""
    pages.caselle.open_tab(tab)
    pages.session.settle()
    pages.arrive(pages.caselle)


def _mailboxes(pages: PortalPages, tab: str, username: str) -> tuple[Mailbox, ...]:
    boxes = pages.caselle.read_mailboxes(tab)
    own = fold_address(username)
    # The user name in the page's head is no mailbox, unless the list itself has it.
    return boxes if len(boxes) == 1 else tuple(box for box in boxes if box.address != own or box.renewable)
