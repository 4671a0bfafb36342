"""One account's visit, done by a worker: the engine's port, on this side of the wire."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.checks import Looks
from pec_autorenew.engine.wire import Ask, Call, Failed, Kept
from pec_autorenew.errors import BrowserLost, FormLost, SessionEnded, VisitOverdue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pec_autorenew.checks import SeenElement
    from pec_autorenew.config import Account
    from pec_autorenew.engine.crew import Worker
    from pec_autorenew.errors import Drift
    from pec_autorenew.model import MailboxType, OrderForm, Placed, Survey, WantedOrder
    from pec_autorenew.turns import Pace

#: A visit's last word may take so many seconds, beyond its time.
_CLOSING_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class RemotePrepared:
    """An order on the form of a worker's browser."""

    worker: Worker
    kept: Kept

    @property
    def form(self) -> OrderForm:
        """The form as it was read back."""
        form: OrderForm = self.kept.facts["form"]
        return form

    @property
    def cart(self) -> Mapping[str, MailboxType | None]:
        """The type that the cart showed for each mailbox."""
        cart: Mapping[str, MailboxType | None] = self.kept.facts["cart"]
        return cart

    @property
    def notes(self) -> tuple[str, ...]:
        """What the walk to the form has to tell."""
        notes: tuple[str, ...] = self.kept.facts["notes"]
        return notes


@dataclass(slots=True)
class RemotePortal:
    """One account's visit; where its browser is gone, the account signs in anew, in another one."""

    hire: Callable[[], Worker]
    account: Account
    #: How many seconds the visit may still take, all its calls together (RES-1), but for the wait for its turn.
    left: float
    pace: Pace
    looks: Looks = field(default_factory=Looks)
    _worker: Worker | None = None
    _lost: VisitOverdue | BrowserLost | None = None
    #: The portal's own time, and when that was.
    _dated: tuple[datetime | None, float] = (None, 0.0)
    _calls: int = 0

    def sign_in(self, before_password: Callable[[], None]) -> None:
        """Open the portal and sign in; `before_password` is asked here."""
        self._call("sign_in", Ask(), asked=before_password)

    def goes_on(self) -> bool:
        """Whether the portal has let in by now a visitor who waits for a person."""
        return bool(self._call("goes_on"))

    def signed_in_by_hand(self) -> bool:
        """Whether somebody who attends signed in."""
        return bool(self._call("signed_in_by_hand"))

    def vouched_for(self, mailboxes: frozenset[str]) -> bool:
        """Whether somebody who attends says that these mailboxes are the account's."""
        return bool(self._call("vouched_for", mailboxes))

    def shows_owner(self) -> bool:
        """Whether the portal greeted the visitor as this account's user."""
        return bool(self._call("shows_owner"))

    def known_mailboxes(self) -> frozenset[str]:
        """Return the mailboxes that a saved session, if one was taken up, showed when it was saved."""
        return frozenset(self._call("known_mailboxes"))

    def keep_session(self, mailboxes: frozenset[str]) -> None:
        """Save the session."""
        self._call("keep_session", mailboxes)

    def forget_session(self) -> bool:
        """Drop a saved session that this visit took up."""
        return bool(self._call("forget_session"))

    def remarks(self) -> list[str]:
        """Return what there is to tell of the saved session since the last time."""
        return list(self._call("remarks"))

    def secret_mark(self) -> str:
        """Return what tells this account's secret from another one."""
        return str(self._call("secret_mark"))

    def survey(self) -> Survey:
        """Look at mailboxes and orders, afresh."""
        survey: Survey = self._call("survey")
        self.portal_clock()
        return survey

    def prepare_renewal(self, wanted: WantedOrder) -> RemotePrepared:
        """Walk to «Modulo Ordine» and set it; it stays in the worker's browser."""
        kept: Kept = self._call("prepare_renewal", wanted)
        assert self._worker is not None  # noqa: S101 - it has just answered
        return RemotePrepared(self._worker, kept)

    def place_order(self, prepared: RemotePrepared, before_click: Callable[[], None]) -> Placed:
        """Press the binding click, once; `before_click` is asked here, and nothing is pressed if it raises.

        A browser that is gone by now cannot press: FormLost. One that dies from here on may have pressed.
        """
        if self._worker is not prepared.worker or prepared.worker.gone is not None or self.left <= 0:
            gone = self._lost or (BrowserLost("the browser is gone") if self.left > 0 else self._overdue())
            raise FormLost(f"the form went with its browser: {gone.message}", reason=gone.reason) from gone
        placed: Placed = self._call("place_order", prepared.kept, Ask(), asked=before_click)
        return placed

    def portal_clock(self) -> datetime | None:
        """Return what time it is now by the portal's own clock; by what it last told, where the browser is gone."""
        if self._is_open() and self.left > 0:
            with suppress(VisitOverdue, BrowserLost):  # whoever asks for something else hears of it
                self._dated = (self._call("portal_clock"), time.monotonic())
        instant, at = self._dated
        return None if instant is None else instant + timedelta(seconds=time.monotonic() - at)

    def evidence(self, stem: str, drift: Drift | None = None) -> tuple[str, ...]:
        """Keep a picture of what is on screen; there is none where the browser is gone."""
        return tuple(self._call("evidence", stem, drift)) if self._is_open() and self.left > 0 else ()

    def walk(self, *, pictures: bool = False, record: bool = False) -> RemoteWalk:
        """Return the walk, which has not begun."""
        kept: Kept = self._call("walk", named={"pictures": pictures, "record": record})
        return RemoteWalk(self, kept)

    def close(self) -> None:
        """End the visit. A browser that does not even close is killed, and its visit has ended too."""
        if self._is_open():
            self.left = max(self.left, _CLOSING_S)
            try:
                self._call("close")
            except (VisitOverdue, BrowserLost) as error:
                self._lost = error
        self._worker = None

    def call_kept(self, kept: Kept, verb: str, *arguments: object) -> Any:  # noqa: ANN401 - what the verb returns
        """Have something done with what the worker keeps."""
        return self._call(verb, *arguments, of=kept.number)

    def turn(self, pages: int) -> None:
        """Wait for the turn of so many pages, which is not the portal's delay."""
        began = time.monotonic()
        try:
            self.pace.turn(pages)
        finally:
            self.left += time.monotonic() - began

    def back_off(self, status: int, seconds: float | None) -> None:
        """Tell all others that the portal asks for fewer requests."""
        self.pace.back_off(status, seconds)

    # -- calling -------------------------------------------------------------------------------------------------------

    def _is_open(self) -> bool:
        return self._worker is not None and self._worker.gone is None

    def _call(
        self,
        verb: str,
        *arguments: object,
        named: dict[str, Any] | None = None,
        asked: Callable[[], None] | None = None,
        of: int = 0,
    ) -> Any:  # noqa: ANN401 - what the verb returns
        if self.left <= 0:
            raise self._overdue()
        began, self._calls = time.monotonic(), self._calls + 1
        try:
            worker = self._worker_for(verb)
            reply = worker.call(Call(self.account, verb, arguments, named or {}, of), asked, self.left, self)
        except (VisitOverdue, BrowserLost) as error:
            self._lost = error
            if isinstance(error, VisitOverdue):
                self.left = 0
            raise
        finally:
            self._calls -= 1
            if not self._calls:  # a call that asked, and was asked for something in turn, took its time once
                self.left -= time.monotonic() - began
        self._keep_looks(reply.looks)
        if isinstance(reply, Failed):
            raise worker.error_of(reply)
        return reply.value

    def _worker_for(self, verb: str) -> Worker:
        """Return the worker that has the visit open; a fresh one for whoever comes in, or signs in anew."""
        if self._worker is not None and self._worker.gone is None:
            return self._worker
        if self._worker is not None and verb != "sign_in":
            raise SessionEnded(f"the browser of this visit is gone: {self._worker.gone}")
        self._worker = self.hire()
        return self._worker

    def _overdue(self) -> VisitOverdue:
        return VisitOverdue("the visit has taken as long as browser.visit_deadline allows")

    def _keep_looks(self, looks: Looks | None) -> None:
        """Take on what a walk has seen; why it went no further stays, once it is known here."""
        if looks is not None:
            mine = self.looks
            mine.seen, mine.notes, mine.personal = looks.seen, looks.notes, looks.personal
            mine.drawn, mine.keys = looks.drawn, looks.keys
            mine.reason = mine.reason or looks.reason


@dataclass(frozen=True, slots=True)
class RemoteWalk:
    """A walk in a worker's browser; what it has seen is here after every step."""

    portal: RemotePortal
    kept: Kept

    @property
    def looks(self) -> Looks:
        """What was seen so far."""
        return self.portal.looks

    def door(self) -> None:
        """Look at the sign-in form."""
        self.portal.call_kept(self.kept, "door")

    def lists(self) -> None:
        """Look at home, list and orders, signed in."""
        self.portal.call_kept(self.kept, "lists")

    def order(self, wanted: WantedOrder | None, why_not: str = "") -> None:
        """Look at the pages of an order, as far as «Modulo Ordine»."""
        self.portal.call_kept(self.kept, "order", wanted, why_not)

    def leave(self) -> None:
        """Leave what was half filled in."""
        self.portal.call_kept(self.kept, "leave")

    def unseen(self) -> Mapping[str, tuple[SeenElement, ...]]:
        """Return the documented elements of every page, as they are while nobody has been there."""
        unseen: Mapping[str, tuple[SeenElement, ...]] = self.portal.call_kept(self.kept, "unseen")
        return unseen
