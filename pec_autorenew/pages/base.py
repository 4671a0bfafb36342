"""What every page of the portal is: a name, the facts by which it is recognised, and the screen it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pec_autorenew.errors import UnexpectedPage

if TYPE_CHECKING:
    from pec_autorenew.pages.elements import Element, Landmark
    from pec_autorenew.pages.finding import Screen
    from pec_autorenew.pages.reading import Entry


class PortalPage:
    """One screen of the portal: it can be recognised, read, and acted on by one plain verb at a time."""

    #: The portal's own name of the page.
    name: ClassVar[str]
    #: The ways in which it may be recognised; one of them is enough.
    landmarks: ClassVar[tuple[Landmark, ...]]
    #: Every documented element of it that the client touches: what `check-portal` looks for.
    elements: ClassVar[tuple[Element, ...]] = ()

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def names(self, key: str) -> list[str]:
        """Return the folded variants of the documented name `key`."""
        return self.screen.names.folded(key)

    def unexpected(self, message: str) -> UnexpectedPage:
        """Return the error for a page that is not as documented."""
        self.screen.standing = self.name
        return self.screen.drift(UnexpectedPage, f"{self.name}: {message}")

    def is_element(self, entry: Entry, key: str) -> bool:
        """Whether `entry` is the documented element `key`: by the operator's locator for it, else by its name."""
        return key in entry.located if self.screen.names.locator(key) else entry.is_named(self.names(key))
