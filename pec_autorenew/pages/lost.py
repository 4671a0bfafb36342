"""None of the expected pages stands there: which of them it looks like, and what that one lacks (DRF-4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pec_autorenew.errors import UnexpectedPage
from pec_autorenew.pages.elements import Element, Mark, Sighting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Frame

    from pec_autorenew.pages.base import PortalPage
    from pec_autorenew.pages.elements import Landmark, Standing
    from pec_autorenew.pages.finding import Screen

_IN_WORDS = {
    "mailbox": "an address with a date and a word or control of a mailbox beside it",
    "address": "an e-mail address",
    "alert": "words that the page announces",
    "empty-password": "an empty password field",
}


@dataclass(slots=True)
class _Guess:
    """One way in which one of the pages may be recognised, and how far what stands there is from it."""

    frame: Frame
    page: PortalPage
    way: Landmark
    standing: Standing
    #: What speaks for it; without anything it is no guess at all.
    evidence: float

    @property
    def score(self) -> float:
        heading = self.way.heading is not None and not self.standing.heading
        lacking = heading + sum(not there for there in self.standing.all)
        return self.evidence - lacking - 2 * sum(self.standing.none)


def lost(screen: Screen, expected: Sequence[PortalPage]) -> UnexpectedPage:
    """Return the error that says which of the `expected` pages it looks like, and what that one lacks, with candidates.

    Where nothing speaks for any of them, it only says what was expected.
    """
    names = " / ".join(f"«{page.name}»" for page in expected)
    message = f"expected {names}, and the portal shows none of them"
    here = screen.frame
    guesses = [guess for screen.frame in screen.frames() for guess in _guesses(screen, expected)]
    guess = max(guesses, key=lambda one: one.score, default=None)
    if guess is None:
        screen.frame, screen.standing = here, expected[0].name
        return screen.drift(UnexpectedPage, message)
    screen.frame, screen.standing = guess.frame, guess.page.name
    words = [_IN_WORDS[mark.kind] for mark in _missed(guess) if isinstance(mark, Mark)]
    about = f"; it looks like «{guess.page.name}»"
    if words:
        about += f", and lacks {', '.join(words)}"
    return screen.drift(UnexpectedPage, message + about, *_sightings(screen, guess))


def _guesses(screen: Screen, expected: Sequence[PortalPage]) -> list[_Guess]:
    standings = screen.standings({page.name: page.landmarks for page in expected})
    guesses = []
    for page in expected:
        named = [one for one in page.elements if not one.each_row and one.key]
        places = [Element("text", one.near) for one in page.elements if one.near]
        seen = screen.sees_any(named)
        share = sum(seen) / len(seen) if seen else 0.0
        headed = any(there and one.kind == "heading" for one, there in zip(named, seen, strict=True))
        beside = any(screen.sees_any(places))
        for way, standing in zip(page.landmarks, standings[page.name], strict=True):
            headed_so = way.heading is not None and standing.heading
            evidence = 2.0 * (headed or headed_so) + sum(standing.all) + share + beside
            if evidence:
                guesses.append(_Guess(screen.frame, page, way, standing, evidence))
    return guesses


def _missed(guess: _Guess) -> list[Element | Mark]:
    return [one for one, there in zip(guess.way.all, guess.standing.all, strict=True) if not there]


def _sightings(screen: Screen, guess: _Guess) -> list[Sighting]:
    lacking = [one for one in _missed(guess) if isinstance(one, Element)]
    if guess.way.heading is not None and not guess.standing.heading:
        lacking.append(Element("heading", guess.way.heading))
    return [screen.inspect_one(one) for one in lacking]
