"""«Accedi»: who gets in, and where a password goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from pec_autorenew.qa import Credentials, SignInRejected, expect_page

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import MockPortal
    from pec_autorenew.pages.login import LoginPage, LoginUsernamePage
    from pec_autorenew.pages.portal_pages import PortalPages
    from pec_autorenew.qa import Target, Visitor


def test_sign_in_form_has_the_documented_elements(login: LoginPage | LoginUsernamePage) -> None:
    """User name, password and «Accedi», or the first of two pages with its «Avanti»."""
    expect_page(login)


def test_sign_in_form_belongs_to_the_portal(login: LoginPage | LoginUsernamePage, pec_target: Target) -> None:
    """What is typed goes to no origin but those where one signs in."""
    assert login.read_origins() <= set(pec_target.login_origins)


def test_sign_in_leads_into_the_area(area: PortalPages) -> None:
    """After «Accedi» stands home, or the list for a login that has only that."""
    assert area.here in {area.home, area.caselle}


def test_wrong_password_is_refused_in_words(visitor: Visitor, pec_mock: MockPortal) -> None:
    """A wrong password is told as such, and nobody is in. Only at the mock: elsewhere a login may be locked."""
    username = next(iter(pec_mock.truth.accounts))
    with pytest.raises(SignInRejected):
        visitor.sign_in(Credentials(username, secret=SecretStr("not-the-password")))
    assert [one.ok for one in pec_mock.truth.sign_ins] == [False]
