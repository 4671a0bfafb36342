"""The portal as the engine knows it: five verbs, here done by a browser."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.credentials import mark_of, resolve
from pec_autorenew.errors import (
    Interrupted,
    PersonNeeded,
    PortalError,
    SecretUnavailable,
    SessionUnusable,
    SignInLimit,
    SignInRejected,
    UnexpectedPage,
)
from pec_autorenew.flows import check_portal, door, renew, sign_in, survey
from pec_autorenew.guidance import drift_as_json, help_text
from pec_autorenew.launching import started
from pec_autorenew.names import Names
from pec_autorenew.pages.asking import register
from pec_autorenew.pages.portal_pages import PortalPages
from pec_autorenew.sessions import SavedSession, SavedSessions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from pydantic import SecretStr

    from pec_autorenew.config import Account, Config
    from pec_autorenew.errors import Drift
    from pec_autorenew.flows.check_portal import Guide, Walk
    from pec_autorenew.flows.renew import PreparedOrder
    from pec_autorenew.model import Placed, Survey, WantedOrder
    from pec_autorenew.turns import Pace


#: What somebody who attends can do in the window themselves: sign in by hand, or whatever the portal asks besides.
_FOR_A_PERSON: Final = (PersonNeeded, UnexpectedPage, SignInRejected, SignInLimit, SecretUnavailable)


@dataclass(slots=True)
class BrowserPortal:
    """One account's visit in a browser context of its own."""

    #: Opens a browser context, signed in where the state that it is given is good.
    open_pages: Callable[[Mapping[str, Any] | None], PortalPages]
    account: Account
    config: Config
    clock: Callable[[], datetime]
    evidence_dir: Path
    sessions: SavedSessions
    guide: Guide = field(default_factory=check_portal.Alone)
    _pages: PortalPages | None = field(default=None, init=False)
    #: The saved session that was taken up.
    _resumed: SavedSession | None = field(default=None, init=False)
    _shows_owner: bool = field(default=False, init=False)
    #: The mark of the secret that was got for typing; "" for none.
    _typed: str = field(default="", init=False)
    _by_hand: bool = field(default=False, init=False)
    #: What is to be told of the saved session.
    _remarks: list[str] = field(default_factory=list, init=False)
    _pictures: int = field(default=0, init=False)
    _walk: Walk | None = field(default=None, init=False)

    @property
    def pages(self) -> PortalPages:
        """The portal's pages, opened when they are first needed: with the saved session, if there is a good one."""
        if self._pages is None:
            self._pages = self._resume() or self.open_pages(None)
        return self._pages

    def _resume(self) -> PortalPages | None:
        try:
            saved = self.sessions.load(self.account.name, self.account.username)
            if saved is None:
                return None
            pages = self.open_pages(saved.state)
        except SessionUnusable as error:
            self._remarks.append(error.message)
            return None
        self._resumed = saved
        return pages

    def sign_in(self, before_password: Callable[[], None]) -> None:
        """Sign in, where no session lives, with the account's secret: resolved when it is asked for, gone after it.

        A saved session that leads to a page that nobody knows is dropped, and the sign-in begins anew without it.
        """
        self._typed = ""
        try:
            self._sign_in(before_password)
        except UnexpectedPage:
            if self._typed or not self.forget_session():
                raise
            self._sign_in(before_password)
        self._shows_owner = self.pages.shows_any((self.account.username, self.account.shown_as))

    def goes_on(self) -> bool:
        """Whether the portal has let the visitor in by now; raises what it says where it never will."""
        return sign_in.goes_on(self.pages)

    def shows_owner(self) -> bool:
        """Whether the portal greeted the visitor as this account's user (SES-1)."""
        return self._shows_owner

    def known_mailboxes(self) -> frozenset[str]:
        """Return the mailboxes that the saved session showed when it was saved; none where none was taken up."""
        return frozenset() if self._resumed is None else self._resumed.mailboxes

    def keep_session(self, mailboxes: frozenset[str]) -> None:
        """Save what the browser knows of this sign-in, which showed these mailboxes."""
        try:
            session = SavedSession(self.pages.session.state(), mailboxes)
            self.sessions.save(self.account.name, self.account.username, session)
        except (PortalError, SessionUnusable) as error:
            self._remarks.append(error.message)

    def forget_session(self) -> bool:
        """Drop a session that was saved and taken up, here and in its file; return whether there was one."""
        if self._resumed is None:
            return False
        self._resumed = None
        try:
            self.sessions.forget(self.account.name)
        except SessionUnusable as error:
            self._remarks.append(error.message)
        self.pages.session.close()
        self._pages = self.open_pages(None)
        return True

    def remarks(self) -> list[str]:
        """Return what there is to tell of the saved session since the last time, in sentences."""
        told, self._remarks = self._remarks, []
        return told

    def _sign_in(self, before_password: Callable[[], None]) -> None:
        def about_to_type() -> None:
            if not self.guide.next("type user name and password and press «Accedi»; do first what else is asked for"):
                raise Interrupted("whoever attends ended the walk here")
            before_password()
            if self._walk is not None:
                self._walk.password()

        try:
            sign_in.sign_in(
                self.pages,
                self.account.username,
                self._secret,
                self.config.portal.login_origins,
                about_to_type,
            )
        except _FOR_A_PERSON as error:
            check_portal.with_a_person(self.pages, self.guide, error)
            self._by_hand = not isinstance(error, PersonNeeded)
            if self._walk is not None:
                self._walk.looks.notes.append(f"at the sign-in a person was needed: {error.message}")

    def secret_mark(self) -> str:
        """Return what tells this account's secret from another one, and does not reveal it: of the one last typed."""
        return self._typed or self._mark(resolve(self.account.password))

    def _secret(self) -> SecretStr:
        secret = resolve(self.account.password)
        self._typed = self._mark(secret)
        return secret

    def _mark(self, secret: SecretStr) -> str:
        return mark_of(secret, f"{self.config.portal.origin} {self.account.username}")

    def signed_in_by_hand(self) -> bool:
        """Whether whoever attends signed in, and not we: as whom has to be shown."""
        return self._by_hand

    def vouched_for(self, mailboxes: frozenset[str]) -> bool:
        """Whether somebody who attends says that these are the account's mailboxes; False where nobody does."""
        shown = ", ".join(sorted(mailboxes)) or "no mailbox"
        return self.guide.wait(
            f"nothing tells who is signed in; it shows {shown}: say if this is {self.account.username}"
        )

    def survey(self) -> Survey:
        """Look at mailboxes and orders, afresh."""
        return survey.survey(self.pages, self.account.name, self.account.username, self.clock())

    def walk(self, *, pictures: bool = False, record: bool = False) -> Walk:
        """Return the walk over the portal's pages, which has not begun; it comes without a saved session."""
        if self._pages is None:
            self._pages = self.open_pages(None)
        walk = self._walk = check_portal.Walk(self.pages, self.guide, pictures, record)
        walk.looks.personal |= {self.account.username, self.account.username.partition("@")[0]}
        return walk

    def prepare_renewal(self, wanted: WantedOrder) -> PreparedOrder:
        """Walk to «Modulo Ordine» and set it."""
        return renew.prepare_renewal(self.pages, wanted)

    def place_order(self, prepared: PreparedOrder, before_click: Callable[[], None] = lambda: None) -> Placed:
        """Press the binding click of `prepared`, unless `before_click` raises."""
        return renew.place_order(prepared, before_click)

    def portal_clock(self) -> datetime | None:
        """Return what time it is now by the portal's own clock, as its newest document was dated."""
        return door.portal_clock(self.pages.session)

    def evidence(self, stem: str, drift: Drift | None = None) -> tuple[str, ...]:
        """Keep a picture and a snapshot of what is on screen, or was when the portal was not recognised (SEC-4).

        A drift's folder holds the help too; the picture is left out while a password is asked for.
        """
        screen, kept = self.pages.screen, drift is not None and bool(drift.snapshot or drift.picture)
        files = {
            "page.png": drift.picture if drift and kept else screen.picture(),
            "snapshot.yaml": (drift.snapshot if drift and kept else screen.snapshot()).encode(),
            "help.txt": help_text({"account": self.account.name, **drift_as_json(drift)}).encode() if drift else b"",
        }
        self._pictures += 1
        while any(self.evidence_dir.glob(f"{self.account.name}-{self._pictures:02d}-*")):  # of a browser that died
            self._pictures += 1
        return _keep(self.evidence_dir / f"{self.account.name}-{self._pictures:02d}-{stem}", files)

    def close(self) -> None:
        """End the visit."""
        if self._pages is not None:
            self._pages.session.close()


def _keep(folder: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Write what there is into a folder of the user's own; return the paths."""
    written = [(folder / name, content) for name, content in files.items() if content]
    for path, content in written:
        for new in (folder.parent, folder):
            new.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
    return tuple(str(path) for path, _ in written)


def saved_sessions(config: Config) -> SavedSessions:
    """Return the sessions that are saved for the accounts of a configuration. Raises SecretUnavailable."""
    reference = config.sign_in.session_key
    key = None if reference is None else resolve(reference)
    folder = config.portal.origin.partition("//")[2].replace(":", "_")
    return SavedSessions(config.state_dir / "sessions" / folder, config.portal.origin, key)


@dataclass(frozen=True, slots=True)
class BrowserVisits:
    """What opens visits in one browser, as long as that lives."""

    visit: Callable[[Account], BrowserPortal]
    sound: Callable[[], bool]

    def __call__(self, account: Account, /) -> BrowserPortal:
        """Open a visit."""
        return self.visit(account)


@contextmanager
def browser_portals(
    config: Config,
    clock: Callable[[], datetime],
    evidence_dir: Path,
    *,
    headless: bool | None = None,
    guide: Guide | None = None,
    pace: Pace | None = None,
) -> Iterator[BrowserVisits]:
    """Start a browser and yield what opens a visit for an account; end them all with it.

    Before a page is asked for, its turn in `pace` is waited for, at a portal whose pages are counted.
    """
    portal, browser = config.portal, config.browser
    names = Names(portal.names, portal.locators)
    sessions = saved_sessions(config)
    with started(
        local=portal.is_loopback,
        allowed_hosts=portal.allowed_hosts,
        executable=browser.executable,
        headless=browser.headless if headless is None else headless,
        timeout=browser.action_timeout.total_seconds() * 1000,
        cache=config.state_dir / "cache" / "driver",
        prepare=(register,),
    ) as playwright_browser:

        def opened(state: Mapping[str, Any] | None) -> PortalPages:
            session = playwright_browser.session(state)
            session.turns.pace = pace if config.counts_pages else None
            return PortalPages(session, names, portal.base_url)

        def visit(account: Account) -> BrowserPortal:
            return BrowserPortal(opened, account, config, clock, evidence_dir, sessions, guide or check_portal.Alone())

        yield BrowserVisits(visit, playwright_browser.lives)
