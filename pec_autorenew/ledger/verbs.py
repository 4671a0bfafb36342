"""What all groups of verbs stand on: a database, and the rule that a verb is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pec_autorenew.ledger.database import Database


class Verbs:
    """A group of the ledger's verbs."""

    def __init__(self, database: Database) -> None:
        self._database = database
