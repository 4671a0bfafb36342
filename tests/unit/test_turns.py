"""Politeness: a turn for each page, and what the portal says when it asks for fewer requests."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from pec_autorenew import turns
from pec_autorenew.turns import Turns, retry_after


@dataclass
class Book:
    """A pace that writes down what it is asked."""

    taken: list[int] = field(default_factory=list)
    told: list[tuple[int, float | None]] = field(default_factory=list)

    def turn(self, pages: int) -> None:
        """Write down a turn."""
        self.taken.append(pages)

    def back_off(self, status: int, seconds: float | None) -> None:
        """Write down a refusal."""
        self.told.append((status, seconds))


def test_each_page_takes_a_turn() -> None:
    """Two pages, two turns."""
    mine = Turns(book := Book())
    for _ in range(2):
        assert mine.take()
        mine.page_asked_for()
    assert book.taken == [1, 1]


def test_turn_that_was_not_used_is_kept_for_the_next_press() -> None:
    """A press that leads nowhere costs nobody a page."""
    mine = Turns(book := Book())
    mine.take()
    assert not mine.take()
    assert book.taken == [1]


def test_turn_that_was_kept_for_long_is_void(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept turns of many workers must not add up to a crowd."""
    mine = Turns(book := Book())
    mine.take()
    monkeypatch.setattr(turns, "_LASTS_S", 0)
    assert mine.take()
    assert book.taken == [1, 1]


def test_pages_that_came_without_a_turn_are_made_up_for() -> None:
    """A check box that loaded the form again, and a window that opened, are waited for before the next page."""
    mine = Turns(book := Book())
    mine.take()
    for _ in range(3):
        mine.page_asked_for()
    mine.take()
    assert book.taken == [1, 3]


def test_scripts_that_ask_use_the_turn_in_hand_and_no_more() -> None:
    """In an application that loads no documents each press is a page; what its scripts ask besides is none."""
    mine = Turns(book := Book())
    mine.take()
    for _ in range(4):
        mine.scripts_asked()
    mine.take()
    assert book.taken == [1, 1]


def test_scripts_that_ask_do_not_make_up_for_pages() -> None:
    """What came without a turn stays owed."""
    mine = Turns(book := Book())
    mine.page_asked_for()
    mine.scripts_asked()
    mine.take()
    assert book.taken == [2]


def test_no_pace_no_turns() -> None:
    """On loopback nothing is waited for, and nobody is told."""
    mine = Turns()
    mine.refused(429, {})
    mine.tell()
    assert not mine.take()


def test_refusal_is_told_once_and_before_the_next_page() -> None:
    """429 reaches all workers before this one asks again, whoever heard it."""
    mine = Turns(book := Book())
    mine.refused(429, {"retry-after": "7"})
    mine.take()
    mine.tell()
    assert (book.told, book.taken) == ([(429, 7.0)], [1])


def test_refusal_that_had_another_reason_is_not_told() -> None:
    """Maintenance is no matter of the pace."""
    mine = Turns(book := Book())
    mine.refused(503, {})
    mine.forgive()
    mine.take()
    assert book.told == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "9" * 400}, 999_999_999.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": "Thu, 26 Nov 2026 08:02:00 GMT"}, None),
        ({"retry-after": "Thu, 26 Nov 2026 08:02:00 GMT", "date": "Thu, 26 Nov 2026 08:00:30 GMT"}, 90.0),
        ({"retry-after": "Thu, 26 Nov 2026 08:00:00 GMT", "date": "Thu, 26 Nov 2026 08:00:30 GMT"}, 0.0),
        ({"retry-after": "Thu, 26 Nov 2026 08:02:00", "date": "Thu, 26 Nov 2026 08:00:30 GMT"}, None),
    ],
)
def test_retry_after_is_read_by_the_portals_own_clock(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, or a date that counts from the answer's own; anything else says nothing."""
    assert retry_after(headers) == seconds
