"""Orders enter the ledger: our own before the binding click, somebody else's when they are found."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Connection, and_, or_, select, update
from sqlalchemy.exc import IntegrityError

from pec_autorenew.errors import AlreadyOpen, LedgerError, PolicyStop
from pec_autorenew.ledger import schema
from pec_autorenew.ledger.budget import require_budget
from pec_autorenew.ledger.claims import keep_claim, require_claim
from pec_autorenew.ledger.records import PAUSE, PROVED, aware, cents, month_of, origin
from pec_autorenew.ledger.requests import use_approvals
from pec_autorenew.ledger.rows import insert_renewal, plain, renewal_with, renewals_where, write_event
from pec_autorenew.ledger.verbs import Verbs
from pec_autorenew.model import OrderState, fold_address
from pec_autorenew.states import LIVE, UNSETTLED, RenewalState

if TYPE_CHECKING:
    from datetime import date, datetime

    from pec_autorenew.ledger.records import Budget, Facts, Renewal, Submission, SubmittedMailbox
    from pec_autorenew.model import PortalOrder

_UNIQUE_VIOLATION = "23505"


class OrderingVerbs(Verbs):
    """The ways into the ledger."""

    def submit(
        self,
        portal: str,
        order: Submission,
        budget: Budget,
        now: datetime,
        run_id: str,
        *,
        holder: str | None = None,
        canary: str = "",
    ) -> tuple[Renewal, ...]:
        """Reserve the budget and write `submitting`, on disk before this returns: the last step before the click.

        Whatever this raises, nothing was written and nothing may be pressed. With `holder`, the claim on the account
        must still be held by it, so that a worker that slept through its lease cannot order. With `canary`, a flag:
        while it does not say that an order of ours was seen at this portal, no other may be under way (BLK-3).
        """
        portal, now = origin(portal), aware(now)
        addresses = _require_sensible(order)
        with self._database.writing(f"account {order.account}") as connection:
            _require_not_paused(connection)
            if holder is not None:
                require_claim(connection, portal, order.account, holder, now)
            _require_free(connection, portal, order, addresses, run_id)
            self._database.spend_alone(connection)
            if canary:
                _require_alone(connection, portal, canary)
            require_budget(connection, order.order_gross, budget, run_id=run_id, month=month_of(now))
            renewals = tuple(_submitting(connection, portal, order, box, (now, run_id)) for box in order.mailboxes)
            use_approvals(connection, order.approvals, renewals)
            return renewals

    def press(self, order: tuple[Renewal, ...], now: datetime, *, holder: str) -> tuple[Renewal, ...]:
        """Date the binding click, which comes next: from here on, `settle` is counted (DUP-4).

        Whatever this raises, nothing may be pressed: a process that slept between `submit` and its click finds that
        another one has taken the account over since, and may have settled the order as never placed (DUP-7).
        """
        now, row = aware(now), schema.renewal.c
        with self._database.writing(f"account {order[0].account}") as connection:
            for renewal in order:
                keep_claim(connection, renewal.portal, renewal.account, holder, now)
                found = renewal_with(connection, renewal.id)
                if found.state is not RenewalState.SUBMITTING:
                    raise AlreadyOpen(f"{found.name} was settled before it was ordered: it is {found.state}.")
            mine = row.id.in_([renewal.id for renewal in order])
            connection.execute(update(schema.renewal).where(mine).values(submitted_at=now, updated_at=now))
            pressed = renewals_where(connection, mine)
            for renewal in pressed:
                write_event(
                    connection, "pressing", now, run_id=renewal.run_id, renewal_id=renewal.id, account=renewal.account
                )
            return pressed

    def adopt(  # noqa: PLR0913, PLR0917 - likewise
        self,
        portal: str,
        account: str,
        mailbox: str,
        expiry: date,
        order: PortalOrder,
        now: datetime,
        run_id: str | None = None,
        *,
        client: str = "",
        message: str = "",
        ours: Renewal | None = None,
    ) -> Renewal:
        """Take an unpaid order that somebody else placed into the ledger (DUP-6); it counts against no budget.

        One that is `ours`, and came after it was taken for lost, counts against the month in which it was reserved
        (PRC-4).
        """
        if order.state is OrderState.CANCELLED:
            raise LedgerError(f"Order {order.number} is cancelled: it cannot be adopted.")
        portal, now, address = origin(portal), aware(now), fold_address(mailbox)
        columns = {
            "portal": portal,
            "account": account,
            "address": address,
            "expiry": expiry,
            "message": message,
            "client": ours.client if ours else client,
            "run_id": run_id,
            # Each order counts by itself: the portal may have made several of the one that was clicked.
            "order_group": f"{ours.order_group}/{order.number or ''}" if ours else f"adopted-{uuid4()}",
            "counts": ours is not None,
            "reserved_month": ours and ours.reserved_month,
        }
        if order.gross is None and ours is not None:
            order = replace(order, gross=ours.order_gross)
        with self._database.writing() as connection:
            _require_none_live(connection, portal, address, expiry)
            return _adopted(connection, columns, order, now)


def _require_sensible(order: Submission) -> frozenset[str]:
    """Return the folded addresses; an order without mailboxes, or with one twice, or for nothing, is refused."""
    addresses = frozenset(fold_address(mailbox.address) for mailbox in order.mailboxes)
    if not addresses or len(addresses) != len(order.mailboxes):
        raise LedgerError("An order needs mailboxes, each of them once.")
    if not order.group:
        raise LedgerError("An order needs the name of its click.")
    if cents(order.order_gross) == 0:
        raise LedgerError("An order for nothing is no order (PRC-3).")
    return addresses


def _require_not_paused(connection: Connection) -> None:
    paused = connection.execute(select(schema.flag.c.value).where(schema.flag.c.key == PAUSE)).first()
    if paused is not None:
        raise PolicyStop("New orders are paused; `resume` allows them again.", reason="paused")


def _require_alone(connection: Connection, portal: str, canary: str) -> None:
    """Refuse a second order while the first has not come home, whichever worker sent that one (BLK-3)."""
    flag = connection.execute(select(schema.flag.c.value).where(schema.flag.c.key == canary)).scalar()
    if flag == PROVED:
        return
    row = schema.renewal.c
    under_way = row.state.in_([state.value for state in UNSETTLED])
    for found in renewals_where(connection, row.portal == portal, under_way):
        message = f"The first order, for {found.name}, went ahead alone and is not in the list yet (BLK-3)."
        raise PolicyStop(message, reason="canary")


def _require_free(
    connection: Connection, portal: str, order: Submission, addresses: frozenset[str], run_id: str
) -> None:
    """Refuse what is open or already renewed, an account with an unproven order, and a click's name used twice."""
    row = schema.renewal.c
    taken = [state.value for state in LIVE | {RenewalState.RENEWED}]
    same = or_(*(and_(row.address == fold_address(box.address), row.expiry == box.expiry) for box in order.mailboxes))
    for found in renewals_where(connection, row.portal == portal, row.state.in_(taken), same):
        raise AlreadyOpen(f"The ledger already holds a renewal of {found.name}: {found.state}, run {found.run_id}.")
    # Looked up in this run and still unknown: a person or a later reading closes it, and the others go on (DUP-4).
    looked_up = select(schema.event.c.renewal_id).where(
        schema.event.c.run_id == run_id, schema.event.c.kind == "noted", schema.event.c.renewal_id.is_not(None)
    )
    unproven = or_(
        row.state == RenewalState.SUBMITTING.value,
        and_(row.state == RenewalState.UNKNOWN.value, row.id.not_in(looked_up)),
    )
    unsettled = or_(row.account == order.account, row.address.in_(addresses))
    for found in renewals_where(connection, row.portal == portal, unproven, unsettled):
        raise AlreadyOpen(
            f"Nobody knows yet what became of {found.name} ({found.state}): the account gets no further order (DUP-4)."
        )
    if connection.execute(select(row.id).where(row.order_group == order.group)).first() is not None:
        raise LedgerError(f"The click {order.group!r} is in the ledger already: each click has its own name.")


def _require_none_live(connection: Connection, portal: str, address: str, expiry: date) -> None:
    row = schema.renewal.c
    live = [state.value for state in LIVE]
    for found in renewals_where(
        connection, row.portal == portal, row.address == address, row.expiry == expiry, row.state.in_(live)
    ):
        raise AlreadyOpen(f"The ledger already holds an open renewal of {found.name}: {found.state}.")


def _submitting(
    connection: Connection, portal: str, order: Submission, mailbox: SubmittedMailbox, when: tuple[datetime, str]
) -> Renewal:
    """Write one renewal of our order, and the two steps that brought it here."""
    now, run_id = when
    renewal = _insert(
        connection,
        {
            **_columns_of(order, mailbox),
            "portal": portal,
            "state": RenewalState.SUBMITTING.value,
            "reason": "",
            "message": "",
            "reserved_month": month_of(now),
            "submitted_at": now,
            "run_id": run_id,
            "counts": True,
            "created_at": now,
            "updated_at": now,
        },
    )
    facts: Facts = {
        "years": order.years,
        "method": order.method,
        "gross": mailbox.gross,
        "order_gross": order.order_gross,
        "order_numbers_before": order.order_numbers_before,
        "group": order.group,
    }
    for before, after in ((None, RenewalState.PLANNED), (RenewalState.PLANNED, RenewalState.SUBMITTING)):
        _write_step(connection, after.value, renewal, before, facts)
    return renewal


def _columns_of(order: Submission, mailbox: SubmittedMailbox) -> dict[str, object]:
    return {
        "account": order.account,
        "address": fold_address(mailbox.address),
        "expiry": mailbox.expiry,
        "years": order.years,
        "method": order.method.value,
        "gross_cents": None if mailbox.gross is None else cents(mailbox.gross),
        "order_gross_cents": cents(order.order_gross),
        "order_numbers_before": list(order.order_numbers_before),
        "autorenewal": None if mailbox.autorenewal is None else mailbox.autorenewal.value,
        "client": order.client,
        "form": plain(order.form),
        "order_group": order.group,
    }


def _adopted(connection: Connection, columns: dict[str, object], order: PortalOrder, now: datetime) -> Renewal:
    """Write the renewal of a foreign order: what the order list shows, and no reservation."""
    renewal = _insert(
        connection,
        {
            **columns,
            "state": RenewalState.AWAITING_PAYMENT.value,
            "reason": "adopted",
            "order_gross_cents": None if order.gross is None else cents(order.gross),
            "order_number": order.number,
            "order_numbers_before": [],
            "settled_at": now,
            "form": {},
            "created_at": now,
            "updated_at": now,
        },
    )
    facts: Facts = {
        "order_number": order.number,
        "order_gross": order.gross,
        "placed_on": order.placed_on,
        "mailboxes": order.mailboxes,
        "text": order.text,
    }
    _write_step(connection, "adopted", renewal, None, facts)
    return renewal


def _write_step(connection: Connection, kind: str, renewal: Renewal, before: RenewalState | None, facts: Facts) -> None:
    """Append the event of a step of a renewal that was inserted a moment ago."""
    after = RenewalState.PLANNED if kind == RenewalState.PLANNED.value else renewal.state
    write_event(
        connection,
        kind,
        renewal.updated_at,
        run_id=renewal.run_id,
        renewal_id=renewal.id,
        account=renewal.account,
        step=(before, after),
        facts=facts,
    )


def _insert(connection: Connection, values: dict[str, object]) -> Renewal:
    """Insert; the index is the last guard, should two writers ever pass all the others (DUP-7)."""
    try:
        return insert_renewal(connection, values)
    except IntegrityError as error:
        if not _is_duplicate(error):
            raise
        raise AlreadyOpen(f"The ledger already holds an open renewal of {values['address']}.") from error


def _is_duplicate(error: IntegrityError) -> bool:
    if getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION:
        return True
    return getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_CONSTRAINT_UNIQUE
