"""The guard that keeps tests from ordering: nothing presses the binding click without permission.

Three things stand in the way, each by itself enough. The verb `modulo_ordine.confirm` raises before it presses. In
every document a script stops what is done to the control, however it is done. And the interlock is closed as soon as
the pages arrive on «Modulo Ordine»: nothing that could bind leaves the browser, but for what the page's own verbs send
while they set the form, for the portal calculates years and methods.
"""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.config import origin_of
from pec_autorenew.errors import PecAutorenewError
from pec_autorenew.interlock import Gate, Interlock
from pec_autorenew.names import Names
from pec_autorenew.qa.target import is_live

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from playwright.sync_api import BrowserContext

BINDING: Final = "«CONFERMA e completa l'ordine» (modulo_ordine.confirm)"
HOW: Final = (
    "A test that is meant to order is marked @pytest.mark.pec_orders, and runs where --pec-allow-orders names the "
    "origin; the live portal is never allowed."
)
_SCRIPT: Final = files("pec_autorenew.qa").joinpath("guard.js").read_text(encoding="utf-8").strip()
#: What the script calls to tell of a press.
_TELLS: Final = "pecAutorenewPressed"
_ALLOWED: Final = "globalThis[Symbol.for('pec_autorenew.qa.allowed')] = {};"
_TIMEOUT_MS: Final = 30_000
_A_MOMENT: Final = "() => new Promise((done) => setTimeout(() => setTimeout(done, 50), 50))"


class OrderRefused(PecAutorenewError):
    """A test would have ordered where it may not; nothing was sent."""


@dataclass
class Guard:
    """One test's permission to order, and what it tried without."""

    #: Origins on which it may: none, unless the test is marked and the origin was named.
    allowed: frozenset[str] = frozenset()
    #: How the binding click was pressed without permission, in words.
    pressed: list[str] = field(default_factory=list)
    #: What was held at the network on «Modulo Ordine».
    held: list[str] = field(default_factory=list)
    _locks: dict[BrowserContext, OrderLock] = field(default_factory=dict)

    def allow(self, origins: Collection[str]) -> None:
        """Let the test order on these origins; what is live stays refused."""
        self.allowed = frozenset(one for one in origins if not is_live(one))
        for context in self._locks:
            self._say_where(context)

    def watch(self, context: BrowserContext, names: Names | None = None) -> OrderLock:
        """Stand in the way of this context, once; return its lock, for a session to use as its own."""
        if context not in self._locks:
            self._locks[context] = OrderLock(context, _TIMEOUT_MS, guard=self)
            folded = (names or Names()).folded("modulo_ordine.confirm")
            context.expose_binding(_TELLS, lambda _, how: self.pressed.append(str(how)))
            context.add_init_script(f"({_SCRIPT})({json.dumps(folded)})")
            self._say_where(context)
        return self._locks[context]

    def _say_where(self, context: BrowserContext) -> None:
        if self.allowed:
            context.add_init_script(_ALLOWED.format(json.dumps(sorted(self.allowed))))

    def permits(self, address: str) -> bool:
        """Whether the binding click may be pressed on a page at this address."""
        known = address.startswith(("http://", "https://"))
        return known and not is_live(address) and origin_of(address) in self.allowed

    def require(self, address: str) -> None:
        """Raise OrderRefused unless the binding click may be pressed on a page at this address."""
        if not self.permits(address):
            where = address.partition("?")[0]
            raise OrderRefused(f"the test calls for {BINDING} on {where}, and nothing was pressed. {HOW}")

    def verdict(self) -> str:
        """Return what is to be said of a test that pressed without permission; "" where none did."""
        for context, lock in self._locks.items():
            with suppress(PlaywrightError):  # closed by the test itself: all was heard
                for page in context.pages if lock.gate is Gate.CLOSED else ():
                    page.evaluate(_A_MOMENT)  # what a script has just sent is on its way by then
                context.cookies()  # one question to the browser: what it told before has come by then
            self.held += [one for one in lock.held if one not in self.held]
        if self.pressed:
            how = "; ".join(dict.fromkeys(self.pressed))
            return f"the test pressed {BINDING} without permission, and nothing was sent: {how}. {HOW}"
        if self.held:
            return (
                f"«Modulo Ordine» wanted to send something, and it was held: {'; '.join(self.held)}. Set the form with "
                f"the page's own verbs. {HOW}"
            )
        return ""


@dataclass
class OrderLock(Interlock):
    """The interlock of one context, which is armed only where the guard permits it."""

    guard: Guard = field(default_factory=Guard)
    _installed: bool = False

    def stand(self, *, on_form: bool) -> None:
        """Close where the order form stands and the test may not order there; open anywhere else."""
        if on_form and not any(self.guard.permits(page.url) for page in self.context.pages):
            self.close()
        elif self.gate is Gate.CLOSED and not on_form:
            self.open()

    def install(self) -> None:
        """Stand between the browser and the portal, once."""
        if not self._installed:
            self._installed = True
            super().install()

    def close(self) -> None:
        """Hold everything that could change something."""
        self.install()
        self.guard.held += [one for one in self.held if one not in self.guard.held]
        super().close()

    def arm(self) -> None:
        """Let each changing request leave once. Raises OrderRefused without permission."""
        self.guard.require(next((page.url for page in reversed(self.context.pages)), ""))
        self.install()
        super().arm()

    @contextmanager
    def setting(self) -> Iterator[None]:
        """Let through what a verb that sets the form sends."""
        before = self.gate
        if before is Gate.CLOSED:
            self.open()
        try:
            yield
        finally:
            if before is Gate.CLOSED:
                self.close()
