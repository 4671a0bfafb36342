"""A false portal that ships with the package, so that the client can be tried and tested without a real order.

It knows nothing of the client: the two meet only through HTTP, as with the real portal.
"""

from __future__ import annotations

from pec_autorenew.mock_portal.admission import CODE
from pec_autorenew.mock_portal.changes import CHANGES, Change
from pec_autorenew.mock_portal.faults import KINDS, STEPS
from pec_autorenew.mock_portal.options import DEFAULTS, LAYOUTS, Consent, ExtraOffer, Layout, Options
from pec_autorenew.mock_portal.scenarios import SCENARIOS, understood
from pec_autorenew.mock_portal.server import MockPortal, serve
from pec_autorenew.mock_portal.snapshot import snapshot
from pec_autorenew.mock_portal.truth import RefusedError, Truth
from pec_autorenew.mock_portal.values import (
    Account,
    Identifier,
    IdentifierKind,
    Mailbox,
    MailboxType,
    Method,
    Order,
    OrderState,
    Subject,
    Tab,
)
from pec_autorenew.mock_portal.wire import BadValueError

__all__ = [
    "CHANGES",
    "CODE",
    "DEFAULTS",
    "KINDS",
    "LAYOUTS",
    "SCENARIOS",
    "STEPS",
    "Account",
    "BadValueError",
    "Change",
    "Consent",
    "ExtraOffer",
    "Identifier",
    "IdentifierKind",
    "Layout",
    "Mailbox",
    "MailboxType",
    "Method",
    "MockPortal",
    "Options",
    "Order",
    "OrderState",
    "RefusedError",
    "Subject",
    "Tab",
    "Truth",
    "serve",
    "snapshot",
    "understood",
]
