"""One run at a time for each state folder, by a lock that dies with its process (LCK-1)."""

from __future__ import annotations

import os
import platform
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from pec_autorenew.errors import AnotherRun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.ledger import Ledger


#: What stands for the birth of a process that is dead, and that nobody has waited for.
_BURIED_LATE: Final = "+dead"
#: When a process began: the 22nd field of its `stat`, the nineteenth behind its state.
_STARTED: Final = 18


def holder_of(run_id: str) -> str:
    """Return the name under which this process holds accounts: machine, process and its birth, run."""
    return f"{_machine()}:{os.getpid()}{_birth(os.getpid())}:{run_id}"


def _machine() -> str:
    """Return what tells this machine from another one that may have the same name."""
    try:
        identity = Path("/etc/machine-id").read_text("utf-8").strip()
    except OSError:
        identity = ""
    return f"{platform.node()}/{sha256(identity.encode()).hexdigest()[:6]}" if identity else platform.node()


@contextmanager
def only_run(state_dir: Path, run_id: str) -> Iterator[None]:
    """Be the only run of this state folder. Raises AnotherRun, which says who is."""
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    who = state_dir / "run.holder"
    lock = FileLock(state_dir / "run.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        holder = who.read_text(encoding="utf-8").strip() if who.exists() else "another process"
        raise AnotherRun(f"another run is active ({holder}); this one ends, nothing was done") from None
    try:
        who.write_text(f"{holder_of(run_id)}\n", encoding="utf-8")
        yield
    finally:
        lock.release()


def forget_the_dead(ledger: Ledger, portal: str, *, holding: bool = False) -> None:
    """Release the accounts that processes of this machine held when they died.

    Our own number is a dead process's too, where this process begins a run, alone, and is not `holding` any yet.
    """
    here = {_machine(), platform.node()}  # an earlier version knew a machine by its name only
    own = f"{os.getpid()}{_birth(os.getpid())}" if holding else ""
    for claim in ledger.claims(portal):
        machine, _, rest = claim.holder.partition(":")
        who = rest.partition(":")[0]
        process, mark, birth = who.partition("+")
        if who != own and machine in here and process.isdigit() and not _works(int(process), mark + birth):
            ledger.release(portal, claim.account, claim.holder)


def _works(process: int, birth: str) -> bool:
    """Whether another process of this number is alive, and is the one that was born then."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    now = _birth(process)
    return now != _BURIED_LATE and (not birth or not now or now == birth)


def _birth(process: int) -> str:
    """Return what tells a process from a later one of the same number, where the system says it; "" elsewhere."""
    try:
        state, *facts = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return _BURIED_LATE if state == "Z" else f"+{facts[_STARTED]}"
