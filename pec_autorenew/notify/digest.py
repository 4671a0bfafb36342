"""A message, made of what there is to tell: pure, in Italian or English, with names masked or shown."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pec_autorenew.config import Severity
from pec_autorenew.model import Outcome
from pec_autorenew.notify.en import English
from pec_autorenew.notify.it import Italian
from pec_autorenew.notify.masking import hide
from pec_autorenew.notify.matters import BANK, CHANGED, OF_THE_RUN, RESOLVED, rank
from pec_autorenew.paying import Term
from pec_autorenew.planning import ROME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from pec_autorenew.notify.matters import Matter
    from pec_autorenew.notify.speech import Speech

#: Of a longer list the most urgent are named, the others counted (NOT-3).
MOST: Final = 10
DRY_RUN: Final = "[dry-run] "
_SPEECHES: Final[Mapping[str, Speech]] = MappingProxyType({"it": Italian(), "en": English()})
_SECTIONS: Final = ("broken", "person", "alarm", "unpaid", "warning", "changed", "would", "renewed", "paid", "resolved")
_BY_OUTCOME: Final = MappingProxyType(
    {
        RESOLVED: "resolved",
        CHANGED: "changed",
        Outcome.NEEDS_PERSON.value: "person",
        Outcome.RENEWED.value: "renewed",
        Outcome.WOULD_ORDER.value: "would",
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told at one time, in no language yet."""

    matters: tuple[Matter, ...]
    today: date
    run_id: str = ""
    portal: str = ""
    dry_run: bool = False

    @property
    def severity(self) -> Severity:
        """The severity of what matters most."""
        return max((one.severity for one in self.matters), key=rank, default=Severity.INFO)


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is given."""

    severity: Severity
    title: str
    body: str


def compose(notice: Notice, language: str, *, reveal: bool, least: Severity = Severity.INFO) -> Message | None:
    """Return the message for a channel that is told what is at least `least`; None where nothing is."""
    matters = [one for one in notice.matters if one.rank >= rank(least)]
    if not matters:
        return None
    speech, severity = _SPEECHES[language], max((one.severity for one in matters), key=rank)
    sections = _sorted_in(matters)
    title, body = _title(speech, severity, sections), _body(speech, notice, sections)
    mark = DRY_RUN if notice.dry_run else ""
    return Message(severity, mark + (title if reveal else hide(title)), body if reveal else hide(body))


def trial(language: str, severity: Severity) -> Message:
    """Return what `notify test` sends."""
    return Message(severity, *_SPEECHES[language].trial(severity))


def _section(matter: Matter) -> str:
    if matter.key == OF_THE_RUN and matter.outcome != RESOLVED:
        return "broken"
    if matter.is_unpaid:
        return "unpaid"
    if matter.outcome == Outcome.AWAITING_PAYMENT:
        return "person" if matter.reason == BANK else "paid"
    return _BY_OUTCOME.get(matter.outcome) or ("alarm" if matter.severity is Severity.ALARM else "warning")


def _sorted_in(matters: Sequence[Matter]) -> dict[str, list[list[Matter]]]:
    """Return the sections that have something; what belongs to one order stands together."""
    sections: dict[str, dict[str, list[Matter]]] = {}
    for one in matters:
        section = _section(one)
        order = f"{one.account}/{one.order_number}" if section in {"unpaid", "paid"} and one.order_number else one.key
        sections.setdefault(section, {}).setdefault(order, []).append(one)
    return {name: list(sections[name].values()) for name in _SECTIONS if name in sections}


def _title(speech: Speech, severity: Severity, sections: Mapping[str, Sequence[Sequence[Matter]]]) -> str:
    counts = ", ".join(_count(speech, name, len(groups)) for name, groups in sections.items())
    title = f"{speech.subject(severity)}: {counts}"
    groups = next(iter(sections.values()))
    alone = groups[0][0] if len(sections) == len(groups) == len(groups[0]) == 1 else None
    if alone is None:
        return title
    return f"{title} ({alone.mailboxes[0]})" if len(alone.mailboxes) == 1 else title


def _count(speech: Speech, section: str, number: int) -> str:
    _, one, many = speech.sections[section]
    return one if number == 1 else many.format(number)


def _body(speech: Speech, notice: Notice, sections: Mapping[str, Sequence[list[Matter]]]) -> str:
    parts = [speech.rehearsal] if notice.dry_run else []
    for name, groups in sections.items():
        told = [_lines(speech, notice, name, group) for group in groups[:MOST]]
        lines = [speech.sections[name][0]]
        for (first, *rest), after in zip(told, [*told[1:], None], strict=True):
            alike = after is not None and rest == after[1:]  # said once, under the last of them
            lines += [f"• {first}", *(f"  {line}" for line in rest if not alike)]
        if len(groups) > MOST:
            lines.append(speech.others(len(groups) - MOST))
        parts.append("\n".join(lines))
        if name == "unpaid":
            parts.append("\n".join(_how_to_pay(speech, [one for group in groups for one in group])))
        if name == "changed" and any(not change.ends for group in groups for change in group[0].changes):
            parts.append(speech.if_right())
    if notice.run_id:
        parts.append(speech.details(notice.run_id))
    return "\n\n".join(parts) + "\n"


def _lines(speech: Speech, notice: Notice, section: str, group: list[Matter]) -> list[str]:
    first = group[0]
    if section in {"unpaid", "paid", "would"}:
        boxes = [_box(speech, one, notice.today) for one in group]
        boxes = boxes[:MOST] + ([speech.others(len(boxes) - MOST)] if len(boxes) > MOST else [])
        return [speech.order(first), *(_payment(speech, first, notice.today) if section == "unpaid" else ()), *boxes]
    if section == "renewed":
        return [f"{_who(speech, first)}: {speech.renewed(first.expiry_after)}"]
    if section == "changed":
        more = [speech.others(len(first.changes) - MOST)] if len(first.changes) > MOST else []
        return [f"{first.page} ({first.account})", *map(speech.change, first.changes[:MOST]), *more]
    if section == "resolved":
        return [f"{_who(speech, first)}: {speech.as_before(first)}"]
    lines = [_box(speech, first, notice.today)]
    if section == "person" and first.reason == BANK:
        lines += [speech.order(first)]
    lines.append(speech.what(first))
    if first.until is not None:
        lines.append(speech.waits(f"{first.until.astimezone(ROME):%H:%M}"))
    advice = speech.what_to_do(first, notice.portal)
    return [*lines, f"→ {advice}"] if advice else lines


def _payment(speech: Speech, matter: Matter, today: date) -> list[str]:
    if matter.expiry is None or matter.method is None:
        return []
    return [speech.pay(Term(matter.expiry, matter.method, today), matter.payer)]


def _how_to_pay(speech: Speech, matters: Sequence[Matter]) -> list[str]:
    mails = sorted({one.mail for one in matters if one.mail})
    lines = [*speech.to_pay, *([speech.mail_goes_to.format(", ".join(mails))] if mails else [])]
    return [*lines, *([speech.portal_says] if any(one.instructed for one in matters) else [])]


def _who(speech: Speech, matter: Matter) -> str:
    """Name what it is about: its mailbox and account, or the account alone."""
    if len(matter.mailboxes) == 1:
        return f"{matter.mailboxes[0]} ({matter.account})" if matter.account else matter.mailboxes[0]
    return speech.account(matter.account)


def _box(speech: Speech, matter: Matter, today: date) -> str:
    """Name it, and say when it expires."""
    who, expires = _who(speech, matter), speech.expires(matter.expiry, today) if matter.expiry else ""
    if len(matter.mailboxes) > 1:
        who = f"{who}: {speech.boxes(len(matter.mailboxes))} {matter.mailboxes[0]}"
    return ", ".join(filter(None, (who, expires)))
