"""The report grows item by item, and says one thing of each mailbox: pure, from items to items."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pec_autorenew.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pec_autorenew.model import Item

#: What the report may say of a mailbox whose order was sent, by whomever.
CLICKED: Final = frozenset({Outcome.AWAITING_PAYMENT, Outcome.RENEWED, Outcome.UNKNOWN, Outcome.NEEDS_PERSON})
#: What it says where nothing was done: wrong of a mailbox of which another account has more to tell.
_NOTHING_DONE: Final = frozenset({Outcome.FAILED, Outcome.STOPPED, Outcome.DRIFT})


def with_item(items: list[Item], item: Item) -> list[Item]:
    """Return the items with one more at the end; the same list where that one has nothing to add."""
    others = [one for one in items if item.mailbox and one.mailbox == item.mailbox]
    if item in others or (item.reason == "excluded" and others):
        return items  # told already, or another account looks after it
    elsewhere = [one for one in others if one.account != item.account]
    stale = [one for one in others if one.outcome is Outcome.SKIPPED]  # «not due» or «excluded», until now
    if stale and item.expiry_before is None:
        item = replace(item, expiry_before=stale[0].expiry_before)
    if item.outcome in _NOTHING_DONE and any(one.outcome in CLICKED for one in elsewhere):
        item = _of_the_account(item)
    wrong = [one for one in elsewhere if one.outcome in _NOTHING_DONE] if item.outcome in CLICKED else []
    told = [_of_the_account(one) if one in wrong else one for one in items if one not in stale]
    return [*dict.fromkeys(one for one in told if one != item), item]


def merged(items: Iterable[Item]) -> list[Item]:
    """Return the items of several accounts as one report: one for each mailbox, where its first one stood."""
    told: dict[str, list[Item]] = {}
    for number, item in enumerate(items):
        key = item.mailbox or f"account {number}"
        told[key] = with_item(told.get(key, []), item)
    return [item for group in told.values() for item in group]


def _of_the_account(item: Item) -> Item:
    """Return what stopped an account, told of the account alone: another one looks after the mailbox (DUP-9)."""
    return replace(item, mailbox=None, expiry_before=None)
