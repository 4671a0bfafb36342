"""A run of `check-portal`: every account is walked up to the binding click, and each page judged by its baseline."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from pec_autorenew.checks import (
    PAGES,
    AccountCheck,
    BaselineState,
    PageCheck,
    PageLook,
    baseline_of,
    changes,
    judged,
    not_reached,
    redacted,
    without,
)
from pec_autorenew.engine.baselines import Baselines
from pec_autorenew.engine.round import Round
from pec_autorenew.errors import Interrupted, LedgerError, NextStep, PecAutorenewError, PortalError, TooManyRequests
from pec_autorenew.model import Item, Outcome, WantedMailbox, WantedOrder
from pec_autorenew.planning import NO_MANDATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pec_autorenew.checks import Baseline, SeenElement
    from pec_autorenew.engine.ports import CheckedPortal, Walk
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.model import Survey

#: Pages that every generation has; others may go, and the client does without them.
_ALWAYS = frozenset({"caselle", "gestione_caselle", "dati_intestatario", "modulo_ordine"})
_NOTHING_TO_RENEW = "no mailbox of this account can be renewed now: «Rinnova» is offered for none"
_NOT_SHOWN = "the portal did not show this page on the way"


class CheckRound(Round):
    """The accounts of one check: no renewal is planned, settled or placed."""

    def _first_look(self, visit: Visit) -> None:
        """Leave the look to the walk."""

    def _work_on(self, visit: Visit, survey: Survey | None) -> tuple[WantedOrder, ...]:  # noqa: ARG002 - the walk's own
        walk = cast("CheckedPortal", visit.portal).walk(pictures=self.task.pictures, record=self.task.record)
        unseen = walk.unseen()
        try:
            self._walk(visit, walk)
        except PecAutorenewError as error:
            walk.looks.reason = error.message
            self._tell(visit, error)
        finally:
            check = self._judged(visit, walk, unseen)
            self.result.checks.append(check)
            if self.task.record:
                self.result.walked.append(walk.looks)
        self._tell_drift(check)
        return ()

    def _walk(self, visit: Visit, walk: Walk) -> None:
        walk.door()
        visit.sign_in()
        walk.lists()
        survey = visit.look()
        visit.own(survey)
        self.result.surveys.append(survey)
        shrank = visit.shrank()
        if shrank is not None:
            self._tell(visit, shrank)
        wanted = self._wanted(visit, survey)
        walk.order(wanted, "" if wanted else _NOTHING_TO_RENEW)
        walk.leave()

    def _wanted(self, visit: Visit, survey: Survey) -> WantedOrder | None:
        """Return an order for the first mailbox that offers «Rinnova»; it serves to walk, and is never placed."""
        config, account = self.errand.config, visit.account
        box = next(
            (
                one
                for one in sorted(survey.mailboxes, key=lambda one: (one.expiry, one.address))
                if one.renewable and account.covers(one.address) and self.task.covers(one.address)
            ),
            None,
        )
        if box is None:
            return None
        policy = config.policy_for(account, box.address)
        return WantedOrder(
            account.name,
            (WantedMailbox(box.address, box.expiry, box.type, box.tab),),
            policy.years,
            policy.method,
            config.mandate or NO_MANDATE,
            policy.identifier,
            frozenset(one.address for one in survey.mailboxes),
        )

    # -- judging ---------------------------------------------------------------------------------------------------

    def _judged(self, visit: Visit, walk: Walk, unseen: Mapping[str, tuple[SeenElement, ...]]) -> AccountCheck:
        looks, account = walk.looks, visit.account
        personal = looks.personal | ({box.address for box in visit.survey.mailboxes} if visit.survey else set())
        baselines = Baselines.of(self.errand.config.state_dir, account.name)
        pages = []
        for key in PAGES:
            look = looks.seen.get(key)
            if look is not None:
                pages.append(self._page(redacted(look, personal), baselines))
            elif _comes_later(key, looks.seen):
                reason = without(looks.reason, personal)
                pages.append(not_reached(key, unseen[key], reason or _NOT_SHOWN, passed=not reason))
            else:
                pages.append(_passed_by(key, unseen[key], baselines.read(key)))
        return AccountCheck(account.name, tuple(pages), tuple(without(one, personal) for one in looks.notes))

    def _page(self, look: PageLook, baselines: Baselines) -> PageCheck:
        before = baselines.read(look.page)
        if not self.task.update_baseline or not look.recognised:
            reason = "" if look.recognised else "the page was not recognised, and this one is what it is most like"
            return judged(look, before, reason)
        now = baseline_of(look, before)
        told = changes(before, now) if before else [f"+ {len(now.every_control)} controls, for the first time"]
        baselines.write(look.page, now)
        return replace(judged(look, now), baseline=BaselineState.WRITTEN, changes=tuple(told))

    # -- telling ---------------------------------------------------------------------------------------------------

    def _tell(self, visit: Visit, error: PecAutorenewError) -> None:
        """Add the item for what ended the walk early; that somebody who attends ended it is no failure."""
        if isinstance(error, Interrupted):
            self.errand.note("walk-ended", visit.account.name, message=error.message)
            return
        reaches_all = error.next_step is NextStep.STOP_RUN and not isinstance(error, TooManyRequests)
        if isinstance(error, LedgerError) or reaches_all:
            raise error
        self.brakes.stop(visit, error)
        pictures = visit.pictures(error.reason) if isinstance(error, PortalError) else ()
        outcome = Outcome(error.outcome)
        self.tally.add([Item(visit.account.name, None, outcome, error.reason, error.message, evidence=pictures)])

    def _tell_drift(self, check: AccountCheck) -> None:
        if not check.drift or any(i.outcome is Outcome.DRIFT and i.account == check.account for i in self.result.items):
            return
        keys = ", ".join(dict.fromkeys(f"{one.key} ({one.state.value})" for _, one in check.drift))
        ambiguous = all(one.state.value == "ambiguous" for _, one in check.drift)
        reason = "element-ambiguous" if ambiguous else "element-missing"
        message = f"The portal's pages are not as documented: {keys}"
        self.tally.add([Item(check.account, None, Outcome.DRIFT, reason, message)])


def _passed_by(key: str, elements: tuple[SeenElement, ...], before: Baseline | None) -> PageCheck:
    """Return the check of a page that the way went past; where it was there before, and always is, that is drift."""
    if before is None:
        return not_reached(key, elements, _NOT_SHOWN, passed=True)
    reason = f"{_NOT_SHOWN}, and did when the baseline was taken"
    if key not in _ALWAYS:
        return not_reached(key, elements, reason, passed=True)
    return judged(PageLook(key, elements), before, reason)


def _comes_later(key: str, seen: Mapping[str, PageLook]) -> bool:
    """Whether the walk ended before this page; an earlier one was passed without it."""
    order = list(PAGES)
    walked = [order.index(one) for one in seen if one != "gestione_caselle_several"]
    return order.index(key) > max(walked, default=-1)
