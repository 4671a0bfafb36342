"""What is wired to a run: the user's own programs, and the file for a monitoring system."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pec_autorenew.doctor.findings import defect, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.doctor.findings import Finding, Surroundings

_HOOKS: Final = ("before_run", "after_run", "before_renewal", "after_renewal")


def hooks(around: Surroundings) -> Iterator[Finding]:
    """Look whether the programs of the hooks are there and can be run; none is."""
    found = []
    for name in _HOOKS:
        command: tuple[str, ...] = getattr(around.config.hooks, name)
        if not command:
            continue
        program, about = command[0], f"hooks.{name}"
        if shutil.which(program, path=around.environ.get("PATH", os.defpath)) is None:
            advice = "Write the whole path of a file that may be executed; a service looks in /usr/bin and /bin only."
            yield defect(f"{program} is no program that can be run here.", advice, about)
        else:
            found.append(name)
    if found:
        yield ok(f"{', '.join(found)}: the program is there.")
    elif not any(getattr(around.config.hooks, name) for name in _HOOKS):
        yield ok("None is configured.")


def monitoring(around: Surroundings) -> Iterator[Finding]:
    """Look whether the file for Prometheus's text-file collector can be written."""
    if not around.config.monitoring.textfile:
        yield ok("None is configured.")
        return
    path = Path(around.config.monitoring.textfile)
    if not path.parent.is_dir():
        yield defect(f"{path.parent} is no folder.", "Make it, or correct monitoring.textfile.")
    elif not os.access(path.parent, os.W_OK | os.X_OK):
        yield defect(f"Nothing can be written into {path.parent}.", "Let the user who runs `renew` write there.")
    elif path.suffix != ".prom":
        yield warning(f"{path.name} does not end with .prom.", "The collector reads no other files.")
    else:
        yield ok(f"{path}.")
