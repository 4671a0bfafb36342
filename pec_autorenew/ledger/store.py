"""The ledger itself: all verbs under one name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self

from pec_autorenew.ledger.budget import BudgetVerbs
from pec_autorenew.ledger.claims import ClaimVerbs
from pec_autorenew.ledger.copying import back_up
from pec_autorenew.ledger.database import open_database
from pec_autorenew.ledger.flags import FlagVerbs
from pec_autorenew.ledger.handovers import HandoverVerbs
from pec_autorenew.ledger.health import HealthVerbs
from pec_autorenew.ledger.history import HistoryVerbs
from pec_autorenew.ledger.migrate import bring_up_to_date
from pec_autorenew.ledger.ordering import OrderingVerbs
from pec_autorenew.ledger.pacing import PacingVerbs
from pec_autorenew.ledger.requests import RequestVerbs
from pec_autorenew.ledger.runs import RunVerbs
from pec_autorenew.ledger.settling import SettlingVerbs
from pec_autorenew.ledger.sign_ins import SignInVerbs
from pec_autorenew.ledger.surveys import SurveyVerbs
from pec_autorenew.ledger.sweeps import SweepVerbs

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE: Final = timedelta(seconds=15)


class Ledger(
    OrderingVerbs,
    SettlingVerbs,
    BudgetVerbs,
    HistoryVerbs,
    RunVerbs,
    SweepVerbs,
    SurveyVerbs,
    ClaimVerbs,
    SignInVerbs,
    FlagVerbs,
    RequestVerbs,
    HandoverVerbs,
    HealthVerbs,
    PacingVerbs,
):
    """What happened, for ever. Each verb is one transaction; the clock is an argument.

    May be shared by threads; every process opens its own. Whatever the database says surfaces as `LedgerError`.
    """

    @classmethod
    def open(cls, where: str | Path, *, create: bool = True, patience: timedelta = _PATIENCE) -> Self:
        """Open the ledger at a path or a database address; `patience` is how long to wait for another writer.

        With `create=False`, that there is no ledger is an error; an older one is brought up to date all the same.
        """
        database = open_database(where, create=create, patience=patience)
        try:
            bring_up_to_date(database, create=create)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def back_up(self, target: Path) -> None:
        """Copy an SQLite ledger into a new file, while others may go on with it."""
        back_up(self._database, target)

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
