"""What people were told last, in the ledger: so that the same is not told each run (NOT-1).

One flag for each matter that was told and is still so; what is over is forgotten, so that it never grows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.config import Severity
from pec_autorenew.ledger import origin
from pec_autorenew.model import Outcome
from pec_autorenew.notify.matters import OF_THE_RUN, RESOLVED, Matter, key_of, rank
from pec_autorenew.paying import WEEK, step_since
from pec_autorenew.planning import today_in_rome

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date, datetime

    from pec_autorenew.config import Config
    from pec_autorenew.ledger import Flag, Ledger
    from pec_autorenew.model import Item

#: An event for each time that somebody was told.
TOLD: Final = "told"
#: So many of the keys stand in the event.
_MOST: Final = 20


@dataclass(slots=True)
class Memory:
    """What was told at one portal."""

    config: Config
    ledger: Ledger
    _told: dict[str, Flag] | None = field(default=None)

    def due(self, matters: Iterable[Matter], today: date) -> list[Matter]:
        """Return what is new, has changed, or is said again on the ladder."""
        return [found for one in matters if (found := self._due(one, today)) is not None]

    def over(
        self,
        items: Sequence[Item],
        matters: Collection[Matter],
        since: datetime,
        *,
        walked: Collection[str] | None = None,
    ) -> tuple[list[Matter], list[str]]:
        """Return what was told and is no longer so, and the keys of what may be forgotten without a word.

        `matters` are what the items have to tell: what is skipped may matter too, once it is critical.
        Good news, what was excluded, and a request that was answered in the run that asked, `since` then, need none.
        `walked` are the accounts that a check of the portal came to the end of; what ended a run, it knows nothing of.
        """
        told_now = {one.key for one in matters}
        fine = {one.mailbox: one for one in items if one.outcome is Outcome.SKIPPED and one.mailbox not in told_now}
        now = {key_of(item): item for item in items if item.mailbox not in fine}
        looked_at = {item.account for item in items if item.mailbox is not None} | {*(walked or ())}
        troubled = {one.account for key, one in now.items() if key != one.mailbox}
        resolved, silent = [], []
        for key, flag in self._entries().items():
            said = json.loads(flag.value)
            of_the_run = key == OF_THE_RUN and walked is None
            if key in now or not (of_the_run or key in fine or self._is_past(said, looked_at | troubled)):
                continue
            item = fine.get(key)
            quiet = rank(Severity(said["severity"])) < rank(Severity.WARNING) or flag.at >= since
            replaced = not said["mailbox"] and said["account"] in troubled  # its new trouble is told instead
            if quiet or replaced or (item is not None and item.reason in {"excluded", "cancelled"}):
                silent.append(key)
            else:
                resolved.append(_resolved(key, said, item))
        return resolved, silent

    def keep(self, told: Collection[Matter], forgotten: Collection[str], now: datetime, run_id: str | None) -> None:
        """Remember what was told, and forget what is over."""
        values = {one.key: _written(one) for one in told if one.outcome != RESOLVED}
        gone = {*forgotten, *(one.key for one in told if one.outcome == RESOLVED)}
        if not values and not gone:
            return
        facts = {"matters": len(told), "of": sorted(one.key for one in told)[:_MOST]}
        self.ledger.change_flags(
            TOLD,
            {self._prefix + key: value for key, value in values.items()},
            {self._prefix + key for key in gone},
            now,
            run_id=run_id,
            facts=facts,
        )
        self._told = None

    @property
    def _prefix(self) -> str:
        return f"told/{origin(self.config.portal.base_url)}/"

    def _entries(self) -> dict[str, Flag]:
        if self._told is None:
            found = self.ledger.flags(self._prefix)
            self._told = {flag.key.removeprefix(self._prefix): flag for flag in found}
        return self._told

    def _due(self, matter: Matter, today: date) -> Matter | None:
        flag = self._entries().get(matter.key)
        if flag is None or json.loads(flag.value)["signature"] != matter.signature:
            return matter
        if not self._on_the_ladder(matter, today_in_rome(flag.at), today):
            return None
        severity = max(matter.severity, Severity.WARNING, key=rank)  # it waits for somebody
        return replace(matter, again=True, severity=severity)

    def _on_the_ladder(self, matter: Matter, told: date, today: date) -> bool:
        if matter.outcome == Outcome.AWAITING_PAYMENT and matter.pay_by is None:
            return False  # it is paid: nobody has to do anything
        if matter.outcome == Outcome.RENEWED:
            return False
        if matter.expiry is None:
            return today - told >= timedelta(days=WEEK)
        ladder = self.config.notify.ladder
        return step_since(told, today, ladder, matter.expiry, matter.pay_by or matter.expiry)

    def _is_past(self, said: dict[str, Any], visited: Collection[str]) -> bool:
        """Whether it is what stopped an account that has been visited since, or one that is configured no more."""
        account = said["account"]
        if said["mailbox"]:
            return bool(account) and self.config.account(account) is None
        return account in visited or (bool(account) and self.config.account(account) is None)


def _written(matter: Matter) -> str:
    facts = {
        "signature": matter.signature,
        "severity": matter.severity.value,
        "account": matter.account,
        "outcome": matter.outcome,
        "reason": matter.reason,
        "mailbox": matter.key in matter.mailboxes,
    }
    return json.dumps(facts, ensure_ascii=False)


def _resolved(key: str, said: dict[str, Any], item: Item | None) -> Matter:
    return Matter(
        key,
        Severity.INFO,
        RESOLVED,
        said["reason"],
        account=said["account"],
        mailboxes=(key,) if said["mailbox"] else (),
        expiry=item.expiry_before if item else None,
    )
