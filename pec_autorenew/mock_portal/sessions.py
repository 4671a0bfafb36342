"""Who is signed in, and what lies in each visitor's cart."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from pec_autorenew.mock_portal.values import Choice, Identifier, Method, Visitor

COOKIE = "sessione"
#: What becomes of a question on somebody's device that is not approved.
Push = Literal["waiting", "denied", "expired"]


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
    #: The pages that must be passed before any other, in this order.
    ahead: list[str] = field(default_factory=list)
    #: When the question that its device waits with was sent, and what it was answered.
    pushed_at: datetime | None = None
    push: Push = "waiting"
    #: Whether the notice that its password will expire was put off.
    notice_seen: bool = False
    #: The page of each list that was looked at last.
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def held_at(self) -> str:
        """The page that must be passed next; nothing: none."""
        return self.ahead[0] if self.ahead else ""

    def passed(self, page: str) -> None:
        """Hold it at this page no longer."""
        self.ahead = [one for one in self.ahead if one != page]


class Sessions:
    """The open sessions, by cookie."""

    def __init__(self) -> None:
        """Start with nobody signed in."""
        self._open: dict[str, Session] = {}

    def of(self, request: Request) -> Session | None:
        """Find the session of a request."""
        return self._open.get(request.cookies.get(COOKIE, ""))

    def open(self, visitor: Visitor, response: Response, ahead: list[str]) -> Session:
        """Sign a visitor in, by a cookie on the answer, with what must be passed first."""
        session = Session(token=secrets.token_urlsafe(16), visitor=visitor, ahead=ahead)
        self._open[session.token] = session
        response.set_cookie(COOKIE, session.token, httponly=True, samesite="lax")
        return session

    def ended(self, request: Request) -> bool:
        """Say whether a request comes from somebody who was signed in and no longer is."""
        return COOKIE in request.cookies and self.of(request) is None

    def close(self, request: Request, response: Response) -> None:
        """Sign the visitor of a request out, cookie and all."""
        self._open.pop(request.cookies.get(COOKIE, ""), None)
        response.delete_cookie(COOKIE)

    def held_at(self, page: str) -> list[Session]:
        """List the sessions that must pass this page next."""
        return [session for session in self._open.values() if session.held_at == page]

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
