"""Programs of the user's that run along with a run: without a shell, for a limited time, and leaving nothing behind."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any, Final

from pydantic import BaseModel

from pec_autorenew.config import SecretReference
from pec_autorenew.errors import HookFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pec_autorenew.config import Config

SCHEMA: Final = "pec-autorenew/hook/1"
#: What the configuration reads of the environment by itself, and what may hold the database's password.
_LEDGER: Final = frozenset({"PEC_AUTORENEW_LEDGER__URL", "PGPASSWORD"})
#: How long a program may take to end when its time is over and it has been asked to.
_GRACE: Final = 2.0
#: How often is looked whether a program has ended: something that it left running may hold its stderr open.
_LOOK: Final = 0.05
_CHUNK: Final = 65_536
#: Of what a program says only the last line is shown, and so much of it.
_LONGEST: Final = 200
_KEPT: Final = 4_000


class Hook(StrEnum):
    """When a program runs; the words of the configuration."""

    BEFORE_RUN = "before_run"
    AFTER_RUN = "after_run"
    BEFORE_RENEWAL = "before_renewal"
    AFTER_RENEWAL = "after_renewal"


@dataclass(frozen=True, slots=True)
class Hooks:
    """The configured programs, and the environment that they get."""

    config: Config
    #: The process's own.
    environ: Mapping[str, str]

    def has(self, hook: Hook) -> bool:
        """Whether there is a program for this moment."""
        return bool(getattr(self.config.hooks, hook.value))

    def run(self, hook: Hook, facts: Mapping[str, object], document: Mapping[str, Any]) -> None:
        """Run the program of this moment, if there is one. Raises HookFailed.

        `facts` become `PEC_…` variables; `document` goes to its standard input, as JSON.
        """
        if not self.has(hook):
            return
        argv: tuple[str, ...] = getattr(self.config.hooks, hook.value)
        body = json.dumps({"schema": SCHEMA, "event": hook.value, **document}, ensure_ascii=False, default=str)
        variables = {"PEC_EVENT": hook.value, **{f"PEC_{name}": _text(value) for name, value in facts.items()}}
        environ = {name: value for name, value in self.environ.items() if name not in secret_variables(self.config)}
        name = f"hooks.{hook.value} ({os.path.basename(argv[0])})"  # noqa: PTH119 - a program's name may have no folder
        try:
            with tempfile.TemporaryFile() as given:
                given.write(f"{body}\n".encode())
                given.seek(0)
                ended = _run(argv, given, environ | variables, self.config.hooks.timeout.total_seconds())
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise HookFailed(f"{name} could not be started: {why}") from None
        if ended.status is None:
            raise HookFailed(
                f"{name} did not end within {self.config.hooks.timeout.total_seconds():g} s", said=ended.said
            )
        if ended.status:
            raise HookFailed(f"{name} ended with {_status(ended.status)}", said=ended.said)


def secret_variables(config: Config) -> frozenset[str]:
    """Return the variables that hold a secret of the configuration: no program of the user's is given them (SEC-1)."""
    return _LEDGER | {one.env for one in _references(config) if one.env}


def _references(value: object) -> Iterator[SecretReference]:
    if isinstance(value, SecretReference):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _references(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from _references(one)


def _text(value: object) -> str:
    """Return what a variable says; nothing where nothing is known."""
    return "" if value is None else str(value).replace("\0", "")


def _status(status: int) -> str:
    """Return the exit status in words: a signal is named."""
    if status >= 0:
        return f"status {status}"
    with suppress(ValueError):  # a real-time signal has no name
        return signal.Signals(-status).name
    return f"signal {-status}"


# -- the program itself ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ended:
    #: None where its time was over.
    status: int | None
    #: The last line of its stderr.
    said: str


def _run(argv: tuple[str, ...], given: IO[bytes], environ: Mapping[str, str], timeout: float) -> _Ended:
    """Run a program in a session of its own, so that all that it starts can be ended with it (RES-2)."""
    process = None
    said = bytearray()
    try:
        with _undisturbed():  # else a request to end could come when it runs already, and nobody knows it yet
            process = subprocess.Popen(  # noqa: S603 - the program is the configuration's own, and no shell reads it
                argv,
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd="/",
                env=dict(environ),
                start_new_session=True,
            )
        assert process.stderr is not None  # noqa: S101 - a pipe was asked for
        status = _wait(process, process.stderr, said, time.monotonic() + timeout)
    finally:
        if process is not None:
            with _undisturbed():
                _end(process)
    return _Ended(status, _last_line(said))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold requests to end back for a moment; the first of them is heard afterwards (RES-2)."""
    held: list[int] = []
    before = {}
    try:
        if threading.current_thread() is threading.main_thread():
            for request in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                if callable(handler := signal.getsignal(request)):
                    before[request] = handler
                    signal.signal(request, lambda number, _: held.append(number))
        yield
    finally:
        for request, handler in before.items():
            signal.signal(request, handler)
        if held:
            signal.raise_signal(held[0])


def _wait(process: subprocess.Popen[bytes], stderr: IO[bytes], said: bytearray, until: float) -> int | None:
    """Wait for the program's own end, whoever else holds its stderr; keep what it said last."""
    os.set_blocking(stderr.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(stderr, selectors.EVENT_READ)
        while True:
            ended = process.poll() is not None
            left = until - time.monotonic()
            for key, _ in selector.select(0 if ended else max(0.0, min(_LOOK, left))):
                if not _read(key.fd, said):
                    selector.unregister(stderr)
            if ended:
                return process.returncode
            if left <= 0:
                return None
            if not selector.get_map():  # it has closed its stderr
                with suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, left))


def _read(descriptor: int, said: bytearray) -> bool:
    """Read what is there, and keep the end of it; False where nobody can say more."""
    chunk = os.read(descriptor, _CHUNK)
    said += chunk
    del said[:-_KEPT]
    return bool(chunk)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program where it has not ended, and whatever it left running."""
    family: list[Callable[[], object]] = []
    if process.poll() is None:
        family = _children(process.pid)  # those in a session of their own, too
        _signal(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)
    _signal(process.pid, signal.SIGKILL)
    for kill in family:
        kill()
    process.wait()
    if process.stderr is not None:
        process.stderr.close()


def _children(pid: int) -> list[Callable[[], object]]:
    """Return how to kill each process below this one, known also by when it began."""
    import psutil

    def kill(child: psutil.Process) -> None:
        with suppress(psutil.NoSuchProcess):
            child.kill()

    try:
        found = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [lambda child=child: kill(child) for child in found]  # type: ignore[misc]


def _signal(group: int, number: signal.Signals) -> None:
    """Send a signal to what there is of the program's group: its number is nobody else's while a member lives.

    After the last one, the kernel gives it again only when it has gone through all the others.
    """
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of dead ones
        os.killpg(group, number)


def _last_line(said: bytearray) -> str:
    lines = [line for line in said.decode("utf-8", errors="replace").splitlines() if line.strip()]
    last = "".join(one for one in lines[-1].strip() if one.isprintable()) if lines else ""
    return last if len(last) <= _LONGEST else f"{last[:_LONGEST]}…"
