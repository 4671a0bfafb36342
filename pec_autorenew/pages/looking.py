"""What `check-portal` reads of a page: its documented elements, all its controls, a snapshot, a picture."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks import Control, PageLook, SeenElement, normalised, normalised_snapshot
from pec_autorenew.names import core, fold
from pec_autorenew.pages.evidence import picture_of
from pec_autorenew.pages.observing import observations_on
from pec_autorenew.pages.reading import says

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.elements import Element, Sighting
    from pec_autorenew.pages.finding import Screen
    from pec_autorenew.pages.reading import Entry

#: What a control is called where the browser gives it no role of its own.
_ROLES: Final = {
    "press": "button", "check": "checkbox", "radio": "radio", "option": "option", "field": "textbox",
    "select": "combobox", "spin": "spinbutton",
}  # fmt: skip
#: The kinds in which an element of a kind may be found.
_KINDS: Final = {
    "press": {"press"}, "check": {"check"}, "choice": {"radio", "option", "check", "press"},
    "radio": {"radio", "option"}, "field": {"field"}, "password": {"field"}, "select": {"select"},
    "spin": {"spin", "field", "select"}, "heading": {"text"}, "text": {"text"},
}  # fmt: skip
_LONGEST: Final = 120
#: A line of an accessibility snapshot: role and name.
_LINE: Final = re.compile(r'^\s*- (?:\')?([a-z]+) "((?:[^"\\]|\\.)*)"')
#: Pages that not every generation has; another one has the benefit of the doubt.
_RARE: Final = frozenset({"kit_firma", "dati_fatturazione"})
_BENEFIT: Final = 0.15
#: Pages whose rows come and go, and with them their controls.
_LISTS: Final = frozenset({"caselle", "ordini", "gestione_caselle", "gestione_caselle_several"})
#: Pages that show a person's data, or a password: no picture is taken of them (SEC-4).
_PERSONAL: Final = frozenset({"login", "login_username", "login_password", "dati_intestatario", "dati_fatturazione"})


def look_at(
    screen: Screen, key: str, page: PortalPage, *, picture: Iterable[str] | None = None, recognised: bool = True
) -> PageLook:
    """Return what stands on the screen now, as the page `key` is documented; a `picture` covers these words."""
    outline = screen.outline()
    rows = (*screen.mailbox_rows(), *screen.order_rows()) if key in _LISTS else ()
    snapshot = screen.snapshot()
    roles = _roles_in(snapshot)
    in_rows = frozenset(_control(entry, roles) for row in rows for entry in row.entries if entry.kind in _ROLES)
    everywhere = frozenset(_control(entry, roles) for entry in outline if entry.kind in _ROLES)
    # Without a row there is nothing that each row could have.
    rowless = not any(row.listed for row in rows) and key in {"caselle", "ordini"}
    return PageLook(
        key,
        tuple(
            _seen(screen, one, outline, roles, optional=one.element.optional or (one.element.each_row and rowless))
            for one in screen.inspect(page.elements)
        ),
        everywhere - in_rows,
        in_rows,
        normalised_snapshot(snapshot),
        observations_on(screen, key, outline),
        _picture(screen, picture) if picture is not None and key not in _PERSONAL else b"",
        recognised,
    )


def unseen(screen: Screen, page: PortalPage) -> tuple[SeenElement, ...]:
    """Return the page's elements as they are while nobody has been there."""
    return tuple(_bare(screen, one) for one in page.elements)


def likeness(look: PageLook) -> float:
    """Return how much the screen is like the page as which it was looked at."""
    marks = [
        1.0 if one.count else max((c.similarity for c in one.candidates), default=0.0)
        for one in look.elements
        if one.kind == "heading" or not one.optional
    ]
    usual = _BENEFIT if look.page not in _RARE else 0.0
    return sum(marks) / len(marks) + usual if marks else 0.0


def _bare(screen: Screen, element: Element) -> SeenElement:
    documented = screen.names.of(element.key) if element.key else ()
    key = element.key or "gestione_caselle.flag"
    return SeenElement(key, element.kind, documented, element.optional, element.each_row, 0, element.phrase)


def _seen(
    screen: Screen, sighting: Sighting, outline: Sequence[Entry], roles: Mapping[str, str], *, optional: bool
) -> SeenElement:
    element = sighting.element
    fitting = [one for one in outline if _fits(screen, element, one)] if sighting.count else []
    found = min(fitting, key=lambda one: _rank(screen, element, one), default=None)
    return replace(
        _bare(screen, element),
        optional=optional,
        count=sighting.count,
        found=_control(found, roles, whole=True) if found else None,
        candidates=sighting.candidates if sighting.count != 1 else (),
    )


def _rank(screen: Screen, element: Element, entry: Entry) -> int:
    """Return which of the documented variants it is: the first is the likeliest."""
    variants = [core(name) for name in screen.names.of(element.key)] if element.key else []
    said = core(entry.text if entry.kind == "text" else entry.name)
    return variants.index(said) if said in variants else len(variants)


def _fits(screen: Screen, element: Element, entry: Entry) -> bool:
    if entry.kind not in _KINDS[element.kind]:
        return False
    if not element.key:
        return True
    variants = screen.names.folded(element.key)
    if entry.kind == "text":
        return says(entry.text, variants) if element.phrase else core(entry.text) in variants
    return any(says(name, variants) for name in entry.names) if element.phrase else entry.is_named(variants)


def _control(entry: Entry, roles: Mapping[str, str], *, whole: bool = False) -> Control:
    """Return the control; its name folded, unless it is wanted as it is written."""
    said = entry.text if entry.kind == "text" else entry.name
    name = normalised(said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…")
    known = "heading" if entry.heading else "text"
    role = roles.get(fold(name)) or _ROLES.get(entry.kind, known)
    return Control(role, name if whole else fold(name))


def _roles_in(snapshot: str) -> dict[str, str]:
    """Return the browser's own role of what has a name; of two with one name, the one that can be acted on."""
    roles: dict[str, str] = {}
    for line in snapshot.splitlines():
        if match := _LINE.match(line):
            role, name = match[1], fold(normalised(match[2].replace('\\"', '"')))
            if role in _ACTED_ON or name not in roles:
                roles[name] = role
    return roles


_ACTED_ON: Final = frozenset(
    {"button", "link", "checkbox", "switch", "radio", "option", "tab", "textbox", "combobox", "spinbutton", "menuitem"}
)


def _picture(screen: Screen, words: Iterable[str]) -> bytes:
    """Return a picture in which addresses, these words and everything typed are covered; nothing if none can be had."""
    covered = [screen.frame.locator("text=/@/"), screen.frame.locator("text=/benvenut/i")]
    return picture_of(screen.page, [*covered, *(screen.frame.get_by_text(word) for word in words)])
