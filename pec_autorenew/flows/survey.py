"""Look at an account's mailboxes and orders, afresh: every tab, every page of a long list."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import InventoryShrank, UnexpectedPage
from pec_autorenew.model import Mailbox, PortalOrder, Survey, WantedMailbox, fold_address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pec_autorenew.pages.portal_pages import PortalPages

#: Milliseconds after which a list that has not changed is taken for the one that was asked for.
_PATIENCE_MS: Final = 1_000
#: Milliseconds after which an open tab that shows neither a mailbox nor words is taken for empty.
_BARE_MS: Final = 5_000
#: Seconds for which a list whose end came into view may think before it asks for more.
_SCROLL_S: Final = 0.3
#: A list with more pages than this does not end.
_MOST_PAGES: Final = 200


@dataclass(slots=True)
class _Seen:
    """What the parts of the list have shown so far."""

    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    #: By number: each tab and page of the list may show them all, and not in the same words.
    orders: dict[str | PortalOrder, PortalOrder] = field(default_factory=dict)
    orders_visible: bool = False


def survey(pages: PortalPages, account: str, username: str, now: datetime) -> Survey:
    """Load the list afresh and return what it shows, tab by tab and page by page.

    Raises InventoryShrank when there is no mailbox and the portal does not say so in words (SIL-1).
    """
    if pages.here is not pages.home:  # where a sign-in or a fresh load has just led: the list behind it is fresh
        pages.open()
    offers_flags = go_to_list(pages)
    seen = _Seen()
    for tab in _tabs(pages):
        for _ in turned_pages(pages):
            for box in _mailboxes(pages, tab, username):
                seen.mailboxes.setdefault(box.address, box)
            if pages.ordini.unfold():
                pages.session.settle(after_change=True)
            if pages.ordini.is_shown():
                seen.orders_visible = True
                seen.orders.update({order.number or order: order for order in pages.ordini.read_orders()})
    if not seen.mailboxes and not pages.caselle.shows_empty_state():
        raise InventoryShrank("the list shows no mailbox and does not say that there is none", page=pages.caselle.name)
    known, own = frozenset(seen.mailboxes), fold_address(username)
    # An order that names other mailboxes only must not look like one that names none.
    listed = [
        replace(order, mailboxes=(order.mailboxes & known) or (order.mailboxes - {own}))
        for order in seen.orders.values()
    ]
    boxes = tuple(seen.mailboxes.values())
    return Survey(account, now, boxes, tuple(listed), seen.orders_visible, offers_flags)


def go_to_list(pages: PortalPages) -> bool:
    """Go from wherever the area opens to the list; return whether home offers «Rinnova caselle»."""
    here = pages.here or pages.arrive(pages.home, pages.caselle)
    if here is pages.caselle:
        return False
    offers_flags = pages.home.offers_renewal_of_several()
    pages.home.open_list()
    pages.arrive(pages.caselle)
    return offers_flags


def go_to_mailbox(pages: PortalPages, box: WantedMailbox) -> None:
    """Turn to the page on which `box` is listed, in its tab where it is not in sight."""
    if box.tab and box.address not in pages.caselle.addresses() and not pages.caselle.shows_tab(box.tab):
        show_tab(pages, box.tab)
    for _ in turned_pages(pages):
        if box.address in pages.caselle.addresses():
            return
    raise UnexpectedPage(f"{box.address} is not listed any more", page=pages.caselle.name)


def show_tab(pages: PortalPages, tab: str, *, may_be_open: bool = False) -> bool:
    """Open a tab of the list; return whether the list is another one now, or the tab is seen to be the open one.

    Where it `may_be_open` already, the same list in a fresh document is no reason to wait for another.
    """
    before, document = pages.caselle.addresses(), pages.screen.document()
    pages.caselle.open_tab(tab)
    pages.session.settle(after_change=True)
    if before and pages.look_for(pages.caselle, timeout=_BARE_MS) is None and _is_bare(pages, tab, document):
        pages.session.interruptions.append(f"tab: «{tab}» shows no mailbox, and does not say that there is none")
        return True
    changed = _changed(pages, before, _PATIENCE_MS, document if may_be_open else None)
    return changed or pages.caselle.shows_tab(tab)


def _is_bare(pages: PortalPages, tab: str, document: float) -> bool:
    """Whether the tab was opened, by its looks or by a fresh document, and no mailbox is in it, nor a word of it."""
    opened = pages.caselle.shows_tab(tab) or pages.screen.document() != document
    return opened and len(pages.caselle.tabs()) > 1 and not pages.caselle.addresses()


def turned_pages(pages: PortalPages) -> Iterator[int]:
    """Yield the number of each page of the list that stands there, from the first to the last.

    Raises UnexpectedPage when the list offers to go on and does not.
    """
    shown: set[frozenset[str]] = set()
    _turn_to_first_page(pages)
    for number in range(1, _MOST_PAGES + 1):
        yield number
        before = pages.caselle.addresses()
        shown.add(before)
        if not pages.caselle.offers_page(number + 1):
            if not _scrolls_on(pages, before) or pages.caselle.addresses() in shown:
                pages.caselle.require_whole(len(frozenset().union(*shown)))
                return
            continue
        by_sign = pages.caselle.goes_on_by_sign()
        pages.caselle.turn_page(number + 1)
        if not _changed(pages, before, pages.screen.timeout):
            if by_sign:
                pages.session.interruptions.append("list: the sign behind it shows no other mailboxes")
                return
            raise UnexpectedPage(
                f"the list offers a page after page {number} and does not turn to it", page=pages.caselle.name
            )
        if pages.caselle.addresses() in shown:
            return  # it began again
    raise UnexpectedPage(f"the list does not end after {_MOST_PAGES} pages", page=pages.caselle.name)


def _turn_to_first_page(pages: PortalPages) -> None:
    """Turn back to where the list begins: it may open where somebody looked last."""
    for _ in range(_MOST_PAGES):
        before = pages.caselle.addresses()
        if not pages.caselle.turn_back() or not _changed(pages, before, _PATIENCE_MS):
            return


def _scrolls_on(pages: PortalPages, before: frozenset[str]) -> bool:
    """Scroll to the end of the list, and return whether it goes on there (PF-LIST-PAGING)."""
    if not pages.caselle.scroll_to_end():
        return False
    pages.session.settle(after_change=True, quiet=_SCROLL_S)
    return pages.caselle.addresses() != before


def _tabs(pages: PortalPages) -> Iterator[str]:
    """Open one tab after the other, and yield its key; the empty key where there are none."""
    tabs = pages.caselle.tabs()
    if not tabs:
        yield ""
    for index, tab in enumerate(tabs):
        if pages.caselle.shows_tab(tab):
            yield tab
            continue
        empty = not pages.caselle.addresses()
        # The first may have been open all the time, and two may be empty alike; any other must show another list.
        if not show_tab(pages, tab, may_be_open=index == 0) and index > 0 and not empty:
            raise UnexpectedPage("pressing a tab does not change the list", page=pages.caselle.name)
        yield tab


def _changed(pages: PortalPages, before: frozenset[str], patience: float, document: float | None = None) -> bool:
    """Wait until the list shows other mailboxes than `before`; False where it does not within `patience` ms.

    Where the `document` that stood there is given, a fresh one will do.
    """
    pages.session.settle(after_change=True)

    def is_another() -> bool:
        pages.arrive(pages.caselle)
        if document is not None and pages.screen.document() != document:
            return True
        return pages.caselle.addresses() != before

    return pages.screen.until(is_another, timeout=patience)


def _mailboxes(pages: PortalPages, tab: str, username: str) -> tuple[Mailbox, ...]:
    pages.screen.until(pages.caselle.is_at_rest)
    boxes = pages.caselle.read_mailboxes(tab)
    own = fold_address(username)
    # The user name in the page's head is no mailbox, unless the list itself has it.
    return boxes if len(boxes) == 1 else tuple(box for box in boxes if box.address != own or box.renewable)
