"""Ordering: as seen, prepared, acceptable, within the limits, in the ledger, pressed once, proved."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from pec_autorenew.acceptance import needs_splitting, price_of, refusals, require_acceptable
from pec_autorenew.engine.approvals import word_on
from pec_autorenew.engine.braking import canary_key
from pec_autorenew.engine.clocks import not_before, portal_time, settle_by
from pec_autorenew.engine.people import park
from pec_autorenew.engine.proof import Click, Verdict, judge_click, not_looked_up, not_pressed
from pec_autorenew.engine.retrying import retrying
from pec_autorenew.engine.settling import adopt, of_other_clicks, record
from pec_autorenew.engine.visit import unexpected
from pec_autorenew.errors import (
    Drift,
    ElementMissing,
    FormChanged,
    LedgerError,
    NotRecorded,
    PecAutorenewError,
    PolicyStop,
    RefusedByPortal,
)
from pec_autorenew.ledger import Submission, SubmittedMailbox
from pec_autorenew.model import Item, Outcome, PortalAutorenewal, WantedMailbox, WantedOrder
from pec_autorenew.planning import item_for, single_orders, with_mailboxes

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from datetime import datetime

    from pec_autorenew.engine.ports import Prepared
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.ledger import Renewal
    from pec_autorenew.model import OrderForm, Survey

#: A survey older than this is taken again before an order is prepared from it (DUP-5).
_FRESH: Final = timedelta(seconds=60)
#: A click that the ledger has dated comes at once, or not: `settle` is counted from that date (DUP-4).
_PROMPT: Final = timedelta(seconds=60)


def order(visit: Visit, wanted: WantedOrder) -> Iterator[Item]:
    """Order `wanted` as far as it is right and within the limits; yield each item when it is certain."""
    while True:
        wanted = yield from _still_as_seen(visit, wanted)
        if not wanted.mailboxes:
            return
        try:
            prepared = _prepare(visit, wanted)
        except (Drift, PolicyStop) as error:
            visit.pictures_of(error)  # before another page is looked at
            if _is_as_seen(visit.look(), wanted.mailboxes):
                raise
            continue  # somebody was faster: a mailbox of the order is no longer offered
        if needs_splitting(prepared.form):
            for single in single_orders(wanted):
                yield from order(visit, single)
            return
        held, granted = _held_back(visit, wanted, prepared.form)
        if not held:
            yield from _place(visit, wanted, prepared, granted)
            return
        yield from held.values()
        wanted = with_mailboxes(wanted, tuple(box for box in wanted.mailboxes if box.address not in held))


# -- before the click --------------------------------------------------------------------------------------------------


def _still_as_seen(visit: Visit, wanted: WantedOrder) -> Generator[Item, None, WantedOrder]:
    """Return the order for the mailboxes that stand as they did when it was planned (DUP-5)."""
    survey = _fresh_look(visit)
    shrank = visit.shrank()
    if shrank is not None:
        raise shrank
    kept = []
    for one in wanted.mailboxes:
        if _is_as_seen(survey, (one,)):
            kept.append(one)
        else:
            yield _no_longer_as_seen(visit, survey, one)
    return with_mailboxes(wanted, tuple(kept))


def _fresh_look(visit: Visit) -> Survey:
    survey = visit.survey
    if survey is None or not visit.is_signed_in or visit.errand.clock() - survey.taken_at > _FRESH:
        return visit.look()
    return survey


def _is_as_seen(survey: Survey, boxes: tuple[WantedMailbox, ...]) -> bool:
    shown = [(survey.mailbox(one.address), one) for one in boxes]
    return all(
        box is not None and box.renewable and box.expiry == one.expiry and box.autorenewal is not PortalAutorenewal.ON
        for box, one in shown
    )


def _no_longer_as_seen(visit: Visit, survey: Survey, one: WantedMailbox) -> Item:
    """Return the item of a mailbox that changed while the run went on: renewed, or ordered by somebody else."""
    account, box = visit.account.name, survey.mailbox(one.address)
    if box is None:
        message = "It is no longer in the list."
        return Item(account, one.address, Outcome.FAILED, "mailbox-not-found", message, one.expiry)
    if box.expiry > one.expiry:
        message = "Its expiry moved while the run went on."
        item = item_for(account, box, Outcome.SKIPPED, "already-renewed", message)
        return replace(item, expiry_before=one.expiry, expiry_after=box.expiry)
    if box.autorenewal is PortalAutorenewal.ON:
        message = "«Rinnovo automatico» was switched on while the run went on: the portal charges by itself."
        return item_for(account, box, Outcome.SKIPPED, "portal-autorenewal-on", message)
    adopted = adopt(visit, survey, [one.address])
    message = "«Rinnova» went away while the run went on, and no order names the mailbox: look at the portal."
    return adopted[0] if adopted else item_for(account, box, Outcome.NEEDS_PERSON, "foreign-order", message)


def _prepare(visit: Visit, wanted: WantedOrder) -> Prepared:
    """Have the form filled in; it may be tried again, and it is judged here, whoever filled it in (PRC-5)."""

    def start_over() -> None:
        visit.sign_in()
        if not _is_as_seen(_fresh_look(visit), wanted.mailboxes):  # the first attempt may have taken long (DUP-5)
            raise ElementMissing("a mailbox of the order is no longer as it was seen")

    prepared = retrying(lambda: visit.portal.prepare_renewal(wanted), again=start_over, sleep=visit.errand.sleep)
    require_acceptable(prepared.form, wanted, prepared.cart)
    return prepared


def _held_back(visit: Visit, wanted: WantedOrder, form: OrderForm) -> tuple[dict[str, Item], tuple[int, ...]]:
    """Return an item for each mailbox that limits, budget or a person's word keep from being ordered now.

    And, besides, the requests that a person has granted, on which the order for the others stands.
    """
    config = visit.errand.config
    held = {
        address: replace(
            visit.item(wanted, address, Outcome.STOPPED, why.reason, why.message), gross=price_of(form, address)
        )
        for address, why in refusals(form, wanted, config.limits, visit.errand.left(visit.account.client)).items()
    }
    granted = []
    for box in wanted.mailboxes:
        if box.address not in held:
            word = word_on(visit, wanted, box, form)
            if word.held is not None:
                held[box.address] = word.held
            if word.granted is not None:
                granted.append(word.granted)
    return held, tuple(granted)


# -- the click ---------------------------------------------------------------------------------------------------------


def _place(visit: Visit, wanted: WantedOrder, prepared: Prepared, granted: tuple[int, ...]) -> Iterator[Item]:
    """Reserve, write `submitting`, press once, prove it (DUP-1, DUP-3, VER-1); in a dry run, none of it."""
    form, addresses = prepared.form, [box.address for box in wanted.mailboxes]
    if not visit.errand.live:
        with visit.errand.alone:
            visit.errand.pretended[visit.account.client] += form.gross
        message = "Dry run: everything up to «CONFERMA e completa l'ordine» was right; nothing was ordered."
        for one in addresses:
            yield _told(visit.item(wanted, one, Outcome.WOULD_ORDER, "dry-run", message, form), prepared)
        return
    there = portal_time(visit)
    last_word = LastWord(visit, _submit(visit, wanted, form, granted), there)
    click, surprise = _press(visit, prepared, last_word)
    renewals = last_word.renewals
    try:
        if surprise is not None:
            visit.errand.note("unexpected-error", visit.account.name, message=surprise.message, addresses=addresses)
        items = _prove(visit, renewals, click)
    except LedgerError as error:
        if click.not_pressed is not None:
            raise
        raise NotRecorded(
            f"an order for {', '.join(addresses)} ({form.gross} EUR, number {click.number or 'not known'}) was sent "
            f"to {visit.errand.portal} as {visit.account.name}, and the ledger could not be written: {error.message}"
        ) from error
    yield from (_told(item, prepared) for item in items)


def _told(item: Item, prepared: Prepared) -> Item:
    """Return the item with what the walk to the form has to tell (PRC-9)."""
    return replace(item, message=" ".join([item.message, *prepared.notes]))


def _submit(visit: Visit, wanted: WantedOrder, form: OrderForm, granted: tuple[int, ...]) -> tuple[Renewal, ...]:
    errand, survey = visit.errand, visit.survey
    assert survey is not None  # noqa: S101 - order() looked
    split = form.amounts_per_mailbox or len(wanted.mailboxes) == 1
    autorenewal = {box.address: box.autorenewal for box in survey.mailboxes}
    submission = Submission(
        account=visit.account.name,
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
        client=visit.account.client,
        approvals=granted,
        form={
            "lines": [line.text for line in form.lines],
            "accepted": [one.text for one in form.consents if one.ticked],
            "net": None if form.net is None else str(form.net),
            "vat": None if form.vat is None else str(form.vat),
        },
    )
    return errand.ledger.submit(
        errand.portal,
        submission,
        errand.budget(visit.account.client),
        errand.clock(),
        errand.run_id,
        holder=errand.holder,
        canary=canary_key(errand),
    )


@dataclass(slots=True)
class LastWord:
    """What the ledger says right before the click, and the renewals as it has them from then on (DUP-7)."""

    visit: Visit
    renewals: tuple[Renewal, ...]
    #: The portal's time, as it was known when the renewals were written.
    there: datetime | None = None
    refused: PecAutorenewError | None = None
    _begun: float = field(default_factory=time.monotonic)

    def __call__(self) -> None:
        """Let the ledger date the click; what it raises means that nothing may be pressed."""
        try:
            self._press()
        except PecAutorenewError as error:
            self.refused = error
            raise

    def _press(self) -> None:
        errand, asked, since = self.visit.errand, self.visit.errand.clock(), time.monotonic()
        there = None if self.there is None else self.there + timedelta(seconds=since - self._begun)
        self.renewals = errand.ledger.press(self.renewals, not_before(there, asked), holder=errand.holder)
        took = max(errand.clock() - asked, timedelta(seconds=time.monotonic() - since))
        if took > _PROMPT:  # the date is an old one by now, and others may have taken the order for lost since
            raise LedgerError(f"it took {took.total_seconds():.0f} s to write down the click, which was then not made")


def _press(visit: Visit, prepared: Prepared, last_word: LastWord) -> tuple[Click, PecAutorenewError | None]:
    """Place the order: the one call in the repository, and nothing that retries may stand around it.

    Whatever is raised here, the order may exist, unless the portal's port says in so many words that it cannot.
    """
    try:
        placed = visit.portal.place_order(prepared, last_word)
    except FormChanged as error:
        return Click(just_now=True, not_pressed=error), None
    except RefusedByPortal as error:
        return Click(just_now=True, nothing_sent=True, why=error.message), None
    except PecAutorenewError as error:
        if last_word.refused is not None:
            raise last_word.refused from None
        return Click(just_now=True, why=error.message), None
    except Exception as error:  # noqa: BLE001 - noted by the caller; the order is looked up all the same
        surprise = unexpected(error)
        return Click(just_now=True, why=surprise.message), surprise
    return Click(placed.order_number, placed.text, just_now=True, why=placed.why), None


# -- after the click ---------------------------------------------------------------------------------------------------


def _prove(visit: Visit, renewals: tuple[Renewal, ...], click: Click) -> list[Item]:
    """Look at the list afresh and write down what it proves; what cannot be learned stays `unknown`."""
    if click.not_pressed is not None:
        verdict = not_pressed(click.not_pressed, drift=isinstance(click.not_pressed.__cause__, Drift))
        if isinstance(click.not_pressed.__cause__, PecAutorenewError):
            visit.stopped = click.not_pressed.__cause__
        return _write_down(visit, renewals, click, dict.fromkeys((one.id for one in renewals), verdict))
    try:
        survey = visit.look()
    except LedgerError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the click was made: `unknown`, and the account stops
        known = error if isinstance(error, PecAutorenewError) else unexpected(error)
        visit.stopped = known
        park(visit, known)
        visit.errand.note("not-looked-up", visit.account.name, reason=known.reason, message=known.message)
        verdicts = dict.fromkeys((one.id for one in renewals), not_looked_up(click, known))
        return _write_down(visit, renewals, click, verdicts, looked=False)
    others = of_other_clicks(visit, renewals, survey)
    verdicts = judge_click(renewals, survey, settle_by(visit), click, others=others)
    items = _write_down(visit, renewals, click, verdicts)
    visit.stopped = visit.shrank()
    if visit.stopped is not None:
        ordered = {one.address for one in renewals}
        items += [
            Item(visit.account.name, one, Outcome.DRIFT, visit.stopped.reason, visit.stopped.message)
            for one in visit.vanished
            if one not in ordered
        ]
    return items


def _write_down(
    visit: Visit, renewals: tuple[Renewal, ...], click: Click, verdicts: dict[int, Verdict], *, looked: bool = True
) -> list[Item]:
    """Write all verdicts of a click, and what the portal answered to it, before any is told."""
    said = {of: replace(verdict, confirmation=click.confirmation) for of, verdict in verdicts.items()}
    items = [record(visit, one, said[one.id], looked=looked) for one in renewals]
    if any(item.outcome is Outcome.UNKNOWN for item in items):
        pictures = visit.pictures("unknown")
        items = [replace(item, evidence=pictures) for item in items]
    return items
