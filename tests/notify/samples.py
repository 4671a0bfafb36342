"""A run with something of everything, from which the sample digests of the documentation are made."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.model import Item, Outcome, PaymentMethod
from pec_autorenew.notify import Message, Notice, compose, matters_of

TODAY: Final = date(2026, 12, 1)
RUN: Final = "2026-12-01T08-00-00Z-3f2a"
PORTAL: Final = "https://areaclienti.pec.it/"


def configuration(**tables: Any) -> Config:  # noqa: ANN401 - whatever a table takes
    """Return a configuration with an office, a town hall, and others."""
    accounts: list[dict[str, Any]] = [
        {"name": name, "username": f"{name}@aruba.it", "password": {"env": "UNUSED"}}
        for name in ("studio", "comune", "clienti")
    ]
    accounts[1]["billing"] = {"identifier": "codice-destinatario", "value": "UF0AB1"}
    tree = {"portal": {"base_url": PORTAL}, "accounts": accounts, **tables}
    return Config.from_layers((Layer("file", tree),))


def unpaid(address: str, expiry: date, number: str, account: str = "studio", **facts: Any) -> Item:  # noqa: ANN401
    """Return the item of an order that waits for its payment."""
    given: dict[str, Any] = {
        "reason": "ordered",
        "method": PaymentMethod.BONIFICO,
        "gross": Decimal("30.50"),
        "order_gross": Decimal("30.50"),
        "pay_by": date(2026, 12, 15),
        "message": f"Order {number} is in «Attesa pagamento».",
        **facts,
    }
    return Item(account, address, Outcome.AWAITING_PAYMENT, expiry_before=expiry, order_number=number, **given)


ITEMS: Final = (
    Item("studio", "dubbia@pec.it", Outcome.UNKNOWN, "unknown", "the portal's answer was lost", date(2026, 12, 13)),
    Item(
        "studio",
        "approvami@pec.it",
        Outcome.NEEDS_PERSON,
        "approval",
        "36,60 € per year is 20 % more than last time",
        date(2026, 12, 23),
        gross=Decimal("36.60"),
    ),
    unpaid("archivio@pec.it", date(2026, 12, 20), "12345678", order_gross=Decimal("61.00"), instructions="IBAN …"),
    unpaid("fatture@pec.it", date(2026, 12, 22), "12345678", order_gross=Decimal("61.00"), instructions="IBAN …"),
    unpaid("protocollo@pec.it", date(2026, 12, 21), "12345690", "comune"),
    *(
        Item(
            "clienti",
            f"cliente{number}@pec.it",
            Outcome.FAILED,
            "sign-in-rejected",
            "the portal refuses user name or password of clienti@aruba.it",
            date(2027, 1, 9 + number),
        )
        for number in range(1, 13)
    ),
    Item("studio", "nuova@pec.it", Outcome.RENEWED, "renewed", "", date(2026, 12, 4), date(2027, 12, 4)),
    Item("studio", "tranquilla@pec.it", Outcome.SKIPPED, "not-due", "", date(2027, 9, 1)),
)


def sample(language: str) -> Message:
    """Return the digest of that run: masked in Italian, as a third party gets it; in English with the names."""
    matters = tuple(matters_of(configuration(), ITEMS, TODAY))
    message = compose(Notice(matters, TODAY, RUN, PORTAL), language, reveal=language == "en")
    assert message is not None
    return message
