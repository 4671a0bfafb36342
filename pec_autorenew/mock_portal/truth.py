"""The truth behind the false portal: what exists, what was ordered, and everything that anybody asked of it."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import RLock
from typing import TYPE_CHECKING

from pec_autorenew.mock_portal import rules, wire
from pec_autorenew.mock_portal.door_log import DoorLog
from pec_autorenew.mock_portal.options import DEFAULTS, Layout, Options
from pec_autorenew.mock_portal.values import (
    Account,
    Choice,
    Hit,
    HolderEdit,
    Mailbox,
    MailboxState,
    Method,
    Order,
    OrderRequest,
    OrderState,
    Quote,
    SignIn,
    Visitor,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from pec_autorenew.mock_portal.clock import MockClock

FIRST_ORDER_NUMBER = 41_000_000
LARGEST_STEP = 4_000


class RefusedError(Exception):
    """The portal says no; the message is the Italian sentence that it shows."""


class LockedError(Exception):
    """Whoever signs in is locked out, whatever the password."""


@dataclass(frozen=True, slots=True)
class _Move:
    """An expiry that is to move by what an order has paid for."""

    due: datetime
    address: str
    order: Order
    automatic: bool


class Truth(DoorLog):
    """All that the portal knows. Its methods may be called from any thread."""

    def __init__(self, clock: MockClock, *, layout: Layout = "g2") -> None:
        """Start with nothing."""
        self.clock = clock
        self._lock = RLock()
        self.wipe(layout=layout, scenario="empty")

    def wipe(self, *, layout: Layout, scenario: str) -> None:
        """Forget everything, the log of requests included."""
        with self._lock:
            self.forget()
            self.layout: Layout = layout
            self.scenario = scenario
            self.options: Options = DEFAULTS[layout]
            self.accounts: dict[str, Account] = {}
            self.mailboxes: dict[str, Mailbox] = {}
            self.orders: dict[str, Order] = {}
            self.hits: list[Hit] = []
            self.holder_edits: list[HolderEdit] = []
            self.confirm_posts = 0
            #: Numbers of the orders whose payment was tried and refused.
            self.refused_payments: list[str] = []
            self._told: dict[str, Order] = {}
            self._moves: list[_Move] = []
            self._last_number = FIRST_ORDER_NUMBER

    # What exists

    def add_account(self, account: Account) -> Account:
        """Register a customer."""
        with self._lock:
            if account.username in self.accounts:
                raise wire.BadValueError(f"account {account.username} exists already")
            self.accounts[account.username] = account
            return account

    def add_mailbox(self, mailbox: Mailbox) -> Mailbox:
        """Put a mailbox under an account that exists."""
        with self._lock:
            if mailbox.address in self.mailboxes:
                raise wire.BadValueError(f"mailbox {mailbox.address} exists already")
            self._require_account(mailbox.account)
            self.mailboxes[mailbox.address] = mailbox
            return mailbox

    def change_account(self, username: str, **changes: object) -> Account:
        """Replace some fields of a customer."""
        with self._lock:
            self._require_account(username)
            account = wire.change(self.accounts[username], changes)
            if account.username != username:
                raise wire.BadValueError("a username cannot change")
            self.accounts[username] = account
            return account

    def change_mailbox(self, address: str, **changes: object) -> Mailbox:
        """Replace some fields of a mailbox."""
        with self._lock:
            mailbox = wire.change(self.mailbox(address), changes)
            if mailbox.address != address:
                raise wire.BadValueError("an address cannot change")
            self._require_account(mailbox.account)
            self.mailboxes[address] = mailbox
            return mailbox

    def set_options(self, **changes: object) -> Options:
        """Turn some of the knobs."""
        with self._lock:
            self.options = wire.change(self.options, changes)
            return self.options

    def mailbox(self, address: str) -> Mailbox:
        """Look a mailbox up."""
        with self.at_rest():
            if address not in self.mailboxes:
                raise wire.BadValueError(f"no mailbox {address}")
            return self.mailboxes[address]

    def order(self, number: str) -> Order:
        """Look an order up."""
        with self._lock:
            if number not in self.orders:
                raise wire.BadValueError(f"no order {number}")
            return self.orders[number]

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Let nothing change while it is looked at, and have done what was due."""
        with self._lock:
            self._catch_up()
            yield

    # Who may see what

    def sign_in(self, username: str, password: str) -> Visitor | None:
        """Check credentials, blank for blank and letter for letter, and remember the attempt. Raises LockedError."""
        with self._lock:
            visitor = self._visitor(username, password)
            login = self.accounts.get(username) or self.mailboxes.get(username)
            locked = login is not None and login.locked
            self.sign_ins.append(SignIn(username=username, ok=visitor is not None and not locked, at=self.clock.now()))
            if locked:
                raise LockedError
            if self.options.lock_after and self.refused_in_a_row(username) >= self.options.lock_after:
                self._lock_out(username)
            return visitor

    def visible_mailboxes(self, visitor: Visitor) -> tuple[Mailbox, ...]:
        """List what the visitor may see."""
        with self.at_rest():
            return tuple(
                mailbox
                for mailbox in self.mailboxes.values()
                if mailbox.account == visitor.account and visitor.mailbox in {None, mailbox.address}
            )

    def visible_orders(self, visitor: Visitor) -> tuple[Order, ...]:
        """List the orders of the visitor, newest first."""
        with self._lock:
            return tuple(
                order
                for order in reversed(self.orders.values())
                if order.account == visitor.account and (visitor.mailbox is None or visitor.mailbox in order.addresses)
            )

    def listed_orders(self, visitor: Visitor) -> tuple[Order, ...]:
        """List the orders that the page of the mailboxes shows."""
        late = timedelta(seconds=self.options.orders_listed_after)
        orders = tuple(one for one in self.visible_orders(visitor) if one.placed_at + late <= self.clock.now())
        if self.options.order_list == "unpaid":
            return tuple(order for order in orders if order.state is OrderState.AWAITING_PAYMENT)
        return orders

    def state_of(self, mailbox: Mailbox) -> MailboxState:
        """Say what the list shows today."""
        return rules.state_on(mailbox, self.clock.today())

    def renewable(self, mailbox: Mailbox) -> bool:
        """Say whether «Rinnova» is offered today."""
        with self._lock:
            unpaid = any(order.state is OrderState.AWAITING_PAYMENT for order in self.orders_for(mailbox.address))
            return rules.renewable_on(mailbox, self.clock.today(), unpaid_order=unpaid)

    # Orders

    def orders_for(self, address: str) -> tuple[Order, ...]:
        """List the orders that renew a mailbox, oldest first."""
        with self._lock:
            return tuple(order for order in self.orders.values() if address in order.addresses)

    def quote(self, choices: Sequence[Choice], *, years: int, kit: bool = False) -> Quote:
        """Price a cart."""
        with self._lock:
            return rules.price_cart(self.mailboxes, choices, years=years, kit=kit, options=self.options)

    def take_order(self, request: OrderRequest, *, again: str | None = None) -> Order | None:
        """Answer the binding click as the options say; `again`: the order that the same form has made before.

        Return what the portal thanks for, which need not be what was ordered; None for no thanks at all.
        """
        with self._lock:
            thanks = self.options.thanks
            if thanks == "for-nothing":
                told = self._made_of(request)
            else:
                told = self._placed(request) if again is None else self.repeat_order(again)
            if thanks == "for-another":
                line = replace(told.lines[0], address=f"un.altra.{told.lines[0].address}")
                told = replace(told, number=self._next_number(), lines=(line, *told.lines[1:]))
            self._told[told.number] = told
            return None if thanks == "none" else told

    def told_order(self, visitor: Visitor, number: str) -> Order | None:
        """Return what the page of thanks says of an order."""
        with self._lock:
            order = self._told.get(number) or self.orders.get(number)
            return order if order is not None and order.account == visitor.account else None

    def _placed(self, request: OrderRequest) -> Order:
        """Create an order, or refuse in words. No expiry moves until it is paid."""
        with self._lock:
            order = self._made_of(request)
            self.orders[order.number] = order
            return order

    def _made_of(self, request: OrderRequest) -> Order:
        with self._lock:
            method = self._acceptable_method(request)
            quote = self.quote(request.choices, years=request.years, kit=request.kit)
            marketing = {consent.text for consent in self.options.consents if consent.marketing}
            return Order(
                number=self._next_number(),
                placed_at=self.clock.now(),
                account=self.mailboxes[request.choices[0].address].account,
                signed_in_as=request.signed_in_as,
                lines=quote.lines,
                extras=quote.extras,
                method=method,
                years=quote.years,
                net_cents=quote.net_cents,
                vat_cents=quote.vat_cents,
                gross_cents=quote.gross_cents,
                consents=tuple(text for text in request.consents if text not in marketing),
                marketing_consents=tuple(text for text in request.consents if text in marketing),
                identifier=request.identifier,
            )

    def repeat_order(self, number: str) -> Order:
        """Order the same again, as a portal does that does not notice a form sent twice."""
        with self._lock:
            first = self.order(number)
            again = replace(
                first,
                number=self._next_number(),
                placed_at=self.clock.now(),
                state=OrderState.AWAITING_PAYMENT,
                paid_at=None,
            )
            self.orders[again.number] = again
            return again

    def place_order_for(self, *addresses: str, years: int = 1, method: Method = Method.BONIFICO) -> Order:
        """Order as somebody else would, from another browser, behind the client's back."""
        with self._lock:
            mailboxes = [self.mailbox(address) for address in addresses]
            return self._placed(
                OrderRequest(
                    signed_in_as=mailboxes[0].account,
                    choices=tuple(Choice(address=mailbox.address, type=mailbox.type) for mailbox in mailboxes),
                    years=years,
                    method=Method(method),
                    consents=tuple(consent.text for consent in self.options.consents if consent.required),
                ),
            )

    def pay_order(self, number: str, *, method: Method | None = None, after_sign_in: bool = True) -> Order:
        """Register a payment: only now the expiry moves.

        Paid by card or PayPal by somebody who had signed in, it also switches the automatic renewal on.
        """
        with self._lock:
            order = self._awaiting(number)
            paid_by = order.method if method is None else method
            due = self.clock.now() + timedelta(seconds=self.options.expiry_moves_after)
            automatic = after_sign_in and paid_by.automatic
            self._moves += [_Move(due, line.address, order, automatic) for line in order.lines]
            self._catch_up()
            paid = replace(order, state=OrderState.PAID, method=paid_by, paid_at=self.clock.now())
            self.orders[number] = paid
            return paid

    def refuse_payment(self, number: str) -> Order:
        """Refuse a payment: the order waits for another one."""
        with self._lock:
            order = self._awaiting(number)
            self.refused_payments.append(number)
            return order

    def cancel_order(self, number: str) -> Order:
        """Cancel an order that nobody has paid, so that «Rinnova» is back."""
        with self._lock:
            cancelled = replace(self._awaiting(number), state=OrderState.CANCELLED)
            self.orders[number] = cancelled
            return cancelled

    # What was asked of the portal

    def record_hit(self, method: str, path: str, page: str, *, confirms: bool) -> None:
        """Remember a request, and count it if it is the one that binds."""
        with self._lock:
            self.hits.append(Hit(at=self.clock.now(), method=method, path=path, page=page))
            self.confirm_posts += confirms

    def record_holder_edit(self, field: str) -> None:
        """Remember that the holder's data were changed, which a careful client never does."""
        with self._lock:
            self.holder_edits.append(HolderEdit(at=self.clock.now(), field=field))

    def _require_account(self, username: str) -> None:
        if username not in self.accounts:
            raise wire.BadValueError(f"no account {username}")

    def _visitor(self, username: str, password: str) -> Visitor | None:
        account = self.accounts.get(username)
        if account is not None and account.password == password:
            return Visitor(username, account.username)
        mailbox = self.mailboxes.get(username)
        if mailbox is not None and mailbox.password == password:
            return Visitor(username, mailbox.account, mailbox.address)
        return None

    def _lock_out(self, username: str) -> None:
        if username in self.accounts:
            self.change_account(username, locked=True)
        elif username in self.mailboxes:
            self.change_mailbox(username, locked=True)

    def _next_number(self) -> str:
        self._last_number += 1 + secrets.randbelow(LARGEST_STEP)
        return str(self._last_number)

    def _acceptable_method(self, request: OrderRequest) -> Method:
        """Refuse what the order form would refuse; what remains has a method of payment."""
        if not request.choices:
            raise RefusedError("Seleziona almeno una casella da rinnovare.")
        if not all(self.renewable(self.mailbox(choice.address)) for choice in request.choices):
            raise RefusedError("Una delle caselle selezionate non può essere rinnovata.")
        if not 1 <= request.years <= self.options.max_years:
            raise RefusedError("La Frequenza di Rinnovo indicata non è disponibile.")
        if request.method is None or request.method not in self.options.methods:
            raise RefusedError("Seleziona la modalità di pagamento.")
        if any(consent.required and consent.text not in request.consents for consent in self.options.consents):
            raise RefusedError("Per proseguire è necessario accettare tutte le condizioni obbligatorie.")
        return request.method

    def _awaiting(self, number: str) -> Order:
        order = self.order(number)
        if order.state is not OrderState.AWAITING_PAYMENT:
            raise RefusedError(f"L'ordine {number} non è in attesa di pagamento.")
        return order

    def _catch_up(self) -> None:
        """Move the expiry of what was paid long enough ago."""
        due = [move for move in self._moves if move.due <= self.clock.now()]
        for move in due:
            self._moves.remove(move)
            self._renew(self.mailboxes[move.address], move.order, automatic=move.automatic)

    def _renew(self, mailbox: Mailbox, order: Order, *, automatic: bool) -> None:
        line = next(line for line in order.lines if line.address == mailbox.address)
        self.mailboxes[mailbox.address] = replace(
            mailbox,
            expiry=rules.add_years(mailbox.expiry, order.years),
            type=line.type,
            extra_gb=mailbox.extra_gb + line.extra_gb,
            yearly_net_cents=mailbox.yearly_net_cents if line.type is mailbox.type else None,
            auto_renewal=mailbox.auto_renewal or automatic,
        )
