"""«Accedi», on every layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.mock_portal.scenarios import STUDIO

if TYPE_CHECKING:
    from tests.pages.conftest import Visit


def test_right_credentials_lead_to_the_home(visit: Visit) -> None:
    """SES-1: user name and password are typed as given, once, and the home stands there."""
    pages = visit.sign_in()
    assert pages.here is pages.home
    assert [(one.username, one.ok) for one in visit.portal.truth.sign_ins] == [(STUDIO.username, True)]


@pytest.mark.parametrize("password", ["wrong", " demo-password-studio", "DEMO-PASSWORD-STUDIO"])
def test_wrong_password_is_recognised_as_refused(visit: Visit, password: str) -> None:
    """HUM-3: a refusal has a page of its own, so that nothing tries again; blanks and case count."""
    pages = visit.at_the_door()
    visit.send(STUDIO.username, password)
    assert pages.arrive(pages.home, pages.caselle, pages.refused_login) is pages.refused_login
    assert [one.ok for one in visit.portal.truth.sign_ins] == [False]


def test_origins_of_the_form_are_read_before_anything_is_typed(visit: Visit) -> None:
    """SEC-2: the page says where the password would be typed and where it would be sent."""
    pages = visit.at_the_door()
    form = pages.login if pages.here is pages.login else pages.login_username
    door = visit.portal.login_url if visit.portal.truth.layout == "g3" else visit.portal.url
    assert form.read_origins() == {door.rstrip("/")}


def test_password_field_is_seen_so_that_no_picture_is_taken(visit: Visit) -> None:
    """SEC-4: no picture of a screen with a password field; of the home there is one."""
    pages = visit.at_the_door()
    if pages.here is pages.login_username:
        pages.login_username.enter_username(STUDIO.username)
        pages.login_username.proceed()
        pages.arrive(pages.login_password)
    assert pages.screen.picture() == b""
    assert visit.sign_in().screen.picture().startswith(b"\x89PNG")
