"""Who is signed in, and what lies in each visitor's cart."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from pec_autorenew.mock_portal.truth import Visitor
    from pec_autorenew.mock_portal.values import Choice, Identifier, Method

COOKIE = "sessione"


@dataclass(slots=True)
class Cart:
    """An order in the making; nothing in it binds."""

    years: int
    method: Method | None
    ticked: tuple[str, ...]
    clicked: str | None = None
    choices: tuple[Choice, ...] = ()
    kit: bool = False
    identifier: Identifier | None = None
    #: What the order form sends back, so that only the newest form counts.
    token: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    #: The order that came of it, where the portal keeps the cart.
    placed: str | None = None


@dataclass(slots=True)
class Session:
    """One signed-in browser."""

    token: str
    visitor: Visitor
    cart: Cart | None = field(default=None)
    #: The page that must be passed before any other; nothing: none.
    held_at: str = ""
    #: The page of each list that was looked at last.
    pages: dict[str, str] = field(default_factory=dict)


class Sessions:
    """The open sessions, by cookie."""

    def __init__(self) -> None:
        """Start with nobody signed in."""
        self._open: dict[str, Session] = {}

    def of(self, request: Request) -> Session | None:
        """Find the session of a request."""
        return self._open.get(request.cookies.get(COOKIE, ""))

    def open(self, visitor: Visitor, response: Response, *, held_at: str = "") -> None:
        """Sign a visitor in, by a cookie on the answer."""
        session = Session(token=secrets.token_urlsafe(16), visitor=visitor, held_at=held_at)
        self._open[session.token] = session
        response.set_cookie(COOKIE, session.token, httponly=True, samesite="lax")

    def ended(self, request: Request) -> bool:
        """Say whether a request comes from somebody who was signed in and no longer is."""
        return COOKIE in request.cookies and self.of(request) is None

    def close(self, request: Request, response: Response) -> None:
        """Sign the visitor of a request out, cookie and all."""
        self._open.pop(request.cookies.get(COOKIE, ""), None)
        response.delete_cookie(COOKIE)

    def release(self, held_at: str) -> int:
        """Let every session go on that is held at this page; say how many there were."""
        held = [session for session in self._open.values() if session.held_at == held_at]
        for session in held:
            session.held_at = ""
        return len(held)

    def end_all(self) -> int:
        """End every session, as a portal does overnight; say how many there were."""
        count = len(self._open)
        self._open.clear()
        return count


class Passes:
    """What the sign-in site hands to the portal by way of the browser: codes, each good once."""

    def __init__(self) -> None:
        """Start with none."""
        self._open: dict[str, Visitor] = {}

    def issue(self, visitor: Visitor) -> str:
        """Make a code for somebody whose password was right."""
        code = secrets.token_urlsafe(16)
        self._open[code] = visitor
        return code

    def redeem(self, code: str) -> Visitor | None:
        """Take a code back, and say whose it was."""
        return self._open.pop(code, None)

    def void_all(self) -> None:
        """Make every code worthless."""
        self._open.clear()
