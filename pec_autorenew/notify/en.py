"""English: what the report says, in a message."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pec_autorenew.advice import ADVICE, MAIL_GOES_TO, PORTAL_SAYS, TO_PAY
from pec_autorenew.config import Severity
from pec_autorenew.italian import format_date, format_money
from pec_autorenew.model import Outcome
from pec_autorenew.notify.matters import BANK, OF_THE_RUN
from pec_autorenew.paying import deletion_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from pec_autorenew.checks import Change
    from pec_autorenew.model import InvoiceIdentifier
    from pec_autorenew.notify.matters import Matter
    from pec_autorenew.paying import Term

_SECTIONS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "broken": ("The run ended with an error", "a run failed", "{} runs failed"),
        "person": ("A person is needed", "a person is needed", "{} requests to a person"),
        "alarm": ("To look at now", "1 case to look at now", "{} cases to look at now"),
        "unpaid": ("Orders to pay", "1 order to pay", "{} orders to pay"),
        "warning": ("To put right", "1 case to put right", "{} cases to put right"),
        "changed": ("The portal has changed", "1 page of the portal changed", "{} pages of the portal changed"),
        "would": ("Would be ordered", "1 order rehearsed", "{} orders rehearsed"),
        "renewed": ("Renewed", "1 mailbox renewed", "{} mailboxes renewed"),
        "paid": ("Paid, waiting for the new expiry date", "1 order paid", "{} orders paid"),
        "resolved": ("No longer so", "1 case resolved", "{} cases resolved"),
    }
)
_SEEN: Final = "The report says what stands there instead, and what to write down for it."
#: Said after the message, where the report's own advice has nothing, or points to the report.
MORE: Final = MappingProxyType(
    {
        "approval": "`pec-autorenew approve {id}`, or `pec-autorenew reject {id}`.",
        **dict.fromkeys(("unexpected-page", "element-missing", "element-ambiguous"), _SEEN),
        "hook": "Look at what that program of yours says.",
        "paused": "`pec-autorenew resume` allows them again.",
        BANK: "Pay it at {portal}, «Ordini associati al servizio», «Paga».",
        "not-recorded": (
            "Keep this message. Look at the portal before any other order; once the ledger can be written again: "
            "`pec-autorenew reconcile`."
        ),
        "ledger": "Nothing is ordered without it: check the disk and who may use it.",
        "not-fit": "`pec-autorenew config validate` says what is wrong.",
    }
)


class English:
    """The sentences in English."""

    sections = _SECTIONS
    to_pay: Sequence[str] = TO_PAY
    portal_says = PORTAL_SAYS
    mail_goes_to = MAIL_GOES_TO
    rehearsal = "A dry run: nothing was ordered."

    def subject(self, severity: Severity) -> str:
        """Return what a title begins with."""
        return "PEC alarm" if severity is Severity.ALARM else "PEC"

    def expires(self, expiry: date, today: date) -> str:
        """Say when a mailbox expires, or did."""
        left, day = (expiry - today).days, format_date(expiry)
        if left < 0:
            since = "yesterday" if left == -1 else f"{-left} days ago"
            return f"expired {day}, {since}; deleted after {format_date(deletion_of(expiry))}"
        return f"expires {day}, {('today', 'tomorrow')[left] if left < len('ab') else f'in {left} days'}"

    def account(self, name: str) -> str:
        """Name an account."""
        return f"Account {name}" if name else "The run"

    def boxes(self, number: int) -> str:
        """Say of how many mailboxes the first is about to be named."""
        return f"{number} mailboxes, the first:"

    def order(self, matter: Matter) -> str:
        """Name an order."""
        number = f"Order {matter.order_number}" if matter.order_number else "An order without a number"
        gross = matter.order_gross or matter.gross
        method = matter.method.value if matter.method else ""
        return ", ".join(filter(None, (number, format_money(gross) if gross else "", method)))

    def pay(self, term: Term, payer: InvoiceIdentifier | None) -> str:
        """Say by when to pay."""
        return term.sentence(payer)

    def renewed(self, expiry: date | None) -> str:
        """Say the new expiry."""
        return f"new expiry {format_date(expiry)}" if expiry else "renewed"

    def what(self, matter: Matter) -> str:
        """Say what is the matter, as the report does."""
        text = f"{matter.message[:1].upper()}{matter.message[1:]}"
        return text if not text or text[-1] in ".:!?" else f"{text}."

    def what_to_do(self, matter: Matter, portal: str) -> str:
        """Say what to do next."""
        if matter.outcome == Outcome.SKIPPED:
            return ""
        box = matter.mailboxes[0] if matter.mailboxes else ""
        advice = MORE.get(matter.reason) or ("" if matter.key == OF_THE_RUN else ADVICE.get(matter.reason, ""))
        return advice.format(portal=portal, id=f"{box}/{matter.expiry}")

    def change(self, change: Change) -> str:
        """Say one thing that has changed on a page of the portal."""
        return change.text

    def if_right(self) -> str:
        """Say what to do where the portal has changed."""
        return (
            "Nothing was ordered. `renew` stops at what is missing, renamed or ambiguous until the configuration names "
            "it; the report has the line. What is right as it is now: `pec-autorenew check-portal --update-baseline`."
        )

    def waits(self, until: str) -> str:
        """Say until when the run waits."""
        return f"The run waits until {until}."

    def as_before(self, matter: Matter) -> str:
        """Say what is no longer so."""
        return f"no longer «{matter.reason}»"

    def others(self, number: int) -> str:
        """Say how many are not named."""
        return f"… and {number} more"

    def details(self, run_id: str) -> str:
        """Say where all of it can be read."""
        return f"The whole report: `pec-autorenew show {run_id}`"

    def trial(self, severity: Severity) -> tuple[str, str]:
        """Return title and body of a message of `notify test`."""
        return f"PEC: a test, {severity.value}", "A test of `pec-autorenew notify test`: there is nothing to do."
