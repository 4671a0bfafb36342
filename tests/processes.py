"""What tests ask of other processes, which may end between any two questions."""

from __future__ import annotations

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that is dead and only waits to be buried does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command_of(process: psutil.Process) -> str:
    """Return how a process was started; "" of one that has ended since it was found, as a browser's helpers do."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""
