"""What nobody can know of the portal before somebody has been there: each question, and who can answer it.

The answers of a walk are observations by topic (`pages/observing.py`); what no walk may find out names what tells it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unknown:
    """One question about the portal."""

    key: str
    question: str
    #: Topics of the observations that answer it, in part or as a whole.
    topics: tuple[str, ...] = ()
    #: What of it only a later step tells; "" where the walk tells all.
    later: str = ""


_DRY_RUN: Final = "a dry run"
_FIRST_ORDER: Final = "the first real order"

UNKNOWNS: Final = (
    Unknown(
        "generation",
        "Which generation of the walk is live, by which entries it begins, where its steps are, and whether they open "
        "inner frames or windows.",
        ("entries", "address", "frames", "windows"),
    ),
    Unknown(
        "sign-in",
        "Where one signs in, what the fields are called, in how many steps, and whether there is a CAPTCHA.",
        ("sign-in",),
        "how long a session lasts, and when an account is locked: weeks of use",
    ),
    Unknown(
        "two-step",
        "How «Verifica in 2 passaggi» looks in a browser: its words, its time limit, its way out.",
        ("two-step",),
        "a sign-in to an account that has it switched on",
    ),
    Unknown(
        "error-texts",
        "What the portal says when something goes wrong: at the sign-in, in its forms, at the end, in maintenance.",
        (),
        "each error when it happens: its evidence keeps the words",
    ),
    Unknown(
        "technology",
        "How the pages are built, and which roles and names their controls have.",
        ("technology",),
    ),
    Unknown(
        "list",
        "How the list is laid out: columns, form of the dates, pages, search, tabs, states.",
        ("list", "paging", "tabs", "states"),
        "the states that no mailbox of this account has: other accounts",
    ),
    Unknown(
        "flags",
        "Which mailboxes are flagged beforehand in the cart.",
        ("flags",),
        f"whether several mailboxes become one order: {_DRY_RUN} with several due",
    ),
    Unknown(
        "several",
        "What «Rinnova caselle» leads to while some mailboxes renew automatically.",
        ("entries", "flags"),
        "an account that has both kinds",
    ),
    Unknown("kit", "Whether the kit is offered, with which control, what is chosen, how one refuses.", ("kit",)),
    Unknown(
        "services",
        "What the cart offers and has set beforehand beyond the mailbox: space, services that go on.",
        ("cart",),
        "a mailbox with additional services",
    ),
    Unknown(
        "holder-and-invoice",
        "Where holder and invoice data stand, what can be edited, whether a saved identifier is shown.",
        ("holder", "billing"),
        "which checks their values pass: nobody types there but the holder",
    ),
    Unknown(
        "methods",
        "Which methods are offered, which is chosen beforehand, what hides behind «Altre modalità».",
        ("methods",),
        f"whether a transfer leaves automatic renewal off: {_FIRST_ORDER}",
    ),
    Unknown(
        "years",
        "With which control «Frequenza di Rinnovo» is set, from what to what, and what stands there at first.",
        ("years",),
        f"whether it is for the order or for each mailbox: {_DRY_RUN} with several due",
    ),
    Unknown(
        "consents", "How many boxes are to be ticked, with which words, and which are ticked already.", ("consents",)
    ),
    Unknown("totals", "Where the total, the tax and the currency stand, and in which form.", ("totals",)),
    Unknown(
        "confirmation",
        "What the confirmation looks like, and what a second request does.",
        (),
        f"{_FIRST_ORDER}; a second request is never tried",
    ),
    Unknown("transfer", "Whether the coordinates of a transfer are on screen or only in the e-mail.", (), _FIRST_ORDER),
    Unknown(
        "orders",
        "What the order list shows and offers, and whether this login sees it.",
        ("orders",),
        "whether unpaid orders lapse: an order that is left unpaid",
    ),
    Unknown("payment", "How long a payment takes to move the expiry date.", (), "`reconcile` after the first payment"),
    Unknown(
        "automatic-renewal",
        "How «Rinnovo automatico» is switched off.",
        (),
        "a person who switches theirs off; the program never does",
    ),
    Unknown(
        "saved-card", "Whether the bank asks again for a saved card.", (), "a person who pays; the program never does"
    ),
    Unknown("prices", "What a renewal costs, and when notices are sent.", ("totals",), "prices: `renew --dry-run`"),
    Unknown("windows", "Which cookie banners, notices, chats and languages there are.", ("notices", "language")),
    Unknown(
        "terms",
        "What the contract says of programs that work for a customer.",
        (),
        "the contract's text, read by a person",
    ),
)
