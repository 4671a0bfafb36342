"""What earlier checks of the portal saw, read from the ledger; and what has changed since.

Each page is compared with the newest earlier look that came so far: a walk that ended at the door has seen nothing of
the order form, and its silence is no change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.checks import Earlier, Since, account_as_json, account_from_json, changes_since, since_as_json
from pec_autorenew.engine.task import Command
from pec_autorenew.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from pec_autorenew.checks import AccountCheck
    from pec_autorenew.engine.task import Result
    from pec_autorenew.ledger import Ledger, Run

#: So many checks are looked through for a page, the newest first.
_MOST: Final = 30


@dataclass(slots=True)
class EarlierChecks:
    """The checks of one portal up to a moment; each is read once, when it is asked for."""

    ledger: Ledger
    portal: str
    #: Those that began before it.
    before: datetime
    #: The newest that may be meant; the newest of all where none is named.
    newest: str = ""
    _ids: list[str] | None = field(default=None)
    _read: dict[str, tuple[Run, tuple[AccountCheck, ...]]] = field(default_factory=dict)

    def page(self, account: str, page: str) -> Earlier | None:
        """Return the newest look at a page of an account that came so far as to know whether it is there."""
        return next(filter(None, (self.page_of(one, account, page) for one in self._known())), None)

    def page_of(self, run_id: str, account: str, page: str) -> Earlier | None:
        """Return what one check knew of a page; None where it did not come so far, or is there no more."""
        found = self._checks(run_id)
        if found is None:
            return None
        run, checks = found
        seen = (one for check in checks if check.account == account for one in check.pages if one.page == page)
        look = next((one for one in seen if one.seen), None)
        return None if look is None else Earlier(run.id, run.started_at, look)

    def since(self, checks: Sequence[AccountCheck]) -> Since | None:
        """Return what has changed since the newest that looked at anything; None where there is none."""
        last = next((found[0] for one in self._known() if (found := self._checks(one)) is not None), None)
        return None if last is None else Since(last.id, last.started_at, changes_since(checks, self.page))

    def _known(self) -> Iterator[str]:
        if self._ids is None:
            runs = self.ledger.runs(
                1000, portal=self.portal, brief=True, command=Command.CHECK_PORTAL, before=self.before
            )
            ids = [run.id for run in runs]
            begin = ids.index(self.newest) if self.newest in ids else 0
            self._ids = ids[begin : begin + _MOST]
        yield from self._ids

    def _checks(self, run_id: str) -> tuple[Run, tuple[AccountCheck, ...]] | None:
        if run_id not in self._read:
            run = self.ledger.run(run_id)
            if run is None:
                return None
            try:
                self._read[run_id] = run, checks_of(run)
            except LedgerError:  # of another version: to compare with it is not worth the check of today
                self._read[run_id] = run, ()
        run, checks = self._read[run_id]
        return (run, checks) if checks else None


def checks_of(run: Run) -> tuple[AccountCheck, ...]:
    """Return what a run saw of the portal, account by account; nothing for one that saw nothing. Raises LedgerError."""
    report: Mapping[str, Any] = run.report or {}
    try:
        return tuple(map(account_from_json, report.get("checks", ())))
    except (KeyError, TypeError, ValueError) as error:
        raise LedgerError(f"The ledger's report of run {run.id} cannot be read: {error!r}") from error


def kept_of(ledger: Ledger, result: Result) -> dict[str, object]:
    """Return what the ledger keeps of a check: what was seen, and what has changed since the one before."""
    run = ledger.run(result.run_id)
    assert run is not None  # noqa: S101 - it is under way
    return {
        "checks": [account_as_json(check) for check in result.checks],
        "since": since_as_json(EarlierChecks(ledger, run.portal, run.started_at).since(result.checks)),
    }
