"""Accounts of which the last surveys prove that there is nothing to do: no browser is started for them (ENV-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pec_autorenew.engine.task import Command
from pec_autorenew.planning import nothing_can_be_due, plan_account, today_in_rome

if TYPE_CHECKING:
    from pec_autorenew.config import Account
    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.tally import Tally
    from pec_autorenew.engine.task import Task
    from pec_autorenew.ledger import StoredSurvey


def to_look_at(chosen: list[Account], task: Task, errand: Errand, tally: Tally) -> list[Account]:
    """Return the accounts that have to be looked at; of the others, tell what their last surveys say."""
    if task.command is not Command.RENEW or task.early:
        return chosen
    only = chosen[0].name if len(chosen) == 1 else None
    open_ones = {one.account for one in errand.ledger.open_renewals(errand.portal, only)}
    last = _last_surveys(errand, only)
    return [
        account
        for account in chosen
        if account.name in open_ones or not _is_settled(account, last.get(account.name), errand, tally)
    ]


def _last_surveys(errand: Errand, only: str | None) -> dict[str, StoredSurvey]:
    if only is None:
        return {one.survey.account: one for one in errand.ledger.last_surveys(errand.portal)}
    stored = errand.ledger.last_survey(errand.portal, only)
    return {only: stored} if stored else {}


def _is_settled(account: Account, stored: StoredSurvey | None, errand: Errand, tally: Tally) -> bool:
    if stored is None or not stored.complete:
        return False
    survey = stored.survey
    if not nothing_can_be_due(errand.config, account, survey, errand.clock()):
        return False
    tally.result.surveys.append(survey)
    elsewhere = frozenset(box.address for box in survey.mailboxes if box.address in errand.owners)
    for box in survey.mailboxes:
        if account.covers(box.address):
            errand.owners.setdefault(box.address, account.name)
    today = today_in_rome(errand.clock())
    tally.add(plan_account(errand.config, account, survey, today, settled=elsewhere).items)
    return True
