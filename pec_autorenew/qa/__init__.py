"""The QA kit: the page objects as regression tests of the portal, a plugin for pytest (extra `qa`).

`plugin` is what pytest loads: options, fixtures and markers. What a test may need besides stands here, and is loaded
when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pec_autorenew.model import MailboxState, Mandate, OrderState, PaymentMethod, PortalAutorenewal
    from pec_autorenew.qa.expecting import deviations, expect_order_of, expect_page
    from pec_autorenew.qa.guard import OrderRefused
    from pec_autorenew.qa.target import Target
    from pec_autorenew.qa.walking import Riepilogo, Visitor

__all__ = [
    "MailboxState",
    "Mandate",
    "OrderRefused",
    "OrderState",
    "PaymentMethod",
    "PortalAutorenewal",
    "Riepilogo",
    "Target",
    "Visitor",
    "deviations",
    "expect_order_of",
    "expect_page",
]

_FROM: Final = {
    **dict.fromkeys(("MailboxState", "Mandate", "OrderState", "PaymentMethod", "PortalAutorenewal"), "..model"),
    **dict.fromkeys(("deviations", "expect_order_of", "expect_page"), ".expecting"),
    "OrderRefused": ".guard",
    "Target": ".target",
    **dict.fromkeys(("Riepilogo", "Visitor"), ".walking"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever stands under that name
    """Load what a test asks for: pytest itself loads the plugin in every run."""
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_FROM[name], __name__), name)
