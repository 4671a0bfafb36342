"""The end of a worker and of everything that it has started, however it stands: stopped, hanging, or dead already.

A browser puts itself in a process group of its own, and processes whose parent died belong to nobody. So each worker
has a folder for temporary files, and whoever was started with it is the worker's.
"""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from psutil import Process

#: The variable that names the folder; the browser is given it too.
FOLDER_VARIABLE: Final = "TMPDIR"
#: A family may still grow while it is being killed; it does not for long.
_ROUNDS: Final = 5
_PATIENCE_S: Final = 5.0
#: Seconds after which it is looked whether those who are left are dead: their burial may be anybody's business.
_GLANCE_S: Final = 0.05


def kill_family(folder: Path, pid: int | None = None) -> None:
    """Kill the process `pid` with all that it started, and every process whose temporary folder is in `folder`."""
    import psutil

    for _ in range(_ROUNDS):
        family = _family(folder, pid)
        if not family:
            return
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        _wait_for_death(family)


def _wait_for_death(family: list[Process]) -> None:
    """Wait for processes that were killed; an orphan is dead long before a container's first process buries it."""
    import psutil

    until = time.monotonic() + _PATIENCE_S
    while (living := [one for one in family if _lives(one)]) and time.monotonic() < until:
        psutil.wait_procs(living, timeout=_GLANCE_S)


def sweep(folder: Path) -> None:
    """Remove what workers of runs that died have left in `folder`: processes first, then files."""
    if folder.is_dir() and any(folder.iterdir()):
        kill_family(folder)
        remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder; what cannot be removed now is swept before the next run."""
    shutil.rmtree(folder, ignore_errors=True)


def _family(folder: Path, pid: int | None) -> list[Process]:
    import psutil

    found: dict[int, Process] = {}
    for one in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if one.pid == pid or _is_given(one, folder):
                found |= {each.pid: each for each in (one, *one.children(recursive=True))}
    return [one for one in found.values() if _lives(one)]


def _is_given(process: Process, folder: Path) -> bool:
    given = process.environ().get(FOLDER_VARIABLE, "")
    return bool(given) and Path(given).is_relative_to(folder)


def _lives(process: Process) -> bool:
    """Whether there is anything left to kill; what is dead and not buried yet is its parent's business."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE
    return False
