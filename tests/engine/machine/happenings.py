"""What may happen in the middle of a step, drawn by Hypothesis as plain values that a failing example can print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from pec_autorenew import errors
from pec_autorenew.engine.local import Command, Task
from pec_autorenew.ledger import PAUSE
from pec_autorenew.model import PortalAutorenewal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.engine.double import Order
    from tests.engine.machine.world import World

#: The portal's mailboxes, by address, and the accounts that show them.
ADDRESSES: Final = {
    "a@pec.it": "studio",
    "aa@pec.it": "studio",
    "c@pec.it": "azienda",
    "both@pec.it": "studio+azienda",
    "escl@pec.it": "studio",
    "d@pec.it": "studio",
    "e@pec.it": "azienda",
    "f@pec.it": "studio",
}
STEPS: Final = (
    *("open", "start", "sign_in", "password", "survey", "prepare", "form", "before-click", "click", "answer"),
    *("evidence", "close", "stop"),
)
#: Between these two, nobody can notice that time passed, or that the form is another one.
BLIND: Final = frozenset({"before-click", "click"})
#: Before the order exists; the port promises that nothing was pressed, or sent.
UNPRESSED: Final = frozenset({"form", "before-click", "click"})

_ERRORS: Final[dict[str, Callable[[], BaseException]]] = {
    "unreachable": lambda: errors.PortalUnreachable("gone"),
    "timeout": lambda: errors.PortalTimeout("slow"),
    "broken": lambda: errors.PortalBroken("500"),
    "session": lambda: errors.SessionEnded("signed out"),
    "maintenance": lambda: errors.Maintenance("closed"),
    "429": lambda: errors.TooManyRequests("429"),
    "page": lambda: errors.UnexpectedPage("blank"),
    "missing": lambda: errors.ElementMissing("a button"),
    "ambiguous": lambda: errors.ElementAmbiguous("two buttons"),
    "person": lambda: errors.PersonNeeded("a captcha", reason="captcha"),
    "rejected": lambda: errors.SignInRejected("wrong"),
    "policy": lambda: errors.PolicyStop("another cart"),
    "lost": lambda: errors.OutcomeUnknown("the answer was lost"),
    "ValueError": lambda: ValueError("unforeseen"),
    "OSError": lambda: OSError("unforeseen"),
    "interrupt": KeyboardInterrupt,
}
_PROMISES: Final[dict[str, Callable[[], BaseException]]] = {
    "refused": lambda: errors.RefusedByPortal("nothing was sent"),
    "form": lambda: errors.FormChanged("another form", reason="price-changed"),
}
_MINUTES: Final = (1, 2, 14, 61, 100)
PRICES: Final = ("30.50", "10.00", "30.50", "30.50", "34.99", "36.00", "75.00", "0.50")


@dataclass(frozen=True)
class Happening:
    """At a step, after so many times at which nothing happens: what happens, to whom, and what then."""

    step: str
    skip: int
    what: str
    which: int = 0
    then: str = ""

    def put_into(self, world: World) -> None:
        """Write it into the double's script."""
        script = world.truth.script[self.step]
        script.extend([_nothing] * self.skip)
        script.append(lambda: self.happen(world))

    def happen(self, world: World) -> None:
        """Do it."""
        ACTS[self.what](world, self.which)
        error = _ERRORS.get(self.then) or _PROMISES.get(self.then)
        if error is not None:
            raise error()


def _nothing(*_: object) -> None:
    """Happen not at all."""


# -- what happens ------------------------------------------------------------------------------------------------------


def somebody_orders(world: World, which: int) -> None:
    """Order a mailbox, unless the portal shows an unpaid order of it; every third order shows late."""
    truth = world.truth
    offered = [one for one in truth.boxes if truth.offered(one)]
    if offered:
        truth.place(offered[which % len(offered)], hidden_for=which % 3 // 2)


def _of_the_unpaid(act: str) -> Callable[[World, int], None]:
    def somebody(world: World, which: int) -> None:
        unpaid: list[Order] = world.truth.unpaid()
        if unpaid:
            getattr(world.truth, act)(unpaid[which % len(unpaid)])

    return somebody


def wait(world: World, which: int) -> None:
    """Let minutes pass."""
    world.advance(timedelta(minutes=_MINUTES[which % len(_MINUTES)]))


def wait_a_little(world: World, which: int) -> None:
    """Let a minute or two pass."""
    world.advance(timedelta(minutes=_MINUTES[which % 2]))


def change_price(world: World, which: int) -> None:
    """Set another price."""
    boxes = list(world.truth.boxes.values())
    if boxes:
        boxes[which % len(boxes)].price = Decimal(PRICES[which % len(PRICES)])


def switch_autorenewal(world: World, which: int) -> None:
    """Switch the portal's «Rinnovo automatico» on or off."""
    boxes = list(world.truth.boxes.values())
    if boxes:
        box = boxes[which % len(boxes)]
        box.autorenewal = PortalAutorenewal.OFF if box.autorenewal is PortalAutorenewal.ON else PortalAutorenewal.ON


def spoil(world: World, which: int) -> None:
    """Let the form have what nobody wanted, or be right again."""
    world.truth.spoilt = ("years", "line", "")[which % 3]


def pause(world: World, _which: int = 0) -> None:
    """Say `pause`."""
    world.ledger.set_flag(PAUSE, "", world.clock())
    world.truth.paused = True


def other_machine(world: World, which: int) -> None:
    """Let another machine run in the middle of this one, if it is not doing so already."""
    if len(world.truth.going) < 2:
        accounts = (frozenset(), frozenset({"azienda"}), frozenset({"studio"}))[which % 3]
        command = Command.RECONCILE if which % 7 == 6 else Command.RENEW
        world.run(Task(command, accounts=accounts), machine="there")


def sleep_through(world: World, which: int) -> None:
    """Sleep for longer than the lease, while another machine runs."""
    wait(world, 4)
    other_machine(world, which)


def same_machine(world: World, _which: int) -> None:
    """Try to begin a second run here (LCK-1)."""
    if len(world.truth.going) < 2:
        assert world.run(Task(Command.RENEW)) is None


ACTS: Final[dict[str, Callable[[World, int], None]]] = {
    "nothing": _nothing,
    "cut": lambda world, _: world.cut(),
    "wait": wait,
    "wait a little": wait_a_little,
    "order": somebody_orders,
    "pay": _of_the_unpaid("pay"),
    "pay late": _of_the_unpaid("pay_late"),
    "cancel": _of_the_unpaid("cancel"),
    "move": lambda world, _: world.truth.move_late(),
    "price": change_price,
    "autorenewal": switch_autorenewal,
    "spoil": spoil,
    "pause": pause,
    "other machine": other_machine,
    "sleep through": sleep_through,
    "same machine": same_machine,
}
#: What nobody could notice between reading the form again and pressing: left out there (see BLIND).
_NOTICED: Final = frozenset({"wait", "sleep through", "price", "spoil"})


@st.composite
def happenings(draw: st.DrawFn) -> Happening:
    """Draw one: errors and deaths as often as what other people do."""
    step = draw(st.sampled_from(STEPS))
    skip = draw(st.sampled_from((0, 0, 0, 1, 2, 3)))
    acts = sorted(ACTS.keys() - (_NOTICED if step in BLIND else set()))
    what = draw(st.sampled_from(["nothing", "nothing", "cut", "other machine", *acts]))
    which = draw(st.integers(0, 6))
    then = ["", *_ERRORS, *(_PROMISES if step in UNPRESSED else ())]
    return Happening(step, skip, what, which, draw(st.sampled_from(then if what != "cut" else [""])))
