"""Two looks at a page, at two times: what has changed from one to the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks.judging import LIKE, is_documented
from pec_autorenew.checks.looks import PAGES, ElementState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from pec_autorenew.checks.looks import AccountCheck, ElementCheck, PageCheck


class ChangeKind(StrEnum):
    """What a change is about."""

    #: A documented element is no longer what it was.
    STATE = "state"
    #: It is there, and called otherwise, or of another role.
    NAME = "name"
    #: A control that no guide documents.
    NEW = "new"
    GONE = "gone"
    #: The way leads over a page, or no longer does.
    PAGE_NEW = "page-new"
    PAGE_GONE = "page-gone"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is otherwise than it was."""

    kind: ChangeKind
    #: The element's key, or the control as people read it.
    subject: str = ""
    #: States, or what was found; "" where nobody had looked before.
    was: str = ""
    now: str = ""
    #: What is most like an element that is not there.
    nearest: str = ""
    #: Whether it is now as it is documented, or as in the baseline.
    ends: bool = False
    #: Whether anybody should hear of it: what rows offer comes and goes with what the mailboxes are about.
    matters: bool = True

    @property
    def text(self) -> str:
        """Say it in English."""
        match self.kind:
            case ChangeKind.STATE | ChangeKind.NAME:
                said = f"{self.subject}: {self.was} → {self.now}" if self.was else f"{self.subject}: {self.now}"
            case ChangeKind.PAGE_NEW:
                said = "the way leads over this page now"
            case ChangeKind.PAGE_GONE:
                said = "the way leads over this page no more"
            case _:
                said = f"{self.kind.value}: {self.subject}"
        nearest = f"; nearest: {self.nearest}" if self.nearest else ""
        back = " (as in the baseline)" if self.ends and self.kind is not ChangeKind.STATE else ""
        return f"{said}{nearest}{back}"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A page as an earlier check saw it."""

    run_id: str
    at: datetime
    page: PageCheck


@dataclass(frozen=True, slots=True)
class PageChanges:
    """What has changed on one page of one account, and since when."""

    account: str
    page: str
    changes: tuple[Change, ...]
    #: None where nobody had looked before.
    since: Earlier | None

    @property
    def title(self) -> str:
        """The page's name for people."""
        return PAGES[self.page]


@dataclass(frozen=True, slots=True)
class Since:
    """What has changed since an earlier check."""

    run_id: str
    at: datetime
    changes: tuple[PageChanges, ...]


#: Pages of rows.
_LISTS: Final = frozenset({"caselle", "ordini", "gestione_caselle", "gestione_caselle_several"})


def changes_since(
    checks: Iterable[AccountCheck], earlier: Callable[[str, str], Earlier | None]
) -> tuple[PageChanges, ...]:
    """Return the pages that have changed since `earlier`, which is asked for the look at a page of an account."""
    found = []
    for check in checks:
        for page in check.pages:
            since = earlier(check.account, page.page) if page.seen else None
            changes = compared(since.page if since else None, page)
            if changes:
                found.append(PageChanges(check.account, page.page, changes, since))
    return tuple(found)


def compared(before: PageCheck | None, now: PageCheck) -> tuple[Change, ...]:
    """Return what has changed; without an earlier look, what is not as documented.

    Nothing, where the walk did not come so far as to know whether the page is there.
    """
    if not now.seen:
        return ()
    if before is None:
        return tuple(_state("", one) for one in now.drift)
    if before.reached != now.reached:
        kind = ChangeKind.PAGE_NEW if now.reached else ChangeKind.PAGE_GONE
        return (Change(kind), *(_state("", one) for one in now.drift))
    return (*_elements(before, now), *_controls(before, now))


def _elements(before: PageCheck, now: PageCheck) -> Iterator[Change]:
    earlier = {one.key: one for one in before.elements}
    for one in now.elements:
        was = earlier.get(one.key)
        if was is None:  # it is documented since
            if one.state.is_drift:
                yield _state("", one)
        elif was.state is not one.state:
            change, required = _state(was.state.value, one), was.state.is_drift or one.state.is_drift
            if required or not _halfway(before, now):
                yield replace(change, matters=bool(required or change.nearest or now.page not in _LISTS))
        elif one.kind != "text" and was.found and one.found and was.found != one.found:  # a text says what rows are
            yield Change(ChangeKind.NAME, one.key, str(was.found), str(one.found))


def _state(was: str, one: ElementCheck) -> Change:
    """Return that an element is no longer what it was; of an optional one the nearest has to be very like it."""
    best = next((c for c in one.candidates[:1] if not one.count and (one.state.is_drift or c.similarity >= LIKE)), None)
    nearest = f"{best.role} «{best.name}»" if best else ""
    ends = bool(was) and one.state is ElementState.PRESENT
    return Change(ChangeKind.STATE, one.key, was, one.state.value, nearest, ends)


def _halfway(*pages: PageCheck) -> bool:
    """Whether a walk ended on one of these: then what it would have opened there was not seen."""
    return any(page.reason for page in pages)


def _controls(before: PageCheck, now: PageCheck) -> Iterator[Change]:
    """Yield the controls that came and went; those of rows go with their rows, which says nothing of the portal."""
    there, were = frozenset(now.controls), frozenset(before.controls)
    if not (there and were):  # an earlier version kept none; and a page that did not come has none
        return
    for one in sorted(there - were) if not _halfway(before) else ():
        if not is_documented(one):
            yield Change(ChangeKind.NEW, str(one), ends=one in before.gone)
    for one in sorted(were - frozenset(before.row_controls) - there) if not _halfway(now) else ():
        if not is_documented(one):
            yield Change(ChangeKind.GONE, str(one), ends=one in before.new)
