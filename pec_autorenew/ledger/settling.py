"""Steps from state to state, and notes on a state that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, update

from pec_autorenew.errors import IllegalTransition
from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import aware, cents
from pec_autorenew.ledger.rows import plain, renewal_with, write_event
from pec_autorenew.ledger.verbs import Verbs
from pec_autorenew.states import UNSETTLED, RenewalState, may_follow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from pec_autorenew.ledger.records import Facts, Renewal
    from pec_autorenew.model import PortalAutorenewal


class SettlingVerbs(Verbs):
    """What becomes of a renewal."""

    def settle(  # noqa: PLR0913 - each is something that the portal may have proved
        self,
        renewal_id: int,
        to: RenewalState,
        now: datetime,
        *,
        run_id: str | None = None,
        reason: str,
        message: str = "",
        order_number: str | None = None,
        expiry_after: date | None = None,
        order_gross: Decimal | None = None,
        gross: Decimal | None = None,
        autorenewal: PortalAutorenewal | None = None,
        form: Facts | None = None,
        facts: Facts | None = None,
    ) -> Renewal:
        """Take a legal step and write it down; leaving the spending states frees the budget.

        What is not given stays as it was; `form` is kept beside what the form said. `renewed` needs a later expiry, now
        or from before (VER-1).
        """
        now = aware(now)
        proved = _given(order_number, order_gross, gross, autorenewal, expiry_after)
        with self._database.writing(self._of(renewal_id)) as connection:
            before = renewal_with(connection, renewal_id)
            if not may_follow(before.state, to):
                raise IllegalTransition(f"{before.name} is {before.state}; {to} may not follow.")
            after = expiry_after or before.expiry_after
            if to is RenewalState.RENEWED and (after is None or after <= before.expiry):
                raise IllegalTransition(f"{before.name} cannot be {to}: no later expiry was seen (VER-1).")
            columns = {
                "state": to.value,
                "reason": reason,
                "message": message,
                "settled_at": before.settled_at if to in UNSETTLED else now,
                "form": plain({**before.form, **(form or {})}),
            }
            return _change(
                connection,
                before,
                {**columns, **proved, "updated_at": now},
                ("settled", run_id, {"reason": reason, "message": message, **(facts or {})}),
            )

    def annotate(  # noqa: PLR0913 - likewise
        self,
        renewal_id: int,
        now: datetime,
        *,
        run_id: str | None = None,
        reason: str | None = None,
        message: str | None = None,
        order_number: str | None = None,
        expiry_after: date | None = None,
        order_gross: Decimal | None = None,
        gross: Decimal | None = None,
        autorenewal: PortalAutorenewal | None = None,
        facts: Facts | None = None,
    ) -> Renewal:
        """Write down what was learned while the state stays; what is not given stays as it was."""
        now = aware(now)
        learned = _given(order_number, order_gross, gross, autorenewal, expiry_after)
        words = {key: value for key, value in (("reason", reason), ("message", message)) if value is not None}
        with self._database.writing(self._of(renewal_id)) as connection:
            before = renewal_with(connection, renewal_id)
            return _change(
                connection,
                before,
                {**words, **learned, "updated_at": now},
                ("noted", run_id, {**words, **(facts or {})}),
            )

    def _of(self, renewal_id: int) -> str:
        """Return what a renewal's steps are about: its account, which never changes; its press is about that, too."""
        with self._database.reading() as connection:
            return f"account {renewal_with(connection, renewal_id).account}"


def _given(
    order_number: str | None,
    order_gross: Decimal | None,
    gross: Decimal | None,
    autorenewal: PortalAutorenewal | None,
    expiry_after: date | None,
) -> dict[str, object]:
    """Return the columns of what was given."""
    columns = {
        "order_number": order_number,
        "order_gross_cents": None if order_gross is None else cents(order_gross),
        "gross_cents": None if gross is None else cents(gross),
        "autorenewal": None if autorenewal is None else autorenewal.value,
        "expiry_after": expiry_after,
    }
    return {key: value for key, value in columns.items() if value is not None}


def _change(
    connection: Connection, before: Renewal, columns: Mapping[str, object], story: tuple[str, str | None, Facts]
) -> Renewal:
    row = schema.renewal.c
    connection.execute(update(schema.renewal).where(row.id == before.id).values(columns))
    if "order_gross_cents" in columns:
        # The price belongs to the order: its other renewals must not go on telling the sums another one.
        connection.execute(
            update(schema.renewal)
            .where(row.order_group == before.order_group)
            .values(order_gross_cents=columns["order_gross_cents"])
        )
    after = renewal_with(connection, before.id)
    kind, run_id, facts = story
    learned = {
        name: getattr(after, name)
        for name in ("order_number", "order_gross", "gross", "autorenewal", "expiry_after")
        if getattr(after, name) != getattr(before, name)
    }
    write_event(
        connection,
        kind,
        after.updated_at,
        run_id=run_id,
        renewal_id=before.id,
        account=before.account,
        step=(before.state, after.state),
        facts={**learned, **facts},
    )
    return after
