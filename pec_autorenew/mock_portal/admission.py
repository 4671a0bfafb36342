"""What a right password does not yet open: the pages that a visitor must pass, and what passes them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response

    from pec_autorenew.mock_portal.options import CaptchaKind
    from pec_autorenew.mock_portal.sessions import Push, Session, Sessions
    from pec_autorenew.mock_portal.truth import Truth
    from pec_autorenew.mock_portal.values import Visitor

SECOND_STEP_PAGE = "/verifica"
CODE_PAGE = "/codice"
NEW_PASSWORD_PAGE = "/cambio-password"
PASSWORD_NOTICE_PAGE = "/avviso-password"
TERMS_PAGE = "/nuove-condizioni"
#: What the message says that never comes, whoever waits for it.
CODE = "246810"


class Admission:
    """Holds sessions back as the options say, and lets go on who did what the page asks."""

    def __init__(self, truth: Truth, sessions: Sessions) -> None:
        """Work with the truth and the sessions of one portal."""
        self._truth = truth
        self._sessions = sessions
        self._accepted: set[str] = set()

    def forget(self) -> None:
        """Have nobody accept anything yet."""
        self._accepted.clear()

    @property
    def captcha(self) -> CaptchaKind | None:
        """The box for robots that stands at the door now, if one does."""
        options = self._truth.options
        wanted = options.captcha or options.captcha_after_failures > 0
        there = wanted and self._truth.refused_passwords >= options.captcha_after_failures
        return options.captcha_kind if there else None

    def admit(self, visitor: Visitor, response: Response) -> None:
        """Sign a visitor in, held back at every page that the options put in the way."""
        session = self._sessions.open(visitor, response, self._ahead_of(visitor))
        if SECOND_STEP_PAGE in session.ahead:
            self.send_push(session)

    def _ahead_of(self, visitor: Visitor) -> list[str]:
        options = self._truth.options
        by_mailbox = visitor.mailbox is not None
        wanted = {
            SECOND_STEP_PAGE: options.two_step,
            CODE_PAGE: options.code,
            NEW_PASSWORD_PAGE: options.password_change if by_mailbox else options.account_password_change,
            # the other layouts show it on the pages of the area
            PASSWORD_NOTICE_PAGE: options.password_notice_days is not None and self._truth.layout == "g2",
            TERMS_PAGE: options.new_terms and visitor.username not in self._accepted,
        }
        return [page for page, is_wanted in wanted.items() if is_wanted]

    # «Verifica in 2 passaggi»

    def send_push(self, session: Session) -> None:
        """Ask on the visitor's device, for the first time or again."""
        session.pushed_at = self._truth.clock.now()
        session.push = "waiting"
        self._truth.pushes += 1

    def push_of(self, session: Session) -> Push:
        """Say what has become of the question on the device."""
        lasts = self._truth.options.two_step_lasts
        asked = session.pushed_at
        if (
            lasts
            and session.push == "waiting"
            and asked
            and self._truth.clock.now() >= asked + timedelta(seconds=lasts)
        ):
            session.push = "expired"
        return session.push

    def turned_away(self, session: Session) -> bool:
        """Say whether all that is left is to sign in again."""
        return session.held_at == SECOND_STEP_PAGE and self.push_of(session) != "waiting"

    def answer_pushes(self, *, approved: bool) -> int:
        """Answer on the device of everybody whose question still waits; say how many there were."""
        waiting = [one for one in self._sessions.held_at(SECOND_STEP_PAGE) if self.push_of(one) == "waiting"]
        for session in waiting:
            if approved:
                session.passed(SECOND_STEP_PAGE)
            else:
                session.push = "denied"
        return len(waiting)

    # the other pages

    def try_code(self, session: Session, code: str) -> bool:
        """Let on who typed the code from the message."""
        self._truth.codes_tried += 1
        if code == CODE:
            session.passed(CODE_PAGE)
        return code == CODE

    def renew_password(self, session: Session, new: str, again: str) -> bool:
        """Give whoever signed in a new password, if both are alike, and hold the session back no longer."""
        visitor = session.visitor
        if session.held_at not in {NEW_PASSWORD_PAGE, PASSWORD_NOTICE_PAGE, ""} or not new or new != again:
            return False
        if visitor.mailbox is None:
            self._truth.change_account(visitor.account, password=new)
        else:
            self._truth.change_mailbox(visitor.mailbox, password=new)
        session.passed(NEW_PASSWORD_PAGE)
        self.put_off(session)
        return True

    def notice_days(self, session: Session) -> int | None:
        """Say in how many days the password expires, unless the visitor has put that off."""
        return None if session.notice_seen else self._truth.options.password_notice_days

    def put_off(self, session: Session) -> None:
        """«Ricordamelo più tardi»: show the notice no more."""
        session.notice_seen = True
        session.passed(PASSWORD_NOTICE_PAGE)

    def accept_terms(self, session: Session) -> None:
        """Take the new conditions for accepted, which a careful client never does by itself."""
        self._truth.terms_accepted += 1
        self._accepted.add(session.visitor.username)
        session.passed(TERMS_PAGE)
