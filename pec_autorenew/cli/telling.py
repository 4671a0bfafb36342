"""Whoever is told of a run: the channels and the dead-man service of its configuration (NOT-1, NOT-2)."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.cli.ending import complain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pec_autorenew.checks import AccountCheck
    from pec_autorenew.cli.options import Asked
    from pec_autorenew.config import Clock, Config
    from pec_autorenew.engine.notifying import Herald
    from pec_autorenew.errors import PecAutorenewError
    from pec_autorenew.ledger import Ledger, Run
    from pec_autorenew.model import Item

#: An event for each ping that the dead-man service did not take.
_PING_NOT_TAKEN: Final = "ping-not-taken"
_START: Final = "start"


@dataclass(frozen=True, slots=True)
class Telling:
    """The people and services that hear of the runs of one configuration."""

    asked: Asked
    config: Config
    ledger: Ledger
    clock: Clock

    def herald(self, run_id: str = "", *, live: bool) -> Herald | None:
        """Return who tells people; None where no channel is configured. Apprise is loaded when there is a message."""
        notify = self.config.notify
        if not notify.urls and not notify.channels:
            return None
        from pec_autorenew.engine.notifying import Herald
        from pec_autorenew.notify.channels import Channels

        say = partial(complain, self.asked)
        return Herald(self.config, self.ledger, Channels(self.config), self.clock, run_id, live, say)

    def begin(self, run_id: str) -> None:
        """Ping the start; that it was not taken is in the ledger, and in the exit code at the end."""
        problem = _ping(self.config, _START)
        if problem:
            complain(self.asked, problem)
            self.ledger.note(_PING_NOT_TAKEN, self.clock(), run_id=run_id, facts={"message": problem})

    def digest(self, document: dict[str, Any], items: Sequence[Item]) -> Iterator[str]:
        """Tell what the run has changed; yield what nobody took."""
        from pec_autorenew.errors import LedgerError

        herald = self.herald(document["run_id"], live=document["mode"] == "live")
        started = datetime.fromisoformat(document["started_at"])
        try:
            if herald is not None and not herald.tell_digest(items, started):
                yield "nobody took a message about this run; the next one tries again: `pec-autorenew notify test`"
            if self.config.notify.ping_url and self.ledger.events(run_id=document["run_id"], kind=_PING_NOT_TAKEN):
                yield "the dead-man service did not hear of this run's start"
        except LedgerError as error:
            yield f"what people were told could not be written down, and is told again: {error.message}"

    def of_check(self, run: Run, checks: Sequence[AccountCheck], items: Sequence[Item]) -> Iterator[str]:
        """Tell how the portal has changed; yield that nobody took it."""
        herald = self.herald(run.id, live=True)  # it is no rehearsal of anything
        if herald is not None and not herald.tell_check(run, checks, items):
            yield "nobody took a message about this check; the next one tries again: `pec-autorenew notify test`"

    def end(self, exit_code: int) -> Iterator[str]:
        """Ping the end; yield why that was not taken."""
        problem = _ping(self.config, exit_code)
        if problem:
            yield problem


@contextmanager
def told_of_errors(asked: Asked, config: Config, *, live: bool) -> Iterator[None]:
    """Tell of an error for which a run cannot even begin."""
    from pec_autorenew.errors import PecAutorenewError

    try:
        yield
    except PecAutorenewError as error:
        if live:
            tell_broken(asked, config, error)
        raise


def tell_broken(asked: Asked, config: Config, error: PecAutorenewError) -> None:
    """Tell every channel and the dead-man service of an error that ended a run; another run is none (LCK-1)."""
    from pec_autorenew.config import clock_from_env
    from pec_autorenew.errors import AnotherRun, LedgerError
    from pec_autorenew.results import exit_code_of_error

    if isinstance(error, AnotherRun):
        return
    clock = clock_from_env(config)
    try:
        told = _told_once(asked, config, clock, error)
    except LedgerError:  # each time, then: nothing can remember it
        told = _told_each_time(asked, config, clock, error)
    if not told:
        complain(asked, "nobody took a message about this error: `pec-autorenew notify test`")
    problem = _ping(config, exit_code_of_error(error))
    if problem:
        complain(asked, problem)


def _told_once(asked: Asked, config: Config, clock: Clock, error: PecAutorenewError) -> bool:
    from pec_autorenew.errors import LedgerError
    from pec_autorenew.ledger import Ledger

    if isinstance(error, LedgerError):
        raise error
    with Ledger.open(config.ledger_url, create=False) as ledger:
        herald = Telling(asked, config, ledger, clock).herald(live=True)
        return herald is None or herald.tell_broken(error)


def _told_each_time(asked: Asked, config: Config, clock: Clock, error: PecAutorenewError) -> bool:
    if not config.notify.urls and not config.notify.channels:
        return True
    from pec_autorenew.engine.notifying import tell_unremembered
    from pec_autorenew.notify.channels import Channels

    return tell_unremembered(config, Channels(config), clock(), error, partial(complain, asked))


def _ping(config: Config, event: str | int) -> str:
    if config.notify.ping_url is None:
        return ""
    from pec_autorenew.notify.pings import ping

    return ping(config.notify, event)
