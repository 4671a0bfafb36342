"""A page as it stands drawn, kept as a tree: for a recording, on which the page objects can be run without the portal.

What runs, loads or is hidden in a form is not even read, and what is typed into a password's field neither. Of all
else it is decided elsewhere what may be told (`report.redaction`): a tree holds people's data, and is kept in memory.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError

from pec_autorenew.pages.asking import portal_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Frame

    from pec_autorenew.pages.finding import Screen

_SCRIPT: Final = files("pec_autorenew.pages").joinpath("freezing.js").read_text(encoding="utf-8")


def drawn(screen: Screen, allows: Callable[[str], bool]) -> tuple[list[Any], str]:
    """Return the document as a tree, each inner frame in its place, and its accessibility snapshot, unmasked.

    A frame whose host is not allowed stays empty. Raises PortalError where the page cannot be read.
    """
    try:
        tree = _frozen(screen.page.main_frame, screen, allows)
        lines = [screen.page.aria_snapshot()]
        for number, frame in enumerate(screen.page.frames[1:], 1):
            if allows(_host(frame)):
                inner = frame.locator(":root").aria_snapshot()
                lines += [f"- iframe {number}:", *(f"  {line}" for line in inner.splitlines())]
    except PlaywrightError as error:
        raise portal_error(error, "recording") from error
    return tree, "\n".join(lines)


def _frozen(frame: Frame, screen: Screen, allows: Callable[[str], bool]) -> list[Any]:
    inner = [one for one in frame.child_frames if not one.is_detached()]
    own = screen.names.locators if frame == screen.frame else {}
    located = [[key, frame.locator(selector).element_handles()] for key, selector in own.items()]
    tree: list[Any] = frame.evaluate(_SCRIPT, [[one.frame_element() for one in inner], located])
    return _with_frames(tree, [_frozen(one, screen, allows) if allows(_host(one)) else None for one in inner])


def _with_frames(node: list[Any], trees: list[list[Any] | None]) -> list[Any]:
    """Put each frame's tree where its number stands; None where there is none to tell."""
    tag, attributes, children, shadow, looks, number = node
    below = None if shadow is None else _all(shadow, trees)
    return [tag, attributes, _all(children, trees), below, looks, trees[number] if number >= 0 else None]


def _all(nodes: list[Any], trees: list[list[Any] | None]) -> list[Any]:
    return [one if isinstance(one, str) else _with_frames(one, trees) for one in nodes]


def _host(frame: Frame) -> str:
    """Return the host of a frame's document; of the one around it where it has none of its own."""
    here: Frame | None = frame
    while here is not None:
        host = urlsplit(here.url).hostname
        if host:
            return host
        here = here.parent_frame
    return ""
