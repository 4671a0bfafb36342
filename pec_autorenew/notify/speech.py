"""What a language has to say: the sentences of which a message is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from pec_autorenew.checks import Change
    from pec_autorenew.config import Severity
    from pec_autorenew.model import InvoiceIdentifier
    from pec_autorenew.notify.matters import Matter
    from pec_autorenew.paying import Term


class Speech(Protocol):
    """One language."""

    #: By section: the line over it, and how many it has, for the title: one, more.
    sections: Mapping[str, tuple[str, str, str]]
    #: What holds for every order that is to be paid, said once (PAY-4, PAY-5).
    to_pay: Sequence[str]
    #: Said where the portal has said how to pay, and to whom it has written.
    portal_says: str
    mail_goes_to: str
    #: Said in a dry run.
    rehearsal: str

    def subject(self, severity: Severity) -> str:
        """Return what a title begins with."""

    def expires(self, expiry: date, today: date) -> str:
        """Say when a mailbox expires, or did."""

    def account(self, name: str) -> str:
        """Name an account; "" is the run itself."""

    def boxes(self, number: int) -> str:
        """Say of how many mailboxes the first is about to be named."""

    def order(self, matter: Matter) -> str:
        """Name an order: number, price, method."""

    def pay(self, term: Term, payer: InvoiceIdentifier | None) -> str:
        """Say by when to pay, or what a public office does instead (PAY-8)."""

    def renewed(self, expiry: date | None) -> str:
        """Say the new expiry."""

    def what(self, matter: Matter) -> str:
        """Say what is the matter."""

    def what_to_do(self, matter: Matter, portal: str) -> str:
        """Say what to do next; "" where nothing is known."""

    def change(self, change: Change) -> str:
        """Say one thing that has changed on a page of the portal."""

    def if_right(self) -> str:
        """Say what to do where the portal has changed."""

    def waits(self, until: str) -> str:
        """Say until when the run waits for a person."""

    def as_before(self, matter: Matter) -> str:
        """Say what is no longer so."""

    def others(self, number: int) -> str:
        """Say how many are not named."""

    def details(self, run_id: str) -> str:
        """Say where all of it can be read."""

    def trial(self, severity: Severity) -> tuple[str, str]:
        """Return title and body of a message of `notify test`."""
