"""Two looks at a page, at two times: what is a change, what is none, and how it is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from pec_autorenew.checks import (
    AccountCheck,
    Baseline,
    ChangeKind,
    Control,
    Earlier,
    PageChanges,
    PageCheck,
    PageLook,
    SeenElement,
    Since,
    account_as_json,
    account_from_json,
    compared,
    judged,
    not_reached,
)
from pec_autorenew.errors import Candidate
from pec_autorenew.report.checking import html, junit, print_checks
from pec_autorenew.report.past_checks import figures_of, outcome_of
from tests.unit.test_checks import CHECKS, RUN

KEY = "modulo_ordine.paypal"
LINK = Control("link", "aiuto")
NEWS = Control("button", "novità")


def element(count: int = 1, *, name: str = "PayPal", optional: bool = False, kind: str = "choice") -> SeenElement:
    """Return a documented element, called so."""
    near = (Candidate(KEY, "radio", name, 0.8, f'{KEY} = ["{name}"]'),) if not count else ()
    found = Control("radio", name) if count else None
    return SeenElement(KEY, kind, ("PayPal",), optional, False, count, found=found, candidates=near)  # noqa: FBT003


def page(
    *elements: SeenElement,
    key: str = "modulo_ordine",
    controls: tuple[Control, ...] = (LINK,),
    rows: tuple[Control, ...] = (),
    baseline: Baseline | None = None,
    reason: str = "",
) -> PageCheck:
    """Return a look at a page, judged."""
    return judged(PageLook(key, elements or (element(),), frozenset(controls), frozenset(rows)), baseline, reason)


def texts(before: PageCheck | None, now: PageCheck) -> list[str]:
    """Return what has changed, as people read it."""
    return [one.text for one in compared(before, now)]


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (page(), page(), []),
        (None, page(), []),
        (None, page(element(0, name="Pay")), [f"{KEY}: missing; nearest: radio «Pay»"]),
        (page(), page(element(0, name="Pay")), [f"{KEY}: present → missing; nearest: radio «Pay»"]),
        (page(), page(element(2)), [f"{KEY}: present → ambiguous"]),
        (page(element(0)), page(), [f"{KEY}: missing → present"]),
        (page(), page(element(name="paypal")), [f"{KEY}: radio «PayPal» → radio «paypal»"]),
        (page(element(kind="text")), page(element(name="41 €", kind="text")), []),
        (page(), page(controls=(LINK, NEWS)), ["new: button «novità»"]),
        (page(controls=(LINK, NEWS)), page(), ["gone: button «novità»"]),
        (page(rows=(NEWS,)), page(), []),
        (page(), page(controls=(LINK, Control("link", "rinnova"))), []),
        (page(), not_reached("modulo_ordine", (element(0),), "a captcha"), []),
        (
            page(),
            not_reached("modulo_ordine", (element(0),), "", passed=True),
            ["the way leads over this page no more"],
        ),
        (not_reached("modulo_ordine", (), "", passed=True), page(), ["the way leads over this page now"]),
    ],
)
def test_change_is_what_differs_and_is_nobody_s_data(before: PageCheck | None, now: PageCheck, said: list[str]) -> None:
    """Issue 8: states, names, controls and pages; what rows say, what is documented or was not reached is none."""
    assert texts(before, now) == said


def test_what_a_walk_would_have_opened_where_it_ended_is_not_missing() -> None:
    """A page that was not recognised was not looked at whole: what is optional there may still be there."""
    optional = element(optional=True)
    stopped = page(element(0, optional=True), controls=(NEWS,), reason="the page was not recognised")
    assert texts(page(optional), stopped) == ["new: button «novità»"]
    assert texts(stopped, page(optional)) == ["gone: button «novità»"]
    assert texts(page(optional), replace(stopped, reason="")) != ["new: button «novità»"]


def test_optional_element_matters_unless_it_is_of_rows() -> None:
    """A way to pay that is offered no more is worth a word; that no order is unpaid today is not."""
    (withdrawn,) = compared(page(element(optional=True)), page(element(0, optional=True, name="Pay")))
    assert (withdrawn.text, withdrawn.matters) == (f"{KEY}: present → optional-absent; nearest: radio «Pay»", True)
    seen, unseen = element(optional=True), replace(element(0, optional=True), candidates=())
    for key, matters in (("modulo_ordine", True), ("ordini", False), ("caselle", False)):
        (change,) = compared(page(seen, key=key), page(unseen, key=key))
        assert change.matters is matters


def test_return_to_what_is_documented_or_in_the_baseline_is_an_end() -> None:
    """NOT-1: the end of a change is good news, which is told as such."""
    baseline = Baseline(controls=frozenset({LINK}))
    (gone,) = compared(page(controls=(LINK, NEWS), baseline=baseline), page(baseline=baseline))
    assert (gone.ends, gone.text) == (True, "gone: button «novità» (as in the baseline)")
    both = Baseline(controls=frozenset({LINK, NEWS}))
    (back,) = compared(page(controls=(NEWS,), baseline=both), page(controls=(LINK, NEWS)))
    assert (back.kind, back.ends) == (ChangeKind.NEW, True)
    (found,) = compared(page(element(0)), page())
    assert found.ends
    (lost,) = compared(page(), page(element(0)))
    assert not lost.ends


def test_look_of_a_version_that_kept_no_controls_says_nothing_of_them() -> None:
    """What the ledger does not know is no change."""
    old = replace(page(), controls=())
    assert texts(old, page(controls=(LINK, NEWS))) == []


@pytest.mark.parametrize("check", [*CHECKS, AccountCheck("studio", (page(controls=(LINK, NEWS), rows=(NEWS,)),))])
def test_check_comes_back_from_the_ledger_as_it_went_in(check: AccountCheck) -> None:
    """What is shown of a check of the past is what was seen; snapshots, pictures and observations are not kept."""
    bare = [replace(one, snapshot="", picture=b"", observations=(), differences=()) for one in check.pages]
    assert account_from_json(json.loads(json.dumps(account_as_json(check)))) == replace(check, pages=tuple(bare))


def test_check_of_an_earlier_version_is_read_and_an_unknown_page_left_out() -> None:
    """A ledger is older than the program, or younger."""
    said = json.loads(json.dumps(account_as_json(CHECKS[0])))
    for one in said["pages"]:
        for name in ("controls", "row_controls", "passed"):
            del one[name]
        for known in one["elements"]:
            del known["documented"]
    said["pages"].append({**said["pages"][0], "page": "tomorrow"})
    read = account_from_json(said)
    assert [one.page for one in read.pages] == ["login", "home"]
    assert read.pages[0].elements[0].documented == ("Accedi", "Login", "Entra")


THEN = datetime(2026, 11, 30, 8, tzinfo=UTC)
LOGIN = CHECKS[0].pages[0]
SINCE = Since(
    "2026-11-30T08-00-00Z-beef",
    THEN,
    (PageChanges("studio", "login", compared(None, LOGIN), Earlier("2026-11-30T08-00-00Z-beef", THEN, LOGIN)),),
)
NONE = replace(SINCE, changes=())


def printed(since: Since | None, *, quiet: bool = False) -> str:
    """Return what a terminal shows of it."""
    console = Console(width=100)
    with console.capture() as capture:
        print_checks(console, (), since, quiet=quiet)
    return capture.get()


def test_changes_stand_in_text_junit_and_html() -> None:
    """Issue 8: page, element and change in each form, and since when."""
    change = "login.submit: renamed; nearest: button «<b>Avanti</b>»"
    text = printed(SINCE)
    assert "Since the check of 30/11/2026 09:00 (2026-11-30T08-00-00Z-beef): 2 changes." in text
    assert f"  studio, Accedi\n    {change}\n    login.submit: ambiguous\n" in text
    assert printed(SINCE, quiet=True) == text
    assert "nothing has changed." in printed(NONE)
    assert printed(NONE, quiet=True) == printed(None, quiet=True) == ""

    root = ET.fromstring(junit(CHECKS, SINCE))  # noqa: S314 - written on this line
    told = [(one.get("name"), one.get("value")) for one in root[0].iter("property")]
    assert told == [("since", SINCE.run_id), ("changed", change), ("changed", "login.submit: ambiguous")]
    assert [one.get("name") for one in root[1].iter("property")] == ["since"]
    assert root.get("failures") == "2"

    shown = html(RUN, CHECKS, SINCE)
    assert "login.submit: renamed; nearest: button «&lt;b&gt;Avanti&lt;/b&gt;»" in shown
    assert '<a href="#studio-login">Accedi</a>' in shown
    assert 'id="studio-login"' in shown


def test_history_has_the_figures_of_a_check() -> None:
    """Issue 8: one line says what came of it; a run that was no check has none."""
    report = {"checks": [account_as_json(one) for one in CHECKS], "since": {"changes": [{}, {}]}}
    run = replace(RUN, report=report)
    assert figures_of(run) == {"pages": 1, "elements": 0, "drift": 2, "new": 1, "gone": 1, "changes": 2}
    assert outcome_of(run) == "1 page, 0 elements, 2 not as documented, 1 new, 1 gone, 2 changed since the check before"
    assert (figures_of(RUN), outcome_of(RUN)) == (None, "")
    assert (figures_of(replace(run, report={**report, "since": None})) or {})["changes"] is None
