"""A person's word: asked for with the facts of the form, and used for exactly these (PRC-7, PAY-7, DUP-10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pec_autorenew.acceptance import price_of, rise_in_percent
from pec_autorenew.italian import format_money
from pec_autorenew.ledger import ApprovalFacts
from pec_autorenew.model import Outcome
from pec_autorenew.states import SPENDING, RequestState

if TYPE_CHECKING:
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.ledger import Request
    from pec_autorenew.model import Item, OrderForm, WantedMailbox, WantedOrder


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says to one mailbox of an order: the request that was granted, or why it is held back."""

    granted: int | None = None
    held: Item | None = None


def word_on(visit: Visit, wanted: WantedOrder, box: WantedMailbox, form: OrderForm) -> Word:
    """Return the word on `box` of an order that stands on the form; where there is none yet, ask for it.

    Nobody needs to be asked: an empty word. A dry run asks nobody, and goes by what was said (DRY-1).
    """
    question = _question(visit, box, form)
    if not question:
        return Word()
    facts = ApprovalFacts(
        visit.account.name, box.address, box.expiry, form.years, form.method, price_of(form, box.address)
    )

    def item(outcome: Outcome, reason: str, message: str) -> Item:
        return visit.item(wanted, box.address, outcome, reason, message, form)

    before = _said(visit, facts)
    request = _asked(visit, facts, question) if visit.errand.live else before
    if request is not None and request.facts == facts and request.valid_until > visit.errand.clock():
        if request.state is RequestState.ANSWERED:
            return Word(granted=request.id)
        if request.state is RequestState.DENIED:
            return Word(held=item(Outcome.STOPPED, "approval", "A person rejected it."))
    if before is not None and before.state is RequestState.ANSWERED and before.facts.gross != facts.gross:
        message = f"Approved were {format_money(before.facts.gross)}, and it is {format_money(facts.gross)} now"
        message += f": {_how(facts)}"
        return Word(held=item(Outcome.STOPPED, "price-changed", message))
    message = f"{question} {_how(facts).capitalize()}"
    return Word(held=item(Outcome.NEEDS_PERSON, "approval", message))


def _question(visit: Visit, box: WantedMailbox, form: OrderForm) -> str:
    """Return what a person must approve before this mailbox is ordered, or ""."""
    if box.question:
        return box.question
    errand, amount = visit.errand, price_of(form, box.address)
    if errand.config.renewal.approval.needed_for(amount):
        return f"The order is right ({format_money(amount)}) and waits for a person's approval."
    last = errand.ledger.last_price(errand.portal, box.address, states=SPENDING)
    if last is not None:
        gross, years = last
        rise = rise_in_percent(amount, form.years, gross, years)
        if rise > errand.config.limits.max_increase_percent:
            return f"A year costs {rise:.0f} % more than last time ({format_money(gross / years)}): a person decides."
    return ""


def _said(visit: Visit, facts: ApprovalFacts) -> Request | None:
    """Return the question that stands about this renewal, whatever its facts."""
    errand = visit.errand
    same = [
        one
        for one in errand.ledger.requests(errand.portal)
        if (one.facts.address, one.facts.expiry) == (facts.address, facts.expiry)
    ]
    return same[-1] if same else None


def _asked(visit: Visit, facts: ApprovalFacts, question: str) -> Request:
    errand = visit.errand
    valid = errand.config.renewal.approval_valid
    return errand.ledger.ask(errand.portal, facts, question, errand.clock(), valid, errand.run_id)


def _how(facts: ApprovalFacts) -> str:
    return f"allow it with `pec-autorenew approve {facts.address}/{facts.expiry}`."
