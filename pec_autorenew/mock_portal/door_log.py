"""What happened at the portal's door, for whoever asks afterwards what a client did there, and what it left alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pec_autorenew.mock_portal.values import Phished, SignIn


class DoorLog:
    """Everything that a visitor did before, or instead of, getting in."""

    def forget(self) -> None:
        """Start with nobody having come."""
        self.sign_ins: list[SignIn] = []
        #: Questions sent to somebody's device.
        self.pushes = 0
        #: Codes from a message that were typed, right or wrong.
        self.codes_tried = 0
        #: How often somebody accepted the new conditions.
        self.terms_accepted = 0
        #: What was typed at an origin that is not the portal's.
        self.phished: list[Phished] = []

    @property
    def refused_passwords(self) -> int:
        """How many attempts to sign in were refused, whoever made them."""
        return sum(not attempt.ok for attempt in self.sign_ins)

    def refused_in_a_row(self, username: str) -> int:
        """How many attempts of one login were refused since it last got in."""
        own = [attempt.ok for attempt in self.sign_ins if attempt.username == username]
        return own[::-1].index(True) if True in own else len(own)
