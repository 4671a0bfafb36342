"""What people get is judged: a digest when something has changed or is due again, silence else (NOT-1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tests.year.charges import Charge, Finding
from tests.year.deadlines import GRACE, last_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.year.books import Books, Seen

#: Mailbox by account, for what two logins show may be told of twice.
_Who: TypeAlias = tuple[str, str]
#: How it stands, as far as it is worth a letter; FINE where it is not.
_How: TypeAlias = tuple[str, ...]

FINE: Final[_How] = ("fine",)
#: Nobody wants it, or it is deleted.
GONE: Final[_How] = ("gone",)
#: What stops a whole account: told of as one, with the first of its mailboxes.
_OF_AN_ACCOUNT: Final = frozenset(
    {"maintenance", "unreachable", "sign-in-rejected", "portal-error", "timeout", "element-missing", "unexpected-page"}
)
#: What may be told in the middle of a run.
_AT_ONCE: Final = frozenset({"needs-person", "unknown", "stopped", "drift"})
#: A longer list is not told name by name.
_MOST: Final = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """How something stands that people may be told of: a mailbox, or a whole login that is stopped."""

    how: _How
    expiry: date | None
    #: The last day on which it helps to do something.
    last_day: date | None


@dataclass
class Reader:
    """Reads the reports beside the letters, and knows what was read before."""

    books: Books
    last: dict[_Who, _How] = field(default_factory=dict)
    #: The day on which it was last reported to stand so.
    reported: dict[tuple[_Who, _How], date] = field(default_factory=dict)
    #: Logins that were stopped, and of which nobody has heard since that they are not.
    stopped: set[str] = field(default_factory=set)

    def judge(self, seen: Seen) -> Iterator[Finding]:
        """Yield what is wrong with the letters of a run."""
        stands = self._all(seen)
        changed = {who for who, now in stands.items() if self._is_news(self.last.get(who, FINE), now.how)}
        again = {who for who, now in stands.items() if who not in changed and self._is_due_again(seen, who, now)}
        letters, goes_on = seen.told.letters or (), self._goes_on(seen, stands)
        words = f"{seen.day}, run {seen.number}"
        if (changed or again) and not letters:
            yield Charge.NO_LETTER, f"{words}: {[(who, self.last.get(who), stands[who]) for who in changed | again]}"
        if letters and not (changed or again or goes_on):
            yield Charge.NOISE, f"{words}: {[(one.title, one.body) for one in letters]}"
        yield from self._one_digest(seen)
        yield from self._named(seen, {who: stands[who].how for who in changed})
        self.last = {who: how for who, how in self.last.items() if who[1]} | {
            who: now.how for who, now in stands.items()
        }
        self.reported |= {(who, now.how): seen.day for who, now in stands.items()}

    def _all(self, seen: Seen) -> dict[_Who, Standing]:
        """Return how each mailbox stands; what stops a login is one thing, as urgent as the first of its mailboxes."""
        stands: dict[_Who, Standing] = {}
        for item in sorted(seen.items, key=lambda one: one["expiry_before"] or "9999"):
            expiry = date.fromisoformat(item["expiry_before"]) if item["expiry_before"] else None
            last_day = date.fromisoformat(item["pay_by"]) if item["pay_by"] else expiry
            of_login = item["reason"] in _OF_AN_ACCOUNT
            who = (item["account"], "" if of_login else item["mailbox"])
            how = (item["outcome"], item["reason"], self._stage(seen, item)) if of_login else self._how(seen, item)
            stands.setdefault(who, Standing(how, expiry, last_day))
        return stands

    def _how(self, seen: Seen, item: dict[str, Any]) -> _How:
        stage = self._stage(seen, item)
        outcome, reason = item["outcome"], item["reason"]
        if outcome == "skipped":
            gone = reason in {"excluded", "cancelled"}
            return GONE if gone else (outcome, reason, stage) if stage else FINE
        if outcome == "awaiting-payment":
            return (outcome, "to pay" if item["pay_by"] else "paid", item["order_number"] or "", stage)
        price = item["gross"] or "" if outcome in {"needs-person", "stopped"} else ""
        return (outcome, reason, item["order_number"] or "", price, stage)

    def _stage(self, seen: Seen, item: dict[str, Any]) -> str:
        """Say how far a mailbox has come that is not renewed."""
        if item["expiry_before"] is None or item["outcome"] == "renewed":
            return ""
        left = (date.fromisoformat(item["expiry_before"]) - seen.day).days
        if not -GRACE <= left < self.books.cast.rules.critical_days:
            return ""
        return "critical" if left >= 0 else "expired" if left > -60 else "deletion is near"

    def _is_news(self, before: _How, now: _How) -> bool:
        """Whether the change is worth a letter: what is fine after good news is none."""
        good = before[0] in {"fine", "renewed", "awaiting-payment"}
        return now not in {before, GONE} and not (now == FINE and good)

    def _is_due_again(self, seen: Seen, who: _Who, now: Standing) -> bool:
        """Whether a step of the ladder was reached since this was last reported."""
        told = self.reported.get((who, now.how))
        if told is None or now.expiry is None or now.last_day is None:
            return False
        step = last_step(now.expiry, seen.day, self.books.cast.rules.ladder, now.last_day)
        waits = now.how not in {FINE, GONE} and not {"renewed", "paid"} & set(now.how)
        return waits and step is not None and told < step

    def _goes_on(self, seen: Seen, stands: dict[_Who, Standing]) -> bool:
        """Whether a letter says of a login that it is no longer stopped, which may be known later than at once."""
        now = {login for login, address in stands if not address}
        texts = "".join(one.body for one in seen.told.letters or ())
        over = {login for login in self.stopped - now if f"Account {login}:" in texts}
        self.stopped = (self.stopped | now) - over
        return bool(over)

    def _one_digest(self, seen: Seen) -> Iterator[Finding]:
        digests = [one for one in (seen.told.letters or ()) if one.digest]
        if len(digests) > 1:
            yield Charge.NOISE, f"{len(digests)} digests of one run on {seen.day}"
        urgent = any(
            item["outcome"] in _AT_ONCE or item["reason"] == "bank-authentication" or self._stage(seen, item)
            for item in seen.items
        )
        for one in seen.told.letters or ():
            if one.digest is False and not (one.severity == "alarm" and urgent):
                yield Charge.NOISE, f"at once on {seen.day}, and not urgent: {one.title}"

    def _named(self, seen: Seen, changed: dict[_Who, _How]) -> Iterator[Finding]:
        """Whoever is news is named, and whoever has become critical in an alarm."""
        if not (seen.told.letters or ()) or len(changed) > _MOST:
            return
        for (_, address), how in changed.items():
            if not address or how == FINE:
                continue
            naming = [one for one in (seen.told.letters or ()) if address in one.title + one.body]
            if not naming:
                yield Charge.NO_LETTER, f"{address} on {seen.day} is {how}, and no letter names it"
            elif how[-1] and how[0] != "renewed" and all(one.severity != "alarm" for one in naming):
                yield Charge.NO_LETTER, f"{address} on {seen.day} is {how}, and no alarm names it"
