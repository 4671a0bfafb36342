"""A visit to one account: look, settle what is open, order what is due, prove it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from pec_autorenew.engine.proof import Click, Verdict, judge_click, judge_waiting, not_looked_up, not_pressed
from pec_autorenew.engine.retrying import retrying
from pec_autorenew.errors import (
    FormChanged,
    InventoryShrank,
    LedgerError,
    NotRecorded,
    OutcomeUnknown,
    PecAutorenewError,
    PortalError,
    RefusedByPortal,
)
from pec_autorenew.italian import format_money
from pec_autorenew.ledger import Budget, Submission, SubmittedMailbox, month_of
from pec_autorenew.model import Item, MailboxState, OrderState, Outcome, Survey, WantedOrder
from pec_autorenew.planning import (
    GRACE_DAYS,
    days_left,
    item_for,
    needs_splitting,
    price_of,
    refusals,
    single_orders,
    today_in_rome,
    with_mailboxes,
)
from pec_autorenew.states import UNSETTLED, RenewalState

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from datetime import date, datetime

    from pec_autorenew.config import Account, Config
    from pec_autorenew.engine.ports import Portal, Prepared
    from pec_autorenew.ledger import Ledger, Renewal
    from pec_autorenew.model import Mailbox, OrderForm

#: A survey older than this is taken again before an order is prepared from it (DUP-5).
_FRESH: Final = timedelta(seconds=60)


@dataclass(slots=True)
class Errand:
    """What all visits of one run share."""

    config: Config
    ledger: Ledger
    run_id: str
    live: bool
    clock: Callable[[], datetime]
    holder: str
    sleep: Callable[[float], None]
    #: What a dry run would have spent; a live run's spending is in the ledger.
    pretended: Decimal = Decimal(0)
    #: Mailboxes that may still be ordered in this run; None for any number.
    items_left: int | None = None
    #: address -> the account that looks after it: the first one that shows it (DUP-9).
    owners: dict[str, str] = field(default_factory=dict)

    @property
    def portal(self) -> str:
        """The portal's address, as the ledger knows it."""
        return self.config.portal.base_url

    @property
    def mode(self) -> str:
        """The word of the report for what this run may do."""
        return "live" if self.live else "dry-run"

    def budget(self) -> Budget:
        """Return the configured limits of run and month."""
        limits = self.config.limits
        return Budget(limits.max_per_run or Decimal(0), limits.max_per_month or Decimal(0))

    def left(self) -> Decimal:
        """Return what the run and the month may still spend."""
        budget = self.budget()
        run = budget.max_per_run - self.ledger.spent(self.run_id)
        month = budget.max_per_month - self.ledger.spent_in_month(month_of(self.clock()))
        return min(run, month) - self.pretended


@dataclass(slots=True)
class Visit:
    """One account, signed in, in one run."""

    errand: Errand
    account: Account
    portal: Portal
    survey: Survey | None = None
    _signed_in: bool = False

    # -- looking ---------------------------------------------------------------------------------------------------

    def look(self) -> Survey:
        """Sign in if need be and look at the account afresh; the look is in the ledger before it is used."""
        errand = self.errand
        before = errand.ledger.last_survey(errand.portal, self.account.name, complete_only=True)
        survey = retrying(self._look_once, again=self._sign_in, sleep=errand.sleep)
        vanished = _vanished(before.survey if before else None, survey, self.account, today_in_rome(errand.clock()))
        errand.ledger.record_survey(
            errand.portal, survey, mode=errand.mode, complete=not vanished, run_id=errand.run_id
        )
        if vanished:
            raise InventoryShrank(f"no longer listed: {', '.join(vanished)}; exclude them if that is right (SIL-2)")
        self.survey = survey
        self.own(survey)
        return survey

    def own(self, survey: Survey) -> None:
        """Take on the mailboxes that no account before this one shows."""
        for box in survey.mailboxes:
            self.errand.owners.setdefault(box.address, self.account.name)

    def owned_elsewhere(self) -> frozenset[str]:
        """Return the addresses that another account looks after."""
        return frozenset(one for one, owner in self.errand.owners.items() if owner != self.account.name)

    def _look_once(self) -> Survey:
        if not self._signed_in:
            self._sign_in()
        return self.portal.survey()

    def _sign_in(self) -> None:
        errand, ok, reason = self.errand, False, "failed"
        try:
            self.portal.sign_in()
            ok, reason = True, ""
        except PortalError as error:
            reason = error.reason
            raise
        finally:
            errand.ledger.record_sign_in(errand.portal, self.account.name, errand.clock(), ok, reason)
        self._signed_in = True

    # -- settling what is open -------------------------------------------------------------------------------------

    def reconcile(self, survey: Survey) -> list[Item]:
        """Settle what is open from a fresh look; adopt what somebody else ordered. Return an item for each."""
        errand = self.errand
        items = []
        live = errand.ledger.open_renewals(errand.portal, self.account.name)
        for group in _by_click([one for one in live if one.state in UNSETTLED]):
            verdicts = judge_click(group, survey, errand.clock(), errand.config.renewal.settle, Click())
            items += [self.record(renewal, verdicts[renewal.id]) for renewal in group]
        items += [
            self.record(one, judge_waiting(one, survey)) for one in live if one.state is RenewalState.AWAITING_PAYMENT
        ]
        items += self._adopt(survey, {item.mailbox for item in items})
        items += self._cancelled_before(survey, {item.mailbox for item in items})
        return items

    def record(self, renewal: Renewal, verdict: Verdict) -> Item:
        """Write a verdict into the ledger, step by legal step, and return its item; a dry run writes nothing."""
        errand, now = self.errand, self.errand.clock()
        words = {"run_id": errand.run_id, "reason": verdict.reason, "message": verdict.message}
        proved = {
            "order_number": verdict.order_number,
            "order_gross": verdict.order_gross,
            "expiry_after": verdict.expiry_after,
        }
        if errand.live:
            if verdict.state is RenewalState.CANCELLED and renewal.state is RenewalState.SUBMITTING:
                errand.ledger.settle(renewal.id, RenewalState.UNKNOWN, now, run_id=errand.run_id, reason="unknown")
            if verdict.state is renewal.state:
                errand.ledger.annotate(renewal.id, now, **words, **proved)  # type: ignore[arg-type]
            else:
                errand.ledger.settle(renewal.id, verdict.state, now, **words, **proved)  # type: ignore[arg-type]
        return _item(self.account.name, renewal, verdict, self.survey)

    def _adopt(self, survey: Survey, known: set[str | None]) -> list[Item]:
        """Take unpaid orders that name a mailbox and are not ours into the ledger (DUP-6)."""
        errand, items, elsewhere = self.errand, [], self.owned_elsewhere()
        for order in survey.orders:
            for address in sorted(order.mailboxes - known if order.state is OrderState.AWAITING_PAYMENT else ()):
                box = survey.mailbox(address)
                if box is None or not self.account.covers(address) or address in elsewhere:
                    continue
                known.add(address)
                message = f"Order {order.number} is somebody else's and in «Attesa pagamento»: «Paga» or «Annulla» it."
                if errand.live:
                    errand.ledger.adopt(
                        errand.portal, self.account.name, address, box.expiry, order, errand.clock(), errand.run_id,
                        client=self.account.client, message=message,
                    )  # fmt: skip
                item = item_for(self.account.name, box, Outcome.AWAITING_PAYMENT, "adopted", message)
                items.append(replace(item, order_number=order.number, order_gross=order.gross))
        return items

    def _cancelled_before(self, survey: Survey, known: set[str | None]) -> list[Item]:
        """Hold back what was ordered once and cancelled at the portal: a person decides (DUP-10)."""
        errand, items = self.errand, []
        for box in survey.mailboxes:
            if box.address not in known and errand.ledger.cancelled_renewals(errand.portal, box.address, box.expiry):
                message = "Its order was cancelled at the portal: a new one waits for a person's approval."
                items.append(item_for(self.account.name, box, Outcome.NEEDS_PERSON, "approval", message))
        return items

    # -- ordering --------------------------------------------------------------------------------------------------

    def order(self, wanted: WantedOrder) -> Iterator[Item]:
        """Order `wanted` as far as it is right and within the limits; yield each item as soon as it is certain."""
        while True:
            wanted = yield from self._still_as_seen(wanted)
            if not wanted.mailboxes:
                return
            prepared = self._prepare(wanted)
            if needs_splitting(prepared.form):
                for single in single_orders(wanted):
                    yield from self.order(single)
                return
            refused = refusals(prepared.form, wanted, self.errand.config.limits, self.errand.left())
            if not refused:
                yield from self._place(wanted, prepared)
                return
            for address, why in refused.items():
                item = self.item(wanted, address, Outcome.STOPPED, why.reason, why.message)
                yield replace(item, gross=price_of(prepared.form, address))
            wanted = with_mailboxes(wanted, tuple(box for box in wanted.mailboxes if box.address not in refused))

    def _still_as_seen(self, wanted: WantedOrder) -> Generator[Item, None, WantedOrder]:
        """Return the order for the mailboxes whose expiry has not moved since the plan (DUP-5)."""
        survey = self.survey
        if survey is None or self.errand.clock() - survey.taken_at > _FRESH:
            survey = self.look()
        kept = []
        for one in wanted.mailboxes:
            box = survey.mailbox(one.address)
            if box is None:
                yield self.item(wanted, one.address, Outcome.FAILED, "mailbox-not-found", "No longer in the list.")
            elif box.expiry == one.expiry and box.renewable:
                kept.append(one)
            else:
                message = "Its expiry or the offer of «Rinnova» changed while the run went on."
                yield item_for(self.account.name, box, Outcome.SKIPPED, "already-renewed", message)
        return with_mailboxes(wanted, tuple(kept))

    def _prepare(self, wanted: WantedOrder) -> Prepared:
        return retrying(lambda: self.portal.prepare_renewal(wanted), again=self._sign_in, sleep=self.errand.sleep)

    def _place(self, wanted: WantedOrder, prepared: Prepared) -> Iterator[Item]:
        """Reserve, write `submitting`, press once, prove it (DUP-1, DUP-3, VER-1)."""
        form, approval = prepared.form, self.errand.config.renewal.approval
        addresses = [box.address for box in wanted.mailboxes]
        if any(approval.needed_for(price_of(form, address)) for address in addresses):
            message = "The order is right and waits for a person's approval."
            yield from (self.item(wanted, one, Outcome.NEEDS_PERSON, "approval", message, form) for one in addresses)
        elif not self.errand.live:
            self.errand.pretended += form.gross
            message = "Dry run: everything up to «CONFERMA e completa l'ordine» was right; nothing was ordered."
            yield from (self.item(wanted, one, Outcome.WOULD_ORDER, "dry-run", message, form) for one in addresses)
        else:
            renewals = self._submit(wanted, form)
            click = self._press(prepared)
            try:
                yield from self._prove(renewals, click)
            except LedgerError as error:
                raise NotRecorded(
                    f"an order for {', '.join(addresses)} ({form.gross} EUR, number {click.number or 'not known'}) was "
                    f"sent to the portal, and the ledger could not be written: {error.message}"
                ) from error

    def _submit(self, wanted: WantedOrder, form: OrderForm) -> tuple[Renewal, ...]:
        errand, survey = self.errand, self.survey
        assert survey is not None  # noqa: S101 - order() looked
        split = form.amounts_per_mailbox or len(wanted.mailboxes) == 1
        autorenewal = {box.address: box.autorenewal for box in survey.mailboxes}
        order = Submission(
            account=self.account.name,
            mailboxes=tuple(
                SubmittedMailbox(
                    box.address,
                    box.expiry,
                    price_of(form, box.address) if split else None,
                    autorenewal.get(box.address),
                )
                for box in wanted.mailboxes
            ),
            years=form.years,
            method=form.method,
            order_gross=form.gross,
            order_numbers_before=survey.order_numbers(),
            group=uuid4().hex,
            client=self.account.client,
            form={
                "lines": [line.text for line in form.lines],
                "accepted": [one.text for one in form.consents if one.ticked],
                "net": None if form.net is None else str(form.net),
                "vat": None if form.vat is None else str(form.vat),
            },
        )
        return errand.ledger.submit(
            errand.portal, order, errand.budget(), errand.clock(), errand.run_id, holder=errand.holder
        )

    def _press(self, prepared: Prepared) -> Click:
        """Place the order: the one call in the repository, and nothing that retries may stand around it."""
        try:
            placed = self.portal.place_order(prepared)
        except FormChanged as error:
            return Click(just_now=True, not_pressed=error)
        except RefusedByPortal as error:
            return Click(just_now=True, nothing_sent=True, why=error.message)
        except OutcomeUnknown as error:
            return Click(just_now=True, why=error.message)
        return Click(placed.order_number, just_now=True)

    def _prove(self, renewals: tuple[Renewal, ...], click: Click) -> Iterator[Item]:
        """Look at the list afresh and write down what it proves; what cannot be learned stays `unknown`."""
        errand = self.errand
        pictures: tuple[str, ...] = ()
        if click.not_pressed is not None:
            verdicts = dict.fromkeys((one.id for one in renewals), not_pressed(click.not_pressed))
        else:
            try:
                survey = self.look()
                verdicts = judge_click(renewals, survey, errand.clock(), errand.config.renewal.settle, click)
            except PortalError as error:
                self.survey = None
                verdicts = dict.fromkeys((one.id for one in renewals), not_looked_up(click, error))
                pictures = self.portal.evidence("unknown")
        for renewal in renewals:
            yield replace(self.record(renewal, verdicts[renewal.id]), evidence=pictures)

    # -- items -----------------------------------------------------------------------------------------------------

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

    def not_looked_at(self, error: PecAutorenewError) -> list[Item]:
        """Return an item for each known mailbox of an account that could not be looked at; one without if none is."""
        errand, account = self.errand, self.account
        stored = errand.ledger.last_survey(errand.portal, account.name)
        expiries = {box.address: box.expiry for box in stored.survey.mailboxes} if stored else {}
        named = sorted({*account.named_mailboxes, *(one for one in expiries if account.covers(one))})
        known: list[str | None] = [*named] or [None]
        pictures = self.portal.evidence(error.reason) if isinstance(error, PortalError) else ()
        errand.ledger.note(
            "not-looked-at",
            errand.clock(),
            run_id=errand.run_id,
            account=account.name,
            facts={"reason": error.reason, "message": error.message},
        )
        return [
            Item(
                account.name,
                one,
                Outcome(error.outcome),
                error.reason,
                error.message,
                expiries.get(one or ""),
                evidence=pictures,
            )
            for one in known
        ]

    def not_found(self, survey: Survey) -> list[Item]:
        """Return an item for each mailbox that the configuration names and the portal does not show (SIL-2)."""
        missing = self.account.named_mailboxes - {box.address for box in survey.mailboxes}
        message = "The configuration names it, and the portal does not show it."
        return [Item(self.account.name, one, Outcome.FAILED, "mailbox-not-found", message) for one in sorted(missing)]

    def due(self, wanted: WantedOrder, address: str) -> Item:
        """Return the plan's line for a mailbox that is due; its price is known from its last order, if at all."""
        last = [
            one for one in self.errand.ledger.renewals(self.errand.portal, address=address) if one.gross is not None
        ]
        price = f", last time {format_money(last[-1].gross or Decimal(0))}" if last else ""
        message = f"Due: {wanted.years} year{'s' if wanted.years > 1 else ''} by {wanted.method.value}{price}."
        return self.item(wanted, address, Outcome.WOULD_ORDER, "due", message)

    def stopped(self, wanted: WantedOrder, addresses: Iterable[str], error: PecAutorenewError) -> list[Item]:
        """Return items for what an error stopped before anything was pressed, with a picture; the ledger has them."""
        pictures = self.portal.evidence(error.reason) if isinstance(error, PortalError) else ()
        items = [
            replace(self.item(wanted, one, Outcome(error.outcome), error.reason, error.message), evidence=pictures)
            for one in addresses
        ]
        for item in items:
            self.errand.ledger.not_ordered(self.errand.portal, item, self.errand.clock(), run_id=self.errand.run_id)
        return items


def _item(account: str, renewal: Renewal, verdict: Verdict, survey: Survey | None) -> Item:
    box: Mailbox | None = survey.mailbox(renewal.address) if survey else None
    return Item(
        account,
        renewal.address,
        verdict.outcome,
        verdict.reason,
        verdict.message,
        expiry_before=renewal.expiry,
        expiry_after=verdict.expiry_after,
        years=renewal.years,
        method=renewal.method,
        gross=renewal.gross,
        order_gross=verdict.order_gross or renewal.order_gross,
        order_number=verdict.order_number or renewal.order_number,
        autorenewal=box.autorenewal if box else renewal.autorenewal,
    )


def _by_click(renewals: Iterable[Renewal]) -> list[list[Renewal]]:
    groups: dict[str, list[Renewal]] = {}
    for renewal in renewals:
        groups.setdefault(renewal.order_group, []).append(renewal)
    return list(groups.values())


def _vanished(before: Survey | None, now: Survey, account: Account, today: date) -> list[str]:
    """Return the mailboxes that the last look had and this one has not, save those past day +90."""
    if before is None:
        return []
    listed = {box.address for box in now.mailboxes}
    return sorted(
        box.address
        for box in before.mailboxes
        if box.address not in listed
        and account.covers(box.address)
        and box.state is not MailboxState.CANCELLED
        and days_left(box.expiry, today) >= -GRACE_DAYS
    )
