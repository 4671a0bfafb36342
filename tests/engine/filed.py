"""The portal's double behind a worker: its truth is a file; its processes die, stop or hang where a test says so."""

from __future__ import annotations

import fcntl
import os
import pickle
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.engine.crew import crew
from tests.engine.double import PortalDouble, Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pec_autorenew.config import Account
    from pec_autorenew.engine.crew import Crew
    from pec_autorenew.engine.wire import Start
    from pec_autorenew.turns import Pace

#: Longer than any test.
_LONG_S: Final = 600.0
#: What its browser stands for: a process in a group of its own, which nothing of the worker's end reaches.
_BROWSER: Final = "import threading; threading.Event().wait()"


@dataclass(slots=True)
class File:
    """Where the truth is, between two calls and when a process dies in the middle of one."""

    path: Path

    def read(self) -> Truth:
        """Return the truth."""
        truth: Truth = pickle.loads(self.path.read_bytes())  # noqa: S301 - the test's own
        return truth

    def write(self, truth: Truth) -> None:
        """Keep the truth."""
        self.path.write_bytes(pickle.dumps(truth))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only process that reads and writes it; whoever dies is no longer in the way."""
        if _here:
            yield  # a verb that was called while another one asked
            return
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _here.append(lock)
            try:
                yield
            finally:
                _here.clear()


#: The worker's own lock and truth, for what ends the worker.
_here: list[Any] = []


@dataclass(frozen=True, slots=True)
class Ends:
    """What the script may hold: the end of the worker, in one of these ways, and the truth as it was then stays.

    One that will not answer may tell the run so by a signal: then no test has to know how long anything takes.
    """

    how: str
    signal: int = 0

    def __call__(self) -> None:
        """End."""
        lock, file, truth = _here
        file.write(truth)
        lock.close()  # a worker that hangs is in nobody's way
        if self.signal:
            os.kill(os.getppid(), self.signal)
        match self.how:
            case "hangs":
                threading.Event().wait()
            case "is stopped":
                os.kill(os.getpid(), signal.SIGSTOP)
            case "is killed":
                os.kill(os.getpid(), signal.SIGKILL)
            case "leaves":
                os._exit(0)


@dataclass(frozen=True, slots=True)
class Raises:
    """What the script may hold: an error that has a cause, which pickle would lose."""

    error: Exception
    cause: Exception

    def __call__(self) -> None:
        """Raise it."""
        raise self.error from self.cause


#: What the worker's browser waits for.
_pace_here: list[Pace] = []


@dataclass(frozen=True, slots=True)
class AsksForPages:
    """What the script may hold: pages that are asked for when their turn has come; before that the portal refuses."""

    pages: int = 1
    refuses: bool = False

    def __call__(self) -> None:
        """Wait for the turn."""
        if self.refuses:
            _pace_here[0].back_off(429, 7.0)
        _pace_here[0].turn(self.pages)


@dataclass(slots=True)
class FiledPortal:
    """A visit to the double; every verb reads the truth first, and writes it back."""

    file: File
    double: PortalDouble

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        """Return the double's verb."""

        def done(*arguments: object, **named: object) -> object:
            with self.file.alone():
                truth = self.double.truth = self.file.read()
                _here[1:] = [self.file, truth]
                try:
                    return getattr(self.double, verb)(*arguments, **named)
                finally:
                    self.file.write(truth)

        return done


@dataclass(slots=True)
class FiledVisits:
    """Opens visits; the browser dies when a file says so."""

    file: File

    def __call__(self, account: Account, /) -> FiledPortal:
        """Open a visit."""
        with self.file.alone():
            truth = self.file.read()
            truth.opened.append(f"{account.name} {os.getpid()}")
            self.file.write(truth)
        return FiledPortal(self.file, PortalDouble(truth, account, account.name in truth.sessions))

    def sound(self) -> bool:
        """Whether the browser lives."""
        return not self.file.path.with_suffix(".dead").exists()


@contextmanager
def filed(path: Path, pace: Pace) -> Iterator[FiledVisits]:
    """Start what stands for a browser."""
    file, _pace_here[:] = File(path), [pace]
    file.read().happen("start")
    with subprocess.Popen([sys.executable, "-c", _BROWSER], start_new_session=True) as browser:  # noqa: S603 - our own
        yield FiledVisits(file)
        browser.kill()


@dataclass(slots=True)
class Workshop:
    """A truth in a file, and crews that see it."""

    folder: Path
    truth: Truth
    width: int = 1
    at_work: Crew | None = None

    @property
    def file(self) -> File:
        """Where the truth is."""
        return File(self.folder / "truth")

    @property
    def state_dir(self) -> Path:
        """The state folder of whoever runs."""
        return self.folder / "state"

    @property
    def start(self) -> Start:
        """What a worker starts."""
        return partial(filed, self.file.path)

    @contextmanager
    def crew(self, _run_id: str = "") -> Iterator[Crew]:
        """Yield a crew; afterwards the truth here is what its workers made of it."""
        self.file.write(self.truth)
        with crew(self.start, self.state_dir, _LONG_S, self.width) as workers:
            self.at_work = workers
            yield workers
        vars(self.truth).update(vars(self.file.read()))
