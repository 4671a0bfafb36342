"""The stage in browsers: the mock portal with a clock of its own, and the client as a process of its own."""

from __future__ import annotations

import json
from contextlib import ExitStack
from csv import DictReader
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.ledger import Ledger
from pec_autorenew.mock_portal import LAYOUTS, MockPortal
from pec_autorenew.mock_portal.options import DEFAULTS
from pec_autorenew.mock_portal.rules import YEARLY_NET_CENTS, vat_on
from pec_autorenew.mock_portal.values import Account, Mailbox
from pec_autorenew.mock_portal.values import MailboxType as PortalType
from pec_autorenew.mock_portal.values import OrderState as PortalOrderState
from pec_autorenew.model import OrderState
from tests.cli.users import User
from tests.year.cast import Trait
from tests.year.deadlines import later
from tests.year.papers import Papers
from tests.year.postman import LetterBox
from tests.year.stage import Told, TrueOrder
from tests.year.story import Trouble

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from pec_autorenew.mock_portal.faults import Step
    from tests.year.cast import Box, Cast

_STATES: Final = {
    PortalOrderState.AWAITING_PAYMENT: OrderState.AWAITING_PAYMENT,
    PortalOrderState.PAID: OrderState.PAID,
    PortalOrderState.CANCELLED: OrderState.CANCELLED,
}
#: What strikes each time as long as it lasts (0), or once.
_FAULTS: Final[Mapping[Trouble, tuple[str, Step, int]]] = {
    Trouble.DRIFT_IN_LIST: ("blank", "list", 0),
    Trouble.DRIFT_IN_FORM: ("blank", "form", 0),
    Trouble.UNREACHABLE: ("reset", "list", 0),
    Trouble.LOST_AFTER: ("reset-after", "confirm", 1),
    Trouble.LOST_BEFORE: ("reset", "confirm", 1),
}
_A_DAY: Final = timedelta(days=1).total_seconds()
#: Seconds for which a new order is not in the list: longer than a run takes, shorter than `settle`.
_LATE: Final = 1800
#: The portal is drawn anew after so many days.
_REDESIGNED: Final = 10


class MockStage:
    """A user, the client that a timer starts, and the portal."""

    def __init__(self, cast: Cast, folder: Path, first_layout: int) -> None:
        self.cast = cast
        self._open = ExitStack()
        self.portal = self._open.enter_context(MockPortal(scenario="empty"))
        self.letter_box = self._open.enter_context(LetterBox())
        self.truth = self.portal.truth
        self.user = User(folder / "home", lambda: self.truth.clock.now().isoformat(), lambda: self.portal.login_origins)
        self.user.patience = 900
        self.user.write(_as_toml(cast.configuration({"base_url": self.portal.url}, browser={"action_timeout": "20 s"})))
        self._passwords = {name: f"S3gret0-{name}-1" for name in cast.logins}
        self._configured = dict(self._passwords)
        self._first_layout = first_layout
        self._late: date | None = None
        self.set_layout(cast.span.start)
        for login in cast.logins.values():
            if login.username not in cast.boxes:
                account = Account(username=login.username, password=self._passwords[login.name], greeting=login.name)
                self.truth.add_account(account)
        self.truth.add_account(Account(username="100015@aruba.it", password="S3gret0-nobody", greeting="Bianca Sorbo"))
        for box in cast.boxes.values():
            self.truth.add_mailbox(self._mailbox(box))

    def close(self) -> None:
        """Stop the portal, and keep what the client printed."""
        self._open.close()
        self.user.keep_said()

    def _mailbox(self, box: Box) -> Mailbox:
        own = next((one.name for one in self.cast.logins.values() if one.username == box.address), "")
        first = self.cast.login_of(box.address).username
        return Mailbox(
            address=box.address,
            account=first if first in self.truth.accounts else "100015@aruba.it",
            expiry=box.expiry,
            password=self._passwords.get(own, "S3gret0-mailbox"),
            type=PortalType(box.kind.value),
            auto_renewal=box.trait in {Trait.AUTOMATIC, Trait.NOT_CHARGED},
            on_domain=box.trait is Trait.ON_DOMAIN,
        )

    def set_layout(self, day: date) -> None:
        """Let the portal look as it does on that day: it is drawn anew three times a month."""
        turn = self._first_layout + (day - self.cast.span.start).days // _REDESIGNED
        layout = LAYOUTS[turn % len(LAYOUTS)]
        if (layout, self.truth.scenario) != (self.truth.layout, "month"):
            self.truth.layout, self.truth.scenario, self.truth.options = layout, "month", DEFAULTS[layout]
            self.portal.end_sessions()

    # -- the client ------------------------------------------------------------------------------------------------

    def renew(self, at: datetime) -> Told:
        """Run `renew` as a timer does."""
        self.set_clock(at)
        hits, struck = len(self.truth.hits), len(self.portal.faults.struck)
        secrets = {self.cast.logins[name].secret: secret for name, secret in self._configured.items()}
        secrets["PEC_LETTERS"] = self.letter_box.url
        done = self.user.run("renew", "--json", "--no-jitter", **secrets)
        document = done.json
        assert done.code == document["exit_code"], done.err
        with self.ledger() as ledger:
            looks = ledger.last_surveys(self.portal.url)
        return Told(
            document,
            letters=self.letter_box.empty(at),
            opened=len(self.truth.hits) > hits,
            looked_at=frozenset(one.survey.account for one in looks if one.run_id == document["run_id"]),
            troubled=self.truth.options.maintenance
            or self.truth.options.orders_listed_after > 0
            or len(self.portal.faults.struck) > struck,
        )

    def approve(self, address: str, expiry: date) -> bool:
        """Say yes."""
        return self.user.run("approve", f"{address}/{expiry}").code == 0

    def new_password(self, login: str) -> None:
        """Write it into the environment of the timer."""
        self._configured[login] = self._passwords[login]

    def papers(self) -> Papers:
        """Ask for the orders, and read the calendar that the last run left."""
        done = self.user.run("history", "--csv", "--by", "order")
        assert done.code == 0, done.err
        return Papers(list(DictReader(StringIO(done.out))), (self.user.state / "calendar.ics").read_bytes())

    def ledger(self) -> Ledger:
        """Open the ledger."""
        return self._open.enter_context(Ledger.open(self.user.state / "ledger.sqlite3"))

    # -- the truth -------------------------------------------------------------------------------------------------

    def set_clock(self, at: datetime) -> None:
        """Let it be so late, for client and portal."""
        self.truth.clock.set(at)
        self.set_layout(self.truth.clock.today())

    def expiries(self) -> dict[str, date]:
        """Return the expiry of each mailbox."""
        with self.truth.at_rest():
            return {address: box.expiry for address, box in self.truth.mailboxes.items()}

    def orders(self) -> tuple[TrueOrder, ...]:
        """Return all orders."""
        with self.truth.at_rest():
            return tuple(
                TrueOrder(
                    one.number,
                    {line.address: Decimal(line.gross_cents).scaleb(-2) for line in one.lines},
                    one.years,
                    _STATES[one.state],
                )
                for one in self.truth.orders.values()
            )

    def prices(self) -> dict[str, Decimal]:
        """Return what a year costs."""
        nets = {
            address: box.yearly_net_cents or YEARLY_NET_CENTS[box.type] for address, box in self.truth.mailboxes.items()
        }
        return {address: Decimal(net + vat_on(net)).scaleb(-2) for address, net in nets.items()}

    def automatic(self) -> frozenset[str]:
        """Return what has «Rinnovo automatico» on."""
        return frozenset(address for address, box in self.truth.mailboxes.items() if box.auto_renewal)

    # -- others ----------------------------------------------------------------------------------------------------

    def pay(self, number: str, *, late: bool) -> None:
        """Register a payment."""
        self.truth.set_options(expiry_moves_after=_A_DAY - 60 if late else 0)
        self.truth.pay_order(number)

    def catch_up(self) -> None:
        """Do nothing: the portal's clock does it."""

    def cancel(self, number: str) -> None:
        """Cancel an order."""
        self.truth.cancel_order(number)

    def order(self, address: str) -> None:
        """Order by hand."""
        self.truth.place_order_for(address)

    def move(self, address: str) -> None:
        """Move an expiry by a year."""
        self.truth.change_mailbox(address, expiry=later(self.truth.mailbox(address).expiry, 1))

    def refuse_password(self, login: str) -> None:
        """Change the portal's password, which ends the sessions."""
        self._passwords[login] = f"S3gret0-{login}-{self.truth.clock.today()}"
        self.truth.change_account(self.cast.logins[login].username, password=self._passwords[login])
        self.portal.end_sessions()

    def raise_prices(self, percent: int) -> None:
        """Let everything cost more."""
        for address, box in list(self.truth.mailboxes.items()):
            net = box.yearly_net_cents or YEARLY_NET_CENTS[box.type]
            self.truth.change_mailbox(address, yearly_net_cents=net * (100 + percent) // 100)

    def trouble(self, troubles: frozenset[Trouble]) -> None:
        """Change what goes wrong."""
        self.portal.clear_faults()
        for trouble in troubles:
            if trouble in _FAULTS:
                name, step, times = _FAULTS[trouble]
                self.portal.set_fault(name, step=step, times=times)
        if Trouble.SESSIONS_END in troubles:
            self.portal.end_sessions()
        self.truth.set_options(
            maintenance=Trouble.MAINTENANCE in troubles,
            orders_listed_after=_LATE if Trouble.LISTED_LATE in troubles else 0,
        )


def _as_toml(tree: Mapping[str, Any]) -> str:
    """Write a configuration down."""
    lines = []
    for name, table in tree.items():
        for one in table if isinstance(table, list) else [table]:
            lines.append(f"[[{name}]]" if isinstance(table, list) else f"[{name}]")
            lines += [f"{key} = {_value(value)}" for key, value in one.items()]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    match value:
        case dict():
            return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case date():
            return value.isoformat()
        case _:
            return json.dumps(value, ensure_ascii=False)
