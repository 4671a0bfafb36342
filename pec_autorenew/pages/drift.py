"""What a screen says when the portal looks other than documented: what is lacking, what is nearest, how it looks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.errors import Drift, ElementAmbiguous, ElementMissing, Lack, PortalError
from pec_autorenew.names import known_keys
from pec_autorenew.pages.asking import HINDRANCE
from pec_autorenew.pages.candidates import Surroundings
from pec_autorenew.pages.elements import Element, Landmark, Sighting, Standing
from pec_autorenew.pages.evidence import picture_of, says_more, snapshot_of
from pec_autorenew.pages.masking import masked, masked_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from playwright.sync_api import Frame, Locator, Page

    from pec_autorenew.names import Names
    from pec_autorenew.pages.elements import Mark
    from pec_autorenew.pages.reading import Entry

D = TypeVar("D", bound=Drift)
#: «page.element» -> how often the operator's own locator finds it.
Located: TypeAlias = dict[str, int]
_GLANCE_MS: Final = 1_000
#: So many letters of what lies over a control tell what it is.
_LONGEST: Final = 120


class Inspector(ABC):
    """The part of a screen that looks at what it did not find."""

    __slots__ = ()

    page: Page
    frame: Frame
    names: Names
    #: The name of the page that was last recognised.
    standing: str

    @abstractmethod
    def _read(self, what: str, arg: Mapping[str, Any] | None = None) -> list[Any]:
        """Ask the frame."""

    @abstractmethod
    def _query(self, element: Element | Mark, located: Located | None = None) -> dict[str, Any]:
        """Return what the frame is asked for an element."""

    @abstractmethod
    def _scope(self, row: str | None) -> tuple[Frame | Locator, dict[str, Any] | None]:
        """Return where it is searched: the frame, or a mailbox's row and the query for that."""

    @abstractmethod
    def _wanted(self, landmarks: Mapping[str, Sequence[Landmark]], located: Located) -> dict[str, Any]:
        """Return what the frame is asked for pages."""

    @abstractmethod
    def _located(self, frame: Frame, elements: Iterable[Element]) -> Located:
        """Return how often the operator's own locators find the elements."""

    @abstractmethod
    def outline(self, *, above: str = "") -> tuple[Entry, ...]:
        """Return everything visible in the frame, in reading order."""

    def missing(self, element: Element, row: str | None = None) -> ElementMissing:
        """Return the error for an element that is not there, with what is nearest to it."""
        return self.drift(ElementMissing, "", self.inspect_one(element, row))

    def ambiguous(self, element: Element, row: str | None = None) -> ElementAmbiguous:
        """Return the error for an element that is there more than once, with each of them."""
        return self.drift(ElementAmbiguous, "", self.inspect_one(element, row))

    def drift(self, kind: type[D], message: str, *sightings: Sighting) -> D:
        """Return an error that shows the page as it stands, and says of the elements what is lacking, and nearest."""
        said = [message, *(self._told(one) for one in sightings)]
        return kind(
            "; ".join(filter(None, said)),
            page=self.standing or (sightings[0].element.key if sightings else ""),
            address=masked_address(self.page.url),
            candidates=tuple(candidate for one in sightings for candidate in one.candidates),
            lacks=tuple(
                Lack(one.element.key, self.names.of(one.element.key), one.count, self.names.override(one.element.key))
                for one in sightings
                if one.element.key in known_keys()
            ),
            snapshot=self.snapshot(),
            picture=self.picture(),
        )

    def _told(self, one: Sighting) -> str:
        names = self.names.of(one.element.key) if one.element.key in known_keys() else ()
        documented = " / ".join(f"«{name}»" for name in names)
        if one.count:
            shown = Counter(f"{each.role} «{each.name}»" for each in one.candidates)
            several = "; ".join(f"{count} times {each}" for each, count in shown.items())
            return f"several elements are named like {one.element.key} ({documented}): {several}"
        near = "; ".join(f"{each.role} «{each.name}» ({each.similarity:.0%})" for each in one.candidates[:2])
        return f"{one.element.key} ({documented}) is not on the page; nearest: {near or 'nothing like it'}"

    def hindrance(self, locator: Locator) -> str:
        """Return why a control cannot be pressed: it is disabled, or covered; "" where neither is seen."""
        try:
            seen = locator.evaluate(HINDRANCE, timeout=_GLANCE_MS)
            empty = [f"«{one.name}»" for one in self.outline() if one.is_lacking] if seen["disabled"] else []
        except (PlaywrightError, PortalError):
            return ""  # it went away, or is there more than once: Playwright's own words will say so
        if not seen["disabled"]:
            return f"something lies over it: «{masked(seen['over'])[:_LONGEST]}»" if seen["over"] else ""
        return f"it is disabled, and {', '.join(empty)} must be filled in" if empty else "it is disabled"

    # -- a page that is not as documented ------------------------------------------------------------------------------

    def inspect(self, elements: Sequence[Element]) -> tuple[Sighting, ...]:
        """Return how often each of the elements is visible on this page now, and what is nearest to it if not once."""
        queries = [self._query(one, self._located(self.frame, [one])) for one in elements]
        counts = [int(count) for count in self._read("counts", {"queries": queries})]
        fine = [count == 1 or (one.each_row and count > 0) for one, count in zip(elements, counts, strict=True)]
        return tuple(
            Sighting(one, count) if is_fine else self.inspect_one(one)
            for one, count, is_fine in zip(elements, counts, fine, strict=True)
        )

    def sees_any(self, elements: Sequence[Element]) -> list[bool]:
        """Return, for each of the elements, of whatever kind, whether it is visible now."""
        located = self._located(self.frame, elements)
        return [
            bool(count) for count in self._read("counts", {"queries": [self._query(one, located) for one in elements]})
        ]

    def inspect_one(self, element: Element, row: str | None = None) -> Sighting:
        """Return how often the element is there, on the page or in a mailbox's row, and what is nearest to it."""
        query = self._query(element)
        own = self.names.locator(element.key)
        scope, within = self._scope(row)
        (seen,) = self._read("suspects", {"query": query, "row": within})
        around = Surroundings(
            element, self.names, seen["found"], seen["others"], lambda selector: count_visible(scope, selector) == 1
        )
        count = count_visible(scope, own) if own else 0 if around.is_missing() else len(around.found)
        return Sighting(element, count, around.candidates())

    def standings(self, landmarks: Mapping[str, Sequence[Landmark]]) -> dict[str, list[Standing]]:
        """Return, for each way in which each page may be recognised, what of it is there and what forbids it."""
        wanted = self._wanted(landmarks, self._located(self.frame, elements_of(landmarks)))
        return {key: [Standing(**way) for way in ways] for key, ways in self._read("lacking", wanted)}

    def snapshot(self) -> str:
        """Return the accessibility snapshot of the page, with secrets and personal data masked."""
        return snapshot_of(self.page)

    def picture(self) -> bytes:
        """Return a picture of the page, masked as its snapshot is (SEC-4); nothing where it cannot be.

        Covered is what was typed, and each line that says more than the portal's own words.
        """
        try:
            lines = [one.text for one in self.outline() if one.kind == "text" and says_more(one)]
        except PortalError:
            return b""  # a page that cannot be read must not hide the error that it is evidence for
        return picture_of(self.page, covering=(self.frame, tuple(dict.fromkeys(lines))))


def count_visible(scope: Frame | Locator, selector: str) -> int:
    """Return how many visible elements a Playwright selector finds."""
    return scope.locator(selector).filter(visible=True).count()


def elements_of(landmarks: Mapping[str, Sequence[Landmark]]) -> list[Element]:
    """Return the elements by which the pages are recognised."""
    marks = (mark for ways in landmarks.values() for way in ways for mark in (*way.all, *way.none))
    return [mark for mark in marks if isinstance(mark, Element)]
