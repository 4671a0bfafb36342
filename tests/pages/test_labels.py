"""Every documented spelling of every label that the client touches, on every layout (DRF-2).

The mock prints one spelling. Here the live pages print another one, in text, on buttons and in frames, and the pages'
own verbs and readings must come to the same.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.mock_portal import LAYOUTS
from pec_autorenew.mock_portal.scenarios import AZIENDA, STUDIO
from pec_autorenew.model import (
    IdentifierKind,
    InvoiceIdentifier,
    MailboxState,
    Mandate,
    OrderState,
    PaymentMethod,
    PortalAutorenewal,
)
from pec_autorenew.names import CONSENTS, DOCUMENTED, Names, core
from pec_autorenew.pages.elements import Element
from tests.pages.relabel import Label, relabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.finding import Screen
    from tests.pages.conftest import Visit

pytestmark = pytest.mark.one_layout

_PROCEED: Final = ("Prosegui e completa l'ordine", "PROSEGUI e completa l'ordine", "PROSEGUI", "Prosegui")

#: «Accedi»: element, as the mock prints it, as it is documented.
DOOR: Final = (
    Label("login.username", ("username o casella PEC",), ("username o casella PEC",)),
    Label("login.password", ("password",), ("password",)),
    Label("login.submit", ("Accedi",), ("Accedi", "Login", "ENTRA")),
    Label("login.next", ("Avanti",), ("Accedi", "Login", "ENTRA")),
    Label(
        "login.rejected",
        ("I dati inseriti non sono corretti",),
        ("I dati inseriti non sono corretti", "la login inserita non è valida"),
    ),
)

#: The home, the list of mailboxes, the list of orders.
LISTS: Final = (
    Label("home.manage", ("Gestisci",), ("Gestisci", "GESTISCI")),
    Label(
        "home.pec_section",
        ("Posta certificata",),
        ("Posta certificata", "Posta Certificata", "PEC", "PEC - Posta Elettronica Certificata"),
    ),
    Label("caselle.tab_own", ("Le mie caselle PEC",), ("Le mie caselle PEC",)),
    Label("caselle.tab_others", ("PEC di altri titolari",), ("PEC di altri titolari",)),
    Label("caselle.renew", ("Rinnova",), ("Rinnova", "RINNOVA", "Riattiva")),
    Label("caselle.active", ("Attiva",), ("Attiva",)),
    Label("caselle.expired", ("Scaduta",), ("Scaduta",)),
    Label("caselle.activating", ("In Attivazione",), ("In Attivazione",)),
    Label("caselle.cancelled", ("Cancellata", "Acquista di nuovo"), ("Acquista di nuovo",)),
    Label("caselle.on_domain", ("PEC su dominio",), ("PEC su dominio",)),
    Label("caselle.autorenewal", ("Rinnovo automatico",), ("Rinnovo automatico",)),
    Label("caselle.autorenewal_on", ("Attivo",), ("Attivo", "ATTIVO")),
    Label("caselle.autorenewal_off", ("Non attivo",), ("Non attivo", "NON ATTIVO", "Disattivato", "DISATTIVATO")),
    Label(
        "ordini.heading",
        ("Ordini associati al servizio", "Ordini associati al prodotto"),
        ("Ordini associati al servizio", "Ordini associati al prodotto", "ordini associati al prodotto"),
    ),
    Label("ordini.state", ("Stato Ordine",), ("Stato Ordine",)),
    Label(
        "ordini.awaiting_payment",
        ("Attesa pagamento", "In attesa Pagamento"),
        ("Attesa pagamento", "Attesa Pagamento", "attesa pagamento", "In attesa Pagamento"),
    ),
    Label("ordini.paid", ("Pagato",), ("Pagato",)),
)

#: From «Gestione caselle PEC» to the binding click.
ORDER: Final = (
    Label("home.renew_mailboxes", ("Rinnova caselle",), ("Rinnova caselle",)),
    Label("gestione_caselle.heading", ("Gestione caselle PEC",), ("Gestione caselle PEC",)),
    Label("gestione_caselle.proceed", _PROCEED[:1], _PROCEED),
    Label("kit_firma.proceed", _PROCEED[:1], _PROCEED),
    Label("dati_intestatario.proceed", _PROCEED[:1], _PROCEED),
    Label("dati_fatturazione.proceed", _PROCEED[:1], _PROCEED),
    Label(
        "kit_firma.heading",
        ("Aggiungi al tuo ordine un kit di Firma Digitale",),
        ("Aggiungi al tuo ordine un kit di Firma Digitale",),
    ),
    Label(
        "dati_intestatario.heading",
        ("Dati Intestatario",),
        ("Dati Intestatario", "Dati intestatario", "Dati Titolare", "Profilo titolare"),
    ),
    Label(
        "dati_fatturazione.heading",
        ("Dati fatturazione",),
        ("DATI FATTURAZIONE", "Dati Fatturazione", "Dati fatturazione", "Dati di fatturazione"),
    ),
    Label(
        "dati_fatturazione.identifier",
        ("Identificativo per l'invio della fattura elettronica",),
        (
            "Identificativo per l'invio della fattura elettronica",
            "identificativo per l'invio della fattura elettronica",
        ),
    ),
    Label(
        "dati_fatturazione.codice_destinatario",
        ("Codice Destinatario",),
        ("Codice Destinatario", "Codice destinatario"),
    ),
    Label("dati_fatturazione.casella_pec", ("Casella PEC",), ("Casella PEC",)),
    Label(
        "dati_fatturazione.nessuno",
        ("Nessun identificativo",),
        ("Nessun identificativo", "Nessun Identificativo", "Nessun identificato"),
    ),
    Label(
        "modulo_ordine.heading",
        ("Modulo Ordine", "Modulo d'ordine"),
        ("Modulo Ordine", "Modulo ordine", "Modulo d'ordine"),
    ),
    Label("modulo_ordine.methods", ("Modalità di pagamento",), ("Modalità di pagamento",)),
    Label(
        "modulo_ordine.carta",
        ("Carta di credito",),
        ("Carta di credito", "Carta di Credito", "carta di credito"),
    ),
    Label("modulo_ordine.paypal", ("PayPal",), ("PayPal", "account PayPal", "Account PayPal")),
    Label("modulo_ordine.more_methods", ("Altre modalità",), ("Altre modalità",)),
    Label(
        "modulo_ordine.bonifico",
        ("Bonifico", "Bonifico bancario"),
        ("Bonifico", "bonifico bancario", "Bonifico Bancario"),
    ),
    Label("modulo_ordine.bollettino", ("Bollettino postale",), ("Bollettino postale", "Bollettino Postale")),
    Label(
        "modulo_ordine.years",
        ("Frequenza di Rinnovo", "Frequenza di rinnovo (anni)"),
        ("Frequenza di Rinnovo", "Frequenza di rinnovo", "Frequenza di rinnovo (anni)"),
    ),
    Label("modulo_ordine.more_years", ("+",), ("+",)),
    Label(
        "modulo_ordine.terms",
        ("Condizioni generali di contratto",),
        ("Condizioni generali di contratto",),
    ),
    Label("modulo_ordine.unfair_terms", ("clausole vessatorie",), ("clausole vessatorie",)),
    Label(
        "modulo_ordine.privacy",
        ("informativa relativa al trattamento dei dati",),
        ("informativa relativa al trattamento dei dati",),
    ),
    Label("modulo_ordine.change", ("Modifica il tuo ordine",), ("Modifica il tuo ordine",)),
    Label(
        "modulo_ordine.confirm",
        ("CONFERMA e completa l'ordine",),
        ("CONFERMA e completa l'ordine", "CONFERMA  e completa l'ordine", "Conferma e completa l'ordine"),
    ),
)

#: What closes a notice, and a cookie banner, on related pages of the portal's maker.
WINDOWS: Final = (
    Label("notices.close", ("Ho capito",), ("Chiudi", "Non ora", "Ricordarmelo", "Capito", "Ho capito", "Ok")),
    Label("notices.cookies", ("Solo necessari",), ("Accetta tutti",)),
)

#: What no guide has a word for: the client goes by words of its own, which `names.py` holds all the same.
WORDS_OF_OUR_OWN: Final = frozenset(
    {
        *("caselle.expiry", "caselle.contact", "caselle.more", "caselle.next", "caselle.previous"),
        "caselle.empty",
        *("gestione_caselle.extra_space", "kit_firma.device", "kit_firma.refuse"),
        "modulo_ordine.fewer_years",
        *("modulo_ordine.confirm_question", "ordini.number", "ordini.cancelled", "conferma.number", "conferma.sign"),
        *("notices.maintenance", "notices.broken", "notices.captcha", "notices.push", "notices.password_change"),
        *("notices.push_denied", "notices.push_expired", "notices.code", "notices.locked", "notices.terms"),
        *("notices.password_notice", "notices.later", "notices.session_ended"),
    }
)

#: Signs in a layout's markup by which it is told that an element is not there, however it is spelled.
ABSENT: Final = {
    "g2": {"caselle.tab_own", "caselle.tab_others"},
    "g3": set[str](),
    "g4": {"gestione_caselle.heading", "ordini.state"},
}

UPPER: Final = "* { text-transform: uppercase !important }"

#: Layouts that can lay a cookie banner and a notice over the page.
COVERED: Final = LAYOUTS

Rules = list[tuple[str, str]]


def spelled(labels: Sequence[Label], turn: int) -> Rules:
    """Return the rules of one turn: each label as its next documented variant."""
    return [(printed, label.variant(turn)) for label in labels for printed in label.printed]


def dressed(labels: Sequence[Label], dress: str) -> tuple[Rules, str]:
    """Return the rules and the style sheet by which each label comes in other clothes."""
    plain = spelled(labels, 0)
    match dress:
        case "upper case by style sheet, typographic apostrophe":
            return [(printed, name.replace("'", "\u2019")) for printed, name in plain], UPPER
        case "double blank, colon behind":
            return [(printed, name.replace(" ", "  ") + ":") for printed, name in plain], ""
        case _:
            return [(printed, name.replace(" ", "\u00a0") + " \u00bb") for printed, name in plain], ""


DRESSES: Final = (
    "upper case by style sheet, typographic apostrophe",
    "double blank, colon behind",
    "no-break blank, arrow behind",
)

each_layout = pytest.mark.parametrize("visit", LAYOUTS, indirect=True)
MANDATE: Final = Mandate("Prova", date(2026, 11, 1), frozenset(CONSENTS))
OWN: Final = ("studio.ginepro@pec.it", "archivio.ginepro@pec.it", "fatture.ginepro@gigapec.it")
DUE: Final = "officine.prugnolo@pec.it"
IDENTIFIERS: Final = (
    InvoiceIdentifier(IdentifierKind.CODICE_DESTINATARIO, "ABC1234"),
    InvoiceIdentifier(IdentifierKind.CASELLA_PEC, "fatture@pec.it"),
    InvoiceIdentifier(IdentifierKind.NESSUNO),
)


def missing(page: PortalPage) -> set[str]:
    """Return the keys of the page's elements that are not seen, apart from those of a list's rows."""
    elements = [one for one in page.elements if one.key in DOCUMENTED and not one.each_row]
    return {one.key for one in elements if page.screen.locate(one).count() == 0} - WORDS_OF_OUR_OWN


def as_before(screen: Screen, rules: Rules) -> set[str]:
    """Return the labels that this page shows as the mock prints them, though a rule gives them another spelling."""
    entries = screen.outline()
    shown = {entry.text for entry in entries} | {name for entry in entries for name in entry.names}
    other = {printed for printed, variant in rules if printed != " ".join(variant.split())}
    return other & shown - {"password"}  # which is how the outline calls such a field by itself


# -- the table itself ----------------------------------------------------------------------------------------------


def test_table_holds_every_documented_element() -> None:
    """DRF-2: an element of `names.py` has its documented spellings here, or is known to have none."""
    table = {label.key for label in (*DOOR, *LISTS, *ORDER, *WINDOWS)}
    assert table == DOCUMENTED.keys() - WORDS_OF_OUR_OWN


@pytest.mark.parametrize("label", [*DOOR, *LISTS, *ORDER, *WINDOWS], ids=lambda label: label.key)
def test_documented_spelling_is_among_the_names(label: Label) -> None:
    """DRF-2: each spelling of the table, folded, is one that `names.py` knows."""
    assert {core(variant) for variant in label.variants} <= set(Names().folded(label.key))


# -- the walks: nothing but the page objects' own verbs --------------------------------------------------------------


def walk_through_the_door(visit: Visit, rules: Rules) -> None:
    """Be refused once, and signed in."""
    pages = visit.at_the_door()
    assert as_before(pages.screen, rules) == set()
    visit.send(STUDIO.username, "wrong")
    assert pages.arrive(pages.home, pages.refused_login) is pages.refused_login
    assert pages.screen.has(Element("text", "login.rejected", phrase=True))
    visit.at_the_door()
    visit.send(STUDIO.username, STUDIO.password)
    assert pages.arrive(pages.home, pages.caselle, pages.refused_login) is pages.home
    assert [one.ok for one in visit.portal.truth.sign_ins] == [False, True]


def arrange_lists(visit: Visit) -> None:
    """Have one mailbox in each state, and one order in each documented state."""
    truth = visit.portal.truth
    base = truth.mailbox(OWN[0])
    for address, facts in {
        "nuova.ginepro@pec.it": {"activating": True},
        "persa.ginepro@pec.it": {"cancelled": True},
        "dominio@ginepro.example.it": {"on_domain": True},
    }.items():
        truth.add_mailbox(type(base)(address=address, account=base.account, expiry=base.expiry))
        truth.change_mailbox(address, **facts)
    truth.pay_order(truth.place_order_for("archivio.ginepro@pec.it").number, after_sign_in=False)
    truth.place_order_for("mirto.ginepro@arubapec.it")


def read_lists(visit: Visit, rules: Rules) -> None:
    """Read home, list and orders, and compare with the truth."""
    truth = visit.portal.truth
    layout = truth.layout
    pages = visit.sign_in()
    assert pages.home.offers_list()
    assert as_before(pages.screen, rules) == set()
    pages.home.open_list()
    pages.arrive(pages.caselle)
    assert as_before(pages.screen, rules) == set()
    assert missing(pages.caselle) | missing(pages.ordini) == ABSENT[layout] - {"gestione_caselle.heading"}
    assert {order.state for order in pages.ordini.read_orders()} == {OrderState.PAID, OrderState.AWAITING_PAYMENT}
    tabs = pages.caselle.tabs()
    seen = {box.address: box for box in pages.caselle.read_mailboxes()}
    if tabs:
        pages.caselle.open_tab("caselle.tab_others")
        visit.settle()
        pages.arrive(pages.caselle)
        others = pages.caselle.read_mailboxes()
        assert [box.address for box in others] == ["mirto.ginepro@arubapec.it"]
        seen |= {box.address: box for box in others}
        pages.caselle.open_tab("caselle.tab_own")
        visit.settle()
        pages.arrive(pages.caselle)
    for address, box in seen.items():
        known = truth.mailbox(address)
        gone = truth.state_of(known).value == "Cancellata"
        state = MailboxState.ON_DOMAIN if known.on_domain else truth.state_of(known).value.lower().replace(" ", "-")
        assert (address, box.state.value) == (address, state)
        assert (address, box.renewable) == (address, truth.renewable(known))
        shown = PortalAutorenewal.ON if known.auto_renewal else PortalAutorenewal.OFF
        assert (address, box.autorenewal) == (address, PortalAutorenewal.NOT_SHOWN if gone else shown)
    assert len(seen) == len([box for box in truth.mailboxes.values() if box.account == STUDIO.username])
    pages.caselle.renew("vecchia.ginepro@casellapec.com")
    pages.arrive(pages.gestione_caselle)


def order_all_the_way(visit: Visit, rules: Rules) -> None:
    """Walk from the list to the confirmation, and press and read everything on the way."""
    truth = visit.portal.truth
    truth.set_options(kit="offered", billing="separate", methods_hidden=True)
    known = frozenset(truth.mailboxes)
    absent = ABSENT[truth.layout]
    if truth.layout != "g4":
        pages = visit.sign_in(AZIENDA)
        pages.home.renew_mailboxes()
        pages.arrive(pages.gestione_caselle)
        (flag,) = [row for row in pages.gestione_caselle.read_rows(known) if row.address == DUE]
        pages.gestione_caselle.set_flag(flag, on=True)
    else:
        pages = visit.cart(DUE, AZIENDA)
    assert as_before(pages.screen, rules) == set()
    assert missing(pages.gestione_caselle) == absent & {"gestione_caselle.heading"}
    pages.gestione_caselle.proceed()
    steps: list[PortalPage] = [pages.kit_firma, pages.dati_intestatario, pages.dati_fatturazione, pages.modulo_ordine]
    assert pages.arrive(*steps) is pages.kit_firma
    assert as_before(pages.screen, rules) == set()
    assert missing(pages.kit_firma) == set()
    pages.kit_firma.refuse()
    pages.kit_firma.proceed()
    assert pages.arrive(*steps[1:]) is pages.dati_intestatario
    assert as_before(pages.screen, rules) == set()
    assert missing(pages.dati_intestatario) == set()
    pages.dati_intestatario.proceed()
    assert pages.arrive(*steps[2:]) is pages.dati_fatturazione
    assert as_before(pages.screen, rules) == set()
    assert missing(pages.dati_fatturazione) == set()
    for identifier in IDENTIFIERS:
        pages.dati_fatturazione.fill(identifier)
        assert pages.dati_fatturazione.read_identifier() == identifier
    pages.dati_fatturazione.proceed()
    pages.arrive(*steps[3:])
    set_form(visit, rules)
    pages.modulo_ordine.confirm()
    assert pages.arrive(pages.conferma) is pages.conferma
    (order,) = truth.orders.values()
    assert pages.conferma.read()[0] == order.number
    assert (order.addresses, order.years, order.method.value) == ((DUE,), 2, "bonifico")
    assert (order.extras, order.marketing_consents, len(order.consents)) == ((), (), len(CONSENTS))


def set_form(visit: Visit, rules: Rules) -> None:
    """Choose two years, each method in turn, the mandated consents, and read the form back."""
    pages, form, known = visit.pages, visit.pages.modulo_ordine, frozenset(visit.portal.truth.mailboxes)
    assert form.choose_years(2)
    visit.settle()
    pages.arrive(form)
    consents = form.give_consents(MANDATE)
    for method in (PaymentMethod.CARTA, PaymentMethod.PAYPAL, PaymentMethod.BOLLETTINO, PaymentMethod.BONIFICO):
        form.choose_method(method)
        shown = form.read_form(known)
        assert (shown.method, shown.years, shown.addresses) == (method, 2, frozenset({DUE}))
    assert {one.text for one in consents if one.ticked} == {one.text for one in shown.consents if one.ticked}
    assert len([one for one in shown.consents if one.ticked]) == len(CONSENTS)
    assert as_before(pages.screen, rules) == set()
    assert missing(form) == set()
    assert form.can_confirm()


# -- each spelling, each dress ---------------------------------------------------------------------------------------


def turns(labels: Sequence[Label]) -> list[int]:
    """Return as many turns as the label with the most spellings needs."""
    return list(range(max(len(label.variants) for label in labels)))


@each_layout
@pytest.mark.parametrize("turn", turns(DOOR))
def test_door_works_with_every_documented_label(visit: Visit, turn: int) -> None:
    """DRF-2, HUM-3: fields, buttons and the words of a refusal are found by each of their documented names."""
    rules = spelled(DOOR, turn)
    relabel(visit.session.context, rules)
    walk_through_the_door(visit, rules)


@each_layout
@pytest.mark.parametrize("turn", turns(LISTS))
def test_lists_read_the_same_with_every_documented_label(visit: Visit, turn: int) -> None:
    """DRF-2: home, mailboxes and orders are read, and «Rinnova» pressed, by each documented name."""
    arrange_lists(visit)
    rules = spelled(LISTS, turn)
    relabel(visit.session.context, rules)
    read_lists(visit, rules)


@each_layout
@pytest.mark.parametrize("turn", turns(ORDER))
def test_order_goes_through_with_every_documented_label(visit: Visit, turn: int) -> None:
    """DRF-2: from the cart to the confirmation, each step is recognised and taken by each documented name."""
    rules = spelled(ORDER, turn)
    relabel(visit.session.context, rules)
    order_all_the_way(visit, rules)


@each_layout
@pytest.mark.parametrize("dress", DRESSES)
def test_door_works_with_labels_in_other_clothes(visit: Visit, dress: str) -> None:
    """DRF-2: case, apostrophes, blanks and signs around a name make no difference."""
    rules, style = dressed(DOOR, dress)
    relabel(visit.session.context, rules, style)
    walk_through_the_door(visit, rules)


@each_layout
@pytest.mark.parametrize("dress", DRESSES)
def test_lists_read_the_same_with_labels_in_other_clothes(visit: Visit, dress: str) -> None:
    """DRF-2: case, apostrophes, blanks and signs around a name make no difference."""
    arrange_lists(visit)
    rules, style = dressed(LISTS, dress)
    relabel(visit.session.context, rules, style)
    read_lists(visit, rules)


@each_layout
@pytest.mark.parametrize("dress", DRESSES)
def test_order_goes_through_with_labels_in_other_clothes(visit: Visit, dress: str) -> None:
    """DRF-2: case, apostrophes, blanks and signs around a name make no difference."""
    rules, style = dressed(ORDER, dress)
    relabel(visit.session.context, rules, style)
    order_all_the_way(visit, rules)


# -- windows nobody asked for ----------------------------------------------------------------------------------------

#: Layouts in which a cookie banner and a notice can lie over the page.
covered = pytest.mark.parametrize("visit", COVERED, indirect=True)


@covered
@pytest.mark.parametrize("word", WINDOWS[0].variants)
def test_notice_is_closed_by_each_documented_word(visit: Visit, word: str) -> None:
    """SES-3: whatever closes the window, it is pressed and recorded, and what was to be done is done."""
    visit.portal.truth.set_options(notice_window="Da oggi l'area clienti è più veloce.")
    relabel(visit.session.context, [("Ho capito", word)])
    pages = visit.list()
    pages.caselle.renew(OWN[0])
    pages.arrive(pages.gestione_caselle)
    assert f"notice: «{word}»" in visit.session.interruptions


@covered
def test_cookie_banner_is_closed_by_its_documented_word(visit: Visit) -> None:
    """SES-3: where a banner offers nothing that agrees to less, «Accetta tutti» closes it."""
    visit.portal.truth.set_options(cookie_banner=True)
    relabel(visit.session.context, [("Solo necessari", "Personalizza")])
    order_all_the_way(visit, [])
    assert set(visit.session.interruptions) <= {"notice: «Accetta tutti»"}
