"""Surveys: what an account's list showed, kept whole."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import RowMapping, func, insert, select

from pec_autorenew.errors import LedgerError
from pec_autorenew.ledger import schema
from pec_autorenew.ledger.records import StoredSurvey, aware, origin
from pec_autorenew.ledger.verbs import Verbs
from pec_autorenew.model import (
    Mailbox,
    MailboxState,
    MailboxType,
    OrderState,
    PortalAutorenewal,
    PortalOrder,
    Survey,
)

_ROW = schema.survey.c
_FORMAT: Final = 1


class SurveyVerbs(Verbs):
    """What was seen, and when."""

    def record_survey(
        self, portal: str, survey: Survey, *, mode: str, complete: bool = True, run_id: str | None = None
    ) -> int:
        """Keep a survey; `complete` says that everything was read, and only then can it prove anything."""
        values = {
            "portal": origin(portal),
            "account": survey.account,
            "taken_at": aware(survey.taken_at),
            "complete": complete,
            "mode": mode,
            "run_id": run_id,
            "payload": encode(survey),
        }
        with self._database.writing(f"account {survey.account}") as connection:
            return int(connection.execute(insert(schema.survey).returning(_ROW.id), values).scalar_one())

    def last_survey(self, portal: str, account: str, *, complete_only: bool = False) -> StoredSurvey | None:
        """Return the account's newest survey; with `complete_only`, the newest that proves something (SIL-6)."""
        query = select(schema.survey).where(_ROW.portal == origin(portal), _ROW.account == account)
        if complete_only:
            query = query.where(_ROW.complete)
        with self._database.reading() as connection:
            row = connection.execute(query.order_by(_ROW.id.desc()).limit(1)).mappings().first()
            return None if row is None else _stored(row)

    def last_surveys(self, portal: str, *, complete_only: bool = False) -> tuple[StoredSurvey, ...]:
        """Return the newest survey of each account, by account."""
        newest = select(func.max(_ROW.id)).where(_ROW.portal == origin(portal)).group_by(_ROW.account)
        if complete_only:
            newest = newest.where(_ROW.complete)
        with self._database.reading() as connection:
            rows = connection.execute(select(schema.survey).where(_ROW.id.in_(newest)).order_by(_ROW.account))
            return tuple(_stored(row) for row in rows.mappings())


def _stored(values: RowMapping) -> StoredSurvey:
    survey = decode(values["payload"], values["account"], values["taken_at"])
    return StoredSurvey(
        values["id"], values["portal"], survey, values["mode"], complete=values["complete"], run_id=values["run_id"]
    )


def encode(survey: Survey) -> dict[str, object]:
    """Return what the columns beside it do not hold, as JSON."""
    return {
        "format": _FORMAT,
        "orders_visible": survey.orders_visible,
        "offers_flags": survey.offers_flags,
        "mailboxes": [
            {
                "address": box.address,
                "expiry": box.expiry.isoformat(),
                "state": box.state.value,
                "type": None if box.type is None else box.type.value,
                "autorenewal": box.autorenewal.value,
                "renewable": box.renewable,
                "tab": box.tab,
            }
            for box in survey.mailboxes
        ],
        "orders": [
            {
                "number": order.number,
                "placed_on": None if order.placed_on is None else order.placed_on.isoformat(),
                "state": order.state.value,
                "gross": None if order.gross is None else str(order.gross),
                "mailboxes": sorted(order.mailboxes),
                "text": order.text,
            }
            for order in survey.orders
        ],
    }


def decode(payload: dict[str, Any], account: str, taken_at: datetime) -> Survey:
    """Return the survey as it was; a form of writing that this version does not know is refused."""
    if payload.get("format") != _FORMAT:
        raise LedgerError(f"The survey of {account} is written in an unknown form: {payload.get('format')!r}.")
    return Survey(
        account=account,
        taken_at=taken_at,
        mailboxes=tuple(_mailbox(box) for box in payload["mailboxes"]),
        orders=tuple(_order(order) for order in payload["orders"]),
        orders_visible=payload["orders_visible"],
        offers_flags=payload["offers_flags"],
    )


def _mailbox(box: dict[str, Any]) -> Mailbox:
    return Mailbox(
        address=box["address"],
        expiry=date.fromisoformat(box["expiry"]),
        state=MailboxState(box["state"]),
        type=None if box["type"] is None else MailboxType(box["type"]),
        autorenewal=PortalAutorenewal(box["autorenewal"]),
        renewable=box["renewable"],
        tab=box["tab"],
    )


def _order(order: dict[str, Any]) -> PortalOrder:
    return PortalOrder(
        number=order["number"],
        placed_on=None if order["placed_on"] is None else date.fromisoformat(order["placed_on"]),
        state=OrderState(order["state"]),
        gross=None if order["gross"] is None else Decimal(order["gross"]),
        mailboxes=frozenset(order["mailboxes"]),
        text=order["text"],
    )
