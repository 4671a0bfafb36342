"""Before anything is filled in: whoever may say no to a mailbox is asked, once for each in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pec_autorenew.engine import placing
from pec_autorenew.errors import HookFailed
from pec_autorenew.planning import with_mailboxes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.model import Item, WantedOrder


def order(visit: Visit, wanted: WantedOrder) -> Iterator[Item]:
    """Order the mailboxes that nobody says no to; yield each item when it is certain. The no holds back no other."""
    errand, kept = visit.errand, []
    for box in wanted.mailboxes:
        try:
            if box.address not in errand.let_by:
                with errand.alone:
                    errand.before_renewal(errand.run_id, errand.mode, wanted, box)
        except HookFailed as error:
            yield from visit.not_ordered(wanted, [box.address], error)
        else:
            errand.let_by.add(box.address)
            kept.append(box)
    if kept:
        yield from placing.order(visit, with_mailboxes(wanted, tuple(kept)))
