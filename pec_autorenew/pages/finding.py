"""The one place that searches: a control by its role and documented name, a row by its address, a page by its marks.

What a person sees is computed in the browser by `finding.js`, once for all ways in which a label can belong to a
control, through open shadow roots and slots. Playwright knows it as the selector engine `documented=`, so that what is
found is an ordinary `Locator` that waits, is strict, and is clicked only where nothing covers it.
"""

from __future__ import annotations

import difflib
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from pec_autorenew.errors import ElementAmbiguous, ElementMissing, PortalError, PortalTimeout, PortalUnreachable
from pec_autorenew.model import MailboxType
from pec_autorenew.names import Names, core, known_keys
from pec_autorenew.pages.elements import Element, Kind, Landmark, Mark, Sighting
from pec_autorenew.pages.reading import Entry, Row, entry_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from playwright.sync_api import Frame, Locator, Page, Playwright, Position

_SCRIPT: Final = (
    files("pec_autorenew.pages").joinpath("finding.js").read_text(encoding="utf-8").strip().removesuffix(";")
)
_ENGINE: Final = "documented"

#: In the page, what is seen is asked for by name; the answer comes as one JSON text, which is quick to hand over.
_HOME: Final = "globalThis[Symbol.for('pec_autorenew.seen')]"
_INSTALL: Final = f"Object.defineProperty(globalThis, Symbol.for('pec_autorenew.seen'), {{ value: {_SCRIPT} }})"
_READ: Final = f"async ([what, arg]) => {_HOME} ? JSON.stringify(await {_HOME}.read[what](document, arg)) : undefined"
_STATE: Final = f"(el) => ({_HOME} || ({_SCRIPT})).read.state(el)"
#: Milliseconds for which one frame of several is looked at before the next one.
_TURN_MS: Final = 150
#: What Playwright says when a page went on to another while it was asked.
_MOVED_ON: Final = ("Execution context was destroyed", "Cannot find context", "navigating", "navigation")
#: What the options of an opened drop-down may be.
_OFFERED: Final = frozenset({"option", "radio", "press"})
_ORDER_STATES: Final = ("ordini.awaiting_payment", "ordini.paid", "ordini.cancelled")
#: What a list says of a mailbox, apart from its address and its dates.
_MAILBOX_WORDS: Final = (
    *("caselle.expiry", "caselle.autorenewal", "caselle.renew", "caselle.active", "caselle.expired"),
    *("caselle.activating", "caselle.cancelled", "caselle.on_domain"),
)


def register(playwright: Playwright) -> None:
    """Teach Playwright the selector engine; once for each Playwright, before its first page."""
    playwright.selectors.register(_ENGINE, script=_SCRIPT, content_script=True)


@dataclass(slots=True)
class Screen:
    """What stands on one browser page: searched in the frame in which the last recognised page stands."""

    page: Page
    names: Names = field(default_factory=Names)
    #: Milliseconds for one action or arrival.
    timeout: float = 30_000
    #: Waits until what the page's scripts asked for has arrived (`Session.settle`).
    settle: Callable[[], object] = lambda: None
    frame: Frame = field(init=False)

    def __post_init__(self) -> None:
        """Start in the main frame; every document to come knows how to say what is seen on it."""
        self.frame = self.page.main_frame
        self.page.add_init_script(_INSTALL)

    # -- finding ---------------------------------------------------------------------------------------------------

    def locate(self, element: Element, *, row: str | None = None) -> Locator:
        """Return the locator of `element`, in the whole frame or in the row of the mailbox `row` (exact address)."""
        scope: Frame | Locator = self.frame
        if row is not None:
            scope = self.frame.locator(self._selector({"kind": "mailbox-row", "address": row, **self._blocks()}))
        override = self.names.locator(element.key)
        return scope.locator(override if override is not None else self._selector(self._query(element)))

    def sees(self, *elements: Element) -> list[bool]:
        """Return, for each of the elements, whether at least one such is visible now."""
        overridden = [self.names.locator(element.key) for element in elements]
        seen = self._read("sees", {"queries": [self._query(element) for element in elements]})
        with self._portal_errors("overridden"):
            return [
                self.frame.locator(own).count() > 0 if own else bool(one)
                for own, one in zip(overridden, seen, strict=True)
            ]

    def has(self, element: Element) -> bool:
        """Whether at least one such element is visible now."""
        return self.sees(element)[0]

    def press(self, element: Element, *, row: str | None = None, carefully: bool = False) -> None:
        """Press `element` once, when it is the only one, enabled and not covered.

        `carefully` leaves all of it to Playwright, which watches the control for two frames and what the press hits.
        """
        if row is None and not carefully and self._struck(element.key, self._query(element)):
            return
        locator = self.locate(element, row=row)
        with self._acting(element, locator):
            locator.click(timeout=self.timeout, no_wait_after=True)

    def _struck(self, key: str, query: Mapping[str, Any], spot: tuple[float, float] | None = None) -> bool:
        """Press at once what lies open and at rest; False, and nothing pressed, where Playwright should wait for it."""
        if self.frame != self.page.main_frame or self.names.locator(key):
            return False
        aim = self._read("aim", {"query": query, "spot": spot})
        if aim:
            with self._portal_errors(key):
                self.page.mouse.click(*aim)
        return bool(aim)

    def fill(self, element: Element, value: str) -> None:
        """Type `value` into the field `element`."""
        locator = self.locate(element)
        with self._acting(element, locator):
            locator.fill(value, timeout=self.timeout)

    def pick(self, element: Element, seen: Entry, fits: Callable[[str], object]) -> bool:
        """Choose the option whose text `fits` in the drop-down that was `seen`; False where it offers none.

        One that is not the browser's own is opened first, as a person would, and its option pressed.
        """
        locator = self.locate(element)
        with self._acting(element, locator):
            if seen.options:
                option = next((text for text, off in seen.options if not off and fits(text)), None)
                if option is not None:
                    locator.select_option(label=option, timeout=self.timeout)
                return option is not None
            before = {one.name for one in self.outline() if one.kind in _OFFERED}
            locator.click(timeout=self.timeout, no_wait_after=True)
            self.settle()
            option = next(
                (o.name for o in self.outline() if o.kind in _OFFERED and o.name not in before and fits(o.name)), None
            )
            if option is not None:
                self.named("choice", [option]).click(timeout=self.timeout, no_wait_after=True)
            return option is not None

    def turn(self, seen: Entry, locator: Locator, *, on: bool) -> None:
        """Bring a check box, radio button or tile from how it was `seen` to `on`, by pressing it at most once."""
        if seen.checked is on:
            return
        same = {"kind": seen.kind, "names": [core(seen.name)]}
        if seen.kind in {"check", "radio"} and self._struck("", same, seen.spot):
            return
        with self._acting(Element("check", seen.name), locator):
            spot: Position = {"x": seen.spot[0], "y": seen.spot[1]}  # the box, not a link in its label
            locator.click(timeout=self.timeout, position=spot, no_wait_after=True)

    def named(self, kind: Kind, names: Sequence[str], *, near: str = "") -> Locator:
        """Return the control that has one of these words as its name: what a page offered, by its own words."""
        beside = self.names.folded(near) if near else []
        return self.frame.locator(
            self._selector({"kind": kind, "names": [core(name) for name in names], "near": beside})
        )

    def notice(self, foreign: Sequence[str]) -> Locator:
        """Return what closes a window that nobody asked for, unless it holds one of the `foreign` words."""
        words = {key: [core(name) for name in self.names.of(f"notices.{key}")] for key in ("cookies", "close")}
        return self.page.locator(self._selector({"kind": "notice", "foreign": list(foreign), **words}))

    def act(self, key: str, locator: Locator, verb: Callable[[Locator], object]) -> None:
        """Do `verb` to what `named` gave, under the same rules as a documented element."""
        with self._acting(Element("press", key), locator):
            verb(locator)

    def _state(self, locator: Locator) -> dict[str, Any]:
        return dict(locator.evaluate(_STATE, timeout=self.timeout))

    def can_press(self, element: Element) -> bool:
        """Whether `element` is there and not disabled."""
        if self.names.locator(element.key):
            return self.sees(element)[0]
        return bool(self._read("pressable", {"query": self._query(element)})[0])

    def is_chosen(self, element: Element) -> bool:
        """Whether `element` is there and seen to be chosen: a radio button, a tile, a tab."""
        with self._portal_errors(element.key):
            locator = self.locate(element)
            return locator.count() == 1 and self._state(locator)["checked"] is True

    def wait_for(self, element: Element) -> None:
        """Wait until `element` is visible, as after something was opened. Raises ElementMissing."""
        locator = self.locate(element)
        with self._acting(element, locator):
            locator.first.wait_for(timeout=self.timeout)

    # -- reading ---------------------------------------------------------------------------------------------------

    def outline(self) -> tuple[Entry, ...]:
        """Return everything visible in the frame, in reading order."""
        return tuple(entry_from(raw) for raw in self._read("outline"))

    def mailbox_rows(self) -> tuple[Row, ...]:
        """Return the blocks that belong to one address each."""
        return self._rows("mailboxes")

    def order_rows(self) -> tuple[Row, ...]:
        """Return the blocks that hold one order state each."""
        return self._rows("orders")

    def _rows(self, what: str) -> tuple[Row, ...]:
        found = self._read(what, self._blocks())
        return tuple(
            Row(raw["key"], tuple(entry_from(item) for item in raw["items"]), listed=raw["listed"]) for raw in found
        )

    def _read(self, what: str, arg: Mapping[str, Any] | None = None) -> list[Any]:
        with self._portal_errors(what):
            return list(_ask(self.frame, what, arg))

    def password_origins(self, element: Element) -> frozenset[str]:
        """Return the origin of the frame in which the password field stands, and the one its form posts to."""
        with self._portal_errors(element.key):
            found = self.locate(element).evaluate(
                "el => [location.href, (el.form && el.form.action) || location.href].map((one) => new URL(one).origin)",
                timeout=self.timeout,
            )
        return frozenset(found)

    def shows_password(self) -> bool:
        """Whether a password field stands there, so that no picture may be taken (SEC-4)."""
        return self.has(Element("password", ""))

    def masks(self) -> list[Locator]:
        """Return what a picture has to cover: everything that somebody typed or may have typed."""
        return [self.frame.locator("input:not([type=submit], [type=button], [type=radio], [type=checkbox]), textarea")]

    # -- recognising -----------------------------------------------------------------------------------------------

    def recognise(self, landmarks: Mapping[str, Sequence[Landmark]], *, timeout: float | None = None) -> str | None:
        """Wait until exactly one of the described pages stands in one of the frames; None when the time is over.

        Where a page inside another one fits too, the more prominent heading decides, as it does for a person.
        """
        pages = {key: [self._described(way) for way in ways] for key, ways in landmarks.items()}
        headings = [name for key in known_keys() if key.endswith(".heading") for name in self.names.folded(key)]
        if self.frame.is_detached():
            self.frame = self.page.main_frame
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout) / 1000
        with self._portal_errors("arrival"):
            while True:
                left = max((deadline - time.monotonic()) * 1000, 0)
                for frame in self.page.frames:
                    ms = left if len(self.page.frames) == 1 else min(left, _TURN_MS)
                    found = self._stands_in(frame, {"pages": pages, "headings": headings, "ms": ms})
                    if found is not None:
                        self.frame = frame
                        return found
                if time.monotonic() >= deadline:
                    return None

    def _stands_in(self, frame: Frame, wanted: Mapping[str, Any]) -> str | None:
        """Return the key of the page that stands in `frame` within `wanted["ms"]`, or None."""
        try:
            found = _ask(frame, "arrive", wanted)
        except PlaywrightError as error:
            if frame is self.page.main_frame and not any(sign in error.message for sign in _MOVED_ON):
                raise
            return None  # it went on to another page, or away, while it was looked at
        return None if found is None else str(found)

    def _described(self, mark: Landmark) -> dict[str, Any]:
        return {
            "headings": self.names.folded(mark.heading) if mark.heading else [],
            "all": [self._query(one) for one in mark.all],
            "none": [self._query(one) for one in mark.none],
            "dressed": mark.dressed,
        }

    # -- queries ---------------------------------------------------------------------------------------------------

    def _query(self, element: Element | Mark) -> dict[str, Any]:
        if isinstance(element, Mark):
            return {"kind": element.kind, **self._blocks()}
        names = self.names.folded(element.key) if element.key else []
        near = self.names.folded(element.near) if element.near else []
        return {"kind": element.kind, "names": names, "has": element.phrase, "near": near}

    def _blocks(self) -> dict[str, list[str]]:
        """Return the words by which blocks of a list are told apart: of orders, and of mailboxes."""
        return {
            "states": [name for key in _ORDER_STATES for name in self.names.folded(key)],
            "orders": self.names.folded("ordini.heading"),
            "contact": self.names.folded("caselle.contact"),
            "fields": self.names.folded("caselle.expiry") + self.names.folded("caselle.autorenewal"),
            "words": [name for key in _MAILBOX_WORDS for name in self.names.folded(key)]
            + [core(one) for one in MailboxType],
        }

    def _selector(self, query: Mapping[str, Any]) -> str:
        return f"{_ENGINE}={json.dumps(query)}"

    # -- errors ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _acting(self, element: Element, locator: Locator) -> Iterator[None]:
        try:
            yield
        except PlaywrightTimeout as error:
            if locator.count() == 0:
                raise self.missing(element) from error
            raise PortalTimeout(
                f"«{element.key}» could not be pressed: {_first_line(error)}", page=element.key
            ) from error
        except PlaywrightError as error:
            if "strict mode violation" in error.message:
                raise ElementAmbiguous(
                    f"several elements are named like «{element.key}»: {', '.join(self.nearest(element))}",
                    page=element.key,
                ) from error
            raise portal_error(error, element.key) from error

    @contextmanager
    def _portal_errors(self, where: str) -> Iterator[None]:
        try:
            yield
        except PlaywrightError as error:
            raise portal_error(error, where) from error

    def inspect(self, elements: Sequence[Element]) -> tuple[Sighting, ...]:
        """Return how often each of the elements is visible on this page now, and what is nearest to it if not once."""
        raise NotImplementedError

    def snapshot(self) -> str:
        """Return the accessibility snapshot of the page, with secrets and personal data masked."""
        raise NotImplementedError

    def missing(self, element: Element) -> ElementMissing:
        """Return the error for an element that is not there, with what is nearest to it."""
        documented = " / ".join(f"«{name}»" for name in self.names.of(element.key))
        near = "; ".join(self.nearest(element)) or "nothing like it"
        return ElementMissing(f"{element.key} ({documented}) is not on the page; nearest: {near}", page=element.key)

    def nearest(self, element: Element, most: int = 5) -> list[str]:
        """Return the names on the page that are most like the documented ones, best first, with their similarity."""
        wanted = self.names.folded(element.key)
        seen: dict[str, float] = {}
        for raw in self._read("candidates"):
            for name in raw["names"]:
                likeness = max(difflib.SequenceMatcher(None, core(name), one).ratio() for one in wanted)
                seen[f"{raw['kind']} «{name}»"] = max(likeness, seen.get(f"{raw['kind']} «{name}»", 0))
        best = sorted(seen.items(), key=lambda pair: -pair[1])[:most]
        return [f"{name} ({likeness:.0%})" for name, likeness in best if likeness > 0.3]  # noqa: PLR2004 - a hint, not a rule


def _ask(frame: Frame, what: str, arg: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - what JSON holds
    answer = frame.evaluate(_READ, [what, arg])
    if answer is None:  # a document from before this screen
        frame.evaluate(_INSTALL)
        answer = frame.evaluate(_READ, [what, arg])
    return json.loads(answer)


def portal_error(error: PlaywrightError, where: str) -> PortalError:
    """Return the error of ours that says what Playwright's says: no answer, no time, or something else broken."""
    line = _first_line(error)
    if isinstance(error, PlaywrightTimeout):
        return PortalTimeout(f"the portal took too long ({where}): {line}", page=where)
    if "net::ERR_" in line or "NS_ERROR" in line:
        return PortalUnreachable(f"the portal does not answer ({where}): {line}", page=where)
    return PortalError(f"the browser reports ({where}): {line}", page=where)


def _first_line(error: PlaywrightError) -> str:
    return error.message.splitlines()[0] if error.message else type(error).__name__
