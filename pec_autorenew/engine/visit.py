"""A visit to one account: signed in, looked at afresh, and the words of its report."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pec_autorenew.acceptance import price_of
from pec_autorenew.engine.people import PUSH, door_is_open, require_unlocked, wait_for_person
from pec_autorenew.engine.retrying import retrying
from pec_autorenew.engine.wire import kind_of, place_of
from pec_autorenew.errors import (
    Drift,
    InventoryShrank,
    Parked,
    PecAutorenewError,
    PersonNeeded,
    PortalError,
    SignInLimit,
    SignInRejected,
    TooManyRequests,
    Unexpected,
    UnexpectedPage,
)
from pec_autorenew.italian import format_money
from pec_autorenew.model import Item, MailboxState, Outcome, Survey, WantedOrder, fold_address
from pec_autorenew.paying import GRACE_DAYS
from pec_autorenew.planning import days_left, today_in_rome
from pec_autorenew.states import UNSETTLED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from pec_autorenew.config import Account
    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.ports import Portal
    from pec_autorenew.ledger import Renewal
    from pec_autorenew.model import OrderForm

#: One password for the visit, and one more where the portal ended a session that had been good (SES-2, HUM-3).
_MOST_PASSWORDS = 2
#: What the ledger notes of `login`, which is no attempt of ours.
_BY_A_PERSON = "login"


@dataclass(slots=True)
class Visit:
    """One account in one run."""

    errand: Errand
    account: Account
    portal: Portal
    #: The newest look; None while nobody knows how the account stands.
    survey: Survey | None = None
    #: Mailboxes that the last complete look had and the newest has not (SIL-2).
    vanished: tuple[str, ...] = ()
    #: Mailboxes of whose next order a person decides, because a mail tells of one that was taken for lost; and why.
    told_of: dict[str, str] = field(default_factory=dict)
    #: Why this account gets no further order in this run.
    stopped: PecAutorenewError | None = None
    _signed_in: bool = False
    _passwords_typed: int = 0
    _refusal: PecAutorenewError | None = field(default=None)
    #: The number in the ledger of the attempt under way, and what a person was needed for in it.
    _attempt: int | None = None
    _asked_for: str = ""

    # -- looking ---------------------------------------------------------------------------------------------------

    def look(self) -> Survey:
        """Sign in if need be and look at the account afresh; the look is in the ledger before it is used."""
        errand = self.errand
        before = errand.ledger.last_survey(errand.portal, self.account.name, complete_only=True)
        self.survey = None
        survey = retrying(self._look_once, again=self.sign_in, sleep=errand.sleep)
        if not self._is_proven(survey):
            if not self.portal.forget_session():
                raise self._stranger()
            self.sign_in()  # a saved session was somebody else's: now with the password
            survey = self.portal.survey()
            if not self._is_proven(survey):
                raise self._stranger()
        self.portal.keep_session(frozenset(box.address for box in survey.mailboxes))
        self._tell_remarks()
        today = today_in_rome(errand.clock())
        self.vanished = _vanished(before.survey if before else None, survey, self.account, today)
        errand.ledger.record_survey(
            errand.portal, survey, mode=errand.mode, complete=not self.vanished, run_id=errand.run_id
        )
        self.survey = survey
        return survey

    @property
    def is_signed_in(self) -> bool:
        """Whether this visit has come through the door."""
        return self._signed_in

    def again(self, portal: Portal) -> Visit:
        """Return a visit that takes up, from the door on, what this one left."""
        return Visit(self.errand, self.account, portal, self.survey, self.vanished, self.told_of, self.stopped)

    def shrank(self) -> InventoryShrank | None:
        """Return the error for mailboxes that are no longer listed, or None where all are."""
        if not self.vanished:
            return None
        return InventoryShrank(f"no longer listed: {', '.join(self.vanished)}; exclude them if that is right (SIL-2)")

    def own(self, survey: Survey) -> None:
        """Take on the mailboxes that this account covers and no account before it has."""
        for box in survey.mailboxes:
            if self.account.covers(box.address):
                self.errand.owners.setdefault(box.address, self.account.name)

    def _stranger(self) -> UnexpectedPage:
        return UnexpectedPage(
            f"somebody is signed in, and nothing shows that it is {self.account.username}: say how the portal greets "
            "the account (shown_as), or name one of its mailboxes (include)"
        )

    def _is_proven(self, survey: Survey) -> bool:
        """Whether the password was typed by this visit, or whoever is signed in is seen to be the account's user."""
        if self._passwords_typed and not self.portal.signed_in_by_hand():
            return True
        mailboxes = frozenset(box.address for box in survey.mailboxes)
        return self._is_own(survey) or self.portal.vouched_for(mailboxes)

    def _is_own(self, survey: Survey) -> bool:
        """Whether greeting or list show that it is this account (SES-1, SIL-5)."""
        errand, account = self.errand, self.account
        if self.portal.shows_owner():
            return True
        stored = errand.ledger.last_survey(errand.portal, account.name)
        known = {fold_address(account.username), *account.named_mailboxes, *self.portal.known_mailboxes()}
        known |= {box.address for box in (stored.survey.mailboxes if stored else ())}
        return not known.isdisjoint(box.address for box in survey.mailboxes)

    def _tell_remarks(self) -> None:
        for remark in self.portal.remarks():
            self.errand.note("session", self.account.name, message=remark)

    def owned_elsewhere(self) -> frozenset[str]:
        """Return the addresses that another account looks after."""
        return frozenset(one for one, owner in self.errand.owners.items() if owner != self.account.name)

    def _look_once(self) -> Survey:
        if not self._signed_in:
            self.sign_in()
        return self.portal.survey()

    # -- signing in ------------------------------------------------------------------------------------------------

    def sign_in(self) -> None:
        """Sign in; a password is typed once, and what comes of it is in the ledger (HUM-3)."""
        typed_before, self._attempt = self._passwords_typed, None
        try:
            asked = self._pass_the_door()
        except PecAutorenewError as error:
            if self._passwords_typed > typed_before:
                self._refusal = error
                if isinstance(error, TooManyRequests):
                    error.passes = False  # the password is not typed again, however long one waits
                self._note_attempt(self._asked_for or error.reason, ok=False)
            raise
        self._note_attempt(asked, ok=True)
        self._signed_in = True
        door_is_open(self)

    def signed_in_by_a_person(self) -> None:
        """Note that the account can be signed in to: a password that was refused may be tried again (HUM-3)."""
        self.errand.ledger.record_sign_in(
            self.errand.portal, self.account.name, self.errand.clock(), ok=True, reason=_BY_A_PERSON
        )

    def _pass_the_door(self) -> str:
        """Sign in; return what a person was needed for, if anything."""
        self._asked_for = ""
        try:
            self.portal.sign_in(self._before_password)
        except PersonNeeded as needed:
            if isinstance(needed, Parked):
                raise
            self._asked_for = needed.reason
            self._note_attempt(needed.reason, ok=False)  # before the wait, which may be the end of this run
            wait_for_person(self, needed)
        return self._asked_for

    def _before_password(self) -> None:
        """Refuse to have the password typed where it was refused, or typed too often, before."""
        errand, account = self.errand, self.account
        if self._refusal is not None:
            raise self._refusal
        require_unlocked(self)
        if self._passwords_typed >= _MOST_PASSWORDS:
            raise PortalError("the portal ended the session twice in this run")
        refused = errand.ledger.rejected_mark(errand.portal, account.name)
        if refused is not None and refused == self.portal.secret_mark():
            raise SignInRejected(
                f"the portal refused this password of {account.username} before; it is not tried again until it changes"
            )
        # A mock portal is signed in to as often as somebody tries things out, unless the limits are what is tried.
        tried = {errand.config.origin("sign_in", key) for key in ("max_per_day", "max_pushes_per_day")}
        if not errand.config.portal.is_loopback or tried != {"default"}:
            self._require_attempt_left()
        self._passwords_typed += 1
        self._attempt = errand.ledger.record_sign_in(
            errand.portal, account.name, errand.clock(), ok=False, reason="typed"
        )

    def _require_attempt_left(self) -> None:
        errand, account = self.errand, self.account
        today = today_in_rome(errand.clock())
        tried = [
            one for one in errand.ledger.sign_ins_on(errand.portal, account.name, today) if one.reason != _BY_A_PERSON
        ]
        attempts, pushes = len(tried), sum(one.reason == PUSH for one in tried)
        if pushes >= errand.config.sign_in.max_pushes_per_day:
            raise SignInLimit(
                f"{account.name} was asked {pushes} times today to approve a sign-in, as often as "
                "sign_in.max_pushes_per_day allows; tomorrow it may again"
            )
        if attempts >= errand.config.sign_in.max_per_day:
            raise SignInLimit(
                f"{account.name} has signed in {attempts} times today, as often as sign_in.max_per_day allows; "
                "tomorrow it may again"
            )

    def _note_attempt(self, reason: str, *, ok: bool) -> None:
        """Write down what has become of the password that was typed, if one was."""
        if self._attempt is not None:
            mark = self.portal.secret_mark() if reason == SignInRejected.reason else None
            self.errand.ledger.note_sign_in(self._attempt, ok=ok, reason=reason, secret_mark=mark)

    # -- items -----------------------------------------------------------------------------------------------------

    def pictures_of(self, error: PecAutorenewError) -> tuple[str, ...]:
        """Keep pictures of what the portal did, once for each error."""
        if isinstance(error, PortalError) and not error.evidence:
            error.evidence = self.pictures(error.reason, error if isinstance(error, Drift) else None)
        return error.evidence if isinstance(error, PortalError) else ()

    def pictures(self, stem: str, drift: Drift | None = None) -> tuple[str, ...]:
        """Keep a picture of what is on screen; that there is none must not hide what it is evidence for."""
        try:
            return self.portal.evidence(stem, drift)
        except Exception as error:  # noqa: BLE001 - noted, and the error that it belongs to is reported
            self.errand.note("no-evidence", self.account.name, message=unexpected(error).message)
            return ()

    def item(
        self,
        wanted: WantedOrder,
        address: str,
        outcome: Outcome,
        reason: str,
        message: str,
        form: OrderForm | None = None,
    ) -> Item:
        """Return the report's line for one mailbox of an order."""
        box = next(box for box in wanted.mailboxes if box.address == address)
        shown = self.survey.mailbox(address) if self.survey else None
        return Item(
            self.account.name,
            address,
            outcome,
            reason,
            message,
            expiry_before=box.expiry,
            years=wanted.years,
            method=wanted.method,
            gross=price_of(form, address) if form else None,
            order_gross=form.gross if form else None,
            autorenewal=shown.autorenewal if shown else None,
        )

    def not_looked_at(self, error: PecAutorenewError, *, settled: Iterable[str | None] = ()) -> list[Item]:
        """Return items for the account's mailboxes after an error, with a picture; `settled` already have theirs."""
        return not_looked_at(self.errand, self.account, error, settled=settled, evidence=self.pictures_of(error))

    def not_found(self, survey: Survey) -> list[Item]:
        """Return an item for each mailbox that the configuration names and the portal does not show (SIL-2)."""
        missing = self.account.named_mailboxes - {box.address for box in survey.mailboxes}
        message = "The configuration names it, and the portal does not show it."
        return [Item(self.account.name, one, Outcome.FAILED, "mailbox-not-found", message) for one in sorted(missing)]

    def due(self, wanted: WantedOrder, address: str) -> Item:
        """Return the plan's line for a mailbox that is due; its price is known from its last order, if at all."""
        errand = self.errand
        question = next(box.question for box in wanted.mailboxes if box.address == address)
        if question:
            return self.item(wanted, address, Outcome.NEEDS_PERSON, "approval", question)
        last = errand.ledger.last_price(errand.portal, address)
        price = f", last time {format_money(last[0])}" if last else ""
        message = f"Due: {wanted.years} year{'s' if wanted.years > 1 else ''} by {wanted.method.value}{price}."
        return self.item(wanted, address, Outcome.WOULD_ORDER, "due", message)

    def not_ordered(self, wanted: WantedOrder, addresses: Iterable[str], error: PecAutorenewError) -> list[Item]:
        """Return items for what an error stopped before anything was pressed, with a picture; the ledger has them."""
        errand = self.errand
        pictures = self.pictures_of(error)
        items = [
            replace(self.item(wanted, one, Outcome(error.outcome), error.reason, error.message), evidence=pictures)
            for one in addresses
        ]
        for item in items:
            errand.ledger.not_ordered(errand.portal, item, errand.clock(), run_id=errand.run_id)
        return items


def not_looked_at(
    errand: Errand,
    account: Account,
    error: PecAutorenewError,
    *,
    settled: Iterable[str | None] = (),
    evidence: tuple[str, ...] = (),
) -> list[Item]:
    """Return an item for each known mailbox of an account that was not looked at; one without any if none is known.

    Of an order that is known the message tells; where one may exist, the outcome is `unknown`, whatever the error.
    """
    errand.note("not-looked-at", account.name, reason=error.reason, message=error.message)
    surveys = [errand.ledger.last_survey(errand.portal, account.name, complete_only=one) for one in (True, False)]
    expiries = {
        box.address: box.expiry
        for stored in surveys
        if stored is not None
        for box in stored.survey.mailboxes
        if account.covers(box.address) and errand.owners.get(box.address, account.name) == account.name
    }
    told = set(settled)
    open_ones = {one.address: one for one in errand.ledger.open_renewals(errand.portal, account.name)}
    known: list[str | None] = [*sorted({*account.named_mailboxes, *expiries, *open_ones})]
    nothing = Item(account.name, None, Outcome(error.outcome), error.reason, error.message)
    items = [
        _as_last_seen(open_ones[one], nothing)
        if one in open_ones
        else replace(nothing, mailbox=one, expiry_before=expiries.get(one or ""))
        for one in known or [None]
        if one is None or one not in told
    ]
    return [replace(item, evidence=evidence) for item in items]


def _as_last_seen(renewal: Renewal, nothing: Item) -> Item:
    """Return the item of a renewal that was not looked at: of its order, or that one may exist, the ledger tells."""
    if renewal.state in UNSETTLED:
        message = f"An order may exist, and nobody could look: {nothing.message}."
        return renewal.item(Outcome.UNKNOWN, "unknown", message)
    order = f"order {renewal.order_number}" if renewal.order_number else "its order"
    message = f"{nothing.message}; when it was last seen, {order} was in «Attesa pagamento»"
    return renewal.item(nothing.outcome, nothing.reason, message)


def unexpected(error: BaseException) -> Unexpected:
    """Return what may be told of an error that nobody foresaw: its kind and where it arose, not its own words."""
    place = place_of(error)
    return Unexpected(f"an unexpected {kind_of(error)}{f' in {place}' if place else ''}")


def _vanished(before: Survey | None, now: Survey, account: Account, today: date) -> tuple[str, ...]:
    """Return the mailboxes that the last look had and this one has not, save those past day +90."""
    if before is None:
        return ()
    listed = {box.address for box in now.mailboxes}
    return tuple(
        sorted(
            box.address
            for box in before.mailboxes
            if box.address not in listed
            and account.covers(box.address)
            and box.state is not MailboxState.CANCELLED
            and days_left(box.expiry, today) >= -GRACE_DAYS
        )
    )
