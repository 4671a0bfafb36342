"""The control API: how a test, or a person with curl, arranges and inspects the truth. JSON on a port of its own."""

from __future__ import annotations

from json import JSONDecodeError
from typing import TYPE_CHECKING, Protocol

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from pec_autorenew.mock_portal import wire
from pec_autorenew.mock_portal.control_bodies import ClockChange, Nothing, Payment, Reset, Settings, SomebodysOrder
from pec_autorenew.mock_portal.faults import Fault
from pec_autorenew.mock_portal.snapshot import snapshot
from pec_autorenew.mock_portal.truth import RefusedError, Truth
from pec_autorenew.mock_portal.values import Account, Mailbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from pec_autorenew.mock_portal.faults import Faults, Step
    from pec_autorenew.mock_portal.options import Layout

    Verb = Callable[[Request, Mapping[str, object]], object]

BAD_REQUEST = 400


class Controlled(Protocol):
    """What the control API steers."""

    truth: Truth

    def reset(
        self,
        *,
        scenario: str | None = None,
        layout: Layout | None = None,
        clock: datetime | None = None,
        chaos_seed: int | None = None,
    ) -> None:
        """Start afresh."""

    def set_latency(self, latency_ms: int) -> None:
        """Make every answer slower."""

    def set_fault(self, name: str, *, step: Step | None = None, times: int = 1, seconds: float = 60) -> Fault:
        """Let something go wrong at a step."""

    def clear_faults(self) -> int:
        """Let nothing more go wrong."""

    @property
    def faults(self) -> Faults:
        """What waits to go wrong, and what has."""

    def end_sessions(self) -> int:
        """Sign everybody out."""

    def approve_sign_ins(self) -> int:
        """Say yes on everybody's device."""

    def deny_sign_ins(self) -> int:
        """Say no on everybody's device."""


def control_app(portal: Controlled) -> Starlette:
    """Build the control API of one portal."""
    return Starlette(routes=Control(portal).routes())


class Control:
    """One verb per route; each answers with the JSON of what it changed."""

    def __init__(self, portal: Controlled) -> None:
        """Steer one portal."""
        self._portal = portal
        self._truth = portal.truth

    def routes(self) -> list[Route]:
        """List the verbs; the order matters, as addresses are free text."""
        return [
            Route("/truth", self.truth),
            _post("/reset", self.reset),
            _post("/clock", self.clock),
            _post("/accounts", self.add_account),
            _post("/accounts/{username}", self.change_account),
            _post("/mailboxes", self.add_mailbox),
            _post("/mailboxes/{address}", self.change_mailbox),
            _post("/orders", self.place_order),
            _post("/orders/{number}/pay", self.pay),
            _post("/orders/{number}/cancel", self.cancel),
            _post("/options", self.options),
            _post("/settings", self.settings),
            _post("/faults", self.set_fault),
            _post("/faults/clear", self.clear_faults),
            _post("/sessions/end", self.end_sessions),
            _post("/sessions/approve", self.approve_sign_ins),
            _post("/sessions/deny", self.deny_sign_ins),
        ]

    async def truth(self, _request: Request) -> Response:
        """Tell everything."""
        return JSONResponse(snapshot(self._truth, self._portal.faults))

    def reset(self, _request: Request, body: Mapping[str, object]) -> object:
        """Start afresh."""
        wanted = wire.build(Reset, body)
        self._portal.reset(
            scenario=wanted.scenario,
            layout=wanted.layout,
            clock=wanted.clock,
            chaos_seed=wanted.chaos_seed,
        )
        return {"scenario": self._truth.scenario, "layout": self._truth.layout}

    def clock(self, _request: Request, body: Mapping[str, object]) -> object:
        """Set the clock, or move it."""
        wanted = wire.build(ClockChange, body)
        if wanted.now is not None:
            self._truth.clock.set(wanted.now)
        self._truth.clock.advance(wanted.advance)
        return {"clock": self._truth.clock.now().isoformat()}

    def add_account(self, _request: Request, body: Mapping[str, object]) -> object:
        """Register a customer."""
        return wire.to_json(self._truth.add_account(wire.build(Account, body)))

    def change_account(self, request: Request, body: Mapping[str, object]) -> object:
        """Change a customer."""
        return wire.to_json(self._truth.change_account(request.path_params["username"], **body))

    def add_mailbox(self, _request: Request, body: Mapping[str, object]) -> object:
        """Create a mailbox."""
        return wire.to_json(self._truth.add_mailbox(wire.build(Mailbox, body)))

    def change_mailbox(self, request: Request, body: Mapping[str, object]) -> object:
        """Change a mailbox."""
        return wire.to_json(self._truth.change_mailbox(request.path_params["address"], **body))

    def place_order(self, _request: Request, body: Mapping[str, object]) -> object:
        """Order as somebody else."""
        wanted = wire.build(SomebodysOrder, body)
        return wire.to_json(
            self._truth.place_order_for(*wanted.addresses, years=wanted.years, method=wanted.method),
        )

    def pay(self, request: Request, body: Mapping[str, object]) -> object:
        """Register a payment."""
        wanted = wire.build(Payment, body)
        order = self._truth.pay_order(
            request.path_params["number"],
            method=wanted.method,
            after_sign_in=wanted.after_sign_in,
        )
        return wire.to_json(order)

    def cancel(self, request: Request, body: Mapping[str, object]) -> object:
        """Cancel an order."""
        wire.build(Nothing, body)
        return wire.to_json(self._truth.cancel_order(request.path_params["number"]))

    def options(self, _request: Request, body: Mapping[str, object]) -> object:
        """Turn some knobs."""
        return wire.to_json(self._truth.set_options(**body))

    def settings(self, _request: Request, body: Mapping[str, object]) -> object:
        """Make every answer of the portal slower."""
        wanted = wire.build(Settings, body)
        self._portal.set_latency(wanted.latency_ms)
        return {"latency_ms": wanted.latency_ms}

    def set_fault(self, _request: Request, body: Mapping[str, object]) -> object:
        """Let something go wrong."""
        wanted = wire.build(Fault, body)
        return wire.to_json(
            self._portal.set_fault(wanted.name, step=wanted.step, times=wanted.times, seconds=wanted.seconds)
        )

    def clear_faults(self, _request: Request, body: Mapping[str, object]) -> object:
        """Let nothing more go wrong."""
        wire.build(Nothing, body)
        return {"cleared": self._portal.clear_faults()}

    def end_sessions(self, _request: Request, body: Mapping[str, object]) -> object:
        """Sign everybody out."""
        wire.build(Nothing, body)
        return {"ended": self._portal.end_sessions()}

    def approve_sign_ins(self, _request: Request, body: Mapping[str, object]) -> object:
        """Say yes on the device of everybody who waits at the second step."""
        wire.build(Nothing, body)
        return {"approved": self._portal.approve_sign_ins()}

    def deny_sign_ins(self, _request: Request, body: Mapping[str, object]) -> object:
        """Say no on the device of everybody who waits at the second step."""
        wire.build(Nothing, body)
        return {"denied": self._portal.deny_sign_ins()}


def _post(path: str, verb: Verb) -> Route:
    """Wrap a verb: read the body, answer with JSON, and turn what it refuses into a sentence."""

    async def endpoint(request: Request) -> Response:
        try:
            body = await request.json() if await request.body() else {}
            if not isinstance(body, dict):
                return JSONResponse({"error": "the body must be a JSON object"}, BAD_REQUEST)
            return JSONResponse(verb(request, body))
        except JSONDecodeError as error:
            return JSONResponse({"error": f"not JSON: {error}"}, BAD_REQUEST)
        except (ValueError, RefusedError) as error:
            return JSONResponse({"error": str(error)}, BAD_REQUEST)

    handler: Callable[[Request], Awaitable[Response]] = endpoint
    return Route(path, handler, methods=["POST"])
