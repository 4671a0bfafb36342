"""The crew of a run: workers, each a process with a browser of its own.

One is started when it is needed and killed when it is late; nothing of it outlives the run (RES-1, RES-2, RES-3).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Final, Protocol
from uuid import uuid4

from pec_autorenew.engine import reaping
from pec_autorenew.engine.remote import RemotePortal
from pec_autorenew.engine.wire import Answer, BackOff, Carried, Failed, Job, Question, Ready, Turn, carried
from pec_autorenew.engine.worker import BOOT, in_browser
from pec_autorenew.errors import BrowserLost, Interrupted, VisitOverdue
from pec_autorenew.turns import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pec_autorenew.config import Account, Clock, Config
    from pec_autorenew.engine.wire import Call, Done, Start

#: After so many visits a worker makes room for a fresh one: driver and browser grow with each.
MOST_VISITS: Final = 25
#: Seconds in which a worker closes its browser when it is told to end; then it is killed.
_FAREWELL_S: Final = 5.0
#: Seconds from its last word to its end.
_LAST_BREATH_S: Final = 1.0
_OVERDUE: Final = "the visit took longer than browser.visit_deadline allows: its browser was killed"


class _TimeLeft:
    """The time that a call has: when it is over, `strike` is called."""

    def __init__(self, seconds: float, strike: Callable[[], None]) -> None:
        self._seconds = seconds
        self._strike = strike
        self._since = 0.0
        self._timer: threading.Timer | None = None

    def run(self) -> None:
        """Let it run."""
        self._since = time.monotonic()
        self._timer = threading.Timer(max(self._seconds, 0), self._strike)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """Let it stand still."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._seconds -= time.monotonic() - self._since


class Worker:
    """One process and its browser, as the run sees them; used by one thread at a time."""

    def __init__(self, start: Start, folder: Path, lane: int = 0) -> None:
        folder.mkdir(mode=0o700, parents=True)
        self.folder = folder
        self.lane = lane
        #: How many visits were opened in it.
        self.visits = 0
        #: Why it is no more; None while it lives, as far as anybody knows.
        self.gone: str | None = None
        self.buried = False
        self._lock = threading.RLock()
        self._ready = self._struck = False
        #: What the run itself raised when it was asked.
        self._own: BaseException | None = None
        here, there = socket.socketpair()
        line, self._lifeline = os.pipe()
        handles = (there.fileno(), line)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-c", BOOT, *map(str, handles)],
                pass_fds=handles,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # which is the run's, for its one document
                env={**os.environ, reaping.FOLDER_VARIABLE: str(folder)},
            )
        finally:
            there.close()
            os.close(line)
        self.pid = self._process.pid
        self._wire: Connection = Connection(here.detach())
        with suppress(OSError):  # it died at once: the first call will tell
            self._wire.send(sys.path)
            self._wire.send(Job(start, os.getpid()))

    def call(self, call: Call, asked: Callable[[], None] | None, seconds: float, pace: Pace) -> Done | Failed:
        """Have a verb done within so many seconds, and return what came of it; the worker may ask `asked` meanwhile.

        While it waits for its turn in `pace`, the seconds do not count: it is others who are waited for.
        Raises VisitOverdue or BrowserLost; then the worker and all that it had started are gone.
        """
        with self._lock:
            if self.gone is not None:
                raise BrowserLost(self.gone)
            time_left = _TimeLeft(seconds, self.strike)
            time_left.run()
            try:
                reply = self._exchange(call, asked, pace, time_left)
            except (EOFError, OSError):
                error = VisitOverdue(_OVERDUE) if self._struck else BrowserLost("the browser's process died")
                self.kill(error.message)
                raise error from None
            except BaseException:
                self.kill("the run left the browser in the middle of something")
                raise
            finally:
                time_left.stop()
            if isinstance(reply, Failed) and not reply.sound:
                self.kill("the browser died")
            return reply

    def error_of(self, failed: Failed) -> BaseException:
        """Return the error that a call raised: the run's own one itself, where it was that."""
        return failed.error.unpacked(self._own)

    def _exchange(
        self, call: Call, asked: Callable[[], None] | None, pace: Pace, time_left: _TimeLeft
    ) -> Done | Failed:
        if not self._ready:
            first: Ready | Failed = self._wire.recv()
            if isinstance(first, Failed):
                return first
            self._ready = True
        self._wire.send(call)
        while isinstance(said := self._wire.recv(), Question | Turn | BackOff):
            match said:
                case Question():
                    raised = self._raised_by(asked)
                case Turn(pages):
                    time_left.stop()
                    raised = self._raised_by(partial(pace.turn, pages))
                    time_left.run()
                case BackOff(status, rest):
                    raised = self._raised_by(partial(pace.back_off, status, rest))
            self._wire.send(Answer(raised))
        reply: Done | Failed = said
        return reply

    def _raised_by(self, asked: Callable[[], None] | None) -> Carried | None:
        try:
            if asked is not None:
                asked()
        except Exception as error:  # noqa: BLE001 - the worker raises it, and gives it back
            self._own = error
            return carried(error)
        return None

    def strike(self) -> None:
        """Kill the process, for it is late: whoever waits for its answer hears that, and sees to the rest."""
        self._struck = True
        self._process.kill()

    def kill(self, why: str) -> None:
        """End the process and all that it has started, at once, whatever state it is in."""
        self.gone = self.gone or why
        self._process.kill()
        reaping.kill_family(self.folder, self.pid)
        self._process.wait()
        self._bury()

    def dismiss(self) -> None:
        """Tell it to close its browser and end; one that another thread has waited for until now is killed."""
        self.gone = self.gone or "the browser was closed"
        if not self._lock.acquire(blocking=False):
            self._process.kill()
            return
        try:
            self._wire.send(None)
        except OSError:
            pass  # it is gone already
        finally:
            self._lock.release()

    def wait(self) -> None:
        """Wait until it has ended as it was told; kill it where it does not, and what it may have left."""
        with self._lock:
            self._wait()

    def _wait(self) -> None:
        if self.buried:
            return
        with suppress(EOFError, OSError):
            while self._wire.poll(_FAREWELL_S):
                self._wire.recv()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_BREATH_S)
        if self._process.returncode == 0:
            self._bury()
        else:
            self.kill("the browser did not close")

    def _bury(self) -> None:
        if not self.buried:
            self._wire.close()
            os.close(self._lifeline)
        self.buried = True
        reaping.remove(self.folder)


class RunsPace(Pace, Protocol):
    """The pace of a run, for which several lanes may wait at the same time."""

    def leave(self) -> None:
        """Let nobody wait any more."""


class _Unpaced:
    """What a portal's double waits for."""

    def leave(self) -> None:
        """Know of nobody who waits."""

    def turn(self, pages: int) -> None:
        """Wait for nobody."""

    def back_off(self, status: int, seconds: float | None) -> None:
        """Tell nobody."""


class Crew:
    """The workers of one run, and what opens a visit with one of them: what `Portals` yields.

    Each lane has a worker of its own, so that as many visits can be under way at the same time.
    """

    def __init__(
        self, start: Start, folder: Path, visit_deadline: float, width: int = 1, pace: RunsPace | None = None
    ) -> None:
        #: What opens a visit, one for each lane.
        self.lanes = tuple(Lane(self, number) for number in range(width))
        self.deadline = visit_deadline
        self.pace = pace or _Unpaced()
        self._start = start
        self._folder = folder
        self._workers: list[Worker] = []
        self._lock = threading.Lock()
        self._closed = False
        # The kernel counts the thread that started a process as its parent, so that one has to live as long.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="crew")
        #: The first worker starts while the run does something else.
        self._coming: Future[Worker] | None = self._starter.submit(self._begin, 0)

    def __call__(self, account: Account) -> RemotePortal:
        """Open a visit in the first lane."""
        return self.lanes[0](account)

    def hire(self, lane: int) -> Worker:
        """Return a worker of this lane that lives, for one more visit. Raises Interrupted where the run ends."""
        with self._lock:
            coming, self._coming = (None, self._coming) if lane else (self._coming, None)
            living = [one for one in self._workers if one.lane == lane and one.gone is None]
        if coming is not None:
            worker = coming.result()
        else:
            worker = min(living, key=lambda one: one.visits, default=None) or self._new(lane)
        if worker.visits >= MOST_VISITS:
            worker.dismiss()
            worker.wait()
            worker = self._new(lane)
        worker.visits += 1
        return worker

    def _new(self, lane: int) -> Worker:
        with self._lock:
            if self._closed:
                raise Interrupted("the run ends, and no browser is started any more")
            coming = self._starter.submit(self._begin, lane)
        return coming.result()

    def _begin(self, lane: int) -> Worker:
        worker = Worker(self._start, self._folder / uuid4().hex[:8], lane)
        self._workers.append(worker)
        return worker

    def close(self) -> None:
        """End all that are left, gently; at once those that do not heed it, and all of them where there is no time."""
        with self._lock:
            self._closed = True
        self.pace.leave()
        try:
            self._starter.submit(int).result()  # whoever is still on the way has come
            for worker in self._workers:
                worker.dismiss()
            for worker in self._workers:
                worker.wait()
        except BaseException:
            for worker in self._workers:
                worker.kill("the run was left")
            raise
        finally:
            self._starter.shutdown(wait=False)  # and no earlier: with it goes whom it has started


@dataclass(frozen=True, slots=True)
class Lane:
    """One of the visits that a crew can have under way at the same time."""

    crew: Crew
    number: int

    def __call__(self, account: Account) -> RemotePortal:
        """Open a visit: a worker has its part in it from the first thing that is asked of it."""
        return RemotePortal(partial(self.crew.hire, self.number), account, self.crew.deadline, self.crew.pace)


@contextmanager
def crew(
    start: Start, state_dir: Path, visit_deadline: float, width: int = 1, pace: RunsPace | None = None
) -> Iterator[Crew]:
    """Yield a crew that has its folder in the state folder, where whatever earlier runs left is removed first.

    The caller is the only run of that folder.
    """
    folder = state_dir / "cache" / "workers"
    reaping.sweep(folder)
    workers = Crew(start, folder, visit_deadline, width, pace)
    try:
        yield workers
    finally:
        workers.close()


def browsers(config: Config, clock: Clock, evidence_dir: Path, *, pace: RunsPace) -> AbstractContextManager[Crew]:
    """Start the crew that a configuration asks for: what `Runner` has for its portals in an unattended run."""
    start, browser = partial(in_browser, config, clock, evidence_dir), config.browser
    return crew(start, config.state_dir, browser.visit_deadline.total_seconds(), browser.workers, pace)
