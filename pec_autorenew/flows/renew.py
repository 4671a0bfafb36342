"""Renew: fill in the order as far as «Modulo Ordine», and, apart from that, place it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import FormChanged, OutcomeUnknown, PersonNeeded, PolicyStop, PortalError, RefusedByPortal
from pec_autorenew.flows.survey import go_to_list, show_tab
from pec_autorenew.model import OrderForm, Placed, WantedOrder
from pec_autorenew.planning import require_acceptable, require_identifier, require_same_cart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pec_autorenew.browser import Interlock
    from pec_autorenew.model import MailboxType
    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.portal_pages import PortalPages

#: The form may set itself again after a change; more often than this it is not to be trusted.
_TRIES: Final = 3
_TICK_MS: Final = 500
_GLANCE_MS: Final = 250


@dataclass(frozen=True, slots=True)
class PreparedOrder:
    """An order that stands on «Modulo Ordine», set and read back, with the network's lock closed."""

    wanted: WantedOrder
    form: OrderForm
    #: The type that the cart showed for each mailbox.
    cart: Mapping[str, MailboxType | None]
    pages: PortalPages
    interlock: Interlock


def prepare_renewal(pages: PortalPages, wanted: WantedOrder) -> PreparedOrder:
    """Walk to «Modulo Ordine», set it, and read it back. Binds nothing; may be repeated.

    Raises PolicyStop when the portal offers anything else than what is wanted, or what the portal says instead.
    """
    open_cart(pages, wanted)
    cart = fill_cart(pages, wanted)
    pages.gestione_caselle.proceed()
    pass_offers_and_data(pages, wanted)
    lock = pages.session.lock()
    form = set_form(pages, wanted, lock)
    require_acceptable(form, wanted, cart)
    return PreparedOrder(wanted, form, cart, pages, lock)


def open_cart(pages: PortalPages, wanted: WantedOrder) -> None:
    """Go to «Gestione caselle PEC»: by «Rinnova» on the row for one mailbox, by «Rinnova caselle» for several."""
    pages.open()
    if len(wanted.mailboxes) > 1:
        pages.arrive(pages.home)
        pages.home.renew_mailboxes()
    else:
        (box,) = wanted.mailboxes
        go_to_list(pages)
        if box.tab:
            show_tab(pages, box.tab)
        pages.caselle.renew(box.address)
    pages.arrive(pages.gestione_caselle)


def fill_cart(pages: PortalPages, wanted: WantedOrder) -> dict[str, MailboxType | None]:
    """Flag what is wanted, see that nothing else is in the cart, and return the types (PRC-5, PRC-8)."""
    cart = pages.gestione_caselle
    for row in cart.read_rows(wanted.all_addresses):
        if row.flagged is not None and row.flagged is not (row.address in wanted.addresses):
            cart.set_flag(row.address, on=row.address in wanted.addresses)
    chosen = {
        row.address: (row.type, row.extra) for row in cart.read_rows(wanted.all_addresses) if row.flagged is not False
    }
    require_same_cart(chosen, wanted)
    return {address: kind for address, (kind, _) in chosen.items()}


def pass_offers_and_data(pages: PortalPages, wanted: WantedOrder) -> None:
    """Refuse the kit, confirm the holder's data as they stand, answer for the invoice; end on «Modulo Ordine»."""
    order_pages: tuple[PortalPage, ...] = (
        pages.kit_firma,
        pages.dati_intestatario,
        pages.dati_fatturazione,
        pages.modulo_ordine,
    )
    page = pages.arrive(*order_pages)
    while page is not pages.modulo_ordine:
        if page is pages.kit_firma:
            pages.kit_firma.refuse()
            pages.kit_firma.proceed()
        elif page is pages.dati_intestatario:
            answer_for_invoice(pages, wanted)
            pages.dati_intestatario.proceed()
        else:
            answer_for_invoice(pages, wanted)
            pages.dati_fatturazione.proceed()
        order_pages = order_pages[order_pages.index(page) + 1 :]  # the flow goes forward only
        page = pages.arrive(*order_pages)


def answer_for_invoice(pages: PortalPages, wanted: WantedOrder) -> None:
    """Fill the e-invoice identifier where it is asked for and empty; keep what stands there (PRC-9)."""
    if not pages.dati_fatturazione.asks():
        return
    missing = require_identifier(pages.dati_fatturazione.read_identifier(), wanted.identifier)
    if missing is not None:
        pages.dati_fatturazione.fill(missing)


def set_form(pages: PortalPages, wanted: WantedOrder, lock: Interlock) -> OrderForm:
    """Set method, years and consents with the network open, close it, and read the form back."""
    form = pages.modulo_ordine
    for _ in range(_TRIES):
        lock.open()
        form.choose_years(wanted.years)
        settle_on_form(pages)
        form.choose_method(wanted.method)
        settle_on_form(pages)
        consents = form.give_consents(wanted.mandate)
        settle_on_form(pages)
        lock.close()
        shown = form.read_form(wanted.all_addresses)
        pages.session.next_frame()
        as_set = shown.years == wanted.years and shown.method is wanted.method and set(shown.consents) == consents
        if as_set and not lock.held:
            if not form.can_confirm():
                raise PersonNeeded(
                    "the form cannot be confirmed as it stands", page=form.name, reason="unknown-consent"
                )
            return shown
    raise PolicyStop("the order form does not keep what is set on it", page=form.name)


def settle_on_form(pages: PortalPages) -> None:
    """Wait until the form has answered a change: it may calculate anew, or come again from the portal."""
    pages.session.settle(after_change=True)
    pages.arrive(pages.modulo_ordine)


def place_order(prepared: PreparedOrder) -> Placed:
    """Read the form again; if it differs from `prepared.form`, raise FormChanged, nothing pressed.

    Else press «CONFERMA e completa l'ordine» once. Raises OutcomeUnknown if the answer is lost, RefusedByPortal if
    nothing left the browser.
    """
    pages, lock = prepared.pages, prepared.interlock
    form = pages.modulo_ordine.read_form(prepared.wanted.all_addresses)
    if form != prepared.form or lock.held:
        raise FormChanged("the order form is no longer the one that was checked", page=pages.modulo_ordine.name)
    pages.modulo_ordine.require_pressable()
    lock.arm()
    try:
        pages.modulo_ordine.confirm()
        return await_answer(pages, lock)
    except OutcomeUnknown:
        raise
    except PortalError as error:
        raise OutcomeUnknown(f"after the binding click: {error.message}", page=error.page) from error


def await_answer(pages: PortalPages, lock: Interlock) -> Placed:
    """Wait for what the portal answers to the binding click: a confirmation, the form again, or nothing."""
    for _ in range(max(1, int(pages.screen.timeout / _TICK_MS))):
        if pages.look_for(pages.conferma, timeout=_TICK_MS) is not None:
            pages.session.settle()
            return Placed(pages.conferma.read_number(), pages.conferma.read_text())
        if any(answer == 0 or answer >= 500 for answer in lock.answers):  # noqa: PLR2004 - the server's errors
            raise OutcomeUnknown("the portal's answer to the order was lost", page=pages.modulo_ordine.name)
        if lock.answers and pages.look_for(pages.modulo_ordine, timeout=_GLANCE_MS) is not None:
            pages.session.settle()
            return Placed(None, pages.conferma.read_text())
    if not lock.sent and pages.look_for(pages.modulo_ordine, timeout=_GLANCE_MS) is not None:
        raise RefusedByPortal("the form did not send the order", page=pages.modulo_ordine.name)
    return Placed(None, pages.conferma.read_text())
