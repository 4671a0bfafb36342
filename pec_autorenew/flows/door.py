"""Look at the portal's door and do not knock: nothing is typed, and no sign-in is spent (HUM-3)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from pec_autorenew.config import origin_of
from pec_autorenew.errors import BrowserUnavailable
from pec_autorenew.flows.sign_in import require_own_origin

if TYPE_CHECKING:
    from collections.abc import Collection

    from pec_autorenew.browser import Session
    from pec_autorenew.pages.portal_pages import PortalPages

#: What the pages are made of, to try a browser on; it leads nowhere.
_PAGE: Final = """<!doctype html><html lang="it"><title>Prova</title>
<form onsubmit="document.querySelector('h1').textContent = this.elements[0].value; return false">
<h1>Prova</h1>
<label>username o casella PEC <input></label> <label>password <input type="password"></label>
<button>Accedi</button></form></html>"""
_WORD: Final = "corbezzolo"


@dataclass(frozen=True, slots=True)
class Door:
    """What stands where one signs in."""

    #: The name of the page.
    page: str
    #: Where it is.
    origin: str
    #: What time it is by the portal's own clock; None where its answer is not dated.
    clock: datetime | None


def look_at_door(pages: PortalPages, login_origins: Collection[str]) -> Door:
    """Open the portal and say who stands at its door.

    Raises ForeignOrigin where a password would be asked for in a place where none may be typed (SEC-2), or what the
    portal says instead.
    """
    pages.open()
    here = pages.arrive(pages.login, pages.login_username, pages.home, pages.caselle)
    for form in (pages.login, pages.login_username):
        if here is form:
            require_own_origin(form, login_origins)
    return Door(here.name, origin_of(pages.session.page.url), portal_clock(pages.session))


def portal_clock(session: Session) -> datetime | None:
    """Return what time it is now by the portal's own clock, as its newest document was dated."""
    header, at = session.dated
    try:
        return parsedate_to_datetime(header) + timedelta(seconds=time.monotonic() - at)
    except ValueError:
        return None


def try_browser(pages: PortalPages) -> None:
    """Recognise, fill in, press and read a page that no network is needed for. Raises what does not work."""
    pages.session.go(f"data:text/html;charset=utf-8,{quote(_PAGE)}")
    pages.arrive(pages.login)
    pages.login.enter_username(_WORD)
    pages.login.submit()
    if _WORD not in pages.screen.snapshot() or not pages.shows_any((_WORD,)):
        raise BrowserUnavailable("the browser starts, and what is typed and pressed on a page has no effect")
