"""A page that does not come whole is late, and no other page (DRF-1, SES-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.errors import PortalTimeout, UnexpectedPage

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.pages.conftest import Visit

#: A script that holds the rest of the document back.
BLOCKING = "<!DOCTYPE html><title>Area</title><body><script src='/never.js'></script><h1>Altro</h1>"
#: A stylesheet without which nothing is drawn.
UNDRAWN = "<!DOCTYPE html><title>Area</title><link rel='stylesheet' href='/never.css'><body><h1></h1>"


@pytest.fixture
def late(visit: Visit) -> Visit:
    """Stand before a portal with a short patience."""
    visit.pages.screen.timeout = visit.session.timeout = 1_500
    return visit


@pytest.mark.one_layout
@pytest.mark.parametrize("document", [BLOCKING, UNDRAWN])
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
