"""A person's word on a renewal whose outcome the portal never showed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from pec_autorenew.errors import NotClosable
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from datetime import datetime

    from pec_autorenew.ledger import Ledger, Renewal

#: The reason of what a person closed.
CLOSED: Final = "closed-by-person"


def close_unknown(ledger: Ledger, portal: str, identity: str, reason: str, now: datetime) -> Renewal:
    """Close the renewal «address/expiry» as failed, because a person looked and says so (DUP-4).

    Raises NotClosable where there is no such renewal or its outcome is not unknown.
    """
    address, _, expiry = identity.partition("/")
    try:
        renewal = ledger.find(portal, address, date.fromisoformat(expiry))
    except ValueError:
        renewal = None
    if renewal is None or renewal.state is not RenewalState.UNKNOWN:
        state = f"it is {renewal.state.value}" if renewal else "there is none"
        raise NotClosable(
            f"{identity}: only a renewal whose outcome is unknown can be closed, and {state}; "
            "`pec-autorenew history` lists the renewals as address/expiry"
        )
    message = f"Closed by a person: {reason}"
    return ledger.settle(renewal.id, RenewalState.FAILED, now, reason=CLOSED, message=message)
