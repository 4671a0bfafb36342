"""Small facts that all workers share: the pause, the brake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import Flag, aware
from pec_autorenew.ledger.rows import to_flag, write_event
from pec_autorenew.ledger.verbs import Verbs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from pec_autorenew.ledger.records import Facts


class FlagVerbs(Verbs):
    """Flags, and an event whenever one changes."""

    def set_flag(self, key: str, value: str, now: datetime, *, run_id: str | None = None) -> None:
        """Set a flag, whatever it was."""
        now = aware(now)
        with self._database.writing() as connection:
            connection.execute(delete(schema.flag).where(schema.flag.c.key == key))
            connection.execute(insert(schema.flag), {"key": key, "value": value, "at": now})
            write_event(connection, "flag-set", now, run_id=run_id, facts={"key": key, "value": value})

    def clear_flag(self, key: str, now: datetime, *, run_id: str | None = None) -> bool:
        """Clear a flag; say whether it was set."""
        now = aware(now)
        with self._database.writing() as connection:
            was_set = connection.execute(delete(schema.flag).where(schema.flag.c.key == key)).rowcount > 0
            if was_set:
                write_event(connection, "flag-cleared", now, run_id=run_id, facts={"key": key})
            return was_set

    def flag(self, key: str) -> Flag | None:
        """Return a flag, or None while it is not set."""
        with self._database.reading() as connection:
            row = connection.execute(select(schema.flag).where(schema.flag.c.key == key)).mappings().first()
            return None if row is None else to_flag(row)

    def flags(self, prefix: str) -> tuple[Flag, ...]:
        """Return the flags whose keys begin so."""
        criterion = schema.flag.c.key.startswith(prefix, autoescape=True)
        with self._database.reading() as connection:
            return tuple(map(to_flag, connection.execute(select(schema.flag).where(criterion)).mappings()))

    def change_flags(
        self,
        kind: str,
        values: Mapping[str, str],
        cleared: Collection[str],
        now: datetime,
        *,
        run_id: str | None = None,
        facts: Facts | None = None,
    ) -> None:
        """Set and clear many flags at once, with one event for all of them."""
        now = aware(now)
        gone = [{"gone": key} for key in {*values, *cleared}]
        with self._database.writing() as connection:
            if gone:
                connection.execute(delete(schema.flag).where(schema.flag.c.key == bindparam("gone")), gone)
            if values:
                rows = [{"key": key, "value": value, "at": now} for key, value in values.items()]
                connection.execute(insert(schema.flag), rows)
            write_event(connection, kind, now, run_id=run_id, facts=facts)
