"""The QA kit: the page objects as regression tests of the portal, a plugin for pytest (extra `qa`).

`plugin` is what pytest loads: options, fixtures and markers. What a test may need besides stands here, and is loaded
when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pec_autorenew.errors import PersonNeeded, PolicyStop, SignInRejected, UnexpectedPage
    from pec_autorenew.model import (
        InvoiceIdentifier,
        MailboxState,
        Mandate,
        OrderState,
        PaymentMethod,
        PortalAutorenewal,
    )
    from pec_autorenew.qa.expecting import deviations, expect_no_question, expect_order_of, expect_page
    from pec_autorenew.qa.guard import OrderRefused
    from pec_autorenew.qa.target import Credentials, Target
    from pec_autorenew.qa.walking import EVERY_CONSENT, Riepilogo, Visitor

__all__ = [
    "EVERY_CONSENT",
    "Credentials",
    "InvoiceIdentifier",
    "MailboxState",
    "Mandate",
    "OrderRefused",
    "OrderState",
    "PaymentMethod",
    "PersonNeeded",
    "PolicyStop",
    "PortalAutorenewal",
    "Riepilogo",
    "SignInRejected",
    "Target",
    "UnexpectedPage",
    "Visitor",
    "deviations",
    "expect_no_question",
    "expect_order_of",
    "expect_page",
]

_FROM: Final = {
    "..errors": ("PersonNeeded", "PolicyStop", "SignInRejected", "UnexpectedPage"),
    "..model": (*("InvoiceIdentifier", "MailboxState", "Mandate", "OrderState", "PaymentMethod", "PortalAutorenewal"),),
    ".expecting": ("deviations", "expect_no_question", "expect_order_of", "expect_page"),
    ".guard": ("OrderRefused",),
    ".target": ("Credentials", "Target"),
    ".walking": ("EVERY_CONSENT", "Riepilogo", "Visitor"),
}
_MODULE_OF: Final = {name: module for module, names in _FROM.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands under that name
    """Load what a test asks for: pytest itself loads the plugin in every run."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name], __name__), name)
