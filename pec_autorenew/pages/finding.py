"""The one place that searches: a control by its role and documented name, a row by its address, a page by its marks.

What a person sees is computed in the browser by `finding.js`, once for all ways in which a label can belong to a
control, through open shadow roots and slots. Playwright knows it as the selector engine `documented=`, so that what is
found is an ordinary `Locator` that waits, is strict, and is clicked only where nothing covers it.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from pec_autorenew.errors import PortalError, PortalTimeout
from pec_autorenew.model import MailboxType
from pec_autorenew.names import Names, core, known_keys
from pec_autorenew.pages.asking import ENGINE, INSTALL, ORIGINS, STATE, ask, first_line, has_moved_on, portal_error
from pec_autorenew.pages.drift import Inspector, Located, count_visible, elements_of
from pec_autorenew.pages.elements import Element, Kind, Landmark, Mark
from pec_autorenew.pages.reading import Entry, Row, entry_from, row_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from playwright.sync_api import Frame, Locator, Page, Position

T = TypeVar("T")
#: Milliseconds for which one frame of several is looked at before the next one.
_TURN_MS: Final = 150
#: Milliseconds for what a page does by itself: fold out, enable a button, load its last script.
_PATIENCE_MS: Final = 2_000
#: So often may a page be on its way to another one, or be drawn anew, while it is read.
_MOST_LOOKS: Final = 5
#: What the options of an opened drop-down may be.
_OFFERED: Final = frozenset({"option", "radio", "press"})
_ORDER_STATES: Final = ("ordini.awaiting_payment", "ordini.paid", "ordini.cancelled")
#: What a list says of a mailbox, apart from its address and its dates.
_MAILBOX_WORDS: Final = (
    *("caselle.expiry", "caselle.autorenewal", "caselle.renew", "caselle.active", "caselle.expired"),
    *("caselle.activating", "caselle.cancelled", "caselle.on_domain"),
)


@dataclass(slots=True)
class Screen(Inspector):
    """What stands on one browser page: searched in the frame in which the last recognised page stands."""

    page: Page
    names: Names = field(default_factory=Names)
    #: Milliseconds for one action or arrival.
    timeout: float = 30_000
    #: Waits until what the page's scripts asked for has arrived (`Session.settle`).
    settle: Callable[[], object] = lambda: None
    #: The open windows, newest first; None for this page alone.
    windows: Callable[[], Sequence[Page]] | None = None
    #: Waits until the portal may be asked for a page: before each press that may lead to one (`Session.take_turn`).
    before_page: Callable[[], object] = lambda: None
    frame: Frame = field(init=False)
    #: The name of the page that was last recognised.
    standing: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Start in the main frame; every document to come knows how to say what is seen on it."""
        self.frame = self.page.main_frame
        self.page.add_init_script(INSTALL)

    # -- finding ---------------------------------------------------------------------------------------------------

    def locate(self, element: Element, *, row: str | None = None) -> Locator:
        """Return the locator of `element`, in the whole frame or in the row of the mailbox `row` (exact address)."""
        scope, _ = self._scope(row)
        override = self.names.locator(element.key)
        return scope.locator(override if override is not None else self._selector(self._query(element)))

    def _scope(self, row: str | None) -> tuple[Frame | Locator, dict[str, Any] | None]:
        if row is None:
            return self.frame, None
        query = {"kind": "mailbox-row", "address": row, **self._blocks()}
        return self.frame.locator(self._selector(query)), query

    def sees(self, *elements: Element) -> list[bool]:
        """Return, for each of the elements, whether at least one such is visible now."""
        with self._portal_errors("portal.locators"):
            located = self._located(self.frame, elements)
        return [bool(one) for one in self._read("sees", {"queries": [self._query(one, located) for one in elements]})]

    def shows_anywhere(self, element: Element) -> bool:
        """Whether such an element is visible in any frame of the page, one of another origin among them."""
        query = {"queries": [self._query(element)]}
        with self._portal_errors(element.key):
            return any(ask(frame, "sees", query)[0] for frame in self.page.frames)

    def has(self, element: Element) -> bool:
        """Whether at least one such element is visible now."""
        return self.sees(element)[0]

    def press(self, element: Element, *, row: str | None = None, carefully: bool = False) -> None:
        """Press `element` once, when it is the only one, enabled and not covered.

        `carefully` leaves all of it to Playwright, which watches the control for two frames and what the press hits.
        """
        self.before_page()
        if row is None and not carefully and self._struck(element.key, self._query(element)):
            return
        locator = self.locate(element, row=row)
        with self._acting(element, locator, row):
            locator.click(timeout=self.timeout)

    def _struck(self, key: str, query: Mapping[str, Any], spot: tuple[float, float] | None = None) -> bool:
        """Press at once what lies open and at rest; False, and nothing pressed, where Playwright should wait for it."""
        if self.frame != self.page.main_frame or self.names.locator(key):
            return False
        aim = self._read("aim", {"query": query, "spot": spot})
        if not aim:
            return False
        with self._portal_errors(key):
            self.page.mouse.click(*aim)
        try:
            return bool(ask(self.frame, "met", None)[0])  # and not something that came to lie over it just then
        except PlaywrightError as error:
            if has_moved_on(error):
                return True
            raise portal_error(error, key) from error

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
            locator.click(timeout=self.timeout)
            option = self.until(  # a list may fold out a moment after the press
                lambda: next(
                    (o.name for o in self.outline() if o.kind in _OFFERED and o.name not in before and fits(o.name)),
                    None,
                )
            )
            if option is not None:
                self.named("choice", [option]).click(timeout=self.timeout)
            return option is not None

    def turn(self, seen: Entry, locator: Locator, *, on: bool, element: Element | None = None) -> None:
        """Bring a check box, radio button or tile from how it was `seen` to `on`, by pressing it at most once.

        `element` is the documented one that it is, if it is one.
        """
        if seen.checked is on:
            return
        same = {"kind": seen.kind, "names": [core(seen.name)]}
        if seen.kind in {"check", "radio"} and self._struck("", same, seen.spot):
            return
        with self._acting(element or Element("check", seen.name), locator):
            spot: Position = {"x": seen.spot[0], "y": seen.spot[1]}  # the box, not a link in its label
            locator.click(timeout=self.timeout, position=spot)

    def named(self, kind: Kind, names: Sequence[str], *, near: str = "", above: str = "") -> Locator:
        """Return the control that has one of these words as its name: what a page offered, by its own words."""
        query = {"kind": kind, "names": [core(one) for one in names], "above": self._above(above)}
        return self.frame.locator(self._selector({**query, "near": self.names.folded(near) if near else []}))

    def notice(self, foreign: Sequence[str]) -> Locator:
        """Return what closes a window that nobody asked for, unless it holds one of the `foreign` words."""
        keys = ("cookies", "close", "password_notice", "later")
        words = {key: [core(name) for name in self.names.of(f"notices.{key}")] for key in keys}
        return self.page.locator(self._selector({"kind": "notice", "foreign": list(foreign), **words}))

    def act(self, key: str, locator: Locator, verb: Callable[[Locator], object]) -> None:
        """Do `verb` to what `named` gave, under the same rules as a documented element."""
        with self._acting(Element("press", key), locator):
            verb(locator)

    def _state(self, locator: Locator) -> dict[str, Any]:
        return dict(locator.evaluate(STATE, timeout=self.timeout))

    def all_enabled(self, element: Element) -> bool:
        """Whether none of the elements of this name, if any, is disabled."""
        return bool(self._read("enabled", {"query": self._query(element)})[0])

    def can_press(self, element: Element) -> bool:
        """Whether `element` is there and not disabled. Raises ElementAmbiguous where it is there more than once."""
        if self.names.locator(element.key):
            with self._portal_errors(element.key):
                locator = self.locate(element)
                count = locator.count()
                enabled = count == 1 and not self._state(locator)["disabled"]
        else:
            count, enabled = self._read("pressable", {"query": self._query(element)})
        if count > 1:
            raise self.ambiguous(element)
        return bool(enabled)

    def is_chosen(self, element: Element) -> bool:
        """Whether `element` is there and seen to be chosen: a radio button, a tile, a tab."""
        if not self.names.locator(element.key):
            return bool(self._read("chosen", {"query": self._query(element)})[0])
        with self._portal_errors(element.key):
            locator = self.locate(element)
            return locator.count() == 1 and self._state(locator)["checked"] is True

    # -- reading ---------------------------------------------------------------------------------------------------

    def outline(self, *, above: str = "") -> tuple[Entry, ...]:
        """Return everything visible in the frame, in reading order; up to the heading `above`, if it is given."""
        with self._portal_errors("outline"):  # an operator's locator tells which entry is what
            located = [[key, self.frame.locator(own).element_handles()] for key, own in self.names.locators.items()]
        return tuple(
            entry_from(raw) for raw in self._read("outline", {"located": located, "above": self._above(above)})
        )

    def listed_addresses(self) -> frozenset[str]:
        """Return the addresses of the mailboxes in the list: quicker than reading their rows."""
        return frozenset(self._read("addresses", self._blocks()))

    def scroll_to_end_of_list(self) -> bool:
        """Bring the end of the list into view; False where it is there already, or no list is."""
        return bool(self._read("onward", self._blocks())[0])

    def document(self) -> float:
        """Return what tells the document that stands there from any that was loaded before it."""
        return float(self._read("born")[0])

    def mailbox_rows(self) -> tuple[Row, ...]:
        """Return the blocks that belong to one address each."""
        return self._rows("mailboxes")

    def order_rows(self) -> tuple[Row, ...]:
        """Return the blocks that hold one order state each."""
        return self._rows("orders")

    def _rows(self, what: str) -> tuple[Row, ...]:
        return tuple(row_from(raw) for raw in self._read(what, self._blocks()))

    def until(self, fact: Callable[[], T], *, timeout: float = _PATIENCE_MS) -> T:
        """Wait, frame by frame, until `fact` is true or `timeout` milliseconds are over; return what it says then."""
        deadline = time.monotonic() + timeout / 1000
        while not (says := fact()) and time.monotonic() < deadline:
            self.settle()
        return says

    def wait_until_loaded(self) -> None:
        """Wait until the frame's own scripts have begun to listen; a page whose last picture never comes is let go."""
        with suppress(PlaywrightTimeout):
            self.frame.wait_for_load_state("load", timeout=_PATIENCE_MS)

    def _read(self, what: str, arg: Mapping[str, Any] | None = None) -> list[Any]:
        for _ in range(_MOST_LOOKS):
            try:
                return list(ask(self.frame, what, arg))
            except PlaywrightError as error:
                if not has_moved_on(error):
                    raise portal_error(error, what) from error
        raise PortalError(f"the page does not come to rest ({what})", page=what)

    def origins_of(self, element: Element) -> frozenset[str]:
        """Return the origin of the frame in which the field stands, and the one that its form posts to."""
        with self._portal_errors(element.key):
            found = self.locate(element).evaluate(ORIGINS, timeout=self.timeout)
        return frozenset(found)

    # -- recognising -----------------------------------------------------------------------------------------------

    def recognise(self, landmarks: Mapping[str, Sequence[Landmark]], *, timeout: float | None = None) -> str | None:
        """Wait until exactly one of the described pages stands in one of the frames; None when the time is over.

        Where a page inside another one fits too, the more prominent heading decides, as it does for a person.
        """
        overridden = [one for one in elements_of(landmarks) if self.names.locator(one.key)]
        wanted = self._wanted(landmarks, {})
        if self.page.is_closed():
            self.page = self._windows()[0]
        if self.frame.is_detached():
            self.frame = self.page.main_frame
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout) / 1000
        with self._portal_errors("arrival"):
            while True:
                left = max((deadline - time.monotonic()) * 1000, 0)
                for frame in self.frames():
                    ms = min(left, _TURN_MS)  # and no longer: another frame or window may have come
                    found = self._stands_in(frame, landmarks, overridden, {**wanted, "ms": ms})
                    if found is not None:
                        self.page, self.frame = frame.page, frame
                        return found
                if time.monotonic() >= deadline:
                    return None

    def frames(self) -> list[Frame]:
        """Return the frames of all open windows, those of the newest first."""
        return [frame for page in self._windows() for frame in page.frames]

    def _windows(self) -> Sequence[Page]:
        return self.windows() if self.windows else (self.page,)

    def _stands_in(
        self,
        frame: Frame,
        landmarks: Mapping[str, Sequence[Landmark]],
        overridden: Sequence[Element],
        wanted: Mapping[str, Any],
    ) -> str | None:
        """Return the key of the page that stands in `frame` within `wanted["ms"]` milliseconds, or None."""
        try:
            if overridden:  # what the operator's own locators find may differ from frame to frame, and change
                wanted = {**wanted, **self._wanted(landmarks, self._located(frame, overridden))}
            found = ask(frame, "arrive", wanted)
        except PlaywrightError as error:
            if frame is self.page.main_frame and not has_moved_on(error):
                raise
            return None  # it went on to another page, or away, while it was looked at
        return None if found is None else str(found)

    def _wanted(self, landmarks: Mapping[str, Sequence[Landmark]], located: Located) -> dict[str, Any]:
        return {
            "pages": {key: [self._described(way, located) for way in ways] for key, ways in landmarks.items()},
            "headings": [name for key in known_keys() if key.endswith(".heading") for name in self.names.folded(key)],
        }

    def _described(self, mark: Landmark, located: Located) -> dict[str, Any]:
        return {
            "headings": self.names.folded(mark.heading) if mark.heading else [],
            "all": [self._query(one, located) for one in mark.all],
            "none": [self._query(one, located) for one in mark.none],
            "dressed": mark.dressed,
        }

    def _located(self, frame: Frame, elements: Iterable[Element]) -> Located:
        """Return how often the operator's own locators, where they gave one, find each of the elements."""
        chosen = {one.key: own for one in elements if (own := self.names.locator(one.key))}
        return {key: count_visible(frame, own) for key, own in chosen.items()}

    # -- queries ---------------------------------------------------------------------------------------------------

    def _query(self, element: Element | Mark, located: Located | None = None) -> dict[str, Any]:
        if isinstance(element, Mark):
            return {"kind": element.kind, **self._blocks()}
        if located and element.key in located:
            return {"kind": "located", "present": located[element.key]}
        names = self.names.folded(element.key) if element.key else []
        near = self.names.folded(element.near) if element.near else []
        within = {"near": near, "above": self._above(element.above)}
        return {"kind": element.kind, "names": names, "has": element.phrase, **within}

    def _above(self, heading: str) -> dict[str, list[str]] | None:
        return {"names": self.names.folded(heading), **self._blocks()} if heading else None

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
        return f"{ENGINE}={json.dumps(query)}"

    # -- errors ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _acting(self, element: Element, locator: Locator, row: str | None = None) -> Iterator[None]:
        try:
            yield
        except PlaywrightTimeout as error:
            if locator.count() == 0:
                raise self.missing(element, row) from error
            why = self.hindrance(locator) or first_line(error)
            raise PortalTimeout(f"«{element.key}» could not be pressed: {why}", page=element.key) from error
        except PlaywrightError as error:
            if "strict mode violation" in error.message:
                raise self.ambiguous(element, row) from error
            raise portal_error(error, element.key) from error

    @contextmanager
    def _portal_errors(self, where: str) -> Iterator[None]:
        try:
            yield
        except PlaywrightError as error:
            raise portal_error(error, where) from error
