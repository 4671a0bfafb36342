"""The real client as a process that ends where it is told to: `python -m tests.faults.victim PLACE TIME WAY COMMAND …`.

PLACE is a key of `PLACES`, TIME says at which time it is reached, WAY is one of `Way`. A power cut keeps of the ledger
what was on disk when `submitting` was reported committed; whoever started the process puts that back. What the browser
does is done in a worker: there the worker ends the client, which takes it along.
"""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys
import threading
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

#: Where the ledger's files are copied to when `submitting` is committed.
ON_DISK: Final = "PEC_ON_DISK"


class Way(StrEnum):
    """How a process ends."""

    KILL = "kill"
    TERM = "term"
    POWER = "power"


class Place(NamedTuple):
    """A step of the client: its function, and whether the end comes before or after it."""

    module: str
    name: str
    after: bool = True


_ENGINE: Final = "pec_autorenew.engine"
_RENEW: Final = "pec_autorenew.flows.renew"
_ORDERING: Final = ("pec_autorenew.ledger.ordering", "OrderingVerbs.submit")
_DATING: Final = ("pec_autorenew.ledger.ordering", "OrderingVerbs.press")
_CONFIRM: Final = ("pec_autorenew.pages.modulo_ordine", "ModuloOrdinePage.confirm")
#: What is done where the browser is.
_IN_WORKER: Final = ("pec_autorenew.flows", "pec_autorenew.pages", "pec_autorenew.interlock")
_KEEP: Final = ("pec_autorenew.cli.aftermath", "Aftermath._keep")

#: From «Gestione caselle» to the report, in the order in which an order comes by.
PLACES: Final = {
    "cart opened": Place(_RENEW, "open_cart"),
    "cart filled": Place(_RENEW, "fill_cart"),
    "form reached": Place(_RENEW, "pass_offers_and_data"),
    "form set": Place(_RENEW, "set_form"),
    "form judged": Place(f"{_ENGINE}.placing", "_held_back"),
    "about to write": Place(*_ORDERING, after=False),
    "written": Place(*_ORDERING),
    "form read again": Place(_RENEW, "require_same_form"),
    "about to date the click": Place(*_DATING, after=False),
    "click dated": Place(*_DATING),
    "about to press": Place(*_CONFIRM, after=False),
    "about to send": Place("pec_autorenew.interlock", "Interlock._send_once", after=False),
    "sent": Place("pec_autorenew.interlock", "Interlock._send_once"),
    "pressed": Place(*_CONFIRM),
    "answered": Place(_RENEW, "await_answer"),
    "about to look": Place(f"{_ENGINE}.placing", "_prove", after=False),
    "looked": Place(f"{_ENGINE}.placing", "judge_click"),
    "about to settle": Place(f"{_ENGINE}.placing", "record", after=False),
    "settled": Place(f"{_ENGINE}.placing", "record"),
    "about to finish": Place("pec_autorenew.ledger.runs", "RunVerbs.finish_run", after=False),
    "finished": Place("pec_autorenew.ledger.runs", "RunVerbs.finish_run"),
    "about to report": Place(*_KEEP, after=False),
    "reported": Place(*_KEEP),
}


def _owner_of(place: Place) -> tuple[Any, str]:
    owner = importlib.import_module(place.module)
    *classes, name = place.name.split(".")
    for one in classes:
        owner = getattr(owner, one)
    return owner, name


def _wrap(place: Place, event: Callable[[], None]) -> None:
    owner, name = _owner_of(place)
    function = getattr(owner, name)

    @wraps(function)
    def wrapped(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - any function's
        if not place.after:
            event()
        result = function(*arguments, **named)
        if place.after:
            event()
        return result

    setattr(owner, name, wrapped)


def _copy_ledger() -> None:
    target = Path(os.environ[ON_DISK])
    target.mkdir(exist_ok=True)
    for file in Path.home().glob(".local/state/pec-autorenew/ledger.sqlite3*"):
        shutil.copy(file, target)


def arrange(place: str, time: int, way: str, client: int) -> None:
    """See that the process `client` ends where `place` is reached for the `time`th time."""
    left = [time]

    def event() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(client, signal.SIGTERM if way == Way.TERM else signal.SIGKILL)
            if client != os.getpid():
                threading.Event().wait()  # until the client has taken us along

    if place in PLACES:
        _wrap(PLACES[place], event)


def main() -> None:
    """Arrange the end, and be the client."""
    place, time, way, *command = sys.argv[1:]
    from pec_autorenew.cli import main as client
    from pec_autorenew.engine import crew, worker

    in_worker = place in PLACES and PLACES[place].module.startswith(_IN_WORKER)
    if in_worker:
        told = f"arrange({place!r}, {int(time)}, {way!r}, os.getppid())"
        arranged = f"import os; from tests.faults.victim import arrange; {told}; from pec_autorenew"
        vars(crew)["BOOT"] = worker.BOOT.replace("from pec_autorenew", arranged)
    else:
        arrange(place, int(time), way, os.getpid())
    if way == Way.POWER:
        _wrap(PLACES["written"], _copy_ledger)
    sys.argv = ["pec-autorenew", *command]
    client()


if __name__ == "__main__":
    main()
