"""Somebody who is signed in at the mock portal without having signed in: what a test is about begins later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.responses import Response

from pec_autorenew.mock_portal.values import Visitor

if TYPE_CHECKING:
    from pec_autorenew.mock_portal import Account, MockPortal


def signed_in_state(portal: MockPortal, customer: Account) -> dict[str, Any]:
    """Return what a browser would know after `customer` has signed in, as Playwright keeps it."""
    answer = Response()
    portal._desk.admission.admit(Visitor(username=customer.username, account=customer.username), answer)
    name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
    kept = {"name": name, "value": value, "domain": urlsplit(portal.url).hostname, "path": "/"}
    return {
        "cookies": [{**kept, "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}],
        "origins": [],
    }
