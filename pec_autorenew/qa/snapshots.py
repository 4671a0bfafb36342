"""Accessibility snapshots as baselines: what a page says to a screen reader, kept as text and compared by elements.

A baseline holds nobody's data: what a snapshot shows of addresses, names, dates, amounts and numbers is taken out
before it is written or compared. A run writes baselines (`--pec-update-baselines`) or compares with them, never both.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pec_autorenew.checks import changes_between, kept_snapshot, lines_between
from pec_autorenew.qa.looks import UPDATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from pec_autorenew.pages.base import PortalPage

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_MOST_LINES: Final = 80


class LooksChanged(AssertionError):
    """A page is not as its baseline says, or nothing can be said of it."""


@dataclass(slots=True)
class AriaBaselines:
    """The baselines of one portal, or of one layout of the mock: a folder with a file for each page.

    Called with a page, it compares the page with its baseline; while `updating`, it writes that instead.
    """

    folder: Path
    updating: bool = False
    #: Words that belong to somebody, such as the name under which an account is greeted.
    personal: frozenset[str] = frozenset()
    #: Hears a line for each baseline that is written.
    tell: Callable[[str], object] = lambda _: None
    #: What this run has written.
    written: dict[Path, str] = field(default_factory=dict)

    def __call__(self, shown: PortalPage | Page | Locator, name: str = "", *, personal: Iterable[str] = ()) -> None:
        """Compare what is shown with the baseline `name`: for one of the portal's pages its own name, if none is given.

        Raises LooksChanged, which names page, element and change.
        """
        __tracebackhide__ = True
        name, title = names_of(shown, name)
        words = self.personal | frozenset(personal)
        path = self.path(name)
        if self.updating or not path.is_file():
            self.check(name, _seen(shown, name, words), title)
            return
        before = path.read_text(encoding="utf-8")
        self.check(name, _seen(shown, name, words, before), title)

    def path(self, name: str) -> Path:
        """Return where the baseline `name` is kept. Raises ValueError where that could be anywhere else."""
        if not _NAME.fullmatch(name):
            raise ValueError(f"«{name}» is no name of a baseline: small letters, figures, «_», «-» and «.»")
        return self.folder / f"{name}.yaml"

    def check(self, name: str, seen: str, title: str = "") -> None:
        """Compare a kept snapshot with the baseline `name`, or write it while `updating`. Raises LooksChanged."""
        __tracebackhide__ = True
        path = self.path(name)
        where = f"«{title or name}» ({name}) on {self.folder.name}"
        if not seen.strip():
            raise LooksChanged(
                f"{where}: no snapshot is taken where a password stands in its field, or a code or card is asked for"
            )
        if self.updating:
            self._write(path, seen, where)
            return
        if not path.is_file():
            raise LooksChanged(f"{where} has no baseline {path}; look at the page, then write it: pytest {UPDATE}")
        before = path.read_text(encoding="utf-8")
        if seen != before:
            raise LooksChanged(difference(before, seen, name, where, path))

    def _write(self, path: Path, seen: str, where: str) -> None:
        if self.written.setdefault(path, seen) != seen:
            told = difference(self.written[path], seen, path.stem, where, path)
            raise LooksChanged(f"two tests see two things under one name; give one of them another name\n{told}")
        before = path.read_text(encoding="utf-8") if path.is_file() else None
        if before == seen:
            self.tell(f"{path}: as it was")
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(seen, encoding="utf-8")
        fresh.replace(path)
        changes = [] if before is None else [str(one) for one in changes_between(before, seen, path.stem)]
        self.tell(f"{path}: {'new' if before is None else '; '.join(changes) or 'written anew'}")


def names_of(shown: object, name: str = "") -> tuple[str, str]:
    """Return the name by which a page is known to people's files, and the portal's own.

    Raises ValueError for something without a name.
    """
    from pec_autorenew.pages.base import PortalPage

    if isinstance(shown, PortalPage):
        documented = next(one for one in type(shown).__mro__ if one.__module__.startswith("pec_autorenew.pages."))
        own = re.sub(r"(?:Page|Section)$", "", documented.__name__)
        return name or re.sub(r"(?<=[a-z])(?=[A-Z])", "_", own).lower(), shown.name
    if not name:
        raise ValueError("a name is needed for what is not one of the portal's pages")
    return name, name


def difference(before: str, now: str, name: str, where: str, path: Path) -> str:
    """Return how two kept snapshots of a page differ: by elements, then by lines."""
    changes = changes_between(before, now, name)
    told = Counter(str(one) for one in changes)
    remedies = dict.fromkeys(one.remedy for one in changes if one.remedy)
    lines = lines_between(before, now)
    left = len(lines) - _MOST_LINES
    return "\n".join(
        [
            f"{where} is not as its baseline says:",
            *(f"  {one}{f' ({times} times)' if times > 1 else ''}" for one, times in told.items()),
            *(f"  for the client to take the new name: {one}" for one in remedies),
            "by lines, - in the baseline, + now:",
            *(f"  {one}" for one in lines[:_MOST_LINES]),
            *([f"  … and {left} more lines"] if left > 0 else []),
            f"baseline: {path}; if the page is right as it is: pytest {UPDATE}",
        ]
    )


def _seen(shown: PortalPage | Page | Locator, name: str, words: frozenset[str], wanted: str = "") -> str:
    """Return the kept snapshot of what is shown; a page of the portal has a moment's time to become as `wanted`."""
    from playwright.sync_api import Locator

    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.evidence import snapshot_of
    from pec_autorenew.pages.masking import masked_snapshot
    from pec_autorenew.pages.observing import personal_words

    if isinstance(shown, Locator):
        return kept_snapshot(masked_snapshot(shown.aria_snapshot()), words)
    if not isinstance(shown, PortalPage):
        return kept_snapshot(snapshot_of(shown), words)
    screen = shown.screen
    screen.wait_until_loaded()
    seen = ""

    def is_as_wanted() -> bool:
        nonlocal seen
        own = frozenset() if name.startswith("login") else personal_words(screen, name)
        seen = kept_snapshot(screen.snapshot(), words | own)
        return not wanted or seen == wanted

    screen.until(is_as_wanted)
    return seen
