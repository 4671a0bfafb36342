"""The invariants of the whole engine as properties: whatever happens, in whatever order, whoever dies, whenever.

Judged on the portal's own truth. `PEC_MACHINE_EXAMPLES=2000` looks for longer, and otherwise than the last time.
"""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pec_autorenew.engine.closing import close_unknown
from pec_autorenew.engine.local import Command, Task
from pec_autorenew.ledger import PAUSE
from pec_autorenew.model import OrderState
from pec_autorenew.states import RenewalState
from tests.engine.double import START
from tests.engine.machine import happenings as acts
from tests.engine.machine.ending import say, settle_down, wrong_in_the_end
from tests.engine.machine.happenings import ADDRESSES, BLIND, PRICES, Happening, happenings
from tests.engine.machine.tally import TALLY
from tests.engine.machine.world import PORTAL, World
from tests.wrongs import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES: Final = int(os.environ.get("PEC_MACHINE_EXAMPLES", "0"))
#: A longer search is divided, so that it may be spread over processes.
PARTS: Final = 4 if EXAMPLES else 1

numbers = st.integers(0, 6)
days = st.sampled_from((3, 8, 10, 15, 20, 29, 31, 60, -5, -88, -95))
scripts = st.lists(happenings(), max_size=3)


class EngineMachine(RuleBasedStateMachine):
    """One portal, two machines that work on it, and everybody else."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None
        TALLY.examples += 1

    @property
    def there(self) -> World:
        """The world, once it is made."""
        assert self.world is not None
        return self.world

    @initialize(
        approval=st.sampled_from(("none", "none", "none", "always", "above:32.00")),
        limits=st.sampled_from((("70.00", "200.00", "500.00"), ("40.00", "65.00", "100.00"))),
        boxes=st.dictionaries(
            st.sampled_from(sorted(ADDRESSES)), st.tuples(days, st.sampled_from(PRICES)), min_size=2, max_size=5
        ),
        switches=st.sets(
            st.sampled_from(("totals", "flags", "no list", "split", "numberless", "nameless", "undated", "proved"))
        ),
        lag=st.sampled_from((0, 0, 1, 2, 5)),
    )
    def open_the_office(
        self,
        approval: str,
        limits: tuple[str, str, str],
        boxes: dict[str, tuple[int, str]],
        switches: set[str],
        lag: int,
    ) -> None:
        """Begin with a portal as nobody has seen one."""
        world = self.world = World(approval, limits)
        truth = world.truth
        for address, (left, price) in boxes.items():
            truth.add(address, left, ADDRESSES[address], price=Decimal(price))
        truth.shows_amounts, truth.flags = "totals" not in switches, "flags" in switches
        truth.orders_visible, truth.split_into = "no list" not in switches, 1 if "split" in switches else None
        truth.numberless, truth.nameless = "numberless" in switches, "nameless" in switches
        truth.dated, truth.lag = "undated" not in switches, lag
        truth.set_clock(timedelta(0))
        if "proved" in switches:
            world.ledger.set_flag("canary/http://127.0.0.1:8000", "proved", world.clock())

    # -- the client ------------------------------------------------------------------------------------------------

    @rule(
        script=scripts, max_items=st.sampled_from((None, None, None, 1)), accounts=st.sampled_from(((), ("azienda",)))
    )
    def renew(self, script: list[Happening], max_items: int | None, accounts: tuple[str, ...]) -> None:
        """Run `renew`, and let things happen in its steps."""
        self._run(Task(Command.RENEW, max_items=max_items, accounts=frozenset(accounts)), script)

    @rule(script=scripts)
    def renew_all(self, script: list[Happening]) -> None:
        """Run `renew` as a timer does."""
        self._run(Task(Command.RENEW), script)

    @rule(script=scripts, which=numbers)
    def renew_early(self, script: list[Happening], which: int) -> None:
        """Run `renew --renew-early`, for one mailbox only."""
        address = sorted(ADDRESSES)[which % len(ADDRESSES)]
        self._run(Task(Command.RENEW, early={address: "a person wants it"}, mailboxes=frozenset({address})), script)

    @rule(script=scripts, command=st.sampled_from((Command.RECONCILE, Command.PLAN, Command.LIST, Command.RENEW)))
    def look(self, script: list[Happening], command: Command) -> None:
        """Run what must order nothing."""
        self._run(Task(command, live=command is not Command.RENEW), script)

    @rule(script=scripts)
    def renew_there(self, script: list[Happening]) -> None:
        """Run `renew` on the other machine."""
        self._run(Task(Command.RENEW), script, machine="there")

    @rule(script=scripts, cut_after=st.integers(0, 120))
    def renew_and_die(self, script: list[Happening], cut_after: int) -> None:
        """Run `renew`, and cut the power at any statement of SQL."""
        self._run(Task(Command.RENEW), script, cut_after=cut_after)

    @rule(script=scripts, full_after=st.integers(0, 30))
    def renew_on_a_full_disk(self, script: list[Happening], full_after: int) -> None:
        """Run `renew`, and let the disk be full from some statement on."""
        self._run(Task(Command.RENEW), script, full_after=full_after)

    @rule(
        step=st.sampled_from(("survey", "prepare", "form", "click", "answer", "close")),
        skip=st.integers(0, 2),
        what=st.sampled_from(("sleep through", "other machine")),
        which=numbers,
        then=st.sampled_from(("", "", "lost", "session", "interrupt")),
        script=scripts,
    )
    def renew_on_both(self, step: str, skip: int, what: str, which: int, then: str, script: list[Happening]) -> None:
        """Run `renew` on both machines at once: the second one in the middle of the first."""
        self._something_is_due()
        what = "other machine" if step in BLIND else what
        self._run(Task(Command.RENEW), [*script, Happening(step, skip, what, which, then)])

    @rule(step=st.sampled_from(("form", "before-click", "click", "answer")), skip=st.integers(0, 1), script=scripts)
    def renew_and_die_at_the_click(self, step: str, skip: int, script: list[Happening]) -> None:
        """Run `renew`, and cut the power where it matters most."""
        self._something_is_due()
        self._run(Task(Command.RENEW), [Happening(step, skip, "cut"), *script])

    def _run(self, task: Task, script: list[Happening], **facts: object) -> None:
        for one in script:
            one.put_into(self.there)
        self.there.run(task, **facts)  # type: ignore[arg-type]
        self.there.truth.script.clear()

    # -- time and the portal ---------------------------------------------------------------------------------------

    @rule(by=st.sampled_from((1, 5, 14, 61, 61, 100, 1440, 3 * 1440, 14 * 1440, 35 * 1440, 340 * 1440)))
    def time_passes(self, by: int) -> None:
        """Let minutes or days pass."""
        self.there.advance(timedelta(minutes=by))

    @precondition(lambda self: self.world is not None and self.world.ledger.runs(1))
    @rule(by=st.sampled_from((0, 0, 30, 300, 7200, 259200)))
    def set_clock(self, by: int) -> None:
        """Set the client's clock back by so many seconds, or right again."""
        self.there.truth.set_clock(timedelta(seconds=by))

    @rule(address=st.sampled_from(sorted(ADDRESSES)), left=days, price=st.sampled_from(PRICES))
    def mailbox_comes_or_goes(self, address: str, left: int, price: str) -> None:
        """Add a mailbox; or let one vanish from the list, or come back."""
        truth = self.there.truth
        if address in truth.boxes:
            truth.boxes[address].listed = not truth.boxes[address].listed
        else:
            gone = (truth.real() - START).days
            truth.add(address, left + gone, ADDRESSES[address], price=Decimal(price))

    @rule(
        what=st.sampled_from(("order", "pay", "pay late", "cancel", "move", "price", "autorenewal", "spoil")),
        which=numbers,
    )
    def somebody(self, what: str, which: int) -> None:
        """Somebody orders, pays, cancels; the portal changes its prices."""
        acts.ACTS[what](self.there, which)

    @rule(lag=st.sampled_from((0, 1, 2, 5)))
    def list_is_late(self, lag: int) -> None:
        """Let the list show new orders later, or at once."""
        self.there.truth.lag = lag

    # -- people ----------------------------------------------------------------------------------------------------

    @rule(which=numbers, granted=st.sampled_from((True, True, False)))
    def decide(self, which: int, *, granted: bool) -> None:
        """Say `approve` or `reject`."""
        say(self.there, which, granted=granted)

    @rule(which=numbers)
    def everything_is_cancelled(self, which: int) -> None:
        """Let people approve what is asked, have it ordered, cancel every order, and see what is ordered then."""
        self._something_is_due()
        for _ in range(2):
            self.there.run(Task(Command.RENEW))
            for one in range(len(self.there.ledger.requests(PORTAL))):
                say(self.there, one, granted=True)
        self.there.run(Task(Command.RENEW))
        for order in self.there.truth.unpaid():
            self.there.truth.cancel(order)
        for _ in range(1 + which % 2):
            self.there.run(Task(Command.RENEW))

    def _something_is_due(self) -> None:
        """Add a mailbox that is due, as long as there are addresses: most of what can go wrong needs an order."""
        truth = self.there.truth
        new = [address for address in ADDRESSES if address not in truth.boxes]
        if new:
            truth.add(new[-1], 12 + (truth.real() - START).days, ADDRESSES[new[-1]])

    @rule()
    def pause_or_resume(self) -> None:
        """Say `pause`, or `resume`."""
        world = self.there
        if world.truth.paused:
            world.ledger.clear_flag(PAUSE, world.clock())
            world.truth.paused = False
        else:
            acts.pause(world)

    @rule()
    def new_secret(self) -> None:
        """Give both accounts another password."""
        for account in ("studio", "azienda"):
            self.there.truth.secrets[account] = f"changed {self.there.clock.now}"

    @rule()
    def close(self) -> None:
        """Look at the portal, and close what has no order there."""
        world = self.there
        for one in world.ledger.renewals(states={RenewalState.UNKNOWN}):
            box = world.truth.boxes[one.address]
            alive = [order for order in world.truth.orders_for(one.address) if order.state is not OrderState.CANCELLED]
            if not alive and box.expiry == one.expiry:
                close_unknown(world.ledger, PORTAL, one.name, "no order at the portal", world.clock())
                world.truth.words[one.address, one.expiry] += 1

    # -- what must hold --------------------------------------------------------------------------------------------

    @invariant()
    def nothing_is_wrong(self) -> None:
        """I1 to I4: never twice, never too much, never the wrong thing, never a false report."""
        if self.world is not None:
            assert not self.world.wrongs, self.world.wrongs

    def teardown(self) -> None:
        """I5: in the end, the ledger tells the truth, and what is due and free is ordered."""
        world = self.world
        if world is None:
            return
        try:
            if not world.wrongs:
                wrongs = list(wrong_in_the_end(world, settle_down(world)))
                TALLY.wrongs[Wrong.UNTRUE_LEDGER] += len(wrongs)
                assert not wrongs, wrongs
                assert not world.wrongs, world.wrongs
        finally:
            world.close()


@pytest.mark.timeout(0 if EXAMPLES else 120)
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens(part: int, record_property: Callable[[str, object], None]) -> None:
    """DUP, PRC, VER, SIL, DRY, BLK, LCK, TIM-3: never twice, too much, wrong or falsely told; in the end, the truth."""
    profile = settings(
        database=None,
        deadline=None,
        derandomize=not EXAMPLES,
        print_blob=bool(EXAMPLES),
        max_examples=EXAMPLES // PARTS or 20,
        stateful_step_count=12,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    TALLY.begin()
    try:
        run_state_machine_as_test(EngineMachine, settings=profile)
    finally:
        record_property("machine", f"part {part}: {TALLY.in_words()}")
