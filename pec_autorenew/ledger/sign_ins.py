"""Attempts to sign in: how many today, and which password the portal has refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, or_, select, update

from pec_autorenew.errors import SignInRejected
from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import SignIn, aware, bounds_of, origin
from pec_autorenew.ledger.rows import to_sign_in
from pec_autorenew.ledger.verbs import Verbs

if TYPE_CHECKING:
    from datetime import date, datetime

_ROW = schema.sign_in.c


class SignInVerbs(Verbs):
    """What was tried at the portal's door."""

    def record_sign_in(
        self,
        portal: str,
        account: str,
        now: datetime,
        ok: bool,  # noqa: FBT001 - the verb reads well with it
        reason: str = "",
        secret_mark: str | None = None,
    ) -> int:
        """Write down one attempt; `secret_mark` tells secrets apart and must not reveal them. Return its number."""
        values = {
            "portal": origin(portal),
            "account": account,
            "at": aware(now),
            "ok": ok,
            "reason": reason,
            "secret_mark": secret_mark,
        }
        with self._database.writing(f"account {account}") as connection:
            return int(connection.execute(insert(schema.sign_in).returning(_ROW.id), values).scalar_one())

    def note_sign_in(self, number: int, *, ok: bool, reason: str, secret_mark: str | None = None) -> None:
        """Write down what has become of an attempt so far."""
        values = {"ok": ok, "reason": reason, "secret_mark": secret_mark}
        with self._database.writing(f"sign-in {number}") as connection:
            connection.execute(update(schema.sign_in).where(_ROW.id == number).values(values))

    def sign_ins_on(self, portal: str, account: str, day: date) -> tuple[SignIn, ...]:
        """Return the attempts of one day in Europe/Rome, oldest first."""
        first, after = bounds_of(day)
        with self._database.reading() as connection:
            rows = connection.execute(
                select(schema.sign_in)
                .where(_ROW.portal == origin(portal), _ROW.account == account, _ROW.at >= first, _ROW.at < after)
                .order_by(_ROW.id)
            )
            return tuple(to_sign_in(row) for row in rows.mappings())

    def rejected_mark(self, portal: str, account: str) -> str | None:
        """Return the mark of the secret that the portal refused last, unless a sign-in succeeded since.

        An attempt that broke off for another reason, a time-out say, proves nothing about the secret.
        """
        rejected = SignInRejected.reason
        with self._database.reading() as connection:
            last = connection.execute(
                select(_ROW.ok, _ROW.secret_mark)
                .where(_ROW.portal == origin(portal), _ROW.account == account, or_(_ROW.ok, _ROW.reason == rejected))
                .order_by(_ROW.id.desc())
                .limit(1)
            ).first()
            return None if last is None or last.ok else last.secret_mark
