"""What is asked of a mailbox, and what a mail that counts says; neither its text nor whom it names besides is kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pec_autorenew.config import Account


class Kind(StrEnum):
    """What a mail confirms (PF-CONFIRMATION, PF-CONFIRMATION-MAIL)."""

    ORDER = "order"
    PAYMENT = "payment"

    @property
    def subject(self) -> str:
        """The mail's name, as the portal's guides have it."""
        return "«Conferma ordine»" if self is Kind.ORDER else "«Conferma pagamento»"


@dataclass(frozen=True, slots=True)
class Question:
    """What the run wants to know: mails since an instant, and the numbers and mailboxes to look for in them."""

    since: datetime
    numbers: frozenset[str]
    #: Folded.
    addresses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One mail of the portal's, authenticated by the server that received it."""

    kind: Kind
    #: When it was written, in UTC.
    at: datetime
    #: Tells this mail from another one, and does not lead back to it.
    mark: str
    #: The order numbers in it: those that were asked about, and what stands after a documented label.
    numbers: frozenset[str]
    #: Those of the mailboxes that were asked about which it names.
    addresses: frozenset[str]


#: Reads an account's mailbox. Raises MailUnreadable, SecretUnavailable.
Reader: TypeAlias = "Callable[[Account, Question], tuple[Confirmation, ...]]"
