"""Whether the ledger is sound and takes an entry, without leaving one."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete

from pec_autorenew.ledger import schema
from pec_autorenew.ledger.verbs import Verbs

_SOUND: Final = "ok"
_MOST: Final = 3
_NO_FLAG: Final = ""


class HealthVerbs(Verbs):
    """A look at the ledger itself."""

    def examine(self) -> tuple[str, ...]:
        """Return what is damaged in an SQLite file, in its own words; nothing where all is well.

        Raises LedgerError where it cannot be written to, or not even be looked at.
        """
        found: list[str] = []
        if self._database.is_sqlite:
            with self._database.reading() as connection:
                found = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA quick_check({_MOST})")]
        with self._database.writing() as connection:  # a file or a disk that is read-only refuses it
            connection.execute(delete(schema.flag).where(schema.flag.c.key == _NO_FLAG))
        return tuple(one for one in found if one != _SOUND)
