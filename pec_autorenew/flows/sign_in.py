"""Sign in, once, and only where a password may be typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pec_autorenew.errors import ForeignOrigin, SignInRejected

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydantic import SecretStr

    from pec_autorenew.pages.portal_pages import PortalPages


def sign_in(
    pages: PortalPages,
    username: str,
    password: Callable[[], SecretStr],
    login_origins: Sequence[str],
    before_password: Callable[[], None] = lambda: None,
) -> None:
    """Open the portal and sign in as `username`, with one attempt (HUM-3); no password where the session lives.

    `before_password` is called right before the password is typed, and may forbid it by raising.

    Raises SignInRejected, ForeignOrigin (the password was not typed), or what the portal says instead.
    """
    pages.open()
    if pages.arrive(pages.login, pages.home, pages.caselle) is not pages.login:
        return
    foreign = pages.login.read_origins() - set(login_origins)
    if foreign:
        raise ForeignOrigin(
            f"{', '.join(sorted(foreign))} asks for the password and is not in portal.login_origins (SEC-2)",
            page=pages.login.name,
        )
    secret = password()
    before_password()
    pages.login.enter(username, secret.get_secret_value())
    pages.login.submit()
    if pages.arrive(pages.home, pages.caselle, pages.refused_login) is pages.refused_login:
        raise SignInRejected(f"the portal refuses user name or password of {username}", page=pages.login.name)
