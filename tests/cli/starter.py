"""A process that has loaded what others wrote, and becomes our program, in a copy of itself, whenever it is asked to.

To start Python and load SQLAlchemy, pydantic and the rest costs more than most commands do. Our own modules are loaded
afresh by each command, so that one that lacks an import does not get it from another. `make torture` starts Python.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import random
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_THEIRS: Final = (
    *("alembic.command", "alembic.config", "babel.dates", "babel.numbers", "click", "concurrent.futures.thread"),
    *("cryptography.fernet", "filelock", "holidays", "icalendar", "jinja2", "multiprocessing.connection"),
    *("platformdirs", "prometheus_client", "psutil", "pydantic", "pydantic_settings", "rich.console"),
    *("sqlalchemy.dialects.sqlite", "tenacity", "uuid"),
)
#: Bytes of a request, at most.
_LONGEST: Final = 100_000


# -- on the test's side ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Starter:
    """The process, as tests see it."""

    path: Path
    process: subprocess.Popen[bytes]

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, patience: float
    ) -> tuple[int, str, str]:
        """Run the program to its end; return its exit code, and what it wrote."""
        request = json.dumps({"arguments": arguments, "environment": dict(environment), "folder": str(folder)})
        with (
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as wire,
            tempfile.TemporaryFile("w+", encoding="utf-8") as out,
            tempfile.TemporaryFile("w+", encoding="utf-8") as err,
        ):
            wire.settimeout(patience)
            wire.connect(str(self.path))
            socket.send_fds(wire, [request.encode()], [out.fileno(), err.fileno()])
            pid = int(wire.recv(_LONGEST))
            try:
                code = int(wire.recv(_LONGEST))
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def end(self) -> None:
        """Let it end."""
        self.process.communicate()


@cache
def starter() -> Starter:
    """Return this process's own one."""
    path = Path(tempfile.mkdtemp(prefix="pec-starter-", dir="/tmp")) / "wire"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(path))
        listener.listen()
        process = subprocess.Popen(  # noqa: S603 - this module
            [sys.executable, "-m", __name__, str(listener.fileno())],
            cwd=Path(__file__).parents[2],
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )
    found = Starter(path, process)
    atexit.register(found.end)
    return found


# -- on the other one --------------------------------------------------------------------------------------------------


def _serve(listener: socket.socket) -> dict[str, Any]:
    """Make a copy for each request, and return the request in it; end when whoever started us has gone."""
    with listener:
        while 0 not in select.select([listener.fileno(), 0], [], [])[0]:
            wire, _ = listener.accept()
            with wire:
                if os.fork() == 0:
                    return _accompanied(wire)
            while _buried():
                pass
        shutil.rmtree(Path(listener.getsockname()).parent)
    os._exit(0)


def _buried() -> bool:
    """Bury a copy that has ended; return whether there was one."""
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def _accompanied(wire: socket.socket) -> dict[str, Any]:
    """Return the request in a copy that is to do it; see to it that its end is told."""
    text, handles, _, _ = socket.recv_fds(wire, _LONGEST, 2)
    pid = os.fork()
    if pid == 0:
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a handle
            os.dup2(nothing.fileno(), 0)
        for there, here in enumerate(handles, start=1):
            os.dup2(here, there)
            os.close(here)
        request: dict[str, Any] = json.loads(text)
        return request
    wire.send(str(pid).encode())
    _, status = os.waitpid(pid, 0)
    wire.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(request: dict[str, Any]) -> NoReturn:
    """Be the program, as `python -m` would be."""
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.path[0] = request["folder"]
    sys.path.insert(1, request["environment"]["PYTHONPATH"])
    sys.argv = ["-m", *request["arguments"]]
    random.seed()
    tempfile.tempdir = None
    code: object = 0
    try:
        runpy.run_module("pec_autorenew", run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - as Python does with what nobody caught
        sys.excepthook(*sys.exc_info())
        code = 1
    # What Python does at its end, save to take everything apart, which costs as much as to load it.
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    for theirs in _THEIRS:
        importlib.import_module(theirs)
    gc.collect()
    gc.freeze()
    _become(_serve(socket.socket(fileno=int(sys.argv[1]))))
