"""What the forms of an order send, read field by field; the layouts with forms share it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pec_autorenew.mock_portal.values import (
    Choice,
    Identifier,
    IdentifierKind,
    MailboxType,
    OrderRequest,
    Subject,
)

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from pec_autorenew.mock_portal.sessions import Cart

CODE_LENGTH = 7
PUBLIC_CODE_LENGTH = 6


def is_filled(cart: Cart | None) -> bool:
    """Whether there is anything in the cart."""
    return cart is not None and bool(cart.choices)


def read_number(form: FormData, name: str, default: int) -> int:
    """Read a whole number; what is none counts as not given."""
    value = str(form.get(name, ""))
    return int(value) if value.isdecimal() else default


def read_choice(form: FormData, address: str) -> Choice:
    """Read one row of the cart."""
    return Choice(
        address=address,
        type=MailboxType(str(form.get(f"tipo:{address}", MailboxType.STANDARD))),
        extra_gb=read_number(form, f"spazio:{address}", 0),
    )


def read_identifier(form: FormData) -> Identifier | None:
    """Read where the electronic invoice goes."""
    kind = str(form.get("identificativo", ""))
    if kind not in set(IdentifierKind):
        return None
    value = "" if kind == IdentifierKind.NESSUNO else str(form.get("valore_identificativo", "")).strip()
    return Identifier(kind=IdentifierKind(kind), value=value)


def identifier_problem(identifier: Identifier | None, subject: Subject) -> str:
    """Say in the portal's words what is wrong with the answer; nothing if it will do."""
    if identifier is None:
        return "Seleziona l'identificativo per l'invio della fattura elettronica."
    length = PUBLIC_CODE_LENGTH if subject is Subject.PUBBLICA_AMMINISTRAZIONE else CODE_LENGTH
    match identifier.kind:
        case IdentifierKind.CODICE_DESTINATARIO if not re.fullmatch(rf"[A-Za-z0-9]{{{length}}}", identifier.value):
            return f"Il Codice Destinatario deve essere di {length} caratteri."
        case IdentifierKind.CASELLA_PEC if "@" not in identifier.value:
            return "La Casella PEC indicata non è valida."
        case _:
            return ""


def requested(username: str, cart: Cart) -> OrderRequest:
    """Turn a cart into the order that its form asks for."""
    return OrderRequest(
        signed_in_as=username,
        choices=cart.choices,
        years=cart.years,
        method=cart.method,
        kit=cart.kit,
        consents=cart.ticked,
        identifier=cart.identifier,
    )
