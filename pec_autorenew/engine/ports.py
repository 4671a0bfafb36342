"""The portal as the engine needs it, so that engine tests can run without a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pec_autorenew.model import MailboxType, OrderForm, Placed, Survey, WantedOrder


class Prepared(Protocol):
    """An order that stands on «Modulo Ordine», checked, with nothing pressed."""

    @property
    def form(self) -> OrderForm:
        """The form as it was read back."""

    @property
    def cart(self) -> Mapping[str, MailboxType | None]:
        """The type that the cart showed for each mailbox."""


class Portal(Protocol):
    """One account's visit to the portal."""

    def sign_in(self) -> None:
        """Open the portal and sign in, with one attempt."""

    def survey(self) -> Survey:
        """Look at mailboxes and orders, afresh."""

    def prepare_renewal(self, wanted: WantedOrder) -> Prepared:
        """Walk to «Modulo Ordine» and set it. Binds nothing; may be repeated."""

    def place_order(self, prepared: Prepared) -> Placed:
        """Press the binding click, once. Raises FormChanged, RefusedByPortal (nothing sent) or OutcomeUnknown."""

    def evidence(self, stem: str) -> tuple[str, ...]:
        """Keep a picture of what is on screen; return the paths."""

    def close(self) -> None:
        """End the visit."""
