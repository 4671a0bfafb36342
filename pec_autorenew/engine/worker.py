"""A worker: a process of its own that drives one browser, does what the run asks of it, and dies with the run.

It is started as `BOOT`, which takes its search path from the run and comes here.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any, Final, cast

from pec_autorenew.engine.wire import (
    Answer,
    Ask,
    BackOff,
    Call,
    Done,
    Failed,
    Job,
    Kept,
    Question,
    Ready,
    Turn,
    carried,
)

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from multiprocessing.connection import Connection
    from pathlib import Path

    from pec_autorenew.checks import Looks
    from pec_autorenew.config import Clock, Config
    from pec_autorenew.engine.ports import OpenVisits
    from pec_autorenew.turns import Pace

#: The worker's program: nothing is imported from the current folder, nor from anywhere that the run would not.
BOOT: Final = (
    "import gc, sys; gc.disable(); from multiprocessing.connection import Connection; "
    "wire = Connection(int(sys.argv[1])); sys.path[:] = wire.recv(); "
    "from pec_autorenew.engine.worker import main; main(wire, int(sys.argv[2]))"
)
#: What stays in the worker when a verb returns it, and the facts that the run is told of it.
_KEPT: Final = {"prepare_renewal": ("form", "cart", "notes"), "walk": ()}
#: To end is the run's business, which hears the same requests.
_LEFT_TO_THE_RUN: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG: Final = 1
_MAY_I: Final = Question()
#: The exit code of a worker whose run is gone.
_ORPHANED: Final = 70


def in_browser(config: Config, clock: Clock, evidence_dir: Path, pace: Pace) -> AbstractContextManager[OpenVisits]:
    """Start the browser of a configuration: in the worker, which alone loads what drives it."""
    from pec_autorenew.flows.portal import browser_portals

    return cast("AbstractContextManager[OpenVisits]", browser_portals(config, clock, evidence_dir, pace=pace))


def main(wire: Connection, lifeline: int) -> None:
    """Serve the run at the other end of `wire`, until it says that it is enough."""
    for handle in (wire.fileno(), lifeline):
        os.set_inheritable(handle, False)  # noqa: FBT003 - a browser that held one would hide that the worker died
    for request in _LEFT_TO_THE_RUN:
        signal.signal(request, _leave_it)  # no SIG_IGN, which whatever is started here would inherit
    Thread(target=_die_with_the_run, args=(lifeline,), daemon=True).start()
    job: Job = wire.recv()
    _ask_kernel_to_die_too(job.parent)
    try:
        desk = Desk(wire)
        with job.start(desk) as visits:
            gc.enable()
            wire.send(Ready())
            desk.work(visits)
    except Exception as error:  # noqa: BLE001 - it is told, and the run raises it
        wire.send(Failed(carried(error), sound=False))


def _leave_it(_number: int, _frame: object) -> None:
    """Do nothing."""


def _die_with_the_run(lifeline: int) -> None:
    """Wait for the run to be gone, however that came; the browser's driver goes when it is left alone."""
    os.read(lifeline, 1)
    os._exit(_ORPHANED)


def _ask_kernel_to_die_too(parent: int) -> None:
    """Have the kernel do the same, where it can: it reaches a process that has been stopped, too."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(_ORPHANED)


@dataclass(slots=True)
class Desk:
    """Where calls come in: the visits that are open here, and what is kept for them."""

    wire: Connection
    visits: OpenVisits = field(init=False)
    _open: dict[str, Any] = field(default_factory=dict)
    #: By number, with the account that each belongs to.
    _kept: dict[int, tuple[str, Any]] = field(default_factory=dict)
    _last_number: int = 0
    #: The run's own error, raised here as its answer to a question.
    _own: BaseException | None = None

    def work(self, visits: OpenVisits) -> None:
        """Serve one call after the other until there is no more."""
        self.visits = visits
        while (call := self.wire.recv()) is not None:
            self._serve(call)

    def _serve(self, call: Call) -> None:
        try:
            reply: Done | Failed = Done(self._do(call), self._looks(call))
        except Exception as error:  # noqa: BLE001 - it goes on in the run
            reply = Failed(carried(error, self._own), self._looks(call), self.visits.sound())
        try:
            self.wire.send(reply)
        except (TypeError, AttributeError, ValueError) as error:  # pickle's, before anything was sent
            self.wire.send(Failed(carried(error)))

    def _do(self, call: Call) -> object:
        """Call the verb by its name; which one it is was for the engine to say, in the one line that says it."""
        name = call.account.name
        if call.verb == "close" and not call.of:
            self._close(name)
            return None
        if name not in self._open:
            self._open[name] = self.visits(call.account)
        target = self._kept[call.of][1] if call.of else self._open[name]
        arguments = [self._argument(one) for one in call.arguments]
        value = getattr(target, call.verb)(*arguments, **call.named)
        if call.verb not in _KEPT or call.of:
            return value
        self._last_number += 1
        self._kept[self._last_number] = (name, value)
        return Kept(self._last_number, {fact: getattr(value, fact) for fact in _KEPT[call.verb]})

    def _close(self, name: str) -> None:
        """End a visit and forget all that belongs to it."""
        self._kept = {number: one for number, one in self._kept.items() if one[0] != name}
        visit = self._open.pop(name, None)
        if visit is not None:
            visit.close()

    def _argument(self, argument: object) -> Any:  # noqa: ANN401 - whatever the verb takes
        match argument:
            case Ask():
                return self._ask
            case Kept(number):
                return self._kept[number][1]
            case _:
                return argument

    def turn(self, pages: int) -> None:
        """Wait until the run says that the portal may be asked for so many pages."""
        self._ask(Turn(pages))

    def back_off(self, status: int, seconds: float | None) -> None:
        """Tell the run that the portal asks for fewer requests."""
        self._ask(BackOff(status, seconds))

    def _ask(self, question: Question | Turn | BackOff = _MAY_I) -> None:
        """Ask the run, in the middle of a call; it may call in turn before it answers. What it says may be raised."""
        self.wire.send(question)
        while not isinstance(message := self.wire.recv(), Answer):
            self._serve(message)
        if message.error is not None:
            self._own = message.error.unpacked()
            raise self._own

    def _looks(self, call: Call) -> Looks | None:
        """Return what the account's walk has seen so far."""
        walks = (one for name, one in self._kept.values() if name == call.account.name)
        return next((walk.looks for walk in walks if hasattr(walk, "looks")), None)
