"""Every arrow of the portal's states that a client can walk, on every layout; judged by what the portal knows.

LOGIN, REFUSED, PUSH, PWD, STOP, HOME, PECPAGE, AUTO, EXPIRED, GONE, CART, KIT, HOLDER, BILL, FORM, CONF, PAYNOW, WAIT,
PAID, CANC, DONE are the states; the facts behind them stand in `docs/portal-facts.md`.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.config import Portal
from pec_autorenew.errors import (
    Maintenance,
    OutcomeUnknown,
    PersonNeeded,
    PortalBroken,
    RefusedByPortal,
    SessionEnded,
)
from pec_autorenew.flows.renew import set_form
from pec_autorenew.mock_portal import LAYOUTS, Consent, IdentifierKind, Method, Subject
from pec_autorenew.mock_portal.options import DEFAULT_CONSENTS
from pec_autorenew.model import IdentifierKind as Kind
from pec_autorenew.model import (
    InvoiceIdentifier,
    MailboxState,
    OrderState,
    PaymentMethod,
    PortalAutorenewal,
)
from pec_autorenew.names import Names
from tests.flows.clerk import MANY, SINGLE, STUDIO_DUE, wanted

if TYPE_CHECKING:
    from pec_autorenew.flows.portal import BrowserPortal
    from pec_autorenew.mock_portal import Layout, Order
    from pec_autorenew.model import Mailbox, Survey
    from tests.flows.clerk import Clerk

pytestmark = pytest.mark.one_layout

#: Arrows that other tests walk on every layout: file, test.
ELSEWHERE: Final = {
    "LOGIN -> HOME, account credential": ("test_sign_in", "test_account_signs_in_with_one_attempt"),
    "LOGIN -> PECPAGE, mailbox credential": ("test_sign_in", "test_mailbox_credential_sees_exactly_that_mailbox"),
    "LOGIN -> REFUSED": ("test_sign_in", "test_wrong_password_is_one_attempt"),
    "HOME -> PECPAGE, «Gestisci»": ("test_survey", "test_survey_shows_what_the_portal_knows"),
    "PECPAGE -> AUTO, no «Rinnova»": ("test_survey", "test_survey_shows_what_the_portal_knows"),
    "PECPAGE -> WAIT, unpaid order found": ("test_survey", "test_order_of_somebody_else_shows_in_the_list"),
    "PECPAGE -> CART, «Rinnova»": ("test_prepare", "test_form_is_set_and_read_back"),
    "KIT -> HOLDER, kit refused": ("test_prepare", "test_kit_that_is_preselected_is_refused"),
    "FORM -> STOP, years not offered": ("test_prepare", "test_form_that_is_not_what_is_wanted_stops"),
    "FORM -> STOP, unknown consent": ("test_prepare", "test_unknown_mandatory_consent_needs_a_person"),
    "FORM -> CONF, «Bonifico»": ("test_place", "test_order_is_one_confirm_request_for_exactly_what_was_checked"),
    "FORM, marketing unticked": ("test_place", "test_marketing_consent_that_is_preticked_is_unticked"),
    "WAIT -> PAID -> DONE, payment registered": (
        "test_place",
        "test_order_shows_in_the_list_and_its_payment_moves_the_expiry",
    ),
}

#: Layouts that can do what the options below ask for.
BRANCHING: Final = LAYOUTS
branching = pytest.mark.parametrize("layout", BRANCHING)
with_flags = pytest.mark.parametrize("layout", ["g2", "g3"])

DUE: Final = "bianca.sorbo@pec.it"
EXPIRED: Final = "vecchia.ginepro@casellapec.com"
QUESTION: Final = "Vuoi davvero inviare l'ordine?"
CODE: Final = InvoiceIdentifier(Kind.CODICE_DESTINATARIO, "ABC1234")
PUBLIC_CODE: Final = InvoiceIdentifier(Kind.CODICE_DESTINATARIO, "ABC123")
ADDRESS: Final = InvoiceIdentifier(Kind.CASELLA_PEC, "fatture@pec.it")
NONE: Final = InvoiceIdentifier(Kind.NESSUNO)


@pytest.fixture
def bianca(clerk: Clerk, layout: Layout) -> Clerk:
    """Put the clerk in front of one person with one mailbox."""
    clerk.portal.reset(scenario="single", layout=layout)
    return clerk


def box_in(survey: Survey, address: str) -> Mailbox:
    """Return what the survey says of a mailbox that is there."""
    box = survey.mailbox(address)
    assert box is not None
    return box


def steps_of(visit: BrowserPortal) -> list[str]:
    """Return a list that fills with the names of the pages at which the visit arrives."""
    names: list[str] = []
    arrive = visit.pages.arrive

    def recording(*expected: object) -> object:
        page = arrive(*expected)  # type: ignore[arg-type]
        names.append(page.name)
        return page

    visit.pages.arrive = recording  # type: ignore[assignment,method-assign]
    return names


def ordered(clerk: Clerk, visit: BrowserPortal, address: str = DUE, **changes: object) -> Order:
    """Look, fill in the order and place it; return the only order that the portal has now."""
    visit.place_order(visit.prepare_renewal(wanted(visit.survey(), address, **changes)))
    (order,) = clerk.truth.orders.values()
    assert (clerk.truth.confirm_posts, clerk.truth.holder_edits) == (1, [])
    return order


def test_arrow_that_is_walked_elsewhere_is_walked_there() -> None:
    """The table above names tests that exist, and that take every layout."""
    for file, name in ELSEWHERE.values():
        text = (Path(__file__).parent / f"{file}.py").read_text(encoding="utf-8")
        before, found, _ = text.partition(f"\ndef {name}(")
        assert found, name
        decorators = takewhile(str.strip, reversed(before.split("\n")))
        assert [line for line in decorators if "layout" in line] in ([], ["@pytest.mark.every_layout"]), name


# -- signing in ----------------------------------------------------------------------------------------------------


@branching
def test_captcha_needs_a_person(bianca: Clerk) -> None:
    """LOGIN -> STOP, CAPTCHA (HUM-1): named as what it is, and no password is typed."""
    bianca.truth.set_options(captcha=True)
    with pytest.raises(PersonNeeded) as caught:
        bianca.signed_in(SINGLE)
    assert caught.value.reason == "captcha"
    assert (bianca.passwords, bianca.truth.sign_ins) == (0, [])


@branching
def test_two_step_approval_needs_a_person(bianca: Clerk) -> None:
    """LOGIN -> PUSH -> STOP, unattended (HUM-1, PF-LOGIN-PUSH): one password, one push, and no list."""
    bianca.truth.set_options(two_step=True)
    with pytest.raises(PersonNeeded) as caught:
        bianca.signed_in(SINGLE)
    assert caught.value.reason == "two-step-approval"
    assert (bianca.passwords, [one.ok for one in bianca.truth.sign_ins]) == (1, [True])


@branching
def test_two_step_approval_that_was_given_needs_no_second_password(bianca: Clerk) -> None:
    """LOGIN -> PUSH -> HOME, approved by a person (HUM-1): who signs in again stands inside, and types nothing."""
    bianca.truth.set_options(two_step=True)
    visit = bianca.at_the_door(SINGLE.username, SINGLE.password)
    with pytest.raises(PersonNeeded):
        visit.sign_in(bianca.about_to_type)
    assert bianca.portal.approve_sign_ins() == 1
    visit.sign_in(bianca.about_to_type)
    assert [box.address for box in visit.survey().mailboxes] == [DUE]
    assert (bianca.passwords, len(bianca.truth.sign_ins)) == (1, 1)


@branching
def test_forced_password_change_needs_a_person(bianca: Clerk) -> None:
    """LOGIN -> PWD -> STOP (HUM-1, PF-LOGIN-EXPIRY): the password stays what it was."""
    bianca.truth.set_options(password_change=True)
    password = bianca.truth.mailbox(DUE).password
    visit = bianca.at_the_door(DUE, password)
    with pytest.raises(PersonNeeded) as caught:
        visit.sign_in(bianca.about_to_type)
    assert caught.value.reason == "password-change"
    assert bianca.truth.mailbox(DUE).password == password


def test_maintenance_is_told_at_the_door_and_inside(bianca: Clerk) -> None:
    """Any state -> maintenance (SES-3): named as such at the door; inside, where only scripts are told, never drift."""
    visit = bianca.inside(SINGLE)
    survey = visit.survey()
    bianca.truth.set_options(maintenance=True)
    with pytest.raises((Maintenance, PortalBroken)):
        visit.prepare_renewal(wanted(survey, DUE))
    with pytest.raises(Maintenance):
        bianca.signed_in(SINGLE)
    assert bianca.truth.orders == {}


# -- sessions that end ---------------------------------------------------------------------------------------------


def test_session_that_ends_on_the_list_is_told(bianca: Clerk) -> None:
    """PECPAGE -> LOGIN (SES-2): the next step asks to sign in again, and the survey that follows is whole."""
    visit = bianca.inside(SINGLE)
    survey = visit.survey()
    bianca.portal.end_sessions()
    with pytest.raises(SessionEnded):
        visit.prepare_renewal(wanted(survey, DUE))
    visit.sign_in(bianca.about_to_type)
    assert visit.survey().mailboxes == survey.mailboxes


def test_session_that_ends_on_the_form_orders_nothing(bianca: Clerk) -> None:
    """FORM -> LOGIN (SES-2): after the binding click the outcome is unknown until the list tells; no order exists."""
    visit = bianca.inside(SINGLE)
    prepared = visit.prepare_renewal(wanted(visit.survey(), DUE))
    bianca.portal.end_sessions()
    with pytest.raises(OutcomeUnknown):
        visit.place_order(prepared)
    assert bianca.truth.orders == {}
    visit.sign_in(bianca.about_to_type)
    survey = visit.survey()
    assert (survey.orders, box_in(survey, DUE).renewable) == ((), True)


# -- the list ------------------------------------------------------------------------------------------------------


def test_expired_mailbox_is_renewed_within_ninety_days(clerk: Clerk) -> None:
    """PECPAGE -> EXPIRED -> CART, «Rinnova» within 90 days (PF-LIST-STATES)."""
    visit = clerk.inside()
    survey = visit.survey()
    box = box_in(survey, EXPIRED)
    assert (box.state, box.renewable) == (MailboxState.EXPIRED, True)
    prepared = visit.prepare_renewal(wanted(survey, EXPIRED, identifier=None))
    assert prepared.form.addresses == {EXPIRED}


def test_mailbox_is_gone_after_ninety_days(clerk: Clerk) -> None:
    """EXPIRED -> GONE, after 90 days: all that is left is a purchase, «Acquista di nuovo» (PF-LIST-STATES)."""
    clerk.truth.clock.advance(timedelta(days=81).total_seconds())
    box = box_in(clerk.inside().survey(), EXPIRED)
    assert (box.state, box.renewable) == (MailboxState.CANCELLED, False)


def test_mailbox_on_a_domain_is_not_renewed_here(clerk: Clerk) -> None:
    """PECPAGE, «PEC su dominio»: seen as such, without «Rinnova» (PF-LIST-ON-DOMAIN)."""
    clerk.truth.change_mailbox(STUDIO_DUE, on_domain=True)
    box = box_in(clerk.inside().survey(), STUDIO_DUE)
    assert (box.state, box.renewable) == (MailboxState.ON_DOMAIN, False)


def test_cancelled_order_brings_rinnova_back(clerk: Clerk) -> None:
    """WAIT -> CANC -> PECPAGE: the order reads as cancelled, and «Rinnova» is there (PF-ORDERS-ACTIONS)."""
    visit = clerk.inside()
    number = clerk.truth.place_order_for(STUDIO_DUE).number
    assert not box_in(visit.survey(), STUDIO_DUE).renewable
    clerk.truth.cancel_order(number)
    survey = visit.survey()
    assert [(order.number, order.state) for order in survey.orders] == [(number, OrderState.CANCELLED)]
    assert box_in(survey, STUDIO_DUE).renewable


def test_automatic_renewal_that_is_switched_off_brings_rinnova_back(clerk: Clerk) -> None:
    """PECPAGE -> AUTO -> PECPAGE: on, there is no «Rinnova»; off, there is (PAY-2)."""
    visit = clerk.inside()
    address = "fatture.ginepro@gigapec.it"
    before = box_in(visit.survey(), address)
    clerk.truth.change_mailbox(address, auto_renewal=False)
    after = box_in(visit.survey(), address)
    assert (before.autorenewal, before.renewable) == (PortalAutorenewal.ON, False)
    assert (after.autorenewal, after.renewable) == (PortalAutorenewal.OFF, True)


@branching
@pytest.mark.parametrize("paging", ["pages", "more"])
def test_long_list_is_seen_whole_and_renewed_from_its_second_page(clerk: Clerk, layout: Layout, paging: str) -> None:
    """PECPAGE, list in pages: every mailbox is seen, and one of a later page renewed (SIL-2, PF-LIST-PAGING)."""
    clerk.portal.reset(scenario="many", layout=layout)
    clerk.truth.set_options(page_size=3, paging=paging)
    visit = clerk.inside(MANY)
    survey = visit.survey()
    assert {box.address for box in survey.mailboxes} == clerk.truth.mailboxes.keys()
    fifth = "socio05.corniolo@pec.it"
    assert visit.prepare_renewal(wanted(survey, fifth)).form.addresses == {fifth}


@branching
def test_list_that_opens_at_the_page_last_looked_at_is_seen_from_its_first(clerk: Clerk, layout: Layout) -> None:
    """PECPAGE, a list that keeps its page: the second look sees what the first one saw (SIL-2, PF-LIST-PAGING)."""
    clerk.portal.reset(scenario="many", layout=layout)
    clerk.truth.set_options(page_size=6, page_kept=True)
    visit = clerk.inside(MANY)
    for _ in range(2):
        assert {box.address for box in visit.survey().mailboxes} == clerk.truth.mailboxes.keys()


@pytest.mark.timeout(300)  # on a machine that does other things too
def test_crowd_is_seen_whole(clerk: Clerk, layout: Layout) -> None:
    """PECPAGE, three hundred mailboxes: every one is seen, with its own expiry (SIL-2)."""
    clerk.portal.reset(scenario="crowd", layout=layout)
    survey = clerk.inside(MANY).survey()
    truth = {box.address: box.expiry for box in clerk.truth.mailboxes.values()}
    assert {box.address: box.expiry for box in survey.mailboxes} == truth


# -- cart, kit, holder, billing ------------------------------------------------------------------------------------


@with_flags
@pytest.mark.parametrize("flags", ["none", "all"])
def test_several_mailboxes_go_from_home_to_one_order(clerk: Clerk, layout: Layout, flags: str) -> None:
    """HOME -> CART, «Rinnova caselle», and CART -> CART, flags: exactly the wanted ones, whatever was set (PRC-5)."""
    clerk.portal.reset(scenario="many", layout=layout)
    clerk.truth.set_options(preselected_flags=flags)
    visit = clerk.inside(MANY)
    survey = visit.survey()
    assert survey.offers_flags
    addresses = {"socio02.corniolo@pec.it", "socio07.corniolo@pec.it"}
    visit.place_order(visit.prepare_renewal(wanted(survey, *sorted(addresses))))
    (order,) = clerk.truth.orders.values()
    assert set(order.addresses) == addresses


def test_notices_in_the_cart_stop_nobody_who_goes_on(bianca: Clerk) -> None:
    """CART -> CART, notices to read: they change neither the order nor its price (PF-CART-NOTICES)."""
    bianca.truth.set_options(
        notices=("Lo spazio occupato supera il 70%: valuta altri 2 GB a € 6,00 + IVA.", "Scade il 01/01/2030.")
    )
    visit = bianca.inside(SINGLE)
    prepared = visit.prepare_renewal(wanted(visit.survey(), DUE))
    assert (prepared.form.addresses, prepared.form.gross) == (frozenset({DUE}), Decimal("6.10"))


CART, KIT, HOLDER, BILL, FORM = (
    *("Gestione caselle PEC", "Aggiungi al tuo ordine un kit di Firma Digitale", "Dati Intestatario"),
    *("Dati fatturazione", "Modulo Ordine"),
)


@branching
@pytest.mark.parametrize(
    ("kit", "billing", "steps"),
    [
        ("absent", "none", [CART, HOLDER, FORM]),
        ("absent", "inline", [CART, HOLDER, FORM]),
        ("absent", "separate", [CART, HOLDER, BILL, FORM]),
        ("offered", "separate", [CART, KIT, HOLDER, BILL, FORM]),
    ],
    ids=["HOLDER -> FORM", "HOLDER with BILL -> FORM", "HOLDER -> BILL -> FORM", "CART -> KIT -> HOLDER"],
)
def test_each_way_to_the_form_is_walked_step_by_step(bianca: Clerk, kit: str, billing: str, steps: list[str]) -> None:
    """CART -> KIT -> HOLDER -> BILL -> FORM and its shorter ways, for a public body (PF-KIT, PF-BILLING-LAYOUTS)."""
    bianca.truth.set_options(kit=kit, billing=billing)
    bianca.truth.change_account(SINGLE.username, subject=Subject.PUBBLICA_AMMINISTRAZIONE)
    visit = bianca.inside(SINGLE)
    order = wanted(visit.survey(), DUE, identifier=PUBLIC_CODE)
    walked = steps_of(visit)
    visit.place_order(visit.prepare_renewal(order))
    assert [name for name in walked if name in {CART, KIT, HOLDER, BILL}] == steps[:-1]
    assert FORM in walked
    (placed,) = bianca.truth.orders.values()
    shown = placed.identifier.value if placed.identifier else ""
    assert (shown, placed.extras) == ("" if billing == "none" else PUBLIC_CODE.value, ())


@pytest.mark.parametrize(
    ("subject", "identifier"),
    [
        (Subject.PERSONA_FISICA, None),
        (Subject.AZIENDA, CODE),
        (Subject.LIBERO_PROFESSIONISTA, ADDRESS),
        (Subject.DITTA_INDIVIDUALE, NONE),
        (Subject.PUBBLICA_AMMINISTRAZIONE, PUBLIC_CODE),
    ],
    ids=lambda one: one.value if isinstance(one, Subject) else "",
)
def test_each_kind_of_holder_passes_with_its_identifier(
    bianca: Clerk, layout: Layout, subject: Subject, identifier: InvoiceIdentifier | None
) -> None:
    """HOLDER -> FORM for each kind of holder, with each kind of identifier; no datum is edited (PRC-9)."""
    bianca.truth.set_options(billing="separate" if layout == "g3" else "inline")
    bianca.truth.change_account(SINGLE.username, subject=subject)
    order = ordered(bianca, bianca.inside(SINGLE), identifier=identifier)
    kind = IdentifierKind(identifier.kind.value) if identifier else None
    assert (order.identifier.kind if order.identifier else None) == kind
    assert (order.identifier.value if order.identifier else "") == (identifier.value if identifier else "")


# -- «Modulo Ordine» -----------------------------------------------------------------------------------------------


@branching
@pytest.mark.parametrize("frequency", ["select", "radio", "stepper"])
def test_years_are_set_with_each_control_and_the_price_follows(bianca: Clerk, frequency: str) -> None:
    """FORM, «Frequenza di Rinnovo»: 5, 1 and 2 years by drop-down, radio buttons, stepper; the discount stays empty."""
    bianca.truth.set_options(frequency=frequency)
    visit = bianca.inside(SINGLE)
    order = wanted(visit.survey(), DUE, years=5)
    prepared = visit.prepare_renewal(order)
    forms = [prepared.form]
    for years in (1, 2):
        again = replace(order, years=years)
        forms.append(set_form(visit.pages, again, prepared.interlock))
    assert [(form.years, form.gross) for form in forms] == [(years, Decimal("6.10") * years) for years in (5, 1, 2)]
    fields = [one for one in visit.pages.screen.outline() if one.kind == "field" and one.is_named(["codice sconto"])]
    assert [one.value for one in fields] == [""]
    visit.place_order(replace(prepared, wanted=again, form=forms[-1]))
    (placed,) = bianca.truth.orders.values()
    assert (placed.years, Decimal(placed.gross_cents) / 100) == (2, forms[-1].gross)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_any_number_of_consents_is_given(bianca: Clerk, count: int) -> None:
    """FORM, consents: none, one, or five, of which two repeat a documented phrase (PRC-10)."""
    more = (
        Consent(text="Confermo di aver letto le Condizioni generali di contratto, versione 4."),
        Consent(text="Approvo ancora una volta le clausole vessatorie ai sensi dell'art. 1341."),
    )
    consents = (*DEFAULT_CONSENTS[:3], *more)[:count]
    bianca.truth.set_options(consents=consents)
    order = ordered(bianca, bianca.inside(SINGLE))
    assert order.consents == tuple(consent.text for consent in consents)


@branching
def test_form_in_a_window_of_its_own_is_followed(bianca: Clerk) -> None:
    """HOLDER -> FORM in a new window (DRF-6): the order is placed there, and the next look begins in the first."""
    bianca.truth.set_options(form_in_new_window=True)
    visit = bianca.inside(SINGLE)
    order = ordered(bianca, visit)
    assert [one.number for one in visit.survey().orders] == [order.number]


@branching
def test_question_that_nobody_allowed_orders_nothing(bianca: Clerk) -> None:
    """FORM -> FORM, question answered no (DRF-6): nothing is sent, and the message holds the line to allow it."""
    bianca.truth.set_options(confirm_dialog=QUESTION)
    visit = bianca.inside(SINGLE)
    prepared = visit.prepare_renewal(wanted(visit.survey(), DUE))
    with pytest.raises(RefusedByPortal, match="Vuoi davvero") as caught:
        visit.place_order(prepared)
    line = caught.value.message.rpartition("[portal.names]: ")[2]
    (tree,) = tomllib.loads(f'[portal]\nbase_url = "http://127.0.0.1/"\n[portal.names]\n{line}\n').values()
    assert Portal.model_validate(tree).names == {"modulo_ordine.confirm_question": (QUESTION,)}
    assert (bianca.truth.confirm_posts, bianca.truth.orders) == (0, {})


@branching
def test_question_that_the_operator_named_is_answered_with_yes(bianca: Clerk) -> None:
    """FORM -> CONF, question answered yes (DRF-6): once, because the configuration names it."""
    bianca.truth.set_options(confirm_dialog=QUESTION)
    visit = bianca.inside(SINGLE)
    visit.pages.screen.names = Names({"modulo_ordine.confirm_question": (QUESTION,)})
    assert ordered(bianca, visit).addresses == (DUE,)


@branching
def test_banner_and_notice_are_closed_on_the_way(bianca: Clerk) -> None:
    """Any state, a cookie banner and a notice over it (SES-3): closed, told, and the order is placed."""
    bianca.truth.set_options(cookie_banner=True, notice_window="Da oggi l'area clienti è più veloce.")
    visit = bianca.inside(SINGLE)
    prepared = visit.prepare_renewal(wanted(visit.survey(), DUE))
    visit.place_order(prepared)
    assert len(bianca.truth.orders) == 1
    assert any("Ho capito" in note for note in prepared.notes)


# -- after the binding click ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [PaymentMethod.BOLLETTINO, PaymentMethod.CARTA, PaymentMethod.PAYPAL])
def test_order_by_each_other_method_awaits_its_payment(bianca: Clerk, method: PaymentMethod) -> None:
    """FORM -> CONF -> WAIT by «Bollettino», FORM -> PAYNOW -> WAIT by card or PayPal, nothing pressed after (PAY-6)."""
    visit = bianca.inside(SINGLE)
    order = ordered(bianca, visit, method=method)
    survey = visit.survey()
    assert [(one.number, one.state) for one in survey.orders] == [(order.number, OrderState.AWAITING_PAYMENT)]
    assert order.method is Method(method.value)
    assert not box_in(survey, DUE).renewable
    assert [hit.page for hit in bianca.truth.hits if hit.page in {"paga", "pagamento", "api_pagamento"}] == []
    assert not bianca.truth.mailbox(DUE).auto_renewal


def test_order_that_is_paid_by_card_switches_automatic_renewal_on(bianca: Clerk) -> None:
    """WAIT -> PAYNOW -> PAID -> AUTO, by a person: the new expiry and «Rinnovo automatico» are seen (PAY-1)."""
    visit = bianca.inside(SINGLE)
    before = box_in(visit.survey(), DUE)
    bianca.truth.pay_order(bianca.truth.place_order_for(DUE, method=Method.CARTA).number)
    after = box_in(visit.survey(), DUE)
    assert after.expiry == before.expiry.replace(year=before.expiry.year + 1)
    assert (after.autorenewal, after.renewable) == (PortalAutorenewal.ON, False)
