"""Questions about renewals and events; and events that belong to no step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select

from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import Renewal, aware, origin
from pec_autorenew.ledger.rows import renewal_with, renewals_where, to_event, to_renewal, write_event
from pec_autorenew.ledger.verbs import Verbs
from pec_autorenew.model import fold_address
from pec_autorenew.states import LIVE, UNSETTLED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime
    from decimal import Decimal

    from pec_autorenew.ledger.records import Event, Facts
    from pec_autorenew.model import Item
    from pec_autorenew.states import RenewalState

_ROW = schema.renewal.c


class HistoryVerbs(Verbs):
    """What is open, what was, and what happened on the way."""

    def renewal(self, renewal_id: int) -> Renewal:
        """Return one renewal; that there is none is an error."""
        with self._database.reading() as connection:
            return renewal_with(connection, renewal_id)

    def find(self, portal: str, address: str, expiry: date) -> Renewal | None:
        """Return the newest renewal of this mailbox at this expiry, whatever its state."""
        with self._database.reading() as connection:
            found = (
                connection.execute(
                    select(schema.renewal).where(*_identity(portal, address, expiry)).order_by(_ROW.id.desc()).limit(1)
                )
                .mappings()
                .first()
            )
            return None if found is None else to_renewal(found)

    def last_price(
        self, portal: str, address: str, *, states: Iterable[RenewalState] | None = None
    ) -> tuple[Decimal, int] | None:
        """Return the price of this mailbox's newest renewal that has one: gross, in euro, and for how many years."""
        past = self.renewals(portal, address=address, states=states)
        return next(((one.gross, one.years) for one in reversed(past) if one.gross and one.years), None)

    def open_renewals(self, portal: str, account: str | None = None) -> tuple[Renewal, ...]:
        """Return the live renewals, oldest first."""
        return self.renewals(portal, account=account, states=LIVE)

    def unsettled(self, portal: str, account: str | None = None) -> tuple[Renewal, ...]:
        """Return the renewals that may have an order which nobody has looked up (DUP-4)."""
        return self.renewals(portal, account=account, states=UNSETTLED)

    def renewals(
        self,
        portal: str | None = None,
        *,
        account: str | None = None,
        address: str | None = None,
        states: Iterable[RenewalState] | None = None,
        run_id: str | None = None,
        group: str | None = None,
        numbers: Collection[str] | None = None,
        concerning: tuple[str, Collection[str]] | None = None,
    ) -> tuple[Renewal, ...]:
        """Return the renewals that meet what is given, oldest first.

        `numbers`: of orders. `concerning` an account and some addresses: the account's own, or of these mailboxes.
        """
        criteria: list[ColumnElement[bool]] = []
        if portal is not None:
            criteria.append(_ROW.portal == origin(portal))
        if account is not None:
            criteria.append(_ROW.account == account)
        if concerning is not None:
            addresses = [fold_address(one) for one in concerning[1]]
            criteria.append(or_(_ROW.account == concerning[0], _ROW.address.in_(addresses)))
        if address is not None:
            criteria.append(_ROW.address == fold_address(address))
        if states is not None:
            criteria.append(_ROW.state.in_([state.value for state in states]))
        if run_id is not None:
            criteria.append(_ROW.run_id == run_id)
        if group is not None:
            criteria.append(_ROW.order_group == group)
        if numbers is not None:
            criteria.append(_ROW.order_number.in_(numbers))
        with self._database.reading() as connection:
            return renewals_where(connection, *criteria)

    def events(
        self, *, run_id: str | None = None, renewal_id: int | None = None, kind: str | None = None
    ) -> tuple[Event, ...]:
        """Return the events that meet what is given, oldest first."""
        table = schema.event
        query = select(table).order_by(table.c.id)
        for column, wanted in ((table.c.run_id, run_id), (table.c.renewal_id, renewal_id), (table.c.kind, kind)):
            if wanted is not None:
                query = query.where(column == wanted)
        with self._database.reading() as connection:
            return tuple(to_event(row) for row in connection.execute(query).mappings())

    def note(
        self,
        kind: str,
        now: datetime,
        *,
        run_id: str | None = None,
        renewal_id: int | None = None,
        account: str | None = None,
        facts: Facts | None = None,
    ) -> int:
        """Append an event that is no step of a renewal: drift, an unexpected error, a message sent (SIL-4)."""
        now = aware(now)
        with self._database.writing(f"account {account or kind}") as connection:
            return write_event(
                connection, kind, now, run_id=run_id, renewal_id=renewal_id, account=account, facts=facts
            )

    def not_ordered(self, portal: str, item: Item, now: datetime, *, run_id: str, facts: Facts | None = None) -> int:
        """Write down why a mailbox got no order: what went wrong or was stopped before the binding click."""
        told: Facts = {
            "portal": origin(portal),
            "mailbox": item.mailbox,
            "expiry": item.expiry_before,
            "outcome": item.outcome,
            "reason": item.reason,
            "message": item.message,
            "order_gross": item.order_gross,
            **(facts or {}),
        }
        return self.note("not-ordered", now, run_id=run_id, account=item.account, facts=told)


def _identity(portal: str, address: str, expiry: date) -> tuple[ColumnElement[bool], ...]:
    return (_ROW.portal == origin(portal), _ROW.address == fold_address(address), _ROW.expiry == expiry)
