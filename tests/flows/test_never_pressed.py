"""What a whole renewal presses: exactly the documented controls that lead to the order, and nothing beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.mock_portal import LAYOUTS
from pec_autorenew.mock_portal.options import DEFAULT_CONSENTS
from pec_autorenew.model import OrderState, PaymentMethod
from pec_autorenew.names import core
from tests.flows.clerk import STUDIO, STUDIO_DUE, wanted

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage

    from pec_autorenew.flows.portal import BrowserPortal
    from pec_autorenew.mock_portal import Layout
    from tests.flows.clerk import Clerk

#: Says, in every frame and before any handler of the page, which control a press reached: the innermost one on its way
#: from what was hit to the body, through shadow roots.
_MARK: Final = "pressed: "
_RECORD: Final = """(() => {
  const CONTROL = 'a, button, summary, input, select, textarea, option, label, [role], [onclick]';
  const nameOf = (el) => {
    if (el.localName === 'input' && ['submit', 'button', 'image'].includes(el.type)) return el.value || el.alt;
    if (el.labels && el.labels.length) return el.labels[0].textContent;
    const slot = el.querySelector('slot');
    const words = slot ? slot.assignedNodes().map((one) => one.textContent).join(' ') : el.textContent;
    if (words.trim()) return words;
    const label = el.getRootNode().getElementById((el.getAttribute('aria-labelledby') || '').split(' ')[0]);
    if (label) return label.textContent;
    return el.closest('tr') ? el.closest('tr').textContent : el.outerHTML;
  };
  window.addEventListener('click', (event) => {
    const path = event.composedPath().filter((one) => one instanceof Element);
    const control = path.find((one) => one.matches(CONTROL)) || path[0];
    console.log('pressed: ' + nameOf(control).replace(/\\s+/g, ' ').trim());
  }, true);
})()"""

#: What is pressed on the way, whatever the method; the kit's refusal and the consents are the portal's own words.
EVERYWHERE: Final = (
    *("Accedi", "Gestisci", "Rinnova", "Prosegui e completa l'ordine", "Conferma e completa l'ordine"),
    *(consent.text for consent in DEFAULT_CONSENTS if consent.required),
)
#: Which of them is pressed depends on which one stands open.
TABS: Final = {core("Le mie caselle PEC"), core("PEC di altri titolari")}
OF_LAYOUT: Final[dict[str, tuple[str, ...]]] = {
    "g2": ("No, non aggiungere il Dispositivo di Firma Digitale",),
    "g3": ("Avanti", "No, prosegui senza kit"),
    "g4": ("No, non aggiungere il Dispositivo di Firma Digitale",),
}
OF_METHOD: Final[dict[PaymentMethod, dict[str, tuple[str, ...]]]] = {
    PaymentMethod.BONIFICO: {
        "g2": ("Bonifico",),
        "g3": ("Altre modalità", "Bonifico bancario"),
        "g4": ("Altre modalità", "Bonifico"),
    },
    PaymentMethod.CARTA: dict.fromkeys(LAYOUTS, ("Carta di credito",)),
}

#: Words of what must never be pressed: payment, cancelling, other purchases, automatic renewal, other people's pages.
FORBIDDEN: Final = (
    *("Paga", "Paga ora", "Paga subito", "Paga con carta di credito", "Paga con PayPal", "Annulla", "Annulla ordine"),
    *("Acquista", "Acquista di nuovo", "Aumenta", "Attivo", "Non attivo", "Disattivato", "Attiva", "Disattiva"),
    *("Aggiungi", "Aggiungi metodo", "Metodi di pagamento", "Modifica", "Modifica il tuo ordine", "Correggi i dati"),
    *("Autorizza e procedi", "Procedi", "Invio dati", "Crea un conto", "Continua", "Accetta e continua", "Banca Sella"),
    *("Riepilogo ordine", "Inseriscilo", "Disdici", "Esci", "Ti serve AIUTO"),
)
#: Pages of the portal that belong to these.
FORBIDDEN_PAGES: Final = frozenset(
    {
        *("paga", "pagamento", "annulla", "annullamento", "rinnovo_automatico", "cambio_rinnovo_automatico"),
        *("altro_servizio", "recupero", "modifica_intestatario", "salvataggio_intestatario", "uscita", "documento"),
    }
)


def record_presses(context: BrowserContext) -> list[str]:
    """Return a list that fills with the names of what is pressed in any window or frame of this context."""
    pressed: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.text.startswith(_MARK):
            pressed.append(message.text.removeprefix(_MARK))

    context.add_init_script(_RECORD)
    context.on("console", hear)
    return pressed


def arrange(clerk: Clerk) -> BrowserPortal:
    """Let everything lie there that must not be pressed, and return a visit that has not signed in."""
    truth = clerk.truth
    truth.set_options(kit="offered")
    truth.place_order_for("mirto.ginepro@arubapec.it")  # with «Paga» and «Annulla»
    truth.change_mailbox("archivio.ginepro@pec.it", cancelled=True)  # with «Acquista di nuovo»
    return clerk.at_the_door(STUDIO.username, STUDIO.password)


@pytest.mark.two_layouts
@pytest.mark.parametrize("method", [PaymentMethod.BONIFICO, PaymentMethod.CARTA])
def test_whole_renewal_presses_what_is_documented_and_nothing_else(
    clerk: Clerk, layout: Layout, method: PaymentMethod
) -> None:
    """PAY-6, PRC-6, PRC-9: every press leads to the order; «Paga», «Annulla», «Acquista di nuovo» lie beside it."""
    visit = arrange(clerk)
    pressed = record_presses(visit.pages.session.context)
    visit.sign_in(clerk.about_to_type)
    placed = visit.place_order(visit.prepare_renewal(wanted(visit.survey(), STUDIO_DUE, method=method)))
    states = {order.number: order.state for order in visit.survey().orders}
    assert states[placed.order_number] is OrderState.AWAITING_PAYMENT
    expected = {core(one) for one in (*EVERYWHERE, *OF_LAYOUT[layout], *OF_METHOD[method][layout])}
    assert {core(one) for one in pressed} - TABS == expected
    assert layout != "g2" or not TABS & {core(one) for one in pressed}
    assert not {core(one) for one in pressed} & {core(one) for one in FORBIDDEN}
    assert not {hit.page for hit in clerk.truth.hits} & FORBIDDEN_PAGES
    assert pressed.count("CONFERMA e completa l'ordine") + pressed.count("Conferma e completa l'ordine") == 1


@pytest.mark.one_layout
def test_press_beside_the_way_would_be_noticed(clerk: Clerk) -> None:
    """The record above is no blind witness: whatever else somebody presses is in it."""
    visit = arrange(clerk)
    pressed = record_presses(visit.pages.session.context)
    visit.sign_in(clerk.about_to_type)
    visit.survey()
    visit.pages.screen.frame.get_by_text("Annulla", exact=True).first.click()
    visit.pages.session.next_frame()
    assert pressed[-1] == "Annulla"
