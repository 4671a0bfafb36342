"""The portal as the engine needs it, so that engine tests can run without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pec_autorenew.checks import Looks, SeenElement
    from pec_autorenew.config import Account
    from pec_autorenew.errors import Drift
    from pec_autorenew.model import MailboxType, OrderForm, Placed, Survey, WantedOrder


class Prepared(Protocol):
    """An order that stands on «Modulo Ordine», checked, with nothing pressed."""

    @property
    def form(self) -> OrderForm:
        """The form as it was read back."""

    @property
    def cart(self) -> Mapping[str, MailboxType | None]:
        """The type that the cart showed for each mailbox."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the walk to the form has to tell, in sentences for the report."""


class Portal(Protocol):
    """One account's visit to the portal."""

    def sign_in(self, before_password: Callable[[], None]) -> None:
        """Open the portal and sign in, with one attempt; `before_password` may forbid that the password is typed."""

    def goes_on(self) -> bool:
        """Whether the portal has let in by now a visitor who waits for a person; raises where it never will."""

    def signed_in_by_hand(self) -> bool:
        """Whether somebody who attends signed in, and not the client."""

    def vouched_for(self, mailboxes: frozenset[str]) -> bool:
        """Whether somebody who attends says that these mailboxes are the account's."""

    def shows_owner(self) -> bool:
        """Whether the portal greeted the visitor as this account's user."""

    def known_mailboxes(self) -> frozenset[str]:
        """Return the mailboxes that a saved session, if one was taken up, showed when it was saved."""

    def keep_session(self, mailboxes: frozenset[str]) -> None:
        """Save the session, which shows these mailboxes, for the next visit."""

    def forget_session(self) -> bool:
        """Drop a saved session that this visit took up; return whether it did take one up."""

    def remarks(self) -> list[str]:
        """Return what there is to tell of the saved session since the last time, in sentences."""

    def secret_mark(self) -> str:
        """Return what tells this account's secret from another one, and does not reveal it."""

    def survey(self) -> Survey:
        """Look at mailboxes and orders, afresh."""

    def prepare_renewal(self, wanted: WantedOrder) -> Prepared:
        """Walk to «Modulo Ordine» and set it. Binds nothing; may be repeated."""

    def place_order(self, prepared: Prepared, before_click: Callable[[], None]) -> Placed:
        """Press the binding click, once; `before_click` is asked last, and nothing is pressed if it raises.

        Raises FormChanged (nothing was pressed), RefusedByPortal (nothing was sent) or OutcomeUnknown; anything else
        counts as the last.
        """

    def portal_clock(self) -> datetime | None:
        """Return what time it is now by the portal's own clock, as far as its answers have told."""

    def evidence(self, stem: str, drift: Drift | None = None) -> tuple[str, ...]:
        """Keep a picture of what is on screen, or of what was when the portal was not recognised; return the paths."""

    def close(self) -> None:
        """End the visit."""


class OpenVisits(Protocol):
    """Opens the visit of an account, in a browser that may die."""

    def __call__(self, account: Account, /) -> Portal:
        """Open a visit."""

    def sound(self) -> bool:
        """Whether the browser lives."""


class Walk(Protocol):
    """A walk over the portal's pages that binds nothing; what it has seen stays with it whatever happens."""

    @property
    def looks(self) -> Looks:
        """What was seen so far."""

    def door(self) -> None:
        """Look at the sign-in form."""

    def lists(self) -> None:
        """Look at home, list and orders, signed in."""

    def order(self, wanted: WantedOrder | None, why_not: str = "") -> None:
        """Look at the pages of an order, as far as «Modulo Ordine»."""

    def leave(self) -> None:
        """Leave what was half filled in."""

    def unseen(self) -> Mapping[str, tuple[SeenElement, ...]]:
        """Return the documented elements of every page, as they are while nobody has been there."""


class CheckedPortal(Portal, Protocol):
    """A portal whose pages can be checked."""

    def walk(self, *, pictures: bool = False, record: bool = False) -> Walk:
        """Return the walk, which has not begun."""
