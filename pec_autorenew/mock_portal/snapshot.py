"""All that a portal knows, as JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pec_autorenew.mock_portal import wire

if TYPE_CHECKING:
    from pec_autorenew.mock_portal.faults import Faults
    from pec_autorenew.mock_portal.truth import Truth


def snapshot(truth: Truth, faults: Faults) -> dict[str, object]:
    """Copy what there is, what was asked, and what went wrong and will."""
    with truth.at_rest():
        return {
            "clock": truth.clock.now().isoformat(),
            "layout": truth.layout,
            "scenario": truth.scenario,
            "options": wire.to_json(truth.options),
            "accounts": [wire.to_json(account) for account in truth.accounts.values()],
            "mailboxes": [
                {
                    **wire.to_object(mailbox),
                    "state": truth.state_of(mailbox).value,
                    "renewable": truth.renewable(mailbox),
                }
                for mailbox in truth.mailboxes.values()
            ],
            "orders": [wire.to_json(order) for order in truth.orders.values()],
            "hits": [wire.to_json(hit) for hit in truth.hits],
            "sign_ins": [wire.to_json(sign_in) for sign_in in truth.sign_ins],
            "pushes": truth.pushes,
            "codes_tried": truth.codes_tried,
            "terms_accepted": truth.terms_accepted,
            "phished": [wire.to_json(catch) for catch in truth.phished],
            "holder_edits": [wire.to_json(edit) for edit in truth.holder_edits],
            "confirm_posts": truth.confirm_posts,
            "refused_payments": list(truth.refused_payments),
            "faults": [wire.to_json(fault) for fault in faults.waiting],
            "struck": [wire.to_json(fault) for fault in faults.struck],
        }
