"""Who cannot see the page, or uses no mouse: names and labels by axe-core, and the way of the Tab key.

axe-core comes with the package axe-playwright-python and is evaluated in each frame, not loaded: neither the interlock
nor a page's Content-Security-Policy is in its way, and nothing is sent. Only the Tab key is pressed, really.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from pec_autorenew.checks import Control, kept_snapshot, parts_of, without
from pec_autorenew.qa.barriers import Accepted, Barrier, told
from pec_autorenew.qa.snapshots import names_of
from pec_autorenew.qa.tabbing import Stop, Walk, barriers_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from playwright.sync_api import Frame, Page

    from pec_autorenew.pages.base import PortalPage

#: WCAG 2.2, levels A and AA: what the law asks for; axe's advice beyond it is not asked.
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
#: So often Tab is pressed at most.
MOST_STOPS: Final = 400
#: Rules that tell colours and sizes, which are nobody's, better than the rule's own words do.
_TELLING: Final = frozenset({"color-contrast", "target-size"})
_WORDS_ONLY: Final = frozenset({"heading", "text"})
_AXE: Final = """async (tags) => {
  const found = await axe.run(document, {
    iframes: false, resultTypes: ['violations'], elementRef: true, runOnly: { type: 'tag', values: tags },
  });
  axe.setup(document.documentElement);
  try {
    const { aria, text } = axe.commons;
    const tell = (node) => ({
      role: aria.getRole(node.element) || node.element.localName,
      name: text.accessibleText(node.element) || '',
      place: node.target.flat(9).join(' '),
      why: [...node.any, ...node.all, ...node.none].map((one) => one.message)[0] || '',
    });
    return found.violations.map(({ id, impact, help, nodes }) => ({ id, impact, help, nodes: nodes.map(tell) }));
  } finally { axe.teardown(); }
}"""
_HOME: Final = "globalThis[Symbol.for('pec_autorenew.keyboard')]"
_KEYBOARD: Final = files("pec_autorenew.qa").joinpath("keyboard.js").read_text(encoding="utf-8").strip()


class NotAccessible(AssertionError):
    """Something on the page is in the way of who cannot see it, or uses no mouse."""


@dataclass(frozen=True, slots=True)
class Accessibility:
    """Checks pages of one portal, or of one layout of the mock; `accepted` says what is known there and stays."""

    accepted: tuple[Accepted, ...] = ()
    #: Where to write what shall be accepted; told with what is found.
    file: Path | None = None
    #: Hears what was accepted on a page.
    tell: Callable[[str], object] = lambda _: None

    def __call__(self, shown: PortalPage | Page, name: str = "", *, accept: Iterable[str] = ()) -> None:
        """Check names, labels, colours, and the way of the Tab key. Raises NotAccessible with all that was found.

        `accept` takes lines as the file of accepted ones does, without the page.
        """
        __tracebackhide__ = True
        self.require(shown, (*barriers_by_axe(shown), *barriers_by_tab(shown)), name, accept=accept)

    def names(self, shown: PortalPage | Page, name: str = "", *, accept: Iterable[str] = ()) -> None:
        """Check names, labels and colours by axe-core's rules. Raises NotAccessible."""
        __tracebackhide__ = True
        self.require(shown, barriers_by_axe(shown), name, accept=accept)

    def keyboard(self, shown: PortalPage | Page, name: str = "", *, accept: Iterable[str] = ()) -> None:
        """Check that Tab leads to all that can be acted on, in reading order, and where it can be seen.

        Raises NotAccessible. The focus is moved: what a page does when a field is left happens.
        """
        __tracebackhide__ = True
        self.require(shown, barriers_by_tab(shown), name, accept=accept)

    def require(
        self, shown: PortalPage | Page, found: Iterable[Barrier], name: str = "", *, accept: Iterable[str] = ()
    ) -> None:
        """Raise NotAccessible if something was found that nobody has accepted."""
        __tracebackhide__ = True
        name, title = names_of(shown, name)
        known = (*self.accepted, *(Accepted.of(f"{name} {one}") for one in accept))
        left, rules = [], Counter[str]()
        for one in found:
            if any(each.covers(name, one) for each in known):
                rules[one.rule] += 1
            else:
                left.append(one)
        if rules:
            self.tell(f"{name}: accepted {', '.join(f'{rule} ({count})' for rule, count in rules.items())}")
        if left:
            raise NotAccessible(told(title, name, left, self.file))


def barriers_by_axe(shown: PortalPage | Page) -> tuple[Barrier, ...]:
    """Return what axe-core finds on the page, in all its frames."""
    return tuple(one for frame in _page(shown).frames for one in _by_axe(frame))


def barriers_by_tab(shown: PortalPage | Page, most: int = MOST_STOPS) -> tuple[Barrier, ...]:
    """Return what keeps the Tab key, pressed `most` times at most, from what can be acted on.

    Of one of the portal's pages, what the client acts on has to be among it; the walk is in its frame.
    """
    from pec_autorenew.pages.base import PortalPage

    page = _page(shown)
    frame = shown.screen.frame if isinstance(shown, PortalPage) else shown.main_frame
    _install_axe(frame)
    frame.evaluate(f"() => {{ {_HOME} = {_KEYBOARD} }}")
    listed = frame.evaluate(f"() => {_HOME}.begin()")
    stops = [Stop(_control(one), one["index"], one["group"], tabbable=one["tabbable"]) for one in listed]
    walk = Walk(stops)
    for _ in range(most):
        page.keyboard.press("Tab")
        here = frame.evaluate(f"() => {_HOME}.where()")
        if not walk.goes_on(here, _control(here) if here and "role" in here else None):
            break
    needed = list(_needed(shown)) if isinstance(shown, PortalPage) else []
    frame.evaluate(f"() => {_HOME}.end()")
    return barriers_of(walk, needed)


def _by_axe(frame: Frame) -> Iterator[Barrier]:
    from pec_autorenew.pages.masking import masked

    _install_axe(frame)
    for rule in frame.evaluate(_AXE, list(TAGS)):
        for node in rule["nodes"]:
            why = node["why"] if rule["id"] in _TELLING else rule["help"]
            place = without(masked(node["place"]), ())
            yield Barrier(rule["id"], _control(node), why[:1].lower() + why[1:], rule["impact"] or "", place)


def _needed(shown: PortalPage) -> Iterator[tuple[str, Stop]]:
    """Tell what the client acts on here, with the stop that each thing is; the stop's index is -1 where it is none."""
    for element in shown.elements:
        if element.kind in _WORDS_ONLY:
            continue
        for place in shown.screen.locate(element).all():
            if place.is_visible():
                seen = place.evaluate(f"(el) => {_HOME}.stop(el)")
                if not seen["off"]:
                    yield element.key, Stop(_control(seen), seen["index"], -1, tabbable=True)


def _install_axe(frame: Frame) -> None:
    if not frame.evaluate("() => typeof axe === 'object'"):
        frame.evaluate(_axe())


@cache
def _axe() -> str:
    from axe_playwright_python.sync_playwright import Axe

    return str(Axe().axe_script)


def _control(seen: dict[str, Any]) -> Control:
    """Return role and name as they may be told: a customer's words masked as in a snapshot (SEC-4)."""
    from pec_autorenew.pages.masking import masked_snapshot

    line = f"- {seen['role']} {json.dumps(' '.join(seen['name'].split()), ensure_ascii=False)}"
    (part,) = parts_of(kept_snapshot(masked_snapshot(line)))
    return Control(part.role, part.says)


def _page(shown: PortalPage | Page) -> Page:
    from pec_autorenew.pages.base import PortalPage

    return shown.screen.page if isinstance(shown, PortalPage) else shown
