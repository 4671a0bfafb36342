"""The machine: the state folder and its disk, the ledger, the clock."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.doctor.findings import defect, ok, warning
from pec_autorenew.engine.clocks import is_behind
from pec_autorenew.errors import LedgerError, NoLedger
from pec_autorenew.planning import ROME
from pec_autorenew.report.standing import SCHEDULED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pec_autorenew.doctor.findings import Finding, Surroundings
    from pec_autorenew.ledger import Ledger

_MB: Final = 1_000_000
_GB: Final = 1_000 * _MB
#: A run with evidence writes some megabytes, and a ledger that cannot be written to stops everything (DUP-8).
_TOO_LITTLE: Final = 50 * _MB
_LITTLE: Final = 500 * _MB
_PATIENCE: Final = timedelta(seconds=5)
_TIMEDATECTL: Final = ("timedatectl", "show", "-p", "NTPSynchronized", "--value")
_ASKING: Final = 5.0
#: A timer that runs daily has run within so many days.
_SCHEDULE: Final = timedelta(days=2)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


def state_folder(around: Surroundings) -> Iterator[Finding]:
    """Look at the folder for ledger, sessions and evidence."""
    folder = around.config.state_dir
    nearest = next(one for one in (folder, *folder.parents) if one.exists())
    if not nearest.is_dir():
        yield defect(f"{nearest} is no folder.", "Move it away, or set ledger.state_dir.")
        return
    if nearest is not folder:
        if not os.access(nearest, os.W_OK | os.X_OK):
            yield defect(f"{folder} cannot be made in {nearest}.", _give(nearest))
        else:
            yield ok(f"{folder} will be made by the first run.")
    else:
        yield from _existing(folder)
    free = around.free(nearest)
    room = f"{free / _GB:.0f} GB free for {folder}" if free > 10 * _GB else f"{free // _MB} MB free for {folder}"
    if free < _TOO_LITTLE:
        advice = f"Make room: at least {_TOO_LITTLE // _MB} MB are wanted, for the ledger and the evidence."
        yield defect(f"The disk is full: {room}.", advice, "disk")
    elif free < _LITTLE:
        yield warning(f"The disk is nearly full: {room}.", about="disk")
    else:
        yield ok(f"{room}.", "disk")


def _existing(folder: Path) -> Iterator[Finding]:
    found = folder.stat()
    mode = stat.S_IMODE(found.st_mode)
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        yield defect(f"{folder} belongs to another user (number {found.st_uid}).", _give(folder))
        return
    if mode & _OTHERS_WRITE:
        yield defect(f"Others can write into {folder} (mode {mode:04o}).", f"Run `chmod 700 {folder}`.")
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"?")
    except OSError as error:
        yield defect(f"Nothing can be written into {folder}: {error.strerror}.", _give(folder))
        return
    if mode & _OTHERS:
        yield warning(f"Others can look into {folder} (mode {mode:04o}).", f"Run `chmod 700 {folder}`.")
    else:
        yield ok(f"{folder}, private.")


def _give(folder: Path) -> str:
    return f"Run as the user to whom {folder} belongs, give it to this one (`chown`), or set ledger.state_dir."


def open_ledger(around: Surroundings) -> Ledger:
    """Open the ledger as it is, and make none. Raises LedgerError."""
    from pec_autorenew.ledger import Ledger

    return Ledger.open(around.config.ledger_url, create=False, patience=_PATIENCE)


def ledger(around: Surroundings) -> Iterator[Finding]:
    """Open the ledger, look whether it is sound, and whether it takes an entry."""
    from pec_autorenew.ledger.schema import SCHEMA_VERSIONS

    try:
        with open_ledger(around) as opened:
            damage = opened.examine()
    except NoLedger:
        yield ok("There is none yet; the first run makes it.")
    except LedgerError as error:
        yield defect(error.message, "Nothing is ordered without it; bring a backup back if it is damaged.")
    else:
        for said in damage:
            yield defect(f"The ledger is damaged: {said}.", "Nothing may be ordered with it; bring a backup back.")
        if not damage:
            yield ok(f"Schema {SCHEMA_VERSIONS[-1]}, sound, and it takes entries.")


def clock(around: Surroundings) -> Iterator[Finding]:
    """Look whether the clock may be believed: not before the last run, and set by the network (TIM-3)."""
    now = around.clock()
    if around.pretended_clock:
        yield warning("PEC_AUTORENEW_CLOCK pretends another time.")
    try:
        with open_ledger(around) as opened:
            started_only = around.pretended_clock
            last = opened.last_moment(around.config.portal.base_url, but="", started_only=started_only)
    except LedgerError:  # which has its own check
        last = None
    shown = f"{now.astimezone(ROME):%d/%m/%Y %H:%M}"
    if last is not None and is_behind(now, last):
        told = f"{last.astimezone(ROME):%d/%m/%Y %H:%M}"
        yield defect(f"It shows {shown}, and an earlier run was at {told}.", "Set the clock: nothing is ordered by it.")
    else:
        yield ok(f"{shown} in Italy.")
    if _set_by_network() == "no":
        yield warning("Nothing sets it by the network.", "Run `timedatectl set-ntp true`.", "NTP")


def _set_by_network() -> str:
    """Return what systemd says of it, "yes" or "no"; "" where there is no systemd to ask."""
    program = shutil.which(_TIMEDATECTL[0])
    if program is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - systemd's own program
            [program, *_TIMEDATECTL[1:]], stdin=subprocess.DEVNULL, capture_output=True, timeout=_ASKING, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def schedule(around: Surroundings) -> Iterator[Finding]:
    """Look whether something runs `renew` regularly, by what the ledger says."""
    advice = "`pec-autorenew schedule install` sets a timer; any frequency is safe."
    try:
        with open_ledger(around) as opened:
            run = opened.last_run(around.config.portal.base_url, SCHEDULED)
    except LedgerError:  # which has its own check
        run = None
    if run is None:
        yield warning("`renew` has never run.", advice)
    elif around.clock() - run.started_at > _SCHEDULE:
        yield warning(f"`{run.command}` ran last on {run.started_at.astimezone(ROME):%d/%m/%Y}.", advice)
    else:
        yield ok(f"`{run.command}` ran last on {run.started_at.astimezone(ROME):%d/%m/%Y %H:%M}.")
