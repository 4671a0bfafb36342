"""A ledger that is older than its state folder was put back from a copy: it may lack the newest clicks (DUP-4)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from pec_autorenew.planning import ROME

if TYPE_CHECKING:
    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.visit import Visit

#: The reason, and the flag: since when the ledger is known to be older than the folder.
RESTORED: Final = "ledger-restored"


def notice_restored(errand: Errand) -> None:
    """Compare the ledger with the last run that the state folder has seen in it, and let the folder know of this one.

    Only what stood in this very ledger is written there: a run that died before it began is no sign, nor is a ledger
    at another address, nor other folders' runs in a shared one.
    """
    path, where = errand.config.state_dir / "run.last", _where(errand.config.ledger_url)
    run_id, _, then = path.read_text("utf-8").strip().partition(" ") if path.exists() else ("", "", "")
    if run_id and then == where and errand.ledger.run(run_id) is None:
        errand.ledger.set_flag(RESTORED, run_id, errand.clock(), run_id=errand.run_id)
    with suppress(OSError):  # then the next run compares with an earlier one
        fresh = path.with_suffix(".new")
        fresh.write_text(f"{errand.run_id} {where}\n", encoding="utf-8")
        fresh.replace(path)


def why_not_yet(visit: Visit) -> str:
    """Return why nothing may be ordered yet, or "": what the ledger forgot may be missing in the list, too."""
    flag, survey = visit.errand.ledger.flag(RESTORED), visit.survey
    if flag is None or survey is None:
        return ""
    until = flag.at + visit.errand.config.renewal.settle
    if survey.taken_at >= until:
        return ""
    return (
        f"The ledger does not know run {flag.value}: it is older than its state folder. An order that it has forgotten "
        f"may not be in the portal's list yet, so none is placed before {until.astimezone(ROME):%d/%m/%Y %H:%M}."
    )


def _where(ledger_url: str) -> str:
    """Return what tells one ledger from another, without what is secret in its address."""
    return ledger_url.rpartition("://")[2].rpartition("@")[2].partition("?")[0]
