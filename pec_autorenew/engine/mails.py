"""Asking the account's ordinary mailbox about what is open, and keeping what was seen there in the ledger."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from pec_autorenew.confirmations import Confirmation, Kind, Question
from pec_autorenew.engine.clocks import CLOCKS_DIFFER
from pec_autorenew.engine.visit import unexpected
from pec_autorenew.engine.witness import NOBODY, Witness, told
from pec_autorenew.errors import MailUnreadable, SecretUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pec_autorenew.engine.errand import Errand
    from pec_autorenew.engine.visit import Visit
    from pec_autorenew.ledger import Renewal
    from pec_autorenew.model import Survey

#: The event by which the ledger knows of a mail: what was seen once counts, also when the mailbox has lost it.
SEEN: Final = "mail-seen"
NOT_READ: Final = "mail-not-read"
#: A mail may have been written by a clock that goes otherwise, and in another zone.
_BEFORE: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Mails:
    """What the mails tell, and the sentence for the report where they could not be read."""

    witness: Witness = NOBODY
    remark: str = ""


def ask_mails(visit: Visit, survey: Survey, live: Sequence[Renewal]) -> Mails:
    """Return what the mails tell of what is open; with nothing open nobody is asked.

    That they could not be read changes nothing but the report.
    """
    if not live:
        return Mails()
    errand, remark = visit.errand, ""
    seen = {mail.mark: mail for one in live for mail in _remembered(errand, one)}
    try:
        read = errand.confirmations(visit.account, _question(survey, live))
    except (MailUnreadable, SecretUnavailable) as error:
        read, remark = (), error.message
    except Exception as error:  # noqa: BLE001 - noted and told; a witness that fails must not stop a run
        read, remark = (), unexpected(error).message
    latest = errand.clock() + CLOCKS_DIFFER
    seen |= {mail.mark: mail for mail in read if mail.at <= latest}
    mails = sorted(seen.values(), key=lambda mail: (mail.at, mail.mark))
    witness = Witness(tuple(mails), _owners(errand) if mails else {})
    if remark:
        errand.note(NOT_READ, visit.account.name, message=remark)
        return Mails(witness, f" Its mails could not be read: {remark.rstrip('.')}.")
    if errand.live:
        for one in live:
            _remember(errand, one, witness, survey)
    return Mails(witness)


def _question(survey: Survey, live: Sequence[Renewal]) -> Question:
    since = min(one.submitted_at or one.created_at for one in live) - _BEFORE
    numbers = {*survey.order_numbers(), *(one.order_number for one in live if one.order_number)}
    numbers |= {number for one in live for number in one.order_numbers_before}
    addresses = {*(box.address for box in survey.mailboxes), *(one.address for one in live)}
    return Question(since, frozenset(numbers), frozenset(addresses))


def _owners(errand: Errand) -> dict[str, frozenset[int]]:
    owners: dict[str, set[int]] = defaultdict(set)
    for one in errand.ledger.renewals(errand.portal):
        if one.order_number is not None:
            owners[one.order_number].add(one.id)
    return {number: frozenset(ids) for number, ids in owners.items()}


def _remember(errand: Errand, renewal: Renewal, witness: Witness, survey: Survey) -> None:
    """Note each mail that says something about the renewal, once."""
    known = {mail.mark for mail in _remembered(errand, renewal)}
    for mail in witness.about(renewal, survey):
        if mail.mark not in known:
            errand.note(
                SEEN,
                renewal.account,
                renewal_id=renewal.id,
                mail=mail.kind.value,
                numbers=sorted(mail.numbers),
                at=mail.at.isoformat(),
                names_mailbox=renewal.address in mail.addresses,
                mark=mail.mark,
                message=f"A{told(mail, renewal.address)[1:]}.",
            )


def _remembered(errand: Errand, renewal: Renewal) -> Iterator[Confirmation]:
    for event in errand.ledger.events(renewal_id=renewal.id, kind=SEEN):
        facts = event.facts
        yield Confirmation(
            Kind(str(facts["mail"])),
            datetime.fromisoformat(str(facts["at"])),
            str(facts["mark"]),
            frozenset(map(str, facts["numbers"])) if isinstance(facts["numbers"], list) else frozenset(),
            frozenset({renewal.address} if facts["names_mailbox"] else ()),
        )
