"""One run as a page of its own, which loads nothing: from the ledger, and from the pictures in the run's folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.advice import TO_PAY
from pec_autorenew.guidance import PAPER, help_lines, told_once
from pec_autorenew.italian import format_date, format_money
from pec_autorenew.ledger import month_of
from pec_autorenew.model import Item, MailboxState, Outcome, PortalAutorenewal
from pec_autorenew.planning import ROME, days_left, today_in_rome
from pec_autorenew.report.clients import clients_of
from pec_autorenew.report.document import run_document
from pec_autorenew.report.history import event_line
from pec_autorenew.report.notes import days, next_due
from pec_autorenew.report.pictures import pictures_of
from pec_autorenew.report.templating import page
from pec_autorenew.report.text import EXIT_CODES, meaning_of, summary_line
from pec_autorenew.report.timeline import Expiring, month_name, timeline, when
from pec_autorenew.report.unpaid import Unpaid, unpaid_orders
from pec_autorenew.results import WORST_FIRST, exit_code_of, is_critical
from pec_autorenew.states import RequestState

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pec_autorenew.config import Config
    from pec_autorenew.ledger import Ledger, Run

    Line = Mapping[str, Any]

#: What an outcome looks like; its word is always there too.
_TONES: Final = {
    "renewed": "good", "awaiting-payment": "wait", "would-order": "info", "skipped": "calm", "failed": "bad",
    "needs-person": "person", "stopped": "bad", "unknown": "bad", "drift": "bad",
}  # fmt: skip
#: Exit codes that may pass by themselves, or say that work is fine.
_MILD: Final = {0: "good", 3: "person", 4: "wait", 8: "wait", 75: "wait"}
_ALL_WELL: Final = "nothing is wrong"
#: Steps that are told one by one; of a run over thousands of mailboxes the ledger has the rest.
_MOST_STEPS: Final = 400
#: Mailboxes with something to tell that stand open on the page; the others are folded.
_MOST_ROWS: Final = 40


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure at the head of the page."""

    name: str
    figure: str
    note: str
    tone: str = "calm"


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one mailbox."""

    who: str
    account: str
    client: str
    outcome: str
    reason: str
    tone: str
    expires: str
    away: str
    renewed_until: str
    order: str
    gross: str
    how: str
    means: str
    critical: bool
    pictured: bool


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a budget is spent."""

    name: str
    spent: str
    limit: str
    share: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person is asked."""

    title: str
    about: str
    text: str
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunPage:
    """Everything that the page of a run is made from."""

    config: Config
    ledger: Ledger
    run: Run
    #: The folder of the run's report and evidence.
    folder: Path

    def html(self, document: Line | None = None) -> str:
        """Return the page; `document` is the run's where it says more than the ledger does yet."""
        document = document or run_document(self.run)
        items: Sequence[Line] = document["items"]
        rows = [(self._rank(item), self._row(item)) for item in items]
        rows.sort(key=lambda one: one[0])
        told = [row for _, row in rows if row.tone != "calm" or row.critical]
        renewals = [
            one for one in self.ledger.renewals(self.run.portal) if one.updated_at <= self._end
        ]  # what came later is not this run's
        unpaid = unpaid_orders(self.config, items, renewals, self._today) if self.run.command != "check-portal" else []
        asked = list(self._asked())
        drifts = told_once(document.get("drift", ()))
        return page(
            "run.html.j2",
            run=self.run,
            document=document,
            dry=self.run.mode != "live",
            at=_local(self.run.started_at),
            until=_local(self.run.finished_at) if self.run.finished_at else "",
            summary=self._summary(document),
            verdicts=self._verdicts(document),
            tiles=list(self._tiles(document, unpaid, asked)),
            asked=asked,
            unpaid=[(one, *self._by_when(one)) for one in unpaid],
            to_pay=TO_PAY,
            told=told,
            calm=[row for _, row in rows if row.tone == "calm" and not row.critical],
            timeline=timeline(self._expiring(items, unpaid), self._today),
            now=self._today,
            drifts=[
                (_title(drift), [line.removeprefix("  ") for line, _ in help_lines(drift, PAPER)]) for drift in drifts
            ],
            pictures=pictures_of(self.folder, _cited(items, drifts)),
            meters=list(self._meters()),
            clients=clients_of(self.config, self.ledger, document, unpaid, self._is_wrong, self._end),
            most_clients=_MOST_ROWS,
            steps=self._steps(),
            most_steps=_MOST_STEPS,
            most_rows=_MOST_ROWS,
            money=lambda amount: format_money(amount) if amount is not None else "",
            day=format_date,
        )

    # -- when ----------------------------------------------------------------------------------------------------------

    @property
    def _end(self) -> datetime:
        """The instant at which the page tells how things stand."""
        return self.run.finished_at or self.run.started_at

    @property
    def _today(self) -> date:
        return today_in_rome(self._end)

    # -- the head ------------------------------------------------------------------------------------------------------

    def _summary(self, document: Line) -> str:
        if self.run.exit_code is None:
            return "Unfinished"
        if not document["items"] and document["exit_code"]:
            return "Ended early"  # that nothing is due would be more than anybody knows
        return summary_line(document)

    def _verdicts(self, document: Line) -> list[tuple[str, str, str]]:
        """Return each exit code with its meaning and its tone, the worst first."""
        if self.run.exit_code is None:
            return [("", "unfinished: the run goes on, or was ended from outside", "bad")]
        codes = [code for code in document["exit_codes"] if code in EXIT_CODES]
        return [(str(code), EXIT_CODES[code], _MILD.get(code, "bad")) for code in codes] or [("0", _ALL_WELL, "good")]

    def _tiles(self, document: Line, unpaid: Sequence[Unpaid], asked: Sequence[Asked]) -> Iterator[Tile]:
        items: Sequence[Line] = document["items"]
        if self.run.command == "renew":
            would = [Decimal(item["gross"] or 0) for item in items if item["outcome"] == "would-order"]
            if self.run.mode == "live":
                totals = document["totals"]
                yield Tile("Ordered", str(totals["ordered"]), format_money(Decimal(totals["gross"])), "info")
            else:
                yield Tile("Would be ordered", str(len(would)), format_money(sum(would, Decimal(0))), "info")
        elif self.run.command == "plan":
            yield Tile("Due", str(sum(item["reason"] == "due" for item in items)), "nothing was ordered", "info")
        if self.run.command == "reconcile":
            yield Tile("Renewed", str(sum(item["outcome"] == "renewed" for item in items)), "the new expiry was seen")
        amounts = [one.gross for one in unpaid if one.gross is not None]
        yield Tile(
            "To be paid",
            format_money(sum(amounts, Decimal(0))),
            f"{len(unpaid)} order{'' if len(unpaid) == 1 else 's'}" if unpaid else "no order waits",
            "wait" if unpaid else "calm",
        )
        wrong = [item for item in items if self._is_wrong(item)]
        note = f"{len(wrong)} of {len(items)} mailboxes" if wrong else "nobody is asked for anything"
        if asked:
            note = f"{len(asked)} question{'' if len(asked) == 1 else 's'} to a person"
        yield Tile("To look at", str(len(wrong) or len(asked)), note, "bad" if wrong else "calm")
        yield self._next(document)

    def _next(self, document: Line) -> Tile:
        if "next_due" in document:
            told = document["next_due"]
            one = told and (told["mailbox"], date.fromisoformat(told["due_from"]))
        else:
            found = next_due(self.config, self.ledger, self._today)
            one = (found.mailbox, found.due_from) if found else None
        if not one:
            return Tile("Next due", "–", "no other mailbox is known to become due")
        return Tile("Next due", format_date(one[1]), f"{one[0]}, {when(one[1], self._today)}")

    # -- what happened -------------------------------------------------------------------------------------------------

    def _rank(self, item: Line) -> tuple[int, str, str]:
        """Return what the mailboxes are sorted by: the worst first, and then the most urgent."""
        code = exit_code_of(_item(item))
        ranks = [WORST_FIRST.index(code)] if code else [len(WORST_FIRST) + (item["outcome"] == "skipped")]
        if self._is_critical(item):
            ranks.append(WORST_FIRST.index(7))
        return min(ranks), item["expiry_before"] or "", item["mailbox"] or ""

    def _is_wrong(self, item: Line) -> bool:
        return _TONES[item["outcome"]] in {"bad", "person"} or self._is_critical(item)

    def _is_critical(self, item: Line) -> bool:
        return is_critical(_item(item), self._today, self.config.renewal.critical_days)

    def _row(self, item: Line) -> Row:
        expiry, after = _date(item["expiry_before"]), _date(item["expiry_after"])
        years, method = item["years"], item["payment_method"]
        how = ", ".join(filter(None, (f"{years} year{'' if years == 1 else 's'}" if years else "", method or "")))
        tone = "person" if item["reason"] == "bank-authentication" else _TONES[item["outcome"]]
        return Row(
            item["mailbox"] or (f"account {item['account']}" if item["account"] else "the run"),
            item["account"],
            item.get("client", ""),
            item["outcome"],
            item["reason"],
            tone,
            format_date(expiry) if expiry else "",
            when(expiry, self._today) if expiry else "",
            format_date(after) if after else "",
            item["order_number"] or "",
            format_money(Decimal(item["gross"])) if item["gross"] else "",
            how,
            meaning_of(item),
            self._is_critical(item),
            any(path.endswith(".png") for path in item["evidence"]),
        )

    def _steps(self) -> list[tuple[str, str, str, str]]:
        events = self.ledger.events(run_id=self.run.id)
        names = self.ledger.renewals(self.run.portal)
        steps = []
        for event in events[:_MOST_STEPS]:
            line = event_line(event, names)
            step = f"{line['from'] or 'new'} → {line['to']}" if line["to"] else event.kind
            words = " ".join(str(event.facts[key]) for key in ("reason", "message") if event.facts.get(key))
            who = line["renewal"] or str(event.facts.get("mailbox") or event.account or "")
            steps.append((f"{event.at.astimezone(ROME):%H:%M:%S}", who, step, words))
        return steps

    # -- what waits ----------------------------------------------------------------------------------------------------

    def _by_when(self, one: Unpaid) -> tuple[str, str]:
        left = days_left(one.pay_by, self._today)
        if left < 0:
            return f"{days(-left)} late", "bad"
        return (f"{days(left)} left" if left else "today is the last day"), "wait" if left else "bad"

    def _asked(self) -> Iterator[Asked]:
        for request in self.ledger.requests(self.run.portal):
            facts = request.facts
            if request.state is RequestState.ASKED and request.asked_at <= self._end < request.valid_until:
                about = (
                    f"{facts.years} year{'' if facts.years == 1 else 's'}, {facts.method.value}, "
                    f"{format_money(facts.gross)}, expires {format_date(facts.expiry)}, "
                    f"until {_local(request.valid_until)}"
                )
                commands = tuple(f"pec-autorenew {verb} {request.name}" for verb in ("approve", "reject"))
                yield Asked(facts.address, about, request.question, commands)
        for handover in self.ledger.handovers(self.run.portal):
            if handover.asked_at <= self._end:
                about = f"{handover.reason}, since {_local(handover.asked_at)}"
                yield Asked(handover.subject or f"account {handover.account}", about, handover.message, ())

    def _meters(self) -> Iterator[Meter]:
        limits = self.config.limits
        spent = (
            ("This run", limits.max_per_run, self.ledger.spent(self.run.id)),
            (month_name(self._today), limits.max_per_month, self.ledger.spent_in_month(month_of(self._end))),
        )
        for name, limit, amount in spent:
            if limit is not None:
                share = float(min(amount / limit, Decimal(1))) * 100 if limit else 100.0
                yield Meter(name, format_money(amount), format_money(limit), round(share, 1))

    # -- the year ------------------------------------------------------------------------------------------------------

    def _expiring(self, items: Iterable[Line], unpaid: Iterable[Unpaid]) -> list[Expiring]:
        """Return every mailbox by what the run saw, else by the last survey before its end."""
        waits = {box: one.pay_by for one in unpaid for box, _ in one.mailboxes}
        known: dict[str, tuple[str, date, str]] = {}
        for stored in self.ledger.last_surveys(self.run.portal):
            for box in stored.survey.mailboxes if stored.survey.taken_at <= self._end else ():
                calm = "renews itself" if box.autorenewal is PortalAutorenewal.ON else ""
                if box.state is MailboxState.ON_DOMAIN:
                    calm = "with its domain"
                if box.state is not MailboxState.CANCELLED:
                    known.setdefault(box.address, (stored.survey.account, box.expiry, calm))
        for item in items:
            expiry = _date(item["expiry_after"] or item["expiry_before"])
            if item["mailbox"] and expiry and item["reason"] != "cancelled":
                calm = "renews itself" if item["portal_autorenewal"] == "on" else ""
                known[item["mailbox"]] = (item["account"], expiry, calm or known.get(item["mailbox"], ("", "", ""))[2])
        return [self._one_expiring(box, *facts, waits.get(box)) for box, facts in known.items()]

    def _one_expiring(self, box: str, name: str, expiry: date, calm: str, pay_by: date | None) -> Expiring:
        account, policy = self.config.account(name), self.config.renewal
        window = self.config.policy_for(account, box).window_days if account else policy.window_days
        if account is None or not account.covers(box):
            calm = calm or "not looked after"
        return Expiring(box, name, expiry, window, policy.critical_days, pay_by, calm)


def _item(line: Line) -> Item:
    """Return as much of an item as exit codes depend on."""
    expiry = _date(line["expiry_before"])
    return Item(line["account"], line["mailbox"], Outcome(line["outcome"]), line["reason"], "", expiry_before=expiry)


def _cited(items: Iterable[Line], drifts: Iterable[Line]) -> dict[str, list[str]]:
    """Return the files that are evidence, each with whom it is evidence of."""
    cited: dict[str, list[str]] = {}
    for item in items:
        for path in item["evidence"]:
            cited.setdefault(path, []).append(item["mailbox"] or f"account {item['account']}")
    for drift in drifts:
        for path in drift["evidence"]:
            cited.setdefault(path, []).append(f"account {drift['account']}")
    return cited


def _title(drift: Line) -> str:
    page = f"«{drift['page']}», " if drift["page"] else ""
    return f"{page}account {drift['account']}"


def _date(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _local(instant: datetime) -> str:
    """Return an instant as the clock on an Italian wall shows it."""
    return f"{instant.astimezone(ROME):%d/%m/%Y %H:%M}"
