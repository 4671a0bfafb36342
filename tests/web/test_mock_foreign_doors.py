"""Doors of the mock portal that are not its own: what is typed there is known, and nobody who types nothing is."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Error, Page, expect

from pec_autorenew.mock_portal import LAYOUTS, Layout, MockPortal
from tests.web.visitors import sign_in_on_screen

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator

ACCOUNT = ("200001@aruba.it", "single-password")
pytestmark = pytest.mark.one_layout
EACH = pytest.mark.parametrize("layout", LAYOUTS)
WRONG = "I dati inseriti non sono corretti"
ELSEWHERE = ["foreign", "lookalike"]


def start(portal: MockPortal, layout: Layout, door: str) -> None:
    """Arrange the one customer, and the door."""
    portal.reset(scenario="single", layout=layout)
    portal.truth.set_options(door=door)


def origin(url: str) -> str:
    """Return scheme, host and port."""
    return "/".join(url.split("/")[:3])


def strange(portal: MockPortal, door: str) -> str:
    """Return the origin that a door leads to."""
    return origin(portal.url.replace("127.0.0.1", "localhost") if door == "lookalike" else portal.foreign_url)


def caught(portal: MockPortal) -> set[str]:
    """Return all that the foreign origin knows."""
    told = httpx.get(f"{portal.control_url}truth", trust_env=False).json()["phished"]
    return {value for catch in told for value in catch["fields"].values()}


def username(page: Page | FrameLocator, page_of_events: Page) -> None:
    """Type a user name, and wait until that is told on."""
    with page_of_events.expect_request(re.compile("/digitato")) as told:
        page.get_by_label("username o casella PEC").fill(ACCOUNT[0])
    told.value.response()


@EACH
@pytest.mark.parametrize("door", ELSEWHERE)
def test_door_leads_to_a_page_that_looks_the_same(portal: MockPortal, page: Page, layout: Layout, door: str) -> None:
    """Nothing is known of who only looks; everything of who signs in there; nobody gets in."""
    start(portal, layout, door)
    page.goto(portal.url)
    expect(page.get_by_label("username o casella PEC")).to_be_visible()
    assert origin(page.url) == strange(portal, door)
    assert (caught(portal), strange(portal, door) in portal.login_origins) == (set(), False)
    sign_in_on_screen(page, portal, *ACCOUNT)
    expect(page.get_by_text(WRONG)).to_be_visible()
    assert caught(portal) == set(ACCOUNT)
    assert {catch.host for catch in portal.truth.phished} == {strange(portal, door).split("/")[2]}
    assert portal.truth.sign_ins == []


@EACH
def test_foreign_page_tells_on_who_only_types(portal: MockPortal, page: Page, layout: Layout) -> None:
    """No button needs to be pressed."""
    start(portal, layout, "foreign")
    page.goto(portal.url)
    username(page, page)
    assert caught(portal) == {ACCOUNT[0]}


@EACH
def test_lookalike_is_the_portal_unless_the_door_leads_there(portal: MockPortal, page: Page, layout: Layout) -> None:
    """Who calls the machine by its name finds the portal, as ever."""
    start(portal, layout, "own")
    page.goto(portal.url.replace("127.0.0.1", "localhost"))
    expect(page.get_by_label("username o casella PEC")).to_be_visible()
    assert {hit.page for hit in portal.truth.hits}.isdisjoint({"altrove"})


@EACH
def test_own_form_goes_to_somebody_else(portal: MockPortal, page: Page, layout: Layout) -> None:
    """The page is the portal's, and says so; what is sent is not for it."""
    start(portal, layout, "foreign-form")
    page.goto(portal.url)
    expect(page.get_by_label("username o casella PEC")).to_be_visible()
    assert origin(page.url) in portal.login_origins
    assert caught(portal) == set()
    sign_in_on_screen(page, portal, *ACCOUNT)
    expect(page.get_by_text(WRONG)).to_be_visible()
    assert ACCOUNT[1] in caught(portal)
    assert portal.truth.sign_ins == []


@EACH
def test_form_in_a_frame_is_somebody_else_s(portal: MockPortal, page: Page, layout: Layout) -> None:
    """The page around it is the portal's, and asks nothing itself."""
    start(portal, layout, "frame")
    page.goto(portal.url)
    frame = page.frame_locator("iframe")
    expect(frame.get_by_label("username o casella PEC")).to_be_visible()
    expect(page.get_by_label("username o casella PEC")).to_have_count(0)
    assert origin(page.url) in portal.login_origins
    assert {origin(one.url) for one in page.frames[1:]} == {origin(portal.foreign_url)}
    username(frame, page)
    assert caught(portal) == {ACCOUNT[0]}


@EACH
def test_open_redirect_asks_again_elsewhere(portal: MockPortal, page: Page, layout: Layout) -> None:
    """The portal's own page lets who knows the password in, and leads to one that looks the same."""
    start(portal, layout, "open-redirect")
    sign_in_on_screen(page, portal, *ACCOUNT)
    page.wait_for_url(f"{portal.foreign_url}**")
    expect(page.get_by_label("username o casella PEC")).to_be_visible()
    assert [attempt.ok for attempt in portal.truth.sign_ins] == [True]
    assert caught(portal) == set()
    username(page, page)
    assert caught(portal) == {ACCOUNT[0]}


@EACH
def test_door_may_lead_to_a_host_that_is_nowhere(portal: MockPortal, page: Page, layout: Layout) -> None:
    """A browser that is kept at home never gets there."""
    start(portal, layout, "outside")
    with page.expect_request("http://phish.example/**"), suppress(Error):  # a redirect there fails the visit itself
        page.goto(portal.url)
    assert caught(portal) == set()
