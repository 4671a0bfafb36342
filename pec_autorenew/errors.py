"""One root for everything that can go wrong; each class says the next step.

The docstrings take the portal (or whoever spoke) as their subject. Constructors take a message and keyword facts, so
that every error can be built, shown and carried in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class NextStep(StrEnum):
    """What the caller does about an error; the engine has one `match` on it."""

    RETRY = "retry"
    STOP_ITEM = "stop-item"
    STOP_ACCOUNT = "stop-account"
    STOP_RUN = "stop-run"
    ASK_PERSON = "ask-person"
    RECONCILE = "reconcile"


class PecAutorenewError(Exception):
    """Something in pec-autorenew went wrong.

    `outcome` and `reason` are the words of the report (`Outcome`, reason strings of the interface).
    """

    next_step: ClassVar[NextStep] = NextStep.STOP_RUN
    outcome: ClassVar[str] = "failed"
    reason: str = "portal-error"
    #: Whether there may be an order of which nobody knows: by what it is, or by what else the run that it ends left.
    order_may_exist: bool = False

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if reason is not None:
            self.reason = reason


# -- before anything is touched ------------------------------------------------------------------------------------


class ConfigError(PecAutorenewError):
    """The configuration or the environment is not fit; `problems` has one line for each place."""

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), reason: str | None = None) -> None:
        super().__init__(message, reason=reason)
        self.problems = problems


class SecretUnavailable(ConfigError):
    """A secret's reference led nowhere."""


class SessionUnusable(ConfigError):
    """A saved session cannot be read, written or trusted; the account signs in anew."""


class BrowserUnavailable(ConfigError):
    """No browser could be started."""


class MailUnreadable(PecAutorenewError):
    """The ordinary mailbox could not be read: then the portal is the only witness, as it is without one."""

    reason = "mail-unreadable"


class AnotherRun(PecAutorenewError):
    """Another run holds the lock."""


class NotClosable(PecAutorenewError):
    """The ledger holds no renewal of this name whose outcome is unknown."""


class NotApprovable(PecAutorenewError):
    """A person's word has no question to answer, or the question is no longer the one that was asked."""


class LedgerError(PecAutorenewError):
    """The ledger could not be read or written: without it nothing may be ordered."""


class NoLedger(LedgerError):
    """There is no ledger in its place, or not yet."""


class NotRecorded(LedgerError):
    """The ledger failed after the binding click: an order may exist that it does not know (DUP-8)."""

    next_step = NextStep.RECONCILE
    order_may_exist = True


class IllegalTransition(LedgerError):
    """The ledger was asked for a step that the states of a renewal do not have."""


class Interrupted(PecAutorenewError):
    """Somebody, or the system, asked the run to end."""

    reason = "interrupted"


class OutOfTime(Interrupted):
    """The run's own deadline passed (RES-1)."""

    reason = "timeout"


class Unexpected(PecAutorenewError):
    """Something happened that nobody foresaw (SIL-4).

    The message names the kind of error and the place, never the error's own words, which may hold a secret (SEC-1).
    """

    next_step = NextStep.STOP_ACCOUNT
    reason = "internal-error"


class HookFailed(PecAutorenewError):
    """The user's own program says no, or could not be asked; `said` is the last line of its stderr, for stderr only."""

    next_step = NextStep.STOP_ITEM
    outcome = "stopped"
    reason = "hook"

    def __init__(self, message: str, *, said: str = "", reason: str | None = None) -> None:
        super().__init__(message, reason=reason)
        self.said = said


class NotRecordable(PecAutorenewError):
    """A recording of the portal cannot be made, or must not be kept (SEC-4)."""


class AlreadyOpen(LedgerError):
    """The ledger already holds an open renewal for this mailbox and expiry."""

    next_step = NextStep.STOP_ITEM
    outcome = "stopped"
    reason = "already-open"


# -- what the portal says ------------------------------------------------------------------------------------------


class PortalError(PecAutorenewError):
    """The portal did something that stops the work; `page`, `address` and `evidence` say where."""

    next_step = NextStep.STOP_ACCOUNT

    def __init__(
        self,
        message: str,
        *,
        page: str = "",
        address: str = "",
        evidence: tuple[str, ...] = (),
        reason: str | None = None,
    ) -> None:
        super().__init__(message, reason=reason)
        self.page = page
        self.address = address
        self.evidence = evidence


class PortalUnreachable(PortalError):
    """The portal does not answer."""

    next_step = NextStep.RETRY
    reason = "unreachable"


class PortalTimeout(PortalError):
    """The portal did not answer in time."""

    next_step = NextStep.RETRY
    reason = "timeout"


class VisitOverdue(PortalError):
    """The portal kept a visit beyond its deadline; its browser was killed (RES-1)."""

    reason = "timeout"


class BrowserLost(PortalError):
    """The portal's browser, or the process that drives it, died in the middle of a visit."""

    reason = "browser-died"


class PortalBroken(PortalError):
    """The portal answers with an error page."""

    next_step = NextStep.RETRY
    reason = "portal-error"


class Maintenance(PortalError):
    """The portal says that it is closed for maintenance."""

    reason = "maintenance"


class TooManyRequests(PortalError):
    """The portal asks for fewer requests."""

    next_step = NextStep.STOP_RUN
    reason = "too-many-requests"
    #: Whether all workers leave it alone for a while now, so that it may be asked again; set by whoever raises it.
    passes: bool = False


class SignInRejected(PortalError):
    """The portal signals that the credentials are wrong."""

    reason = "sign-in-rejected"


class SignInLimit(PortalError):
    """The portal's door has been knocked at often enough today (HUM-3)."""

    outcome = "stopped"
    reason = "sign-in-limit"


class SessionEnded(PortalError):
    """The portal asks to sign in again."""

    next_step = NextStep.RETRY


class ForeignOrigin(PortalError):
    """The portal asks for a password in a place where none may be typed."""

    outcome = "stopped"
    reason = "foreign-origin"


class PersonNeeded(PortalError):
    """The portal insists on a person; `reason` says for what."""

    next_step = NextStep.ASK_PERSON
    outcome = "needs-person"


class Parked(PersonNeeded):
    """The portal still waits for a person, who was asked and did not come: the account is left for later."""


class ApprovalDenied(PersonNeeded):
    """The portal says that somebody refused the sign-in on the device."""

    reason = "two-step-approval"


class ApprovalExpired(PersonNeeded):
    """The portal says that nobody approved the sign-in in time."""

    reason = "two-step-approval"


class RefusedByPortal(PortalError):
    """The portal refuses in words, before anything was ordered."""

    next_step = NextStep.STOP_ITEM
    reason = "refused-by-portal"


# -- drift -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a page has in the place of a documented element, and the configuration line that would choose it."""

    #: «page.element», the documented element.
    element: str
    #: button, link, checkbox, radio, option, textbox, combobox, spinbutton, heading, text.
    role: str
    name: str
    #: 0 to 1: how like a documented name it is.
    similarity: float
    #: A line of TOML for `table`: `login.submit = ["Avanti"]`.
    line: str
    #: The table of the configuration to which the line belongs: portal.names or portal.locators.
    table: str = "portal.names"
    #: Where on the page it stands, in words; "" where its name says enough.
    where: str = ""

    @property
    def toml(self) -> str:
        """The line below its table's head, as it may stand at the end of a file that has no such table."""
        return f"[{self.table}]\n{self.line}"


@dataclass(frozen=True, slots=True)
class Lack:
    """A documented element that is not there exactly once."""

    #: «page.element».
    element: str
    #: The names in force for it, as written.
    documented: tuple[str, ...]
    #: How often it is there.
    count: int = 0
    #: The table in which the configuration says something of it already: portal.names, portal.locators, or "".
    override: str = ""


class Drift(PortalError):
    """The portal looks other than documented; `candidates` are what is nearest to it, best first (DRF-4).

    `snapshot` and `picture` show the page as it stood then, masked; either may be empty.
    """

    outcome = "drift"
    reason = "unexpected-page"

    def __init__(
        self,
        message: str,
        *,
        candidates: tuple[Candidate, ...] = (),
        lacks: tuple[Lack, ...] = (),
        snapshot: str = "",
        picture: bytes = b"",
        **facts: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(message, **facts)
        self.candidates = candidates
        self.lacks = lacks
        self.snapshot = snapshot
        self.picture = picture


class UnexpectedPage(Drift):
    """The portal shows a page that is not one of those expected."""


class ElementMissing(Drift):
    """The portal's page lacks an element that it is documented to have."""

    reason = "element-missing"


class ElementAmbiguous(Drift):
    """The portal's page has several elements where one is documented."""

    reason = "element-ambiguous"


class InventoryShrank(Drift):
    """The portal lists fewer mailboxes than it should."""

    reason = "inventory-shrank"


# -- policy and the binding click ------------------------------------------------------------------------------------


class PolicyStop(PortalError):
    """The portal offers something that the configuration does not allow; `reason` says what."""

    next_step = NextStep.STOP_ITEM
    outcome = "stopped"
    reason = "form-mismatch"


class FormChanged(PolicyStop):
    """The portal's order form is no longer the one that was checked; nothing was pressed."""


class FormLost(FormChanged):
    """The portal's order form went with the browser that showed it; nothing was pressed."""

    outcome = "failed"


class OutcomeUnknown(PortalError):
    """The binding click was made, and the portal's answer was lost: an order may exist."""

    next_step = NextStep.RECONCILE
    outcome = "unknown"
    reason = "unknown"
