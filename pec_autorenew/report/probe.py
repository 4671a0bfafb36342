"""`check`: how everything stands, judged for a monitoring system; pure, from facts to a verdict (SIL-3, SIL-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.italian import format_date
from pec_autorenew.paying import deletion_of
from pec_autorenew.planning import OVERLAP, ROME
from pec_autorenew.report.notes import days
from pec_autorenew.report.standing import State
from pec_autorenew.report.text import EXIT_CODES
from pec_autorenew.results import DRIFT, NOT_FIT, UNKNOWN
from pec_autorenew.states import RenewalState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pec_autorenew.config import Config
    from pec_autorenew.report.standing import Standing, Watched

CHECK: Final = "pec-autorenew/check/1"
#: A survey may be so much older than `survey_max_age` before the timer is taken for dead (SIL-6).
GRACE: Final = timedelta(days=2)
#: A run may take so much longer than its deadline and its random delay before it is taken for dead.
_RUN_GRACE: Final = timedelta(hours=1)
#: From so many days after the expiry on, deletion is near (SIL-3).
_DELETION_NEAR: Final = 60
#: Ends of a run after which somebody must look at once.
_BAD_ENDS: Final = frozenset({UNKNOWN, DRIFT, NOT_FIT})
#: What a monitoring system shows of a plug-in is short.
_MOST_LINES: Final = 20


class Level(IntEnum):
    """A verdict, by the exit code that monitoring plug-ins have for it."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


#: Several at once: the first that occurs is the verdict.
_WORST_FIRST: Final = (Level.CRITICAL, Level.UNKNOWN, Level.WARNING)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not as it should be."""

    level: Level
    #: A word for programs.
    kind: str
    message: str
    account: str = ""
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Judge:
    """The thresholds, in days left, and what the configuration says beside them."""

    config: Config
    warn: int
    crit: int

    def verdict(self, standing: Standing) -> Verdict:
        """Return what is to be said of these facts, the worst first."""
        found = [
            *self._mailboxes(standing),
            *self._orders(standing),
            *self._surveys(standing),
            *self._last_run(standing),
            *_people(standing),
        ]
        return Verdict(tuple(sorted(found, key=lambda one: _WORST_FIRST.index(one.level))), standing, self)

    @property
    def oldest(self) -> timedelta:
        """How old a survey may be."""
        return self.config.ledger.survey_max_age + GRACE

    def _mailboxes(self, standing: Standing) -> Iterator[Trouble]:
        for box in standing.below(max(self.warn, self.crit)):
            message = f"{box.address} {_expires(box)}: {_SAID[box.state]}"
            if box.left <= -_DELETION_NEAR:
                message = f"{message}; it is deleted after {format_date(deletion_of(box.expiry))}"
                yield Trouble(Level.CRITICAL, "deletion", message, box.account, box.address)
            elif box.left < self.crit:
                yield Trouble(Level.CRITICAL, "expiring", message, box.account, box.address)
            elif box.state is State.DUE:
                yield Trouble(Level.WARNING, "not-ordered", message, box.account, box.address)
        for account, address in standing.not_shown:
            message = f"{address} is in the configuration, and the portal did not show it"
            yield Trouble(Level.CRITICAL, "not-shown", message, account, address)

    def _orders(self, standing: Standing) -> Iterator[Trouble]:
        for one in standing.unsettled:
            if one.state is RenewalState.SUBMITTING and self._under_way(standing):
                continue
            message = f"{one.name}: an order may exist, and nobody knows: `pec-autorenew reconcile`"
            yield Trouble(Level.CRITICAL, "unknown", message, one.account, one.address)
        for unpaid in standing.unpaid:
            left = (unpaid.pay_by - standing.today).days
            if left < self.crit:
                order, day = unpaid.renewal.order_number or unpaid.renewal.name, format_date(unpaid.pay_by)
                when = f"is to be paid by {day}" if left >= 0 else f"was to be paid by {day}"
                message = f"order {order} for {unpaid.renewal.address} {when}"
                yield Trouble(Level.WARNING, "unpaid", message, unpaid.renewal.account, unpaid.renewal.address)

    def _surveys(self, standing: Standing) -> Iterator[Trouble]:
        if not any(standing.seen.values()):
            yield Trouble(Level.UNKNOWN, "never-seen", "no account has been looked at yet: `pec-autorenew list`")
            return
        for account, at in standing.seen.items():
            if at is None:
                yield self._never_seen(standing, account)
            elif standing.now - at > self.oldest:
                message = f"account {account} was last looked at completely {days((standing.now - at).days)} ago"
                yield Trouble(Level.CRITICAL, "survey-old", message, account)
            elif at - standing.now > OVERLAP:
                message = f"the clock is before the last look at account {account}, {_instant(at)}"
                yield Trouble(Level.WARNING, "clock", message, account)

    def _never_seen(self, standing: Standing, account: str) -> Trouble:
        """Return what an account is that nobody has seen: new, until a run had it in its configuration."""
        run = standing.last_run
        tried = run is not None and run.finished_at is not None and account in _accounts_of(run.config)
        level = Level.CRITICAL if tried else Level.WARNING
        return Trouble(level, "never-seen", f"account {account} was never looked at completely", account)

    def _last_run(self, standing: Standing) -> Iterator[Trouble]:
        run = standing.last_run
        if run is None or self._under_way(standing):
            return
        told = f"the last {run.command}, begun {_instant(run.started_at)},"
        if run.finished_at is None:
            yield Trouble(Level.CRITICAL, "run-never-ended", f"{told} never ended")
        elif run.exit_code:
            level = Level.CRITICAL if _BAD_ENDS & {run.exit_code, *run.exit_codes} else Level.WARNING
            means = EXIT_CODES.get(run.exit_code, "it failed")
            yield Trouble(level, "run-failed", f"{told} ended with {run.exit_code}: {means}")

    def _under_way(self, standing: Standing) -> bool:
        """Whether the last run may still be at work."""
        run = standing.last_run
        longest = self.config.browser.run_deadline + self.config.renewal.jitter + _RUN_GRACE
        return run is not None and run.finished_at is None and standing.now - run.started_at <= longest


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a monitoring system is told."""

    troubles: tuple[Trouble, ...]
    standing: Standing
    judge: Judge

    @property
    def level(self) -> Level:
        """The level of the worst trouble."""
        return self.troubles[0].level if self.troubles else Level.OK

    def text(self) -> str:
        """Return the plug-in's output: one line with figures, then a line for each trouble."""
        lines = [f"{self.line()} | {self.figures()}"]
        lines += [_plain(f"{one.level.name}: {one.message}") for one in self.troubles[:_MOST_LINES]]
        if len(self.troubles) > _MOST_LINES:
            lines.append(f"and {len(self.troubles) - _MOST_LINES} more: `pec-autorenew check --json` has them all")
        return "\n".join(lines)

    def line(self) -> str:
        """Return the one line that says how it stands."""
        boxes = self.standing.cared_for
        about = f"{len(boxes)} mailbox{'' if len(boxes) == 1 else 'es'}"
        if boxes:
            about += f", the first {_expires(boxes[0])}"
        if self.troubles:
            more = f" (and {len(self.troubles) - 1} more)" if len(self.troubles) > 1 else ""
            about = f"{self.troubles[0].message}{more}; {about}"
        return _plain(f"PEC {self.level.name} - {about}")

    def figures(self) -> str:
        """Return the performance data: value, warning range, critical range, minimum."""
        boxes, one = self.standing.cared_for, self.judge
        ages = [self.standing.now - at for at in self.standing.seen.values() if at is not None]
        age = max(round(max(ages).total_seconds()), 0) if ages else None
        figures = {
            "mailboxes": f"{len(boxes)};;;0",
            "expiring": f"{len(self.standing.below(one.warn))};;;0",
            "days_min": f"{boxes[0].left if boxes else 'U'};{one.warn}:;{one.crit}:",
            "unpaid": f"{len(self.standing.unpaid)};;;0",
            "unknown": f"{len(self.standing.unsettled)};;0;0",
            "waiting": f"{len(self.standing.handovers) + len(self.standing.questions)};0;;0",
            "survey_age": f"{'U' if age is None else f'{age}s'};;{round(one.oldest.total_seconds())};0",
        }
        return " ".join(f"{label}={value}" for label, value in figures.items())

    def document(self) -> dict[str, Any]:
        """Return the JSON document."""
        standing, boxes = self.standing, self.standing.cared_for
        return {
            "schema": CHECK,
            "status": self.level.name,
            "exit_code": self.level.value,
            "at": standing.now.isoformat(),
            "message": self.line(),
            "thresholds": {"warn": self.judge.warn, "crit": self.judge.crit},
            "problems": [
                {
                    "level": one.level.name,
                    "kind": one.kind,
                    "account": one.account or None,
                    "mailbox": one.mailbox or None,
                    "message": one.message,
                }
                for one in self.troubles
            ],
            "mailboxes": len(boxes),
            "expiring": len(standing.below(self.judge.warn)),
            "next_expiry": boxes[0].expiry.isoformat() if boxes else None,
            "days_min": boxes[0].left if boxes else None,
            "unpaid": len(standing.unpaid),
            "unknown": len(standing.unsettled),
            "paused": standing.paused is not None,
            "surveys": {account: at and at.isoformat() for account, at in standing.seen.items()},
        }


#: What is said of a mailbox that expires soon.
_SAID: Final = {
    State.NOT_DUE: "not ordered",
    State.DUE: "not ordered",
    State.AWAITING_PAYMENT: "its order is not paid",
    State.UNKNOWN: "whether it is ordered is not known",
    State.AUTORENEWAL: "«Rinnovo automatico» is on and has not renewed it",
    State.NOT_RENEWABLE_HERE: "it is renewed with its domain",
    State.EXPIRED: "not ordered",
}


def unknown_text(why: str) -> str:
    """Return the plug-in's line where nothing could be learned."""
    return _plain(f"PEC UNKNOWN - {why}")


def unknown_document(why: str) -> dict[str, Any]:
    """Return the JSON document where nothing could be learned."""
    return {
        "schema": CHECK, "status": Level.UNKNOWN.name, "exit_code": Level.UNKNOWN.value, "message": unknown_text(why),
        "problems": [],
    }  # fmt: skip


def _people(standing: Standing) -> Iterator[Trouble]:
    for one in standing.handovers:
        message = f"account {one.account} waits for a person ({one.reason}): `pec-autorenew handover list`"
        yield Trouble(Level.WARNING, "waiting", message, one.account)
    for question in standing.questions:
        message = f"{question.name} waits for a word: `pec-autorenew approve {question.name}`, or reject"
        yield Trouble(Level.WARNING, "waiting", message, question.facts.account, question.facts.address)
    if standing.paused is not None:
        message = f"new orders are paused since {_instant(standing.paused.at)}: `pec-autorenew resume`"
        yield Trouble(Level.WARNING, "paused", message)


def _accounts_of(config: object) -> set[str]:
    """Return the accounts in a run's configuration as the ledger keeps it."""
    accounts = config.get("accounts", []) if isinstance(config, dict) else []
    return {str(one.get("name")) for one in accounts if isinstance(one, dict)}


def _expires(box: Watched) -> str:
    day = format_date(box.expiry)
    return f"expired {day}, {days(-box.left)} ago" if box.left < 0 else f"expires {day}, in {days(box.left)}"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(ROME):%d/%m/%Y %H:%M}"


def _plain(text: str) -> str:
    """Return text that no monitoring system takes for figures or for another line."""
    return " ".join(text.replace("|", "/").split())
