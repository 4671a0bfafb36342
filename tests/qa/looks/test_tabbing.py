"""Where the Tab key led, judged without a browser; what is accepted, and what is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.checks import Control
from pec_autorenew.qa.accessibility import Accessibility, NotAccessible
from pec_autorenew.qa.barriers import Accepted, Barrier, accepted_in
from pec_autorenew.qa.tabbing import Stop, Walk, barriers_of

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("username", "password", "ricordami", "Accedi")
STOPS = tuple(Stop(Control("textbox", name), index) for index, name in enumerate(NAMES))


def walked(*led: int, stops: tuple[Stop, ...] = STOPS, seen: bool = True) -> Walk:
    """Return the walk that led to these stops in turn, and then out of the page."""
    walk = Walk(stops)
    for index in led:
        if not walk.goes_on({"index": index, "seen": seen, "frame": False}):
            return walk
    assert not walk.goes_on(None)
    return walk


def said(walk: Walk, *needed: tuple[str, Stop]) -> list[str]:
    """Return what is in the way."""
    return [str(one) for one in barriers_of(walk, needed)]


def test_reading_order_is_no_barrier() -> None:
    """All is reached, in turn."""
    assert said(walked(0, 1, 2, 3), ("login.submit", STOPS[3])) == []


def test_one_stop_out_of_order_is_the_one_that_is_told() -> None:
    """Of four stops one comes too early; the others are as they should be."""
    assert said(walked(3, 0, 1, 2)) == [
        "tab-order: textbox «Accedi»: Tab leads to it first, and on the page it stands after textbox «ricordami»"
    ]
    assert said(walked(1, 2, 0, 3)) == [
        "tab-order: textbox «username»: Tab leads to it after textbox «ricordami», and on the page it stands first"
    ]


def test_what_is_not_reached_is_told_with_why_it_is_needed() -> None:
    """The flow cannot be walked by who has no mouse."""
    button = Stop(Control("button", "Prosegui"), -1)
    assert said(walked(0, 1, 2), ("login.submit", STOPS[3]), ("kit_firma.proceed", button)) == [
        "tab-reach: textbox «Accedi»: the flow needs it (login.submit), and Tab does not lead to it",
        "tab-focus: button «Prosegui»: the flow needs it (kit_firma.proceed), and it cannot have the focus",
    ]


def test_group_is_one_stop() -> None:
    """Of radio buttons Tab reaches one, and the arrows the others."""
    stops = tuple(Stop(Control("radio", name), index, 0) for index, name in enumerate(("bonifico", "carta")))
    assert said(walked(1, stops=stops), ("modulo_ordine.bonifico", stops[0])) == []


def test_trap_is_told_where_something_lies_behind_it() -> None:
    """A field that keeps the focus ends the walk; on a page with one field Tab comes back to it."""
    assert said(walked(0, 1, 1))[-1] == "tab-trap: textbox «password»: Tab does not get past it"
    assert said(walked(0, 0, stops=STOPS[:1])) == []


def test_focus_that_nobody_sees_is_told() -> None:
    """What has the focus has to be on the screen."""
    assert said(walked(0, stops=STOPS[:1], seen=False)) == [
        "tab-visible: textbox «username»: it has the focus, and cannot be seen"
    ]


LABEL = Barrier("label", Control("textbox", ""), "form elements must have labels", "critical", "#fax")


@pytest.mark.parametrize(
    ("line", "covered"),
    [
        ("login label", True),
        ("* label", True),
        ("login label textbox without a name", True),
        ("login label textbox «Fax»", False),
        ("home label", False),
        ("login color-contrast", False),
    ],
)
def test_accepted_is_what_a_line_names(line: str, *, covered: bool) -> None:
    """A page, a rule, an element: nothing besides is accepted with it."""
    assert Accepted.of(line).covers("login", LABEL) is covered


def test_file_of_accepted_is_read_by_lines(tmp_path: Path) -> None:
    """Comments are for people; a line that would accept every rule is refused with its place."""
    file = tmp_path / "accepted.txt"
    assert accepted_in(file) == ()
    file.write_text("# since 2019\n\nlogin label\n", encoding="utf-8")
    assert accepted_in(file) == (Accepted("login", "label"),)
    file.write_text("login label\nlogin *\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"accepted\.txt, line 2: «login \*» accepts no rule"):
        accepted_in(file)


def test_failure_says_what_to_write_to_accept_it(tmp_path: Path) -> None:
    """Rule, element and page, and the line that would accept just that."""
    from pec_autorenew.pages.login import LoginPage

    page = LoginPage.__new__(LoginPage)
    lines: list[str] = []
    check = Accessibility(file=tmp_path / "accepted.txt", tell=lines.append)
    with pytest.raises(NotAccessible) as found:
        check.require(page, (LABEL,))
    assert (
        str(found.value)
        == f"""\
«Accedi» (login) is not accessible to everybody:
  label (critical): textbox without a name: form elements must have labels [#fax]
known and to stay? A line in {tmp_path / "accepted.txt"}, or in `accept` without the page:
  login label textbox without a name"""
    )
    check.require(page, (LABEL,), accept=["label"])
    assert lines == ["login: accepted label (1)"]
