"""What every screen of the portal needs at hand, and the guard at the door."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Concatenate
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from pec_autorenew.mock_portal.admission import Admission
from pec_autorenew.mock_portal.faults import Faults
from pec_autorenew.mock_portal.sessions import Passes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from pec_autorenew.mock_portal.faults import Fault
    from pec_autorenew.mock_portal.rendering import Rendering
    from pec_autorenew.mock_portal.sessions import Session, Sessions
    from pec_autorenew.mock_portal.truth import Truth

    Endpoint = Callable[[Request], Awaitable[Response]]
    Screen = Callable[Concatenate[Request, Session, ...], Awaitable[Response]]

CONFIRM_PAGE = "conferma_ordine"
SEE_OTHER = 303
#: Another name for the machine that the portal is served on, and a host that is nowhere.
LOOKALIKE = "localhost"
OUTSIDE = "http://phish.example/"


@dataclass(slots=True)
class Desk:
    """Truth, sessions and rendering, shared by the layouts."""

    truth: Truth
    sessions: Sessions
    rendering: Rendering
    passes: Passes = field(default_factory=Passes)
    faults: Faults = field(default_factory=Faults)
    admission: Admission = field(init=False)
    #: The portal's own origin and the one where the layout of 2022 signs in, known once somebody listens there.
    portal_url: str = ""
    login_url: str = ""
    #: An origin that is nobody's business, where somebody listens all the same.
    foreign_url: str = ""

    def __post_init__(self) -> None:
        """Let who is admitted be held back by what this portal knows."""
        self.admission = Admission(self.truth, self.sessions)

    @property
    def elsewhere(self) -> str:
        """Where the portal's door leads, or sends what is typed, if that is no origin of its own; nothing: nowhere."""
        match self.truth.options.door:
            case "own":
                return ""
            case "lookalike":
                return self.portal_url.replace("//127.0.0.1", f"//{LOOKALIKE}")
            case "outside":
                return OUTSIDE
            case _:
                return self.foreign_url

    def leads_away(self) -> bool:
        """Say whether the door leads elsewhere before it asks anything."""
        return self.truth.options.door in {"foreign", "lookalike", "outside"}

    def leads_on(self) -> bool:
        """Say whether the door leads elsewhere afterwards, by its own address."""
        return self.truth.options.door == "open-redirect"

    def onward(self, address: str) -> str:
        """Add to an address where to go on afterwards."""
        return f"{address}?{urlencode({'next': f'{self.elsewhere}login'})}"

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


def go_to(address: str) -> Response:
    """Send the browser on, by GET."""
    return RedirectResponse(address, SEE_OTHER)
