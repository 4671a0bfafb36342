"""What a person can do about an item, by its reason; said after its message."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

ADVICE: Final = MappingProxyType(
    {
        "sign-in-rejected": "Correct the user name or the secret that accounts.password leads to.",
        "unreachable": "Check the network and portal.base_url; the next run tries again.",
        "timeout": (
            "The next run tries again; browser.action_timeout says how long one step may take, browser.visit_deadline "
            "and browser.run_deadline how long all of them."
        ),
        "browser-died": "The next run tries again, in a fresh browser; where it goes on, look at the machine's memory.",
        "maintenance": "The next run tries again.",
        "too-many-requests": "Wait some hours before the next run.",
        "portal-error": "The next run tries again.",
        "sign-in-limit": "It waits for tomorrow, or for a higher sign_in.max_per_day.",
        "already-open": "Run `pec-autorenew reconcile`, and look into `pec-autorenew history`.",
        "interrupted": "The next run goes on where this one was ended.",
        "internal-error": "That is a fault of this program: report it, with the line of the message.",
        "mailbox-not-found": "Check the spelling; `pec-autorenew list` shows what there is.",
        "inventory-shrank": "Look at the portal; where it is right, exclude the mailbox (accounts.exclude).",
        "renewal-not-offered": "Look at the portal: it may ask for something there.",
        "unexpected-page": "What stands there instead, and what to write down for it, is said below.",
        "element-missing": "What stands in its place, and what to write down for it, is said below.",
        "element-ambiguous": "How to choose one of them is said below.",
        "over-limit": "limits.max_per_mailbox would have to allow it.",
        "under-limit": "limits.min_per_mailbox would have to allow it.",
        "budget": "It waits for the next run or month, or for higher limits in [limits] or [[clients]].",
        "canary": "`pec-autorenew reconcile` looks again; once the list shows that order, the next run goes on.",
        "ledger-restored": "It waits until renewal.settle has passed; the next run goes on.",
        "method-not-offered": "Choose another renewal.payment_method.",
        "years-not-offered": "Choose other renewal.years.",
        "identifier-mismatch": "Correct the billing table, or the portal's own data.",
        "foreign-origin": "Add it to portal.login_origins only if it belongs to the portal.",
        "unknown-consent": "Read it on the portal; quote its words in mandate.accept to allow it.",
        "unknown": "Look into «Ordini associati al servizio»; `pec-autorenew reconcile` looks again.",
    }
)

#: What holds for every order that waits for its payment; said once in a report (PF-PAYMENT-TIMES, PF-PAYMENT-QUICK).
TO_PAY: Final = (
    "An order renews nothing until it is paid: pay it, and the next run sees the new expiry date.",
    "Whoever has paid already may ignore this. The causale holds the order number and nothing else.",
    (
        "«Paga» by card or PayPal on the portal switches «Rinnovo automatico» on; «Paga subito un ordine» on "
        "pagamenti.aruba.it does not."
    ),
)

#: Where the portal said something of the order itself, and to whom it writes (PAY-5).
MAIL_GOES_TO: Final = "«Conferma ordine», with the ways to pay, goes to {}."
PORTAL_SAYS: Final = "What the portal itself says on how to pay: `pec-autorenew show`."
