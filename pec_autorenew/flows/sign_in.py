"""Sign in, once, and only where a password may be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import ForeignOrigin, PersonNeeded, SignInRejected

#: How long to look whether the area has opened, in milliseconds.
_GLANCE_MS: Final = 250

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pydantic import SecretStr

    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.login import LoginPage, LoginUsernamePage
    from pec_autorenew.pages.portal_pages import PortalPages


def sign_in(
    pages: PortalPages,
    username: str,
    password: Callable[[], SecretStr],
    login_origins: Collection[str],
    before_password: Callable[[], None] = lambda: None,
) -> None:
    """Open the portal and sign in as `username`, with one attempt (HUM-3); no password where the session lives.

    `before_password` is called right before the password is typed, and may forbid it by raising.

    Raises SignInRejected, ForeignOrigin (nothing was typed there), or what the portal says instead.
    """
    pages.open()
    here = pages.arrive(pages.login, pages.login_username, pages.home, pages.caselle)
    if here is pages.login_username:
        require_own_origin(pages.login_username, login_origins)
        here = send_username(pages, username)
    form = next((form for form in (pages.login, pages.login_password) if here is form), None)
    if form is None:
        return
    require_own_origin(form, login_origins)
    pages.require_no_captcha()
    secret = password()
    before_password()
    if form is pages.login:
        require_own_origin(form, login_origins)  # again: getting the secret may have taken long
        form.enter_username(username)
    with pages.session.keeping(secret, login_origins):
        require_own_origin(form, login_origins)
        form.enter_password(secret.get_secret_value())
        form.submit()
        here = pages.arrive(pages.home, pages.caselle, pages.refused_login)
    if here is pages.refused_login:
        require_own_door(pages, login_origins)
        pages.require_judged()  # an answer that failed, a lock or a CAPTCHA refuses nobody
        raise SignInRejected(f"the portal refuses user name or password of {username}", page=pages.login.name)


def goes_on(pages: PortalPages) -> bool:
    """Whether the portal has let the visitor in who waits for an answer on a device (HUM-2).

    Raises ApprovalDenied or ApprovalExpired where it never will, or what else it says.
    """
    if pages.look_for(pages.home, pages.caselle, timeout=_GLANCE_MS) is not None:
        pages.arrive(pages.home, pages.caselle)
        return True
    pages.require_pending()
    try:
        pages.require_known(pages.home, pages.caselle)
    except PersonNeeded as needed:
        if needed.reason != "two-step-approval":
            raise
    return False


def send_username(pages: PortalPages, username: str) -> PortalPage:
    """Give the user name on a page of its own, and return the page that asks for the password."""
    pages.login_username.enter_username(username)
    pages.login_username.proceed()
    here = pages.arrive(pages.login, pages.login_password, pages.refused_username)
    if here is pages.refused_username:
        pages.require_judged()
        raise SignInRejected(f"the portal does not know the user name {username}", page=pages.login_username.name)
    return here


def require_own_door(pages: PortalPages, login_origins: Collection[str]) -> None:
    """Raise ForeignOrigin where a form stands there that is not the portal's: it refuses nobody (SEC-2)."""
    forms = (pages.login, pages.login_username, pages.login_password)
    shown = pages.look_for(*forms, timeout=_GLANCE_MS)
    for form in forms:
        if form is shown:
            require_own_origin(form, login_origins)


def require_own_origin(page: LoginPage | LoginUsernamePage, login_origins: Collection[str]) -> None:
    """Raise ForeignOrigin, nothing typed, unless page and form belong to `login_origins` (SEC-2)."""
    foreign = page.read_origins() - set(login_origins)
    if foreign:
        raise ForeignOrigin(
            f"{', '.join(sorted(foreign))} asks for the password and is not in portal.login_origins (SEC-2)",
            page=page.name,
        )
