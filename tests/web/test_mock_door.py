"""What the mock portal asks at its door besides the password, in every layout: nothing of it passes by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Page, expect

from pec_autorenew.mock_portal import CODE, LAYOUTS, Layout, MockPortal
from tests.web.visitors import sign_in_on_screen

if TYPE_CHECKING:
    from playwright.sync_api import Locator

ADDRESS = "bianca.sorbo@pec.it"
ACCOUNT = ("200001@aruba.it", "single-password")
BOX = (ADDRESS, "password-della-casella")
pytestmark = pytest.mark.one_layout
EACH = pytest.mark.parametrize("layout", LAYOUTS)
WHO = pytest.mark.parametrize("who", [ACCOUNT, BOX], ids=["account", "mailbox"])

WRONG = "I dati inseriti non sono corretti"
DENIED = {
    "g2": "la richiesta è stata rifiutata dal dispositivo",
    "g3": "Hai rifiutato la richiesta di accesso sul dispositivo associato",
    "g4": "La richiesta di accesso è stata respinta dall'app",
}
EXPIRED = {
    "g2": "La richiesta è scaduta",
    "g3": "Tempo scaduto",
    "g4": "La notifica è scaduta senza risposta",
}
ASKS_FOR_CODE = {
    "g2": "Inserisci il codice di verifica che ti abbiamo inviato",
    "g3": "Ti abbiamo inviato un SMS con un codice di 6 cifre",
    "g4": "Abbiamo inviato un codice temporaneo al tuo indirizzo email",
}
WRONG_CODE = {
    "g2": "Il codice inserito non è corretto",
    "g3": "Codice errato o scaduto",
    "g4": "Codice non valido",
}
LOCKED = {
    "g2": "Account temporaneamente bloccato per troppi tentativi",
    "g3": "Utenza bloccata",
    "g4": "abbiamo sospeso l'accesso a questo account",
}
NOTICE = {
    "g2": "La tua password scadrà tra 5 giorni",
    "g3": "La password del tuo account scade tra 5 giorni",
    "g4": "Mancano 5 giorni alla scadenza della tua password",
}
LATER = {"g2": "Ricordamelo più tardi", "g3": "Non ora", "g4": "Più tardi"}
TERMS = {
    "g2": "Abbiamo aggiornato le condizioni di fornitura",
    "g3": "cambiano i termini di utilizzo dell'Area Clienti",
    "g4": "Abbiamo aggiornato le condizioni del servizio PEC",
}
ACCEPT = re.compile("Accetto e continuo|Accetta e continua")
UNTICKED = re.compile("è necessario accettare|Seleziona la casella|devi accettare")
ONE_MAY_STILL_SIGN_IN = "username o casella PEC"


def start(portal: MockPortal, layout: Layout, **options: object) -> None:
    """Arrange the one customer, and what the portal asks."""
    portal.reset(scenario="single", layout=layout)
    portal.truth.set_options(kit="absent", **options)


def area(page: Page) -> Locator:
    """Return what only those see who are in: the home of an account, the row of a mailbox."""
    return page.get_by_text(re.compile("^(Gestisci|Rinnova)$", re.IGNORECASE)).first


def asks(portal: MockPortal, path: str) -> object:
    """Steer the portal from outside."""
    return httpx.post(f"{portal.control_url}{path}", trust_env=False).json()


def outcomes(portal: MockPortal) -> list[bool]:
    """Return how the attempts to sign in ended."""
    return [attempt.ok for attempt in portal.truth.sign_ins]


def list_address(portal: MockPortal, layout: Layout) -> str:
    """Return where the mailboxes are listed."""
    return f"{portal.url}{'pec' if layout == 'g4' else 'caselle'}"


# -- a device ----------------------------------------------------------------------------------------------------------


@EACH
def test_two_step_never_ends_by_itself(portal: MockPortal, page: Page, layout: Layout) -> None:
    """After the password a person must answer on a device; «Invia di nuovo» asks there once more."""
    start(portal, layout, two_step=True)
    sign_in_on_screen(page, portal, *ACCOUNT)
    expect(page.get_by_role("heading", name="Verifica in 2 passaggi")).to_be_visible()
    page.goto(list_address(portal, layout))
    expect(page.get_by_role("heading", name="Verifica in 2 passaggi")).to_be_visible()
    assert (portal.truth.pushes, outcomes(portal)) == (1, [True])
    with page.expect_response(re.compile("/verifica")):
        page.get_by_text(re.compile("Invia di nuovo")).click()
    expect(page.get_by_role("heading", name="Verifica in 2 passaggi")).to_be_visible()
    assert portal.truth.pushes == 2


@EACH
@WHO
def test_two_step_goes_on_when_somebody_approves(
    portal: MockPortal, page: Page, layout: Layout, who: tuple[str, str]
) -> None:
    """The page that waits sees the answer by itself; nobody who does not wait is touched."""
    start(portal, layout, two_step=True)
    assert asks(portal, "sessions/approve") == {"approved": 0}
    sign_in_on_screen(page, portal, *who)
    expect(page.get_by_role("heading", name="Verifica in 2 passaggi")).to_be_visible()
    assert asks(portal, "sessions/approve") == {"approved": 1}
    expect(area(page)).to_be_visible()


@EACH
def test_two_step_that_is_denied_says_so(portal: MockPortal, page: Page, layout: Layout) -> None:
    """The page that waits sees the refusal by itself; it stays refused, and one may sign in again."""
    start(portal, layout, two_step=True)
    assert asks(portal, "sessions/deny") == {"denied": 0}
    sign_in_on_screen(page, portal, *ACCOUNT)
    expect(page.get_by_role("heading", name="Verifica in 2 passaggi")).to_be_visible()
    assert asks(portal, "sessions/deny") == {"denied": 1}
    expect(page.get_by_text(DENIED[layout])).to_be_visible()
    assert asks(portal, "sessions/approve") == {"approved": 0}
    page.goto(list_address(portal, layout))
    expect(page.get_by_text(DENIED[layout])).to_be_visible()
    page.get_by_text(re.compile("Torna all|Accedi di nuovo")).click()
    expect(page.get_by_label(ONE_MAY_STILL_SIGN_IN)).to_be_visible()


@EACH
def test_two_step_expires_by_the_clock_of_the_portal(portal: MockPortal, page: Page, layout: Layout) -> None:
    """What was not answered in time can be answered no more."""
    start(portal, layout, two_step=True, two_step_lasts=600)
    sign_in_on_screen(page, portal, *ACCOUNT)
    expect(page.get_by_role("heading", name="Verifica in 2 passaggi")).to_be_visible()
    portal.truth.clock.advance(590)
    expect(page.get_by_text("apri l'app e autorizza l'accesso")).to_be_visible()
    portal.truth.clock.advance(20)
    expect(page.get_by_text(EXPIRED[layout])).to_be_visible()
    assert asks(portal, "sessions/approve") == {"approved": 0}


# -- a code ------------------------------------------------------------------------------------------------------------


def give_code(page: Page, layout: Layout, code: str) -> None:
    """Type a code as the layout asks for it."""
    if layout == "g3":
        page.get_by_label("Cifra 1").click()
        page.keyboard.type(code)
    else:
        page.get_by_label(re.compile("^Codice (di verifica|temporaneo)$")).fill(code)
    page.get_by_role("button", name=re.compile("Conferma|Verifica|Continua")).click()


@EACH
@WHO
def test_code_is_asked_until_it_is_right(portal: MockPortal, page: Page, layout: Layout, who: tuple[str, str]) -> None:
    """Nothing else can be seen before; a wrong one is refused in words."""
    start(portal, layout, code=True)
    sign_in_on_screen(page, portal, *who)
    expect(page.get_by_text(ASKS_FOR_CODE[layout])).to_be_visible()
    page.goto(list_address(portal, layout))
    expect(page.get_by_text(ASKS_FOR_CODE[layout])).to_be_visible()
    give_code(page, layout, "135791")
    expect(page.get_by_text(WRONG_CODE[layout])).to_be_visible()
    give_code(page, layout, CODE)
    expect(area(page)).to_be_visible()
    assert portal.truth.codes_tried == 2


# -- a box for robots --------------------------------------------------------------------------------------------------


@EACH
def test_captcha_lets_nobody_in(portal: MockPortal, page: Page, layout: Layout) -> None:
    """Not even with the right password and the box ticked."""
    start(portal, layout, captcha=True)
    sign_in_on_screen(page, portal, *ACCOUNT)
    expect(page.get_by_text("Conferma di non essere un robot.")).to_be_visible()
    page.get_by_role("checkbox", name="Non sono un robot").click()
    page.get_by_label("password", exact=True).fill("single-password")
    page.get_by_role("button", name="Accedi").click()
    expect(page.get_by_text("Conferma di non essere un robot.")).to_be_visible()
    assert portal.truth.sign_ins == []


@EACH
@pytest.mark.parametrize("kind", ["frame", "widget"])
def test_captcha_of_another_origin_says_nothing_in_the_page(
    portal: MockPortal, page: Page, layout: Layout, kind: str
) -> None:
    """A frame of another origin is all that there is, in somebody's element or not; nobody gets in."""
    start(portal, layout, captcha=True, captcha_kind=kind)
    sign_in_on_screen(page, portal, *ACCOUNT)
    expect(page.get_by_text(re.compile("Verifica non completata|Completa la verifica|non completato"))).to_be_visible()
    frame = page.locator("iframe")
    expect(frame).to_have_count(1)
    assert (frame.get_attribute("title") == "reCAPTCHA") is (kind == "frame")
    assert page.locator(".h-captcha, .cf-turnstile, altcha-widget").count() == (kind == "widget")
    expect(page.frame_locator("iframe").get_by_role("checkbox")).to_be_visible()
    (inner,) = page.frames[1:]
    assert inner.url.split("/")[2] != page.url.split("/")[2]
    assert "robot" not in page.locator("body").inner_text().casefold()
    assert portal.truth.sign_ins == []


@EACH
def test_captcha_may_come_after_failures(portal: MockPortal, page: Page, layout: Layout) -> None:
    """The second wrong password brings it; then the right one is not even looked at."""
    start(portal, layout, captcha_after_failures=2)
    robot = page.get_by_role("checkbox", name="Non sono un robot")
    for turn in range(2):
        sign_in_on_screen(page, portal, ACCOUNT[0], f"wrong-{turn}")
        expect(page.get_by_text(WRONG)).to_be_visible()
        expect(robot).to_have_count(turn)
    sign_in_on_screen(page, portal, *ACCOUNT)
    expect(page.get_by_text("Conferma di non essere un robot.")).to_be_visible()
    assert outcomes(portal) == [False, False]


# -- locked out --------------------------------------------------------------------------------------------------------


@EACH
@WHO
def test_locked_login_is_refused_with_the_right_password(
    portal: MockPortal, page: Page, layout: Layout, who: tuple[str, str]
) -> None:
    """In words that say so."""
    start(portal, layout)
    portal.truth.change_account(ACCOUNT[0], locked=True)
    portal.truth.change_mailbox(ADDRESS, locked=True)
    sign_in_on_screen(page, portal, *who)
    expect(page.get_by_text(LOCKED[layout])).to_be_visible()
    assert outcomes(portal) == [False]


@EACH
def test_wrong_passwords_lock_their_login_out(portal: MockPortal, page: Page, layout: Layout) -> None:
    """After so many in a row; another login is not touched."""
    start(portal, layout, lock_after=2)
    for turn in range(2):
        sign_in_on_screen(page, portal, ACCOUNT[0], f"wrong-{turn}")
        expect(page.get_by_text(WRONG)).to_be_visible()
    sign_in_on_screen(page, portal, *ACCOUNT)
    expect(page.get_by_text(LOCKED[layout])).to_be_visible()
    sign_in_on_screen(page, portal, *BOX)
    expect(area(page)).to_be_visible()
    assert outcomes(portal) == [False, False, False, True]
    assert portal.truth.accounts[ACCOUNT[0]].locked


def test_right_password_starts_the_count_afresh(portal: MockPortal) -> None:
    """Only wrong ones in a row count."""
    start(portal, "g2", lock_after=2)
    for password in ("wrong", ACCOUNT[1], "wrong", ACCOUNT[1]):
        portal.truth.sign_in(ACCOUNT[0], password)
    assert outcomes(portal) == [False, True, False, True]


# -- passwords that expire ---------------------------------------------------------------------------------------------


@EACH
@pytest.mark.parametrize(
    ("who", "held", "other"),
    [(ACCOUNT, "account_password_change", BOX), (BOX, "password_change", ACCOUNT)],
    ids=["account", "mailbox"],
)
def test_password_change_holds_whom_it_is_for_until_there_is_a_new_one(
    portal: MockPortal,
    page: Page,
    layout: Layout,
    who: tuple[str, str],
    held: str,
    other: tuple[str, str],
) -> None:
    """Nothing else can be seen before; the other kind of login is not asked."""
    start(portal, layout, **{held: True})
    sign_in_on_screen(page, portal, *who)
    expect(page.get_by_text("La tua password è scaduta")).to_be_visible()
    page.goto(portal.url)
    expect(page.get_by_text("La tua password è scaduta")).to_be_visible()
    page.get_by_label("Nuova password", exact=True).fill("nuova-password")
    page.get_by_label("Ripeti la nuova password").fill("nuova-password")
    page.get_by_role("button", name="Salva").click()
    expect(area(page)).to_be_visible()
    passwords = portal.truth.accounts[ACCOUNT[0]].password, portal.truth.mailbox(ADDRESS).password
    assert passwords == (("nuova-password", BOX[1]) if who == ACCOUNT else (ACCOUNT[1], "nuova-password"))
    page.context.clear_cookies()
    sign_in_on_screen(page, portal, *other)
    expect(area(page)).to_be_visible()


@EACH
@WHO
def test_password_notice_can_be_put_off(portal: MockPortal, page: Page, layout: Layout, who: tuple[str, str]) -> None:
    """A page of its own, a banner or a window; put off, it does not come again."""
    start(portal, layout, password_notice_days=5)
    sign_in_on_screen(page, portal, *who)
    expect(page.get_by_text(NOTICE[layout])).to_be_visible()
    if layout != "g2":
        expect(area(page)).to_be_visible()
    page.get_by_role("button", name=LATER[layout]).click()
    expect(page.get_by_text(NOTICE[layout])).to_have_count(0)
    page.goto(list_address(portal, layout))
    expect(page.get_by_text(ADDRESS).first).to_be_visible()
    expect(page.get_by_text(NOTICE[layout])).to_have_count(0)
    assert portal.truth.mailbox(ADDRESS).password == BOX[1]


@EACH
def test_password_notice_leads_to_a_new_password(portal: MockPortal, page: Page, layout: Layout) -> None:
    """Whoever follows it chooses one, and nothing says that the old one had expired."""
    start(portal, layout, password_notice_days=5)
    sign_in_on_screen(page, portal, *BOX)
    page.get_by_text(re.compile("Cambia password|Modifica la password|Cambia ora")).click()
    page.get_by_label("Nuova password", exact=True).fill("nuova-password")
    expect(page.get_by_text("scaduta")).to_be_hidden()
    page.get_by_label("Ripeti la nuova password").fill("nuova-password")
    page.get_by_role("button", name="Salva").click()
    expect(area(page)).to_be_visible()
    assert portal.truth.mailbox(ADDRESS).password == "nuova-password"


# -- conditions --------------------------------------------------------------------------------------------------------


@EACH
@WHO
def test_new_terms_hold_everybody_until_accepted(
    portal: MockPortal, page: Page, layout: Layout, who: tuple[str, str]
) -> None:
    """Nothing else can be seen before, the box must be ticked, and the truth counts."""
    start(portal, layout, new_terms=True)
    sign_in_on_screen(page, portal, *who)
    expect(page.get_by_text(TERMS[layout])).to_be_visible()
    page.goto(list_address(portal, layout))
    expect(page.get_by_text(TERMS[layout])).to_be_visible()
    page.get_by_role("button", name=ACCEPT).click()
    expect(page.get_by_text(UNTICKED)).to_be_visible()
    assert portal.truth.terms_accepted == 0
    page.get_by_role("checkbox").click()
    page.get_by_role("button", name=ACCEPT).click()
    expect(area(page)).to_be_visible()
    assert portal.truth.terms_accepted == 1
    page.context.clear_cookies()
    sign_in_on_screen(page, portal, *who)
    expect(area(page)).to_be_visible()


@EACH
def test_everything_may_be_asked_one_after_the_other(portal: MockPortal, page: Page, layout: Layout) -> None:
    """A device, a code, a new password, conditions; then one is in."""
    start(portal, layout, two_step=True, code=True, password_change=True, new_terms=True)
    sign_in_on_screen(page, portal, *BOX)
    expect(page.get_by_role("heading", name="Verifica in 2 passaggi")).to_be_visible()
    asks(portal, "sessions/approve")
    expect(page.get_by_text(ASKS_FOR_CODE[layout])).to_be_visible()
    give_code(page, layout, CODE)
    page.get_by_label("Nuova password", exact=True).fill("nuova-password")
    page.get_by_label("Ripeti la nuova password").fill("nuova-password")
    page.get_by_role("button", name="Salva").click()
    page.get_by_role("checkbox").click()
    page.get_by_role("button", name=ACCEPT).click()
    expect(area(page)).to_be_visible()
    told = httpx.get(f"{portal.control_url}truth", trust_env=False).json()
    assert (told["pushes"], told["codes_tried"], told["terms_accepted"]) == (1, 1, 1)
