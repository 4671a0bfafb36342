"""The list of mailboxes: tabs, states, expiry dates, «Rinnova» on each row."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import compress, pairwise, takewhile
from typing import TYPE_CHECKING, ClassVar, Final

from pec_autorenew.italian import dates_in
from pec_autorenew.model import Mailbox, MailboxState, MailboxType, PortalAutorenewal
from pec_autorenew.names import core, fold
from pec_autorenew.pages.base import PortalPage
from pec_autorenew.pages.elements import Element, Landmark, Mark
from pec_autorenew.pages.reading import Row, addresses_in, says, types_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pec_autorenew.pages.reading import Entry

_RENEW: Final = Element("press", "caselle.renew")
#: The order list below may have pages of its own.
_ORDERS: Final = "ordini.heading"
_MORE: Final = Element("press", "caselle.more", above=_ORDERS)
_NEXT: Final = Element("press", "caselle.next", above=_ORDERS)
_PREVIOUS: Final = Element("press", "caselle.previous", above=_ORDERS)
_TABS: Final = ("caselle.tab_own", "caselle.tab_others")
_PROCEED: Final = Element("press", "gestione_caselle.proceed")
_CONFIRM: Final = Element("press", "modulo_ordine.confirm")
#: How a list says that it goes on, and the signs that then lead on: a single one before one that may lead to the end.
_PAGE_OF: Final = re.compile(r"\bpagina\s+(\d+)\s*(?:di|su|/)\s*(\d+)")
_ONWARD: Final = (">", "›", "»", ">>")
_BACK: Final = ("<<", "«", "‹", "<")
#: What leads from a row of page numbers to those that it has no room for («…» folds to it).
_FURTHER: Final = "..."
_NUMBERS: Final = re.compile(r"(?:\d+|\.{3})(?: (?:\d+|\.{3}))*")

#: How it says of how many it shows how many: «1 – 10 di 23», «Visualizzate 10 caselle di 25».
_SHOWN_OF: Final = re.compile(
    r"\b\d+\s*[-–—]\s*(\d+)\s+(?:di|su)\s+(\d+)\b|\b(?:visualizzat|mostrat)\w\s+(\d+)\s+(?:\w+\s+)?(?:di|su)\s+(\d+)\b"
)
_EMPTY: Final = Element("text", "caselle.empty", phrase=True)

_STATES: Final = {
    "caselle.cancelled": MailboxState.CANCELLED,
    "caselle.activating": MailboxState.ACTIVATING,
    "caselle.expired": MailboxState.EXPIRED,
    "caselle.active": MailboxState.ACTIVE,
}


class CasellePage(PortalPage):
    """The mailboxes behind «Gestisci», or the one that a mailbox's own login sees (PF-LIST)."""

    name: ClassVar[str] = "Caselle PEC"
    landmarks: ClassVar[tuple[Landmark, ...]] = (
        Landmark(all=(Mark("mailbox"),), none=(_PROCEED, _CONFIRM)),
        Landmark(all=(Element("press", "caselle.tab_own"), _EMPTY), none=(_PROCEED, _CONFIRM)),
        Landmark(heading="ordini.heading", all=(_EMPTY,), none=(_PROCEED, _CONFIRM)),
    )
    elements: ClassVar[tuple[Element, ...]] = (
        *(Element("press", key, optional=True) for key in _TABS),
        Element("press", "caselle.renew", optional=True, each_row=True),
        replace(_MORE, optional=True),
        replace(_NEXT, optional=True),
        replace(_PREVIOUS, optional=True),
        Element("text", "caselle.expiry", phrase=True, each_row=True),
        Element("text", "caselle.autorenewal", phrase=True, each_row=True),
    )

    def tabs(self) -> tuple[str, ...]:
        """Return the keys of the tabs that are there: none, or «Le mie caselle PEC» and «PEC di altri titolari»."""
        presses, words = self._seen_tabs()
        return tuple(key for key in _TABS if presses and key in presses | words)

    def shows_tab(self, key: str) -> bool:
        """Whether the tab `key` is seen to be the open one: chosen, or bare words beside one that can be pressed."""
        presses, words = self._seen_tabs()
        if key in presses:
            return self.screen.is_chosen(Element("press", key))
        return bool(presses) and key in words

    def _seen_tabs(self) -> tuple[set[str], set[str]]:
        """Return the tabs that can be pressed, and those whose words stand there."""
        there = self.screen.sees(*(Element(kind, key) for kind in ("press", "text") for key in _TABS))
        return set(compress(_TABS, there)), set(compress(_TABS, there[len(_TABS) :]))

    def open_tab(self, key: str) -> None:
        """Press the tab `key`."""
        self.screen.press(Element("press", key))

    def offers_page(self, number: int) -> bool:
        """Whether a long list goes on: by «Mostra altre», «Successiva», this number among numbers, or its own words."""
        outline = self.screen.outline(above=_ORDERS)
        if any(at < of for at, of in _told_pages(outline)):
            return True
        presses = [one for one in outline if one.kind == "press" and not one.disabled]
        if any(one.is_named(self.names(way.key)) for one in presses for way in (_MORE, _NEXT)):
            return True
        if any(one.name == str(number) for one in presses) and _names_pages(outline, number - 1):
            return True
        return (str(number - 1), _FURTHER) in _page_row(outline) or _sign_behind(outline, _ONWARD)

    def goes_on_by_sign(self) -> bool:
        """Whether nothing but a sign («>») directly behind the last row says that the list goes on: it may be idle."""
        return _sign_behind(self.screen.outline(above=_ORDERS), _ONWARD)

    def require_whole(self, seen: int) -> None:
        """Raise UnexpectedPage where the list says that it has more than was `seen`: nothing leads there (SIL-2)."""
        for one in self.screen.outline(above=_ORDERS):
            for match in _SHOWN_OF.finditer(fold(one.text)):
                at, of = (int(figure) for figure in match.groups() if figure)
                if max(at, seen) < of:
                    raise self.unexpected(f"the list shows {at} of {of} and does not go on: {match[0]!r}")

    def turn_page(self, number: int) -> None:
        """Press what leads to the next page, which has this number."""
        words = next((way for way in (_MORE, _NEXT) if self.screen.has(way)), None)
        if words is not None:
            self.screen.press(words)
            return
        self._press_first(_NEXT, (str(number), *_ONWARD, _FURTHER))

    def turn_back(self) -> bool:
        """Press what leads back to the first page, or towards it; False where nothing does: it is the first one."""
        outline = self.screen.outline(above=_ORDERS)
        presses = [one for one in outline if one.kind == "press" and not one.disabled]
        if any(one.name == "1" and not one.checked for one in presses) and _names_pages(outline, 1):
            self._press_first(_PREVIOUS, ("1",))
        elif any(one.is_named(self.names(_PREVIOUS.key)) for one in presses):
            self.screen.press(_PREVIOUS)
        elif any(at > 1 for at, _ in _told_pages(outline)) or _sign_behind(outline, _BACK):
            self._press_first(_PREVIOUS, _BACK)
        elif any(one == _FURTHER and two.isdigit() and two != "1" for one, two in _page_row(outline)[:1]):
            self._press_first(_PREVIOUS, (_FURTHER,), last=False)
        else:
            return False
        return True

    def _press_first(self, element: Element, names: Sequence[str], *, last: bool = True) -> None:
        """Press what has the first of these names that is there; of «...» at both ends the `last`, or not."""
        ways = [self.screen.named("press", [one], above=_ORDERS) for one in names]
        self.screen.before_page()
        way, name = next(((way, one) for way, one in zip(ways, names, strict=True) if way.count()), (ways[0], names[0]))
        if name == _FURTHER:
            way = way.last if last else way.first
        self.screen.act(element.key, way, lambda found: found.click())

    def scroll_to_end(self) -> bool:
        """Scroll to the end of the list, where it may load more; False where there is nothing to scroll."""
        return self.screen.scroll_to_end_of_list()

    def addresses(self) -> frozenset[str]:
        """Return the addresses listed now."""
        return self.screen.listed_addresses()

    def shows_empty_state(self) -> bool:
        """Whether the portal says in words that there is no mailbox here."""
        return self.screen.has(_EMPTY)

    def read_mailboxes(self, tab: str = "") -> tuple[Mailbox, ...]:
        """Return the mailboxes listed now, each from its own block of the list.

        Raises UnexpectedPage when a block lacks a documented field or holds two readings of one.
        """
        found = [self._read(row, tab) for row in self.screen.mailbox_rows() if row.listed]
        if len({box.address for box in found}) != len(found):
            raise self.unexpected("one address has two blocks in the list")
        return tuple(found)

    def is_at_rest(self) -> bool:
        """Whether no «Rinnova» is there that cannot be pressed (yet)."""
        return self.screen.all_enabled(_RENEW)

    def renew(self, address: str) -> None:
        """Press «Rinnova» in the row of exactly this address."""
        self.screen.press(_RENEW, row=address)

    def _read(self, row: Row, tab: str) -> Mailbox:
        labelled = {day for text in row.values(self.names("caselle.expiry")) for day in dates_in(text)}
        days = labelled or row.dates()
        if len(days) != 1:
            shown = ", ".join(sorted(str(day) for day in days))
            raise self.unexpected(f"{row.key} shows {len(days)} dates that may be its expiry ({shown})")
        return Mailbox(
            address=row.key,
            expiry=days.pop(),
            state=self._state(row),
            type=self._type(row),
            autorenewal=self._autorenewal(row),
            renewable=any(
                one.kind == "press" and not one.disabled and one.is_named(self.names("caselle.renew"))
                for one in row.entries
            ),
            tab=tab,
        )

    def _state(self, row: Row) -> MailboxState:
        if says(row.text, self.names("caselle.on_domain")):
            return MailboxState.ON_DOMAIN
        texts = [entry.text for entry in row.entries if entry.plain]
        texts += [
            entry.name for entry in row.entries if entry.kind == "press" and entry.is_named(["acquista di nuovo"])
        ]
        for test in (lambda text, names: core(text) in names, says):
            states = {state for key, state in _STATES.items() if any(test(text, self.names(key)) for text in texts)}
            if states:
                return states.pop() if len(states) == 1 else MailboxState.NOT_SHOWN
        return MailboxState.NOT_SHOWN

    def _type(self, row: Row) -> MailboxType | None:
        types = types_in(entry.text for entry in row.entries if entry.plain)
        return types.pop() if len(types) == 1 else None

    def _autorenewal(self, row: Row) -> PortalAutorenewal:
        """Read «Rinnovo automatico»: words beside it, a state that can be pressed, or a switch."""
        labels = self.names("caselle.autorenewal")
        off, on = self.names("caselle.autorenewal_off"), self.names("caselle.autorenewal_on")
        said = {core(text) for text in row.values(labels)}
        readings = {PortalAutorenewal.OFF for text in said if text in off} | {
            PortalAutorenewal.ON for text in said if text in on
        }
        for entry in row.entries:
            if entry.kind == "check" and entry.checked is not None and entry.is_named(labels):
                readings.add(PortalAutorenewal.ON if entry.checked else PortalAutorenewal.OFF)
        if len(readings) > 1:
            raise self.unexpected(f"{row.key} shows «Rinnovo automatico» both on and off")
        return readings.pop() if readings else PortalAutorenewal.NOT_SHOWN


def _told_pages(outline: Sequence[Entry]) -> list[tuple[int, int]]:
    """Return what the list says of its page and of how many there are: «Pagina 1 di 3»."""
    return [(int(at), int(of)) for one in outline for at, of in _PAGE_OF.findall(fold(one.text))]


def _sign_behind(outline: Sequence[Entry], wanted: Sequence[str]) -> bool:
    """Whether one of the `wanted` signs can be pressed directly behind the last row, where nothing tells the pages."""
    last = max((at for at, one in enumerate(outline) if one.row and addresses_in(one.text)), default=-1)
    behind = [one for one in outline[last + 1 :] if last >= 0 and one.row != outline[last].row]
    signs = takewhile(lambda one: (one.name or one.text) in {*_ONWARD, *_BACK}, behind)
    found = any(one.kind == "press" and not one.disabled and one.name in wanted for one in signs)
    return found and not _told_pages(outline)


def _page_row(outline: Sequence[Entry]) -> list[tuple[str, str]]:
    """Return the pairs of neighbours in the row of page numbers where «...» can be pressed; nothing where it cannot.

    A row of numbers that is too long for its place goes on behind «...», and before it.
    """
    if not any(one.kind == "press" and not one.disabled and fold(one.name) == _FURTHER for one in outline):
        return []
    said = [(fold(one.name or one.text), one.kind == "text" and bool(one.within)) for one in outline]
    rows = [text for text, again in said if _NUMBERS.fullmatch(text) and (" " in text or not again)]
    whole = max(rows, key=len, default="")  # numbers that stand in one line are that line, too
    return list(pairwise(whole.split() if " " in whole else rows))


def _names_pages(outline: Sequence[Entry], number: int) -> bool:
    """Whether a row of page numbers holds `number` and the one after it."""
    row = re.compile(rf"(?<!\d){number}\W+{number + 1}(?!\d)|^{number}$")
    return any(row.search(one.text or one.name) for one in outline)
