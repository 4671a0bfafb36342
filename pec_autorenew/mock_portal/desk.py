"""What every screen of the portal needs at hand, and the guard at the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Concatenate

from starlette.responses import RedirectResponse, Response

from pec_autorenew.mock_portal.faults import Faults
from pec_autorenew.mock_portal.sessions import Passes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from pec_autorenew.mock_portal.faults import Fault
    from pec_autorenew.mock_portal.rendering import Rendering
    from pec_autorenew.mock_portal.sessions import Session, Sessions
    from pec_autorenew.mock_portal.truth import Truth, Visitor

    Endpoint = Callable[[Request], Awaitable[Response]]
    Screen = Callable[Concatenate[Request, Session, ...], Awaitable[Response]]

CONFIRM_PAGE = "conferma_ordine"
SECOND_STEP_PAGE = "/verifica"
NEW_PASSWORD_PAGE = "/cambio-password"
SEE_OTHER = 303


@dataclass(slots=True)
class Desk:
    """Truth, sessions and rendering, shared by the layouts."""

    truth: Truth
    sessions: Sessions
    rendering: Rendering
    passes: Passes = field(default_factory=Passes)
    faults: Faults = field(default_factory=Faults)
    #: Where the layout of 2022 signs in: an origin of its own, known once somebody listens there.
    login_url: str = ""

    def set_fault(self, fault: Fault) -> None:
        """Let it wait for its step; one that is a habit of the portal begins at once."""
        if fault.step is None and fault.kind.happens is not None:
            fault.kind.happens(self)
        self.faults.add(fault)

    def signed_in(self, screen: Screen) -> Endpoint:
        """Let only signed-in visitors see a screen; anybody else goes back to the login page."""

        async def endpoint(request: Request) -> Response:
            session = self.sessions.of(request)
            if session is None:
                return go_to("/login?sessione=scaduta" if self.sessions.ended(request) else "/login")
            if session.held_at:
                return go_to(session.held_at)
            return await screen(request, session)

        return endpoint

    def admit(self, visitor: Visitor, response: Response) -> str:
        """Sign a visitor in; say at which page the options hold the visitor back, if at any."""
        options = self.truth.options
        held_at = ""
        if options.two_step:
            held_at = SECOND_STEP_PAGE
        elif options.password_change and visitor.mailbox is not None:
            held_at = NEW_PASSWORD_PAGE
        self.sessions.open(visitor, response, held_at=held_at)
        return held_at

    def renew_password(self, session: Session, new: str, again: str) -> bool:
        """Give a mailbox a new password, if both are alike, and hold its session back no longer."""
        mailbox = session.visitor.mailbox
        if mailbox is None or session.held_at != NEW_PASSWORD_PAGE or not new or new != again:
            return False
        self.truth.change_mailbox(mailbox, password=new)
        session.held_at = ""
        return True


def go_to(address: str) -> Response:
    """Send the browser on, by GET."""
    return RedirectResponse(address, SEE_OTHER)
