"""Renew: fill in the order as far as «Modulo Ordine», and, apart from that, place it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from pec_autorenew.acceptance import (
    form_differences,
    require_acceptable,
    require_identifier,
    require_price_as_told,
    require_same_cart,
)
from pec_autorenew.errors import (
    FormChanged,
    OutcomeUnknown,
    PersonNeeded,
    PolicyStop,
    PortalError,
    RefusedByPortal,
    TooManyRequests,
    UnexpectedPage,
)
from pec_autorenew.flows.survey import go_to_list, go_to_mailbox
from pec_autorenew.model import OrderForm, Placed, WantedOrder
from pec_autorenew.pages.masking import masked
from pec_autorenew.paying import commitment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from pec_autorenew.interlock import Interlock
    from pec_autorenew.model import MailboxType
    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.portal_pages import PortalPages

#: The form may set itself again after a change; more often than this it is not to be trusted.
_TRIES: Final = 3
_TICK_MS: Final = 500
_GLANCE_MS: Final = 250
#: A form may wait for the last change before it calculates anew; other years are another price.
_THINKING_S: Final = 0.6
#: So much of what a page says is told.
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class PreparedOrder:
    """An order that stands on «Modulo Ordine», set and read back, with the network's lock closed."""

    wanted: WantedOrder
    form: OrderForm
    #: The type that the cart showed for each mailbox.
    cart: Mapping[str, MailboxType | None]
    pages: PortalPages
    interlock: Interlock
    #: What the way here has to tell, in sentences for the report.
    notes: tuple[str, ...] = ()


def prepare_renewal(pages: PortalPages, wanted: WantedOrder) -> PreparedOrder:
    """Walk to «Modulo Ordine», set it, and read it back. Binds nothing; may be repeated.

    Raises PolicyStop when the portal offers anything else than what is wanted, or what the portal says instead.
    """
    open_cart(pages, wanted)
    cart = fill_cart(pages, wanted)
    told = pages.gestione_caselle.read_total()
    with refusal_told(pages, pages.gestione_caselle):
        pages.gestione_caselle.proceed()
        notes = pass_offers_and_data(pages, wanted)
    lock = pages.session.lock()
    form = set_form(pages, wanted, lock)
    require_acceptable(form, wanted, cart)
    require_price_as_told(form, told)
    return PreparedOrder(wanted, form, cart, pages, lock, (*notes, *tell_interruptions(pages)))


def open_cart(pages: PortalPages, wanted: WantedOrder) -> None:
    """Go to «Gestione caselle PEC»: by «Rinnova» on the row for one mailbox, by «Rinnova caselle» for several."""
    several = len(wanted.mailboxes) > 1
    if several:
        if pages.here is not pages.home:
            pages.open()
            pages.arrive(pages.home)
        pages.home.renew_mailboxes()
    else:
        (box,) = wanted.mailboxes
        if pages.here is not pages.caselle or box.address not in pages.caselle.addresses():
            pages.open()
        go_to_list(pages)
        go_to_mailbox(pages, box)
        pages.caselle.renew(box.address)
    pages.arrive(pages.gestione_caselle)


def fill_cart(pages: PortalPages, wanted: WantedOrder) -> dict[str, MailboxType | None]:
    """Flag what is wanted, see that nothing else is in the cart, and return the types (PRC-5, PRC-8)."""
    cart = pages.gestione_caselle
    rows = cart.read_rows(wanted.all_addresses)
    wrong = [row for row in rows if row.flagged is not None and row.flagged is not (row.address in wanted.addresses)]
    for row in wrong:
        on = row.address in wanted.addresses
        cart.set_flag(row, on=on)
        pages.session.settle(after_change=True)
        pages.screen.until(partial(cart.shows_flag, row.address, on=on))  # the page may draw itself anew first
    if wrong:
        rows = cart.read_rows(wanted.all_addresses)
    chosen = {row.address: (row.type, row.extra) for row in rows if row.flagged is not False}
    require_same_cart(chosen, wanted)
    return {address: kind for address, (kind, _) in chosen.items()}


def pass_offers_and_data(
    pages: PortalPages, wanted: WantedOrder, seen: Callable[[PortalPage], object] = lambda _: None
) -> tuple[str, ...]:
    """Refuse the kit, confirm the holder's data as they stand, answer for the invoice; end on «Modulo Ordine».

    `seen` is called with each page when it stands there, before anything is done on it. Return what is to be told.
    """
    notes: tuple[str, ...] = ()
    order_pages: tuple[PortalPage, ...] = (
        pages.kit_firma,
        pages.dati_intestatario,
        pages.dati_fatturazione,
        pages.modulo_ordine,
    )
    page = pages.arrive(*order_pages)
    seen(page)
    while page is not pages.modulo_ordine:
        order_pages = order_pages[order_pages.index(page) + 1 :]  # the flow goes forward only
        with refusal_told(pages, page):
            notes += pass_page(pages, page, wanted)
            page = pages.arrive(*order_pages)
        seen(page)
    return notes


@contextmanager
def refusal_told(pages: PortalPages, left: PortalPage) -> Iterator[None]:
    """Go on from the page `left`. Raises RefusedByPortal, with the new words on it, where it stands there again.

    A form that comes back with «… è obbligatorio» is one customer's matter, and no drift of the portal.
    """
    before = said_on(pages)
    try:
        yield
    except UnexpectedPage as error:
        words = new_words(pages, before)
        if not words or pages.look_for(left, timeout=_GLANCE_MS) is None:
            raise
        raise RefusedByPortal(f"«{left.name}» came again and says: {words}", page=left.name) from error


def new_words(pages: PortalPages, before: Collection[str]) -> str:
    """Return what the page says that it did not say `before`, without addresses and codes."""
    return masked(" ".join(text for text in said_on(pages) if text not in before))[:_LONGEST].rstrip(". ")


def said_on(pages: PortalPages) -> list[str]:
    """Return the lines of text on the page that are no control's name."""
    return [one.text for one in pages.screen.outline() if one.plain]


def pass_page(pages: PortalPages, page: PortalPage, wanted: WantedOrder) -> tuple[str, ...]:
    """Do on one page before the form what has to be done there, and go on; return what is to be told."""
    if page is pages.kit_firma:
        pages.kit_firma.refuse()
        if pages.kit_firma.is_shown():
            pages.kit_firma.proceed()
        return ()
    notes = answer_for_invoice(pages, wanted)
    if page is pages.dati_intestatario:
        pages.dati_intestatario.proceed()
    else:
        pages.dati_fatturazione.proceed()
    return notes


def answer_for_invoice(pages: PortalPages, wanted: WantedOrder) -> tuple[str, ...]:
    """Fill the e-invoice identifier where it is asked for and empty; keep, and tell, what stands there (PRC-9)."""
    if not pages.dati_fatturazione.asks():
        return ()
    shown = pages.dati_fatturazione.read_identifier()
    missing = require_identifier(shown, wanted.identifier)
    if missing is not None:
        pages.dati_fatturazione.fill(missing)
    if shown is None or wanted.identifier is not None:
        return ()
    kept = f"The e-invoice identifier was kept as it stood: {shown.kind} {shown.value}".rstrip() + "."
    office = f"It is a public office's: {commitment(shown)}"
    return (kept, office) if shown.is_public_office else (kept,)


def set_form(pages: PortalPages, wanted: WantedOrder, lock: Interlock) -> OrderForm:
    """Set method, years and consents with the network open, close it, and read the form back."""
    form = pages.modulo_ordine
    pages.screen.wait_until_loaded()
    for _ in range(_TRIES):
        lock.open()
        if form.choose_years(wanted.years):
            settle_on_form(pages, quiet=_THINKING_S)
        form.choose_method(wanted.method)
        settle_on_form(pages)
        consents = form.give_consents(wanted.mandate)
        settle_on_form(pages)
        pages.screen.until(partial(form.shows_total, wanted.all_addresses))  # the form asks for it in its own time
        pages.session.take_turn()  # the binding click's, while nothing depends on how long that takes
        lock.close()
        shown = form.read_form(wanted.all_addresses)
        as_set = shown.years == wanted.years and shown.method is wanted.method and set(shown.consents) == consents
        if as_set and not lock.held:
            if not form.can_confirm():
                raise PersonNeeded(
                    "the form cannot be confirmed as it stands", page=form.name, reason="unknown-consent"
                )
            return shown
    raise PolicyStop("the order form does not keep what is set on it", page=form.name)


def settle_on_form(pages: PortalPages, *, quiet: float = 0) -> None:
    """Wait until the form has answered a change: it may calculate anew, or come again from the portal."""
    if pages.session.settle(after_change=True, quiet=quiet):
        pages.arrive(pages.modulo_ordine)


def place_order(prepared: PreparedOrder, before_click: Callable[[], None]) -> Placed:
    """Read the form again; if it differs from `prepared.form`, raise FormChanged, nothing pressed.

    Nor is it if `before_click` raises, which has the last word. Else press «CONFERMA e completa l'ordine» once. Raises
    OutcomeUnknown if the answer is lost, RefusedByPortal if nothing left the browser.
    """
    pages, lock = prepared.pages, prepared.interlock
    wait_for_turn(prepared)
    said = require_same_form(prepared)
    before_click()
    pages.session.denied, pages.session.accepts = "", pages.modulo_ordine.is_expected_question
    lock.arm()
    try:
        pages.modulo_ordine.confirm()
        return await_answer(pages, lock, said)
    except (OutcomeUnknown, RefusedByPortal):
        raise
    except PortalError as error:
        lock.close()
        if not lock.sent and pages.look_for(pages.modulo_ordine, timeout=_GLANCE_MS) is not None:
            raise RefusedByPortal(f"the order could not be sent: {error.message}", page=error.page) from error
        raise OutcomeUnknown(f"after the binding click: {error.message}", page=error.page) from error


def wait_for_turn(prepared: PreparedOrder) -> None:
    """Take the turn of the binding click, where it is not in hand any more. Raises FormChanged where it is too far."""
    try:
        prepared.pages.session.take_turn()
    except TooManyRequests as error:
        page = prepared.pages.modulo_ordine.name
        raise FormChanged(f"nothing was pressed: {error.message}", page=page, reason=error.reason) from error


def require_same_form(prepared: PreparedOrder) -> list[str]:
    """Return the form's lines. Raises FormChanged, line by line, unless it stands as it was checked (PRC-1)."""
    form, lock = prepared.pages.modulo_ordine, prepared.interlock
    try:
        shown = form.read_form(prepared.wanted.all_addresses)
        pressable = form.can_confirm()
        said = said_on(prepared.pages)
    except PortalError as error:
        raise FormChanged(f"the order form cannot be read again: {error.message}", page=form.name) from error
    if shown != prepared.form:
        reason = "price-changed" if shown.gross != prepared.form.gross else None
        differences = "; ".join(form_differences(prepared.form, shown))
        raise FormChanged(f"the order form changed: {differences}", page=form.name, reason=reason)
    if not pressable:
        raise FormChanged("the order form cannot be confirmed any more", page=form.name)
    if lock.held:
        raise FormChanged(f"the form sent something by itself: {'; '.join(lock.held)}", page=form.name)
    return said


def await_answer(pages: PortalPages, lock: Interlock, before: Collection[str] = ()) -> Placed:
    """Wait for what the portal answers to the binding click: a confirmation, the form again, or nothing."""
    for _ in range(max(1, int(pages.screen.timeout / _TICK_MS))):
        if pages.look_for(pages.conferma, timeout=_TICK_MS) is not None:
            pages.session.settle()
            return what_it_says(pages)
        if any(answer == 0 or answer >= 500 for answer in lock.answers):  # noqa: PLR2004 - the server's errors
            raise OutcomeUnknown("the portal's answer to the order was lost", page=pages.modulo_ordine.name)
        if lock.answers and pages.look_for(pages.modulo_ordine, timeout=_GLANCE_MS) is not None:
            pages.session.settle()
            words = new_words(pages, before)
            why = f"the portal shows the form again{f' and says: {words}' if words else ''}"
            return Placed(None, pages.conferma.read()[1], why)
        if lock.answers and pages.look_for(pages.login, pages.login_username, timeout=_GLANCE_MS) is not None:
            raise OutcomeUnknown("the portal answered the order with its sign-in form", page=pages.modulo_ordine.name)
        if pages.session.denied and not lock.sent:
            break
    lock.close()  # what has not been sent by now shall not leave any more
    if not lock.sent and pages.look_for(pages.modulo_ordine, timeout=_GLANCE_MS) is not None:
        raise RefusedByPortal(f"the form did not send the order{why_not_sent(pages)}", page=pages.modulo_ordine.name)
    return replace(what_it_says(pages), order_number=None)


def what_it_says(pages: PortalPages) -> Placed:
    """Return number and words of the page after the click; of the list, which is no answer to the order, neither."""
    if pages.look_for(pages.caselle, pages.home, timeout=1) is not None:
        return Placed(None, "")
    return Placed(*pages.conferma.read())


def why_not_sent(pages: PortalPages) -> str:
    """Return what is known of a form that did not send the order, with the line that would let it (DRF-6)."""
    question, said = pages.session.denied, pages.session.interruptions[-1:]
    if not question:
        return "".join(f": {one}" for one in (*said, pages.modulo_ordine.obstacle()) if one)
    line = f"modulo_ordine.confirm_question = [{json.dumps(question, ensure_ascii=False)}]"
    asked = f": the portal asked «{question}», and nobody allowed yes"
    return f"{asked}. To allow it, once for each order, write below [portal.names]: {line}"


def tell_interruptions(pages: PortalPages) -> tuple[str, ...]:
    """Return, once, what the portal put in the way since it was last told: windows, notices, questions (DRF-6)."""
    told = tuple(f"In the way stood: {one}." for one in dict.fromkeys(pages.session.interruptions))
    pages.session.interruptions.clear()
    return told
