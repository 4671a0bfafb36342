"""Drift with help: whatever a release renames, doubles or removes, the right candidate comes first, and its line works.

Each case walks the mock portal to a page, changes the live page, and acts: the error has to name the control that a
person would choose; its line, pasted into a configuration, has to make the same act pass (DRF-2 to DRF-4).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pec_autorenew.config import load_config
from pec_autorenew.errors import Candidate, Drift, ElementAmbiguous
from pec_autorenew.mock_portal.scenarios import AZIENDA
from pec_autorenew.model import Mandate, PaymentMethod
from pec_autorenew.names import CONSENTS, DOCUMENTED, Names
from pec_autorenew.pages.elements import Element
from pec_autorenew.pages.login import LoginPage, LoginUsernamePage

if TYPE_CHECKING:
    from collections.abc import Callable

    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.portal_pages import PortalPages
    from tests.pages.conftest import Show, Visit

pytestmark = pytest.mark.one_layout

TAMPERING = Path(__file__).with_name("tampering.js").read_text("utf-8")
DUE = "studio.ginepro@pec.it"
COMPANY_DUE = "officine.prugnolo@pec.it"
HEAD = """
[portal]
base_url = "http://127.0.0.1:1/"
[[accounts]]
name = "studio"
username = "100001@aruba.it"
password = { env = "PEC_STUDIO" }
"""
DANGEROUS = ("paga", "annulla", "acquista di nuovo", "autorizza", "attiva", "attivo", "non attivo", "disattiva")


@dataclass(frozen=True)
class Case:
    """One control on the way to an order."""

    key: str
    #: Every name under which a release may show it from now on.
    new_names: tuple[str, ...]
    walk: Callable[[Visit], PortalPages]
    act: Callable[[PortalPages], object]

    @property
    def labels(self) -> list[str]:
        """What the page calls it today."""
        return list(DOCUMENTED[self.key])


def at_the_door(visit: Visit) -> PortalPages:
    """Stand in front of the form that asks for the password; a layout may ask for the user name before it."""
    pages = visit.at_the_door()
    if pages.here is pages.login_username:
        pages.login_username.enter_username("100001@aruba.it")
        pages.login_username.proceed()
        pages.arrive(pages.login_password)
    return pages


def at_home(visit: Visit) -> PortalPages:
    """Stand where a sign-in leads."""
    return visit.sign_in()


def at_the_list(visit: Visit) -> PortalPages:
    """Stand in front of the list."""
    return visit.list()


def at_the_cart(visit: Visit) -> PortalPages:
    """Stand in «Gestione caselle PEC»."""
    return visit.cart(DUE)


def at_the_form(visit: Visit) -> PortalPages:
    """Stand on «Modulo Ordine»."""
    return visit.form(DUE)


def filling_in(on: PortalPages) -> None:
    """Type the user name on the page that asks for it."""
    page = on.arrive(on.login, on.login_username)
    assert isinstance(page, LoginPage | LoginUsernamePage)
    page.enter_username("somebody")


def submitting(on: PortalPages) -> None:
    """Press «Accedi»."""
    page = on.arrive(on.login, on.login_password)
    assert isinstance(page, LoginPage)
    page.submit()


def holder(visit: Visit) -> PortalPages:
    """Stand on «Dati Intestatario», which for a company asks for the identifier too, in the layouts that do."""
    pages = visit.cart(COMPANY_DUE, AZIENDA)
    pages.gestione_caselle.proceed()
    if pages.arrive(pages.kit_firma, pages.dati_intestatario) is pages.kit_firma:
        pages.kit_firma.refuse()
        pages.kit_firma.proceed()
        pages.arrive(pages.dati_intestatario)
    return pages


def kit(visit: Visit) -> PortalPages:
    """Stand on the offer of a kit, in the layouts that have one."""
    pages = visit.cart(DUE)
    pages.gestione_caselle.proceed()
    if pages.arrive(pages.kit_firma, pages.dati_intestatario) is not pages.kit_firma:
        pytest.skip("this layout offers no kit")
    return pages


def pressing(page: str, verb: str, *later: str) -> Callable[[PortalPages], object]:
    """Return what arrives at a page, where also `later` ones are expected, and does its verb, as a flow does."""

    def act(on: PortalPages) -> None:
        on.arrive(*(getattr(on, name) for name in (page, *later)))
        getattr(getattr(on, page), verb)()

    return act


AFTER_KIT = ("dati_intestatario", "dati_fatturazione", "modulo_ordine")
PRESSED = (
    Case("login.submit", ("Avanti", "Login utente"), at_the_door, submitting),
    Case("home.manage", ("Apri", "Vai al servizio"), at_home, lambda on: on.home.open_list()),
    Case("caselle.renew", ("Prolunga", "Rinnova ora"), at_the_list, lambda on: on.caselle.renew(DUE)),
    Case(
        "gestione_caselle.proceed", ("Avanti", "Vai alla cassa"), at_the_cart, pressing("gestione_caselle", "proceed")
    ),
    Case("kit_firma.proceed", ("Continua",), kit, pressing("kit_firma", "proceed", *AFTER_KIT)),
    Case(
        "dati_intestatario.proceed",
        ("Conferma i dati", "Avanti"),
        holder,
        pressing(*AFTER_KIT[:1], "proceed", *AFTER_KIT[1:]),
    ),
    Case(
        "modulo_ordine.confirm",
        ("Invia l'ordine", "Acquista ora"),
        at_the_form,
        pressing("modulo_ordine", "confirm", *AFTER_KIT[:2]),
    ),
)


def tamper(visit: Visit, labels: list[str], how: str, name: str = "") -> None:
    """Change the page, and be impatient from now on."""
    assert visit.pages.screen.frame.evaluate(TAMPERING, [labels, how, name]), f"{labels} are not on the page"
    visit.pages.screen.timeout = 700


def drift_of(act: Callable[[], object]) -> Drift:
    """Return the drift in which an act ends."""
    with pytest.raises(Drift) as caught:
        act()
    return caught.value


def paste(visit: Visit, candidate: Candidate, tmp_path: Path) -> None:
    """Put the candidate's line into a configuration, and have the screen use what the loader makes of it."""
    file = tmp_path / "config.toml"
    file.write_text(f"{HEAD}\n{candidate.toml}\n", encoding="utf-8")
    portal = load_config(file, environ={}).portal
    visit.pages.screen.names = Names(portal.names, portal.locators)
    visit.pages.screen.timeout = 3_000


def names_of(drift: Drift) -> list[str]:
    """Return the names of the candidates."""
    return [one.name for one in drift.candidates]


@pytest.mark.parametrize(
    ("case", "name"), [pytest.param(case, name, id=f"{case.key}-{name}") for case in PRESSED for name in case.new_names]
)
def test_renamed_button_comes_first_and_its_line_makes_the_act_pass(
    visit: Visit, case: Case, name: str, tmp_path: Path
) -> None:
    """DRF-3, DRF-4: the control that took the name's place is the first candidate; pasting its line is enough."""
    pages = case.walk(visit)
    tamper(visit, case.labels, "rename", name)
    drift = drift_of(lambda: case.act(pages))
    assert [lack.element for lack in drift.lacks] == [case.key]
    assert names_of(drift)[:1] == [name]
    assert drift.candidates[0].table == "portal.names"
    assert name in drift.message
    assert drift.snapshot or case.key == "login.submit"
    paste(visit, drift.candidates[0], tmp_path)
    case.act(pages)


@pytest.mark.parametrize("case", PRESSED, ids=lambda case: case.key)
def test_doubled_button_has_a_line_for_each_and_either_makes_the_act_pass(
    visit: Visit, case: Case, tmp_path: Path
) -> None:
    """DRF-2, DRF-4: of two equal controls the operator chooses one by the line that finds exactly that one."""
    pages = case.walk(visit)
    tamper(visit, case.labels, "double")
    drift = drift_of(lambda: case.act(pages))
    assert isinstance(drift, ElementAmbiguous)
    assert len({one.line for one in drift.candidates}) == len(drift.candidates) > 1
    assert {one.table for one in drift.candidates} == {"portal.locators"}
    first = min(drift.candidates, key=lambda one: one.where)  # the clone has no handlers
    paste(visit, first, tmp_path)
    case.act(pages)


@pytest.mark.parametrize("case", PRESSED, ids=lambda case: case.key)
def test_removed_button_is_drift_that_proposes_nothing_dangerous(visit: Visit, case: Case) -> None:
    """DRF-4: what pays, cancels or switches something is no candidate, however little else is left."""
    pages = case.walk(visit)
    tamper(visit, case.labels, "remove")
    drift = drift_of(lambda: case.act(pages))
    assert [lack.element for lack in drift.lacks] == [case.key]
    assert not [one for one in names_of(drift) if one.lower().startswith(DANGEROUS)]
    assert not [one for one in names_of(drift) if one in {"Esci", "Modifica il tuo ordine"}]


def billing(visit: Visit) -> PortalPages:
    """Stand where the identifier is asked for, in the layouts that ask."""
    pages = holder(visit)
    if not pages.dati_fatturazione.asks():
        pytest.skip("this layout does not ask for the identifier")
    return pages


READ = (
    Case("login.username", ("Codice cliente",), lambda visit: visit.at_the_door(), filling_in),
    Case("kit_firma.heading", ("Vuoi anche firmare?",), kit, pressing("kit_firma", "refuse", *AFTER_KIT)),
    Case(
        "dati_fatturazione.identifier",
        ("Recapito della fattura",),
        billing,
        lambda on: on.dati_fatturazione.read_identifier(),
    ),
    Case("modulo_ordine.years", ("Durata del rinnovo",), at_the_form, lambda on: on.modulo_ordine.choose_years(2)),
)


@pytest.mark.parametrize("case", READ, ids=lambda case: case.key)
def test_renamed_field_or_heading_comes_first_and_its_line_makes_the_act_pass(
    visit: Visit, case: Case, tmp_path: Path
) -> None:
    """DRF-4: fields, drop-downs, steppers and headings have candidates of their own kind."""
    pages = case.walk(visit)
    (name,) = case.new_names
    tamper(visit, case.labels, "rename", name)
    drift = drift_of(lambda: case.act(pages))
    assert [lack.element for lack in drift.lacks] == [case.key]
    assert names_of(drift)[0] == name
    paste(visit, drift.candidates[0], tmp_path)
    case.act(pages)


@pytest.mark.parametrize("key", ["dati_fatturazione.identifier", "login.username"])
def test_doubled_field_has_a_line_for_each(visit: Visit, key: str, tmp_path: Path) -> None:
    """DRF-2: a drop-down or field that is there twice is read and filled where the operator's line finds it."""
    (case,) = (one for one in READ if one.key == key)
    pages = case.walk(visit)
    tamper(visit, case.labels, "double-row")
    drift = drift_of(lambda: case.act(pages))
    assert isinstance(drift, ElementAmbiguous)
    assert len(drift.candidates) == 2
    for candidate in drift.candidates:
        paste(visit, candidate, tmp_path)
        case.act(pages)


MANDATE = Mandate(
    "Prova", date(2026, 11, 1), frozenset({"condizioni-generali", "clausole-vessatorie", "informativa-privacy"})
)


@pytest.mark.parametrize("key", list(CONSENTS.values()))
def test_doubled_consent_is_given_where_the_line_finds_it(visit: Visit, key: str, tmp_path: Path) -> None:
    """PRC-10, DRF-3: of a consent that is there twice, the chosen box is ticked, read back, and the double is not."""
    pages = visit.form(DUE)
    (text,) = (one.text for one in visit.options.consents if DOCUMENTED[key][0] in one.text)
    tamper(visit, [text], "double-row")
    drift = drift_of(lambda: pages.modulo_ordine.give_consents(MANDATE))
    assert isinstance(drift, ElementAmbiguous)
    assert {one.element for one in drift.candidates} == {key}
    paste(visit, drift.candidates[-1], tmp_path)
    given = pages.modulo_ordine.give_consents(MANDATE)
    assert sum(consent.ticked for consent in given) == 3
    pages.modulo_ordine.choose_method(PaymentMethod.BONIFICO)
    assert set(pages.modulo_ordine.read_form(frozenset({DUE})).consents) == given


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("modulo_ordine.bonifico", "Trasferimento bancario"),
        ("modulo_ordine.unfair_terms", "Approvo le clausole onerose del contratto"),
        ("modulo_ordine.privacy", "Ho letto come usate i miei dati"),
    ],
)
def test_choices_and_consents_are_inspected_with_candidates(visit: Visit, key: str, name: str) -> None:
    """DRF-5: what stops an order by policy, and is no drift, is told all the same where a page is inspected."""
    pages = visit.form(DUE)
    if visit.pages.screen.has(Element("press", "modulo_ordine.more_methods")):
        visit.pages.screen.press(Element("press", "modulo_ordine.more_methods"))
    (element,) = (one for one in pages.modulo_ordine.elements if one.key == key)
    texts = [one.text for one in visit.options.consents if DOCUMENTED[key][0] in one.text]
    tamper(visit, texts or list(DOCUMENTED[key]), "rename-all", name)
    sightings = {one.element.key: one for one in pages.screen.inspect(pages.modulo_ordine.elements)}
    assert sightings[key].count == 0
    assert sightings[key].candidates[0].name.rstrip(" *.") == name
    assert sightings[key].element == element
    assert sightings["modulo_ordine.confirm"].count == 1
    assert not sightings["modulo_ordine.confirm"].candidates


def test_marketing_is_no_candidate_for_a_consent(visit: Visit) -> None:
    """PRC-10: where a consent of the mandate went away, the box for advertising is not proposed in its place."""
    pages = visit.form(DUE)
    (text,) = (one.text for one in visit.options.consents if "informativa" in one.text)
    tamper(visit, [text], "remove-row")
    (sighting,) = pages.screen.inspect([Element("check", "modulo_ordine.privacy", phrase=True)])
    assert sighting.count == 0
    assert not [one for one in sighting.candidates if "promozional" in one.name]


def test_every_page_of_the_way_is_whole(visit: Visit) -> None:
    """DRF-5: on the documented portal nothing is lacking but what is optional, and nothing is there twice."""
    pages = visit.pages
    way: tuple[tuple[PortalPage, Callable[[Visit], PortalPages]], ...] = (
        (pages.login_password, at_the_door),
        (pages.home, at_home),
        (pages.caselle, at_the_list),
        (pages.gestione_caselle, at_the_cart),
        (pages.dati_intestatario, holder),
    )
    for page, walk in way:
        visit.session.context.clear_cookies()
        walk(visit)
        wrong = [
            one.element.key
            for one in pages.screen.inspect(page.elements)
            if one.count != 1 and not (one.element.optional and not one.count) and not one.element.each_row
        ]
        assert wrong == []


def test_words_beside_which_an_element_stands_lead_to_its_new_name(visit: Visit, tmp_path: Path) -> None:
    """DRF-2, DRF-4: only «Gestisci» of the certified mail is renamed: the others of that name are no candidates."""
    pages = visit.sign_in()
    pages.screen.locate(Element("press", "home.manage", near="home.pec_section")).evaluate(
        "el => { const at = el.getRootNode().host && !el.href ? el.getRootNode().host : el; at.textContent = 'Entra'; }"
    )
    pages.screen.timeout = 700
    drift = drift_of(pages.home.open_list)
    assert drift.candidates[0].line == 'home.manage = ["Entra"]'
    assert "Gestisci" not in names_of(drift)
    paste(visit, drift.candidates[0], tmp_path)
    pages.home.open_list()
    assert pages.arrive(pages.caselle) is pages.caselle


def test_locator_alone_is_enough_to_recognise_a_page(visit: Visit, tmp_path: Path) -> None:
    """DRF-1, DRF-3: a page whose landmark has no name any more is recognised where the operator's locator finds it."""
    pages = visit.form(DUE)
    tamper(visit, list(DOCUMENTED["modulo_ordine.confirm"]), "rename", "→")
    assert pages.look_for(pages.modulo_ordine, timeout=300) is None
    candidate = Candidate("modulo_ordine.confirm", "button", "→", 0, "", "portal.locators")
    line = """modulo_ordine.confirm = 'documented={"kind":"press","names":["→"]}'"""
    paste(visit, replace(candidate, line=line), tmp_path)
    assert pages.arrive(pages.modulo_ordine, pages.conferma) is pages.modulo_ordine
    assert pages.modulo_ordine.can_confirm()


def test_page_that_is_none_of_the_expected_proposes_nothing(visit: Visit) -> None:
    """DRF-4: where nothing speaks for any of the expected pages, no control of another page is proposed."""
    pages = visit.list()
    pages.screen.timeout = 300
    drift = drift_of(lambda: pages.arrive(pages.kit_firma, pages.modulo_ordine))
    assert drift.candidates == ()
    assert "shows none of them" in drift.message
    assert drift.picture.startswith(b"\x89PNG")


def test_snapshots_of_the_whole_way_hold_nothing_personal(visit: Visit) -> None:
    """SEC-4: no address, name, street, tax code or number of anybody; the portal's own words stay."""
    seen = []
    for walk in (at_the_door, at_home, at_the_list, at_the_cart, holder, at_the_form):
        visit.session.context.clear_cookies()
        seen.append(walk(visit).screen.snapshot())
    told = "\n".join(seen)
    truth = visit.portal.truth
    secrets = {
        *(part for one in truth.accounts.values() for part in (one.username, one.greeting, one.contact_email)),
        *(part for one in truth.accounts.values() for part in (one.tax_code, one.street, one.password)),
        *(part for one in truth.mailboxes.values() for part in (one.address, one.holder)),
        *("Ginepro", "Prugnolo", "Mirto", "Inventato", "Esempio", "AAAAAA0"),
    }
    assert not [secret for secret in secrets if secret.lower() in told.lower()]
    for word in (
        "Accedi",
        "Gestisci",
        "Rinnova",
        "Scadenza",
        "Dati Intestatario",
        "completa l'ordine",
    ):
        assert word.lower() in told.lower()
    assert any(word.lower() in told.lower() for word in DOCUMENTED["modulo_ordine.heading"])
    assert "s…@pec.it" in told


def test_filled_password_leaves_neither_snapshot_nor_picture(visit: Visit) -> None:
    """SEC-4: as long as a password stands on the page, nothing is kept of it, shown in clear or not."""
    pages = at_the_door(visit)
    assert "password" in pages.screen.snapshot()
    LoginPage(pages.screen).enter_password("S3gret0")
    assert (pages.screen.snapshot(), pages.screen.picture()) == ("", b"")


def test_page_in_a_frame_is_in_the_snapshot_with_its_fields_empty(show: Show) -> None:
    """SEC-4, DRF-2: frames and shadow roots are described; what was typed into them is not."""
    screen = show(
        "<iframe srcdoc='<h1>Modulo</h1><input aria-label=Nome value=Mirto>'></iframe><p>Di Mirto, 12345678</p>"
    )
    screen.page.frames[1].wait_for_load_state()
    told = screen.snapshot()
    assert 'heading "Modulo"' in told
    assert 'textbox "Nome"' in told
    assert "Mirto" not in told
    assert "1234" not in told


@pytest.mark.parametrize(
    "word", ["Paga ora", "Sì, annulla l'ordine", "Acquista di nuovo", "Autorizza e procedi", "Attiva", "Non attivo"]
)
@pytest.mark.parametrize("key", ["modulo_ordine.confirm", "login.submit", "caselle.renew"])
def test_what_pays_cancels_or_switches_is_never_a_candidate(show: Show, key: str, word: str) -> None:
    """DRF-4: not even where it is the only button of a form, in the most prominent place."""
    screen = show(f"<form><input aria-label=Importo><button style='background: navy'>{word}</button></form>")
    assert screen.inspect([Element("press", key)])[0].candidates == ()


def test_newsletter_s_button_is_not_what_the_order_goes_on_by(show: Show) -> None:
    """DRF-4: it may stand out more, and be the last on the page; a person would press the plain one above it."""
    screen = show(
        "<h2>Modulo Ordine</h2><p><span style='cursor: pointer'>Invia la richiesta</span></p>"
        "<div><input type=email><button style='background: #ccc'>Iscriviti</button></div>"
    )
    (sighting,) = screen.inspect([Element("press", "modulo_ordine.confirm")])
    assert sighting.candidates[0].name == "Invia la richiesta"
