"""The only lock that decides who works on an account: a lease that a heartbeat keeps alive (SES-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select, update

from pec_autorenew.errors import AnotherRun
from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import Claim, aware, origin
from pec_autorenew.ledger.rows import to_claim
from pec_autorenew.ledger.verbs import Verbs

if TYPE_CHECKING:
    from datetime import datetime, timedelta

_ROW = schema.claim.c


class ClaimVerbs(Verbs):
    """Who works on which account."""

    def claim(self, portal: str, account: str, holder: str, now: datetime, lease: timedelta) -> Claim:
        """Take the account, or take it over when the lease of its holder has lapsed; else raise `AnotherRun`."""
        portal, now = origin(portal), aware(now)
        with self._database.writing(f"account {account}") as connection:
            found = _claim_on(connection, portal, account)
            if found is not None and found.holder != holder and now < found.until:
                raise AnotherRun(
                    f"{found.holder} works on account {account} until {found.until:%Y-%m-%d %H:%M:%S} UTC."
                )
            mine = Claim(portal, account, holder, now, now, lease)
            connection.execute(delete(schema.claim).where(_ROW.portal == portal, _ROW.account == account))
            connection.execute(
                insert(schema.claim),
                {
                    "portal": portal,
                    "account": account,
                    "holder": holder,
                    "acquired_at": now,
                    "heartbeat_at": now,
                    "lease_seconds": int(lease.total_seconds()),
                },
            )
            return mine

    def heartbeat(self, portal: str, account: str, holder: str, now: datetime) -> None:
        """Keep the claim; `AnotherRun` if it is no longer this holder's, who must then touch nothing more."""
        portal, now = origin(portal), aware(now)
        with self._database.writing(f"account {account}") as connection:
            keep_claim(connection, portal, account, holder, now)

    def release(self, portal: str, account: str, holder: str) -> None:
        """Give the account back; somebody else's claim stays."""
        with self._database.writing(f"account {account}") as connection:
            connection.execute(
                delete(schema.claim).where(
                    _ROW.portal == origin(portal), _ROW.account == account, _ROW.holder == holder
                )
            )

    def claims(self, portal: str) -> tuple[Claim, ...]:
        """Return all claims, lapsed ones too."""
        with self._database.reading() as connection:
            rows = connection.execute(select(schema.claim).where(_ROW.portal == origin(portal)).order_by(_ROW.account))
            return tuple(to_claim(row) for row in rows.mappings())


def require_claim(connection: Connection, portal: str, account: str, holder: str, now: datetime) -> None:
    """Refuse a holder whose claim has lapsed or is somebody else's."""
    found = _claim_on(connection, portal, account)
    _require_held(found, account, holder)
    if found is not None and now >= found.until:
        raise AnotherRun(f"The claim of {holder} on account {account} lapsed at {found.until:%Y-%m-%d %H:%M:%S} UTC.")


def keep_claim(connection: Connection, portal: str, account: str, holder: str, now: datetime) -> None:
    """Refuse a holder whose claim somebody else took over; a lapsed one that nobody wanted lives on."""
    _require_held(_claim_on(connection, portal, account), account, holder)
    connection.execute(
        update(schema.claim).where(_ROW.portal == portal, _ROW.account == account).values(heartbeat_at=now)
    )


def _require_held(found: Claim | None, account: str, holder: str) -> None:
    if found is None or found.holder != holder:
        raise AnotherRun(f"{holder} no longer holds account {account}: {found.holder if found else 'nobody'} does.")


def _claim_on(connection: Connection, portal: str, account: str) -> Claim | None:
    row = (
        connection.execute(select(schema.claim).where(_ROW.portal == portal, _ROW.account == account))
        .mappings()
        .first()
    )
    return None if row is None else to_claim(row)
