"""What people have not been told yet of how the portal has changed: once per change, and its end once.

For each page of an account the ledger remembers the check that people know: the one in which its last change was told.
Today's look is compared with that one, so that a message that nobody took is told by the next check (NOT-2), and a
change that stays is told no more.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks import PAGES, compared
from pec_autorenew.engine.earlier import EarlierChecks
from pec_autorenew.ledger import origin
from pec_autorenew.notify.matters import portal_changed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from pec_autorenew.checks import AccountCheck, Change
    from pec_autorenew.config import Config
    from pec_autorenew.ledger import Ledger, Run
    from pec_autorenew.notify.matters import Matter

#: An event for each time that what people know of the portal has moved on.
KNOWN: Final = "portal-known"


@dataclass(slots=True)
class PortalNews:
    """What a check saw that people have not been told."""

    config: Config
    ledger: Ledger
    run: Run
    checks: Sequence[AccountCheck]
    #: By matter: the accounts and pages that it tells of.
    _of: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    #: By account: the pages that people know, each by the check that they know it from.
    _known: dict[str, dict[str, str]] = field(default_factory=dict)

    def matters(self) -> list[Matter]:
        """Return what is to be told: one matter for a page, whichever accounts see it changed in the same way."""
        self._known = {
            flag.key.removeprefix(self._prefix): json.loads(flag.value) for flag in self.ledger.flags(self._prefix)
        }
        earlier = EarlierChecks(self.ledger, self.run.portal, self.run.started_at)
        alike: dict[tuple[str, tuple[Change, ...]], list[str]] = {}
        for check in self.checks:
            for page in check.pages:
                known = self._known.get(check.account, {}).get(page.page)
                look = earlier.page_of(known, check.account, page.page) if known else None
                changes = tuple(one for one in compared(look.page if look else None, page) if one.matters)
                if changes:
                    alike.setdefault((page.page, changes), []).append(check.account)
        told = []
        for number, ((key, changes), accounts) in enumerate(alike.items()):
            matter = portal_changed(f"portal {number:03}/{key}", PAGES[key], changes, accounts)
            self._of[matter.key] = [(account, key) for account in accounts]
            told.append(matter)
        return told

    def keep(self, told: Collection[str], now: datetime) -> None:
        """Remember what people know now: of the matters that were `told`, and of what needed no word."""
        waiting = {place for key, places in self._of.items() if key not in told for place in places}
        news = {place for key in told for place in self._of[key]}
        values: dict[str, str] = {}
        for check in self.checks:
            known = self._known.get(check.account, {})
            learned = {
                page.page: self.run.id
                for page in check.pages
                if page.seen
                and (check.account, page.page) not in waiting
                and (page.page not in known or (check.account, page.page) in news)
            }
            if learned:
                values[self._prefix + check.account] = json.dumps(known | learned, sort_keys=True)
        gone = {self._prefix + name for name in self._known if self.config.account(name) is None}
        if values or gone:
            self.ledger.change_flags(KNOWN, values, gone, now, run_id=self.run.id, facts={"told": len(told)})

    @property
    def _prefix(self) -> str:
        return f"portal-known/{origin(self.config.portal.base_url)}/"
