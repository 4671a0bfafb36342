"""A page that does not come whole is late, and no other page (DRF-1, SES-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import PersonNeeded, PortalTimeout, SessionEnded, UnexpectedPage
from pec_autorenew.pages.elements import Element
from pec_autorenew.pages.finding import Screen

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from pec_autorenew.errors import PortalError
    from tests.pages.conftest import Visit

#: A script that holds the rest of the document back.
BLOCKING = "<!DOCTYPE html><title>Area</title><body><script src='/never.js'></script><h1>Altro</h1>"
#: A stylesheet without which nothing is drawn.
UNDRAWN = "<!DOCTYPE html><title>Area</title><link rel='stylesheet' href='/never.css'><body><h1></h1>"
#: A part of a page that may be about anything.
HALF = BLOCKING.replace("<script", "<a href='/p'>Modifica la password</a><script")


@pytest.fixture
def late(visit: Visit) -> Visit:
    """Stand before a portal with a short patience."""
    visit.pages.screen.timeout = visit.session.timeout = 1_500
    return visit


@pytest.mark.one_layout
@pytest.mark.parametrize("document", [BLOCKING, UNDRAWN, HALF])
def test_document_that_has_not_come_whole_is_late_and_no_drift(late: Visit, page: Page, document: str) -> None:
    """SES-3: what a busy portal still owes may be tried again; drift would stop every order."""
    held: list[Route] = []
    page.route("**/never.*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks its handlers
    page.route(late.portal.url, lambda route: route.fulfill(body=document, content_type="text/html"))
    late.pages.open()
    with pytest.raises(PortalTimeout):
        late.pages.arrive(late.pages.home)
    for route in held:
        route.abort()


@pytest.mark.one_layout
def test_document_that_has_come_and_is_another_one_is_drift(late: Visit, page: Page) -> None:
    """DRF-1: waiting longer would not make it the page that was expected."""
    page.route(late.portal.url, lambda route: route.fulfill(body="<h1>Altro</h1>", content_type="text/html"))
    late.pages.open()
    with pytest.raises(UnexpectedPage):
        late.pages.arrive(late.pages.home)


@pytest.mark.one_layout
@pytest.mark.parametrize(
    ("states", "kind"),
    [((200, 401), SessionEnded), ((200, 404), UnexpectedPage), ((401, 200), UnexpectedPage)],
    ids=["lost", "missing", "signed in since"],
)
def test_page_that_is_answered_as_a_stranger_has_lost_its_session(
    late: Visit, page: Page, states: tuple[int, int], kind: type[PortalError]
) -> None:
    """SES-2: a page of scripts stays where it is, shows no sign-in form, and asks for nothing more."""
    body = "<h1>Qualcosa non va</h1><script>fetch('/api/1').then(() => fetch('/api/2'))</script>"
    page.route("**/api/1", lambda route: route.fulfill(status=states[0]))
    page.route("**/api/2", lambda route: route.fulfill(status=states[1]))
    page.route(late.portal.url, lambda route: route.fulfill(body=body, content_type="text/html"))
    late.pages.open()
    with pytest.raises(kind):
        late.pages.arrive(late.pages.modulo_ordine)


def test_words_of_an_expected_page_that_has_just_come_ask_for_nobody(visit: Visit) -> None:
    """SES-3: «Modifica la password» in a banner over the customer's own pages is no demand."""
    visit.portal.truth.set_options(password_notice_days=5)
    pages = visit.inside()
    pages.require_known(pages.home, pages.caselle)


@pytest.mark.one_layout
def test_words_of_two_pages_are_not_taken_together(visit: Visit, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """SES-3, HUM-2: the portal goes on while it is looked at; what is said is what one of its pages says."""
    pages = visit.at_the_door()
    page.set_content("<h1>Verifica in 2 passaggi</h1>")
    look, maintenance = Screen.sees, (Element("text", "notices.maintenance", phrase=True),)

    def look_and_go_on(screen: Screen, *elements: Element) -> list[bool]:
        seen = look(screen, *elements)
        if elements != maintenance:
            page.set_content(
                "<p>La password scade domani</p><a href=''>Modifica la password</a><button>Non ora</button>"
            )
        return seen

    monkeypatch.setattr(Screen, "sees", look_and_go_on)
    with pytest.raises(PersonNeeded) as needed:
        pages.require_known(pages.home, pages.caselle)
    assert needed.value.reason == "two-step-approval"


@pytest.mark.one_layout
def test_page_that_says_that_the_session_has_ended_is_a_lost_session(visit: Visit, page: Page) -> None:
    """SES-2: without a field for a password, too, it is signed in anew; at the door itself it is what stands there."""
    pages = visit.at_the_door()
    page.set_content("<h1>Sessione scaduta</h1><p>La sessione di lavoro è scaduta.</p><a href='/'>Accesso</a>")
    with pytest.raises(SessionEnded):
        pages.require_known(pages.modulo_ordine)
    pages.require_known(pages.login, pages.home)
