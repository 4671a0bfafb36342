"""The mock portal as a running server: a context manager for tests, and `serve` for the command line."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, Self

import uvicorn

from pec_autorenew.mock_portal.changes import Rewording, apply, changes_of
from pec_autorenew.mock_portal.chaos import chosen_options
from pec_autorenew.mock_portal.clock import DEFAULT_NOW, MockClock
from pec_autorenew.mock_portal.control import control_app
from pec_autorenew.mock_portal.desk import Desk
from pec_autorenew.mock_portal.faults import Fault, Faults, checked
from pec_autorenew.mock_portal.finishing import Finishing
from pec_autorenew.mock_portal.naming import Renamer
from pec_autorenew.mock_portal.portal import Door, ForeignPortal, Portal, SignInPortal
from pec_autorenew.mock_portal.rendering import Rendering
from pec_autorenew.mock_portal.scenarios import arrange
from pec_autorenew.mock_portal.sessions import Sessions
from pec_autorenew.mock_portal.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

    from starlette.types import ASGIApp

    from pec_autorenew.mock_portal.faults import Step
    from pec_autorenew.mock_portal.options import Layout

LOOPBACK = "127.0.0.1"
SECONDS_TO_FINISH = 1


class MockPortal:
    """A false portal on a loopback port, with its truth at hand and a control API on another port."""

    def __init__(
        self,
        *,
        layout: Layout = "g2",
        scenario: str = "demo",
        clock: datetime = DEFAULT_NOW,
        latency_ms: int = 0,
        rename_seed: int | None = None,
        chaos_seed: int | None = None,
        port: int = 0,
        control_port: int = 0,
    ) -> None:
        """Remember how to start; port 0 means any free one, and the other sites always take one each."""
        self._started_with = (layout, scenario, clock, latency_ms, rename_seed)
        self._first_chaos_seed = chaos_seed
        self._ports = (port, control_port, 0, 0)
        self.truth = Truth(MockClock(clock), layout=layout)
        self._desk = Desk(self.truth, Sessions(), Rendering(Renamer(rename_seed)))
        portal = Portal(self._desk)
        self._door = Door(portal, self._desk)
        self._login_door = Door(SignInPortal(self._desk), self._desk)
        self._foreign_door = Door(ForeignPortal(self._desk), self._desk)
        self.reset()

    @property
    def url(self) -> str:
        """The address of the portal."""
        return _address(self._portal_socket)

    @property
    def control_url(self) -> str:
        """The address of the control API."""
        return _address(self._control_socket)

    @property
    def login_url(self) -> str:
        """The address of the site where the layout of about 2022 signs in."""
        return _address(self._login_socket)

    @property
    def foreign_url(self) -> str:
        """The address of the site that is not the portal's, where nobody should type anything."""
        return _address(self._foreign_socket)

    @property
    def login_origins(self) -> tuple[str, ...]:
        """The origins where this portal asks for a password, whatever its layout."""
        return (self.url.rstrip("/"), self.login_url.rstrip("/"))

    def reset(
        self,
        *,
        scenario: str | None = None,
        layout: Layout | None = None,
        clock: datetime | None = None,
        rename_seed: int | None = None,
        chaos_seed: int | None = None,
    ) -> None:
        """Start afresh: whatever is not given is as it was when the portal was made."""
        first_layout, first_scenario, first_clock, first_latency, first_seed = self._started_with
        self._desk.sessions.end_all()
        self._desk.passes.void_all()
        self._desk.admission.forget()
        self._desk.rendering.rename = Renamer(first_seed if rename_seed is None else rename_seed)
        self.set_latency(first_latency)
        self.truth.clock.set(clock or first_clock)
        faults = arrange(self.truth, layout=layout or first_layout, scenario=scenario or first_scenario)
        self._desk.rendering.reword = Rewording(changes_of(self.truth.scenario))
        seed = self._first_chaos_seed if chaos_seed is None else chaos_seed
        self._desk.rendering.finish = Finishing(self.truth, seed)
        if seed is not None:
            self.truth.set_options(**chosen_options(seed, self.truth.layout))
            apply(self.truth, changes_of(self.truth.scenario))  # what a scenario names, no seed undoes
        self.clear_faults()
        for fault in faults:
            self._desk.set_fault(fault)

    def set_latency(self, latency_ms: int) -> None:
        """Make every answer of the portal slower."""
        self._door.latency_ms = self._login_door.latency_ms = latency_ms

    def set_fault(self, name: str, *, step: Step | None = None, times: int = 1, seconds: float = 60) -> Fault:
        """Let something go wrong at a step, so many times (0: each time). Raises BadValueError for an unknown one."""
        fault = checked(Fault(name=name, step=step, times=times, seconds=seconds))
        self._desk.set_fault(fault)
        return fault

    def clear_faults(self) -> int:
        """Let nothing more go wrong, and say how many waited; a habit stays until the options say otherwise."""
        waiting = len(self._desk.faults.waiting)
        self._desk.faults = Faults()
        return waiting

    @property
    def faults(self) -> Faults:
        """What waits to go wrong, and what has."""
        return self._desk.faults

    def end_sessions(self) -> int:
        """Sign everybody out; say how many were in."""
        return self._desk.sessions.end_all()

    def approve_sign_ins(self) -> int:
        """Say yes on the device of everybody who waits at the second step; say how many waited."""
        return self._desk.admission.answer_pushes(approved=True)

    def deny_sign_ins(self) -> int:
        """Say no on the device of everybody who waits at the second step; say how many waited."""
        return self._desk.admission.answer_pushes(approved=False)

    def __enter__(self) -> Self:
        """Listen first, then serve in a thread: a caller can connect at once."""
        with ExitStack() as opened:
            self._portal_socket, self._control_socket, self._login_socket, self._foreign_socket = self._sockets = [
                opened.enter_context(_listen(port)) for port in self._ports
            ]
            opened.pop_all()  # the servers close them
        self._desk.portal_url, self._desk.login_url, self._desk.foreign_url = self.url, self.login_url, self.foreign_url
        apps = (self._door, control_app(self), self._login_door, self._foreign_door)
        self._servers = tuple(_server(app) for app in apps)
        self._thread = Thread(target=self._run, name="mock-portal", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Stop serving and wait until it has stopped."""
        for server in self._servers:
            server.should_exit = True
        self._thread.join()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        await asyncio.gather(
            *(server.serve(sockets=[one]) for server, one in zip(self._servers, self._sockets, strict=True)),
        )


def serve(  # noqa: PLR0913 (the command line's options, one each)
    *,
    port: int = 0,
    control_port: int = 0,
    layout: Layout = "g2",
    scenario: str = "demo",
    latency_ms: int = 0,
    clock: datetime = DEFAULT_NOW,
    rename_seed: int | None = None,
    chaos_seed: int | None = None,
    announce: Callable[[str], None] = print,
) -> None:
    """Serve until somebody presses Ctrl-C or sends SIGTERM."""
    endings = {signal.SIGINT, signal.SIGTERM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, endings)
    try:
        with MockPortal(
            port=port,
            control_port=control_port,
            layout=layout,
            scenario=scenario,
            latency_ms=latency_ms,
            clock=clock,
            rename_seed=rename_seed,
            chaos_seed=chaos_seed,
        ) as portal:
            announce(f"portal  {portal.url}  ({layout}, {scenario})")
            announce(f"control {portal.control_url}truth")
            announce(f"sign-in {portal.login_url}  (g3)")
            signal.sigwait(endings)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _listen(port: int) -> socket.socket:
    """Take a loopback port; connections wait in its queue until somebody serves."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()
    return f"http://{host}:{port}/"


def _server(app: ASGIApp) -> uvicorn.Server:
    """Make a quiet server that leaves the date and the name of the server to us."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    return uvicorn.Server(config)
