"""The stage in memory: the portal's double, and the engine in this process on a ledger of its own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew import errors
from pec_autorenew.config.settings import Config, Layer
from pec_autorenew.engine.local import Command, Runner, Task
from pec_autorenew.engine.notifying import Alerts, Herald
from pec_autorenew.ledger import Ledger
from pec_autorenew.model import MailboxState, PortalAutorenewal
from pec_autorenew.planning import today_in_rome
from pec_autorenew.report.calendar import Almanac
from pec_autorenew.report.document import run_document
from pec_autorenew.report.notes import notes_on
from pec_autorenew.report.orders import order_lines
from pec_autorenew.states import RequestState
from tests.engine.double import Box, Clock
from tests.engine.machine.portal import Going, WatchedPortal, WatchedTruth
from tests.engine.machine.verdicts import wrong_with_order, wrong_with_report
from tests.engine.machine.world import MEMORY
from tests.engine.office import Watcher
from tests.year.cast import PRICES, Trait
from tests.year.deadlines import later
from tests.year.papers import Papers
from tests.year.postman import Postman
from tests.year.stage import Told, TrueOrder
from tests.year.story import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date, datetime

    from pec_autorenew.config import Account
    from pec_autorenew.engine.task import Portals
    from tests.engine.double import Order
    from tests.engine.machine.portal import Filled
    from tests.wrongs import Finding
    from tests.year.cast import Cast

PORTAL: Final = "http://127.0.0.1:8000/"
_A_MOMENT: Final = timedelta(seconds=1)
#: More looks than a run takes; the double shows everything after 40 minutes.
_LATE: Final = 50

_WEATHER: Final[dict[Trouble, tuple[str, Callable[[], BaseException]]]] = {
    Trouble.MAINTENANCE: ("sign_in", lambda: errors.Maintenance("closed for maintenance")),
    Trouble.DRIFT_IN_LIST: ("survey", lambda: errors.ElementMissing("no column «Scadenza»")),
    Trouble.DRIFT_IN_FORM: ("prepare", lambda: errors.ElementMissing("no «Frequenza di Rinnovo»")),
    Trouble.UNREACHABLE: ("sign_in", lambda: errors.PortalUnreachable("no answer")),
}
_AT_THE_CLICK: Final = {Trouble.LOST_AFTER: "answer", Trouble.LOST_BEFORE: "click"}


@dataclass
class YearTruth(WatchedTruth):
    """The double's truth with weather: what goes wrong at each occasion, as long as it lasts."""

    weather: dict[str, Callable[[], BaseException]] = field(default_factory=dict)
    strikes: int = 0

    def happen(self, step: str) -> None:
        """Let the weather be felt, and time pass while pages are read."""
        if step == "survey":
            self.clock.advance(_A_MOMENT)
        if step in self.weather:
            self.strikes += 1
            error = self.weather[step]
            raise error()
        waiting = len(self.script[step])
        try:
            super().happen(step)
        finally:
            self.strikes += len(self.script[step]) < waiting


@dataclass
class YearGoing(Going):
    """A run under way, the only one there is."""

    #: When the run before it ended.
    before_it: datetime | None = None

    def others(self) -> datetime | None:
        """Return when the last run ended."""
        return self.before_it


def _portals_of(truth: YearTruth) -> Portals:
    """Return what the runner starts in the place of a browser; sessions live from run to run."""

    @contextmanager
    def portals(run_id: str) -> Iterator[Callable[[Account], WatchedPortal]]:
        truth.going[-1].run_id = run_id
        truth.opened.append(run_id)

        def open_portal(account: Account) -> WatchedPortal:
            return WatchedPortal(truth, account, account.name in truth.sessions, run_id=run_id)

        yield open_portal

    return portals  # type: ignore[return-value]


class DoubleStage:
    """Everything that a year needs, and no browser."""

    def __init__(self, cast: Cast, *, flags: bool) -> None:
        self.cast = cast
        self._folder = TemporaryDirectory(prefix="pec-year-", dir=MEMORY if MEMORY.is_dir() else None)
        folder = Path(self._folder.name)
        self.clock = Clock()
        self.truth = YearTruth(self.clock, judge=self._judge, keeps_sessions=True, flags=flags)
        self.findings: list[Finding] = []
        tree = cast.configuration({"base_url": PORTAL}, ledger={"state_dir": str(folder / "state")})
        self.config = Config.from_layers((Layer("file", tree),))
        self._ledger = Ledger.open(folder / "ledger.sqlite3")
        self._last_end: datetime | None = None
        for box in cast.boxes.values():
            self.truth.boxes[box.address] = _in_the_truth(box.trait, "+".join(box.logins), box.expiry, PRICES[box.kind])
            self.truth.boxes[box.address].kind = box.kind

    def close(self) -> None:
        """Leave nothing behind."""
        self._ledger.close()
        self._folder.cleanup()

    # -- the client ------------------------------------------------------------------------------------------------

    def renew(self, at: datetime) -> Told:
        """Run `renew` in this process."""
        self.set_clock(at)
        truth = self.truth
        looks, strikes, opened = dict(truth.looks), truth.strikes, len(truth.opened)
        going = YearGoing(Task(Command.RENEW), self.config, self._ledger, "here", at, before_it=self._last_end)
        going.before = self.expiries()
        truth.going.append(going)
        postman = Postman(self.clock)
        herald = Herald(self.config, self._ledger, postman, self.clock)
        try:
            watcher = Alerts(Watcher(), herald)
            runner = Runner(self.config, self._ledger, _portals_of(truth), self.clock, watcher, _no_waiting)
            result = runner.run(going.task)
        finally:
            truth.going.pop()
        self.findings += wrong_with_report(truth, going, result)
        postman.run_is_over = True
        herald.tell_digest(result.items, at)
        self._last_end = self.clock()
        stored = self._ledger.run(result.run_id)
        assert stored is not None
        notes = notes_on(self.config, self._ledger, result.items, self.clock())
        document: dict[str, Any] = run_document(stored) | notes.facts(stored.command)
        alarms = [line for line in notes.lines(document) if line.startswith("Below ")]
        return Told(
            document,
            alarm="".join(alarms),
            letters=tuple(postman.letters),
            opened=len(truth.opened) > opened,
            looked_at=frozenset(name for name, number in truth.looks.items() if number > looks.get(name, 0)),
            troubled=truth.strikes > strikes or any(one.hidden_for for one in truth.orders),
        )

    def approve(self, address: str, expiry: date) -> bool:
        """Say yes, as `approve` does."""
        standing = [one for one in self._ledger.requests(PORTAL) if one.name == f"{address}/{expiry}"]
        valid = self.config.renewal.approval_valid
        try:
            self._ledger.answer(PORTAL, address, expiry, self.clock(), valid, granted=True)
        except errors.NotApprovable:
            return False
        if all(one.state is not RequestState.ANSWERED for one in standing):
            self.truth.words[address, expiry] += 1
        return True

    def new_password(self, login: str) -> None:
        """Let the configuration have the right password again."""
        self.truth.refused.discard(login)
        self.truth.secrets[login] = f"changed {self.clock()}"

    def papers(self) -> Papers:
        """Make them of the ledger."""
        renewals = self._ledger.renewals(PORTAL)
        today = today_in_rome(self.clock())
        almanac = Almanac(self.config, self._ledger.last_surveys(PORTAL), renewals, today)
        return Papers(order_lines(renewals), almanac.calendar())

    def ledger(self) -> Ledger:
        """Return the ledger."""
        return self._ledger

    # -- the truth -------------------------------------------------------------------------------------------------

    def set_clock(self, at: datetime) -> None:
        """Let it be so late, for client and portal."""
        self.clock.now = at
        self.truth.reveal()

    def expiries(self) -> dict[str, date]:
        """Return the expiry of each mailbox."""
        return {address: box.expiry for address, box in self.truth.boxes.items()}

    def orders(self) -> tuple[TrueOrder, ...]:
        """Return all orders."""
        return tuple(TrueOrder(str(one.number), dict(one.lines), one.years, one.state) for one in self.truth.orders)

    def prices(self) -> dict[str, Decimal]:
        """Return what a year costs."""
        return {address: box.price for address, box in self.truth.boxes.items()}

    def automatic(self) -> frozenset[str]:
        """Return what has «Rinnovo automatico» on."""
        boxes = self.truth.boxes.items()
        return frozenset(address for address, box in boxes if box.autorenewal is PortalAutorenewal.ON)

    # -- others ----------------------------------------------------------------------------------------------------

    def pay(self, number: str, *, late: bool) -> None:
        """Register a payment; by card, the portal renews by itself from then on."""
        order = self._numbered(number)
        (self.truth.pay_late if late else self.truth.pay)(order)
        for address in order.lines:
            if self.cast.login_of(address).method == "carta":
                self.truth.boxes[address].autorenewal = PortalAutorenewal.ON

    def catch_up(self) -> None:
        """Move the expiry dates of what was paid."""
        self.truth.move_late()

    def cancel(self, number: str) -> None:
        """Cancel an order."""
        self.truth.cancel(self._numbered(number))

    def order(self, address: str) -> None:
        """Order by hand."""
        self.truth.place(address)

    def move(self, address: str) -> None:
        """Move an expiry by a year."""
        box = self.truth.boxes[address]
        box.expiry = later(box.expiry, 1)

    def refuse_password(self, login: str) -> None:
        """Change the portal's password, which ends the sessions."""
        self.truth.refused.add(login)
        self.truth.sessions.discard(login)

    def raise_prices(self, percent: int) -> None:
        """Let everything cost more, to the cent."""
        for box in self.truth.boxes.values():
            box.price = (box.price * (100 + percent) / 100).quantize(Decimal("0.01"))

    def trouble(self, troubles: frozenset[Trouble]) -> None:
        """Change the weather; what is to happen at the next click waits for it."""
        truth = self.truth
        truth.weather = {step: error for kind, (step, error) in _WEATHER.items() if kind in troubles}
        truth.lag = _LATE if Trouble.LISTED_LATE in troubles else 0
        for kind, step in _AT_THE_CLICK.items():
            if kind in troubles and not truth.script[step]:
                truth.script[step].append(errors.OutcomeUnknown("the answer was lost"))
        if Trouble.SESSIONS_END in troubles:
            truth.sessions.clear()

    def _numbered(self, number: str) -> Order:
        return next(one for one in self.truth.orders if one.number == number)

    def _judge(self, truth: WatchedTruth, order: Order, going: Going, filled: Filled) -> None:
        self.findings += wrong_with_order(truth, order, going, filled)


def _in_the_truth(trait: Trait, accounts: str, expiry: date, price: Decimal) -> Box:
    automatic = trait in {Trait.AUTOMATIC, Trait.NOT_CHARGED}
    return Box(
        accounts,
        expiry,
        price,
        PortalAutorenewal.ON if automatic else PortalAutorenewal.OFF,
        offered=trait is not Trait.ON_DOMAIN,
        state=MailboxState.ON_DOMAIN if trait is Trait.ON_DOMAIN else MailboxState.ACTIVE,
    )


def _no_waiting(_seconds: float) -> None:
    """Take no time."""
