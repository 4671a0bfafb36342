"""What a run is asked to do, who watches it, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pec_autorenew.checks import AccountCheck, Looks
    from pec_autorenew.config import Account
    from pec_autorenew.engine.ports import Portal
    from pec_autorenew.ledger import Handover
    from pec_autorenew.model import Item, Survey, WantedOrder

#: Opens the visit of an account.
OpenPortal: TypeAlias = "Callable[[Account], Portal]"
#: Starts a browser (or its double) and gives what opens a visit.
Portals: TypeAlias = Callable[[str], AbstractContextManager[OpenPortal]]


def lanes_of(portals: OpenPortal) -> tuple[OpenPortal, ...]:
    """Return what opens visits at the same time, one lane for each; one after the other where nothing else is said."""
    lanes: tuple[OpenPortal, ...] = getattr(portals, "lanes", (portals,))
    return lanes


class Command(StrEnum):
    """The commands that look at the portal."""

    RENEW = "renew"
    RECONCILE = "reconcile"
    PLAN = "plan"
    LIST = "list"
    CHECK_PORTAL = "check-portal"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is to do; empty sets mean all."""

    command: Command
    live: bool = True
    accounts: frozenset[str] = frozenset()
    mailboxes: frozenset[str] = frozenset()
    max_items: int | None = None
    #: Whether a person sits before the browser: then nothing is waited for that they gave up.
    attended: bool = False
    #: Mailboxes that a person wants renewed before their window opens, and why.
    early: Mapping[str, str] = field(default_factory=dict)
    #: Whether what is seen becomes the baseline, whether pictures are taken, and whether each page is kept as it stands
    #: drawn: for `check-portal`.
    update_baseline: bool = False
    pictures: bool = False
    record: bool = False

    def covers(self, address: str | None) -> bool:
        """Whether the mailbox is one of those asked for; an account without known mailboxes always is."""
        return address is None or not self.mailboxes or address in self.mailboxes


class Progress(Protocol):
    """Whoever watches a run."""

    def look(self, account: str) -> None:
        """Hear that an account is about to be looked at."""

    def planned(self, orders: list[WantedOrder]) -> None:
        """Hear what will be ordered, in this order."""

    def ordering(self, order: WantedOrder) -> None:
        """Hear that an order is about to be filled in."""

    def asked(self, handover: Handover) -> None:
        """Hear what a person is asked to do."""

    def done(self, item: Item) -> None:
        """Hear that an item of the report is certain."""


@dataclass(slots=True)
class Result:
    """What a run came to."""

    run_id: str
    items: list[Item] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    planned: list[WantedOrder] = field(default_factory=list)
    codes: tuple[int, ...] = (0,)
    #: What `check-portal` found, account by account.
    checks: list[AccountCheck] = field(default_factory=list)
    #: What its walks saw, with people's data in it, for a recording; empty where none was asked for.
    walked: list[Looks] = field(default_factory=list)
    #: What was not recognised, with what stands in its place (`guidance.drift_as_json`).
    drifts: list[dict[str, Any]] = field(default_factory=list)
