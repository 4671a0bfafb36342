"""NOT-1: what is skipped and critical is told of once, and once more when it is over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from pec_autorenew.engine.local import Command, Task
from pec_autorenew.engine.notifying import Alerts, Herald
from pec_autorenew.model import MailboxState
from tests.year.postman import Postman

if TYPE_CHECKING:
    from tests.engine.office import Office
    from tests.year.stage import Letter


def told(office: Office) -> list[Letter]:
    """Run `renew` a day later, and return the letters."""
    office.clock.advance(timedelta(days=1))
    postman = Postman(office.clock)
    herald = Herald(office.config, office.ledger, postman, office.clock)
    runner, started = office.runner(), office.clock()
    runner.progress = Alerts(office.watcher, herald)
    result = runner.run(Task(Command.RENEW))
    herald.tell_digest(result.items, started)
    return postman.letters


def test_skipped_mailbox_that_is_critical_is_told_once_and_when_it_is_over(office: Office) -> None:
    """NOT-1, SIL-3: nobody orders a «PEC su dominio» here, and it is an alarm all the same: not each day."""
    box = office.truth.add("dominio@pec.it", 6, state=MailboxState.ON_DOMAIN, offered=False)
    (first,) = told(office)
    assert (first.severity, "dominio@pec.it" in first.body) == ("alarm", True)
    assert told(office) == []
    box.expiry = date(2027, 12, 7)
    (last,) = told(office)
    assert (last.severity, "dominio@pec.it" in last.body) == ("info", True)
