"""As a service would find it: the same examination in a process with an empty environment and no terminal (ENV-1).

What systemd and cron have in common: a short PATH, the user's own HOME, another folder, nobody to ask. What is set in
this shell alone is therefore missing there, and found as a defect.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.doctor.findings import DOCTOR, Result, counted
from pec_autorenew.engine.stopping import requests_heard

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where cron looks for programs; systemd looks in these too.
PATH: Final = "/usr/bin:/bin"
#: Where systemd puts the secrets of a unit.
_CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
_PREFIX: Final = "PEC_AUTORENEW_"
_GOODBYE: Final = 5.0


def home_of_user() -> str:
    """Return this user's home as the system knows it, whatever the shell says."""
    if sys.platform == "win32":
        return str(Path.home())
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_dir


def service_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return all the variables that a service has."""
    given = {_CREDENTIALS: environ[_CREDENTIALS]} if environ.get(_CREDENTIALS) else {}
    return {"PATH": PATH, "HOME": home_of_user(), **given}


def examine_as_service(path: Path | None, environ: Mapping[str, str]) -> tuple[dict[str, Any], str]:
    """Return what the other process found, and what it wrote to stderr besides.

    Only a configuration that was named on the command line is named there too.
    """
    command = [sys.executable, "-P", "-m", "pec_autorenew", "doctor", "--json"]
    if path is not None:
        command += ["-c", str(path.absolute())]
    code, out, said = _run(command, service_environment(environ))
    try:
        found = json.loads(out)
        lines = list(found["checks"])
    except (ValueError, KeyError, TypeError):
        message = f"The program does not work as a service: it ended with {code} and no report."
        lines = [_line("program", "Starts itself as a service.", Result.DEFECT, message, "stderr says why.")]
    missing = sorted(name for name in environ if name.startswith(_PREFIX))
    if missing:
        message = f"Set in this shell only: {', '.join(missing)}."
        advice = "Write them into the configuration, or name it with -c; a unit may have Environment= lines."
        does = "Compares this shell with a service."
        lines.insert(0, _line("environment", does, Result.WARNING, message, advice))
    return counted({"schema": DOCTOR, "as_service": True}, lines), said


def _line(check: str, does: str, result: Result, message: str, advice: str) -> dict[str, Any]:
    return {
        "check": check, "about": None, "does": does, "result": result.value, "message": message, "advice": advice,
    }  # fmt: skip


def _run(command: list[str], environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run it in a session of its own, so that there is no terminal to ask; it ends with this process."""
    with (
        requests_heard(),
        subprocess.Popen(  # noqa: S603 - this very program
            command,
            env=dict(environment),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as child,
    ):
        try:
            out, said = child.communicate()
        except BaseException:
            end(child)
            raise
    return child.returncode, out.decode("utf-8", "replace"), said.decode("utf-8", "replace")


def end(child: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started, and see that it has ended (RES-2)."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(_GOODBYE)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
