"""What goes wrong at the false portal: named faults, the steps at which they strike, and how often.

A fault of the wire spoils the answer to one request; a happening changes the truth just before a step is served, or
just after; a habit is how the portal answers for good. Scenarios name them: `single+reset-after@confirm+price-up@form`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, get_args

from pec_autorenew.mock_portal import wire
from pec_autorenew.mock_portal.options import Consent, ExtraOffer
from pec_autorenew.mock_portal.rules import YEARLY_NET_CENTS
from pec_autorenew.mock_portal.values import MailboxType, Method, OrderState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pec_autorenew.mock_portal.desk import Desk

Step = Literal[
    "login",
    "sign-in",
    "home",
    "list",
    "cart",
    "kit",
    "holder",
    "billing",
    "form",
    "recalculation",
    "confirm",
    "confirmation",
]
STEPS: tuple[Step, ...] = get_args(Step)

#: The names of the routes by which a customer takes each step, whatever the layout.
_ROUTES: Mapping[str, Step] = {
    "login": "login",
    "accesso": "sign-in",
    "home": "home",
    "caselle": "list",
    "caselle_altri_titolari": "list",
    "gestione_caselle": "cart",
    "piano": "cart",
    "kit": "kit",
    "dati_intestatario": "holder",
    "dati_fatturazione": "billing",
    "modulo_ordine": "form",
    "ricalcolo": "recalculation",
    "conferma_ordine": "confirm",
    "conferma": "confirmation",
}


def step_of(page: str) -> Step | None:
    """Name the step that a customer takes by asking for a page."""
    return _ROUTES.get(page)


class Spoilt(StrEnum):
    """How the answer to a request is spoilt on its way."""

    ERROR = "error"
    RESET = "reset"
    BLANK = "blank"
    LATE = "late"
    TOO_MANY = "too-many-requests"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Kind:
    """One named fault."""

    name: str
    text: str
    #: Where it strikes unless somebody says otherwise; None for a habit.
    step: Step | None = None
    spoilt: Spoilt | None = None
    #: Whether the request does its work before the answer is spoilt, or before the happening.
    afterwards: bool = False
    happens: Callable[[Desk], object] | None = None


# -- happenings --------------------------------------------------------------------------------------------------------


def _prices_up(desk: Desk) -> None:
    truth = desk.truth
    for box in list(truth.mailboxes.values()):
        yearly = box.yearly_net_cents or YEARLY_NET_CENTS[box.type]
        truth.change_mailbox(box.address, yearly_net_cents=yearly + max(yearly // 5, 1))


def _sells(desk: Desk) -> None:
    truth = desk.truth
    truth.set_options(extra_line=ExtraOffer(text="Marca Temporale 50", net_cents=1000))


def _wants_more(desk: Desk) -> None:
    truth = desk.truth
    consent = Consent(text="Autorizzo il rinnovo automatico e la cessione dei dati a soggetti terzi.")
    truth.set_options(consents=(*truth.options.consents, consent))


def _withdraws_method(desk: Desk) -> None:
    truth = desk.truth
    truth.set_options(methods=(Method.CARTA, Method.PAYPAL), methods_hidden=False)


def _somebody_orders(desk: Desk) -> None:
    truth = desk.truth
    due = [box for box in truth.mailboxes.values() if truth.renewable(box)]
    if due:
        truth.place_order_for(min(due, key=lambda box: box.expiry).address)


def _switches_autorenewal_on(desk: Desk) -> None:
    truth = desk.truth
    for box in list(truth.mailboxes.values()):
        truth.change_mailbox(box.address, auto_renewal=True)


def _unpaid(desk: Desk) -> list[str]:
    return [one.number for one in desk.truth.orders.values() if one.state is OrderState.AWAITING_PAYMENT]


def _cancels(desk: Desk) -> None:
    for number in _unpaid(desk)[-1:]:
        desk.truth.cancel_order(number)


def _refuses_payment(desk: Desk) -> None:
    for number in _unpaid(desk)[-1:]:
        desk.truth.refuse_payment(number)


def _expires_passwords(desk: Desk) -> None:
    desk.truth.set_options(password_change=True, account_password_change=True)


def _locks_out(desk: Desk) -> None:
    truth = desk.truth
    for username in list(truth.accounts):
        truth.change_account(username, locked=True)
    for address in list(truth.mailboxes):
        truth.change_mailbox(address, locked=True)


def _options(**changes: object) -> Callable[[Desk], object]:
    return lambda desk: desk.truth.set_options(**changes)


_KINDS = (
    # the wire
    Kind("error", "500; nothing was done", "confirm", Spoilt.ERROR),
    Kind("error-after", "500; it was done all the same", "confirm", Spoilt.ERROR, afterwards=True),
    Kind("reset", "the connection breaks; nothing was done", "confirm", Spoilt.RESET),
    Kind("reset-after", "the connection breaks; it was done all the same", "confirm", Spoilt.RESET, afterwards=True),
    Kind("blank", "an empty page; nothing was done", "confirm", Spoilt.BLANK),
    Kind("blank-after", "an empty page; it was done all the same", "confirm", Spoilt.BLANK, afterwards=True),
    Kind(
        "late", "it is done at once, and answered when nobody waits any more", "confirm", Spoilt.LATE, afterwards=True
    ),
    Kind("too-many-requests", "429 with `Retry-After`; nothing was done", "sign-in", Spoilt.TOO_MANY),
    Kind("unavailable", "503 without a word of maintenance; nothing was done", "sign-in", Spoilt.UNAVAILABLE),
    # while the customer is on the way
    Kind("session-ended", "everybody is signed out", "form", happens=lambda desk: desk.sessions.end_all()),
    Kind("price-up", "every mailbox costs a fifth more", "form", happens=_prices_up),
    Kind("extra-line", "the order has a line that nobody asked for", "form", happens=_sells),
    Kind(
        "kit-preselected",
        "the kit of «Firma Digitale» is chosen beforehand",
        "cart",
        happens=_options(kit="preselected"),
    ),
    Kind("gb-preselected", "a gigabyte more is chosen beforehand", "cart", happens=_options(preselected_extra_gb=1)),
    Kind(
        "type-preselected",
        "PREMIUM is chosen beforehand",
        "cart",
        happens=_options(preselected_type=MailboxType.PREMIUM),
    ),
    Kind("flags-preselected", "every mailbox is flagged beforehand", "cart", happens=_options(preselected_flags="all")),
    Kind("unknown-consent", "the form wants a consent that nobody knows", "form", happens=_wants_more),
    Kind(
        "method-withdrawn", "«Bonifico» and «Bollettino postale» are offered no more", "form", happens=_withdraws_method
    ),
    Kind("years-withdrawn", "one year is all that is offered", "form", happens=_options(max_years=1)),
    Kind("other-order", "somebody else orders the mailbox that expires first", "form", happens=_somebody_orders),
    Kind("autorenewal-on", "somebody switches «Rinnovo automatico» on", "form", happens=_switches_autorenewal_on),
    Kind("order-cancelled", "the customer cancels the newest order", "confirm", afterwards=True, happens=_cancels),
    Kind(
        "payment-refused",
        "the payment of the newest order is refused",
        "confirm",
        afterwards=True,
        happens=_refuses_payment,
    ),
    # habits
    Kind("success-without-order", "thanks for an order that does not exist", happens=_options(thanks="for-nothing")),
    Kind("order-without-success", "an order, and the list instead of thanks", happens=_options(thanks="none")),
    Kind(
        "success-of-another", "an order, and thanks for that of another mailbox", happens=_options(thanks="for-another")
    ),
    Kind("two-step", "somebody must answer on a device, and nobody does", happens=_options(two_step=True)),
    Kind("code", "a code that came by message is asked", happens=_options(code=True)),
    Kind("captcha", "«Non sono un robot» lets nobody in", happens=_options(captcha=True)),
    Kind(
        "captcha-frame",
        "it stands in a frame of another origin",
        happens=_options(captcha=True, captcha_kind="frame"),
    ),
    Kind(
        "captcha-widget",
        "it is somebody's element around such a frame",
        happens=_options(captcha=True, captcha_kind="widget"),
    ),
    Kind("password-expired", "a new password must be chosen", happens=_expires_passwords),
    Kind("password-notice", "the password will expire, says a notice", happens=_options(password_notice_days=5)),
    Kind("new-terms", "new conditions must be accepted", happens=_options(new_terms=True)),
    Kind("locked", "whoever signs in is locked out", happens=_locks_out),
    Kind("maintenance", "every address answers 503, in words", happens=_options(maintenance=True)),
    Kind("door-foreign", "signing in is on an origin of somebody else", happens=_options(door="foreign")),
    Kind("door-lookalike", "it is on the portal's port, under another name", happens=_options(door="lookalike")),
    Kind("door-outside", "it is on a host that is not reached", happens=_options(door="outside")),
    Kind("door-foreign-form", "the portal's own form goes to somebody else", happens=_options(door="foreign-form")),
    Kind("door-frame", "the form stands in a frame of somebody else", happens=_options(door="frame")),
    Kind(
        "door-open-redirect",
        "whoever got in is led to somebody else, who asks again",
        happens=_options(door="open-redirect"),
    ),
    Kind("fresh-connections", "a connection serves one request, and is closed", happens=_options(keep_alive=False)),
    Kind("every-post-orders", "a form that is sent twice orders twice", happens=_options(every_post_orders=True)),
    Kind("orders-listed-late", "a new order is not in the list for a minute", happens=_options(orders_listed_after=60)),
    Kind("expiry-moves-late", "the expiry moves an hour after the payment", happens=_options(expiry_moves_after=3600)),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault that waits for its step. `times`: how often it strikes; 0: each time. `seconds`: how late, or long."""

    name: str
    step: Step | None = None
    times: int = 1
    seconds: float = 60.0

    @property
    def kind(self) -> Kind:
        """What it is."""
        return KINDS[self.name]


def fault_from(text: str) -> Fault:
    """Read `name`, `name@step` or `name@step*times` as a scenario has it."""
    name, _, where = text.partition("@")
    step, _, times = where.partition("*")
    if times and not times.isdecimal():
        raise wire.BadValueError(f"{text!r}: {times!r} is no number of times")
    fields: dict[str, object] = {
        "name": name,
        **({"step": step} if step else {}),
        **({"times": int(times)} if times else {}),
    }
    return checked(wire.build(Fault, fields))


def checked(fault: Fault) -> Fault:
    """Return the fault with its step; raise BadValueError where there is no such fault, or it has no step."""
    if fault.name not in KINDS:
        raise wire.BadValueError(f"no fault {fault.name!r}; there are {', '.join(KINDS)}")
    kind = fault.kind
    if kind.step is None and fault.step is not None:
        raise wire.BadValueError(f"{fault.name} is how the portal answers for good: it has no step")
    return replace(fault, step=fault.step or kind.step)


class Faults:
    """The faults that wait for their steps."""

    def __init__(self) -> None:
        """Start with nothing that could go wrong."""
        self._waiting: list[Fault] = []
        #: Those that struck, oldest first.
        self.struck: list[Fault] = []

    @property
    def waiting(self) -> tuple[Fault, ...]:
        """Those that have not struck as often as they will."""
        return tuple(self._waiting)

    def add(self, fault: Fault) -> None:
        """Let it wait for its step."""
        self._waiting.append(fault)

    def at(self, step: Step | None) -> list[Fault]:
        """Take those that strike at this step now."""
        due = [fault for fault in self._waiting if step is not None and fault.step == step]
        for fault in due:
            self._waiting.remove(fault)
            self.struck.append(fault)
            if fault.times != 1:
                self._waiting.append(replace(fault, times=max(fault.times - 1, 0)))
        return due
