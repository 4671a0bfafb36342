"""What two looks at a page come to: states of elements, what is new and gone, what is masked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pec_autorenew.checks import (
    AccountCheck,
    Baseline,
    BaselineState,
    Control,
    ElementState,
    Observation,
    PageLook,
    SeenElement,
    baseline_from,
    baseline_of,
    baseline_text,
    changes,
    judged,
    normalised,
    normalised_address,
    normalised_snapshot,
    not_reached,
    redacted,
)
from pec_autorenew.errors import Candidate
from pec_autorenew.ledger import Run
from pec_autorenew.report.checking import html, junit, page_lines, summary_line
from pec_autorenew.report.first_run import answers, record_as_json, record_as_text
from pec_autorenew.report.unknowns import UNKNOWNS

SUBMIT = "login.submit"
OLD = Control("button", "accedi")
NEW = Control("button", "procedo")


def candidate(name: str, similarity: float) -> Candidate:
    """Return what is nearest to «Accedi»."""
    return Candidate(SUBMIT, "button", name, similarity, f'portal.names."{SUBMIT}" = ["{name}"]')


def seen(count: int, *candidates: Candidate, optional: bool = False, each_row: bool = False) -> SeenElement:
    """Return how often «Accedi» was seen."""
    return SeenElement(SUBMIT, "press", ("Accedi",), optional, each_row, count, candidates=candidates)


def look(*elements: SeenElement, controls: frozenset[Control] = frozenset(), snapshot: str = "") -> PageLook:
    """Return a look at the sign-in form."""
    return PageLook("login", elements, controls, snapshot=snapshot)


WITH = Baseline(frozenset({SUBMIT}), frozenset({OLD}))


@pytest.mark.parametrize(
    ("one", "baseline", "state"),
    [
        (seen(1), None, ElementState.PRESENT),
        (seen(2), None, ElementState.AMBIGUOUS),
        (seen(2, each_row=True), None, ElementState.PRESENT),
        (seen(0), None, ElementState.MISSING),
        (seen(0, optional=True), None, ElementState.OPTIONAL_ABSENT),
        (seen(0, candidate("Avanti", 0.4)), None, ElementState.MISSING),
        (seen(0, candidate("Avanti", 0.4)), WITH, ElementState.RENAMED),
        (seen(0, candidate("Accedi", 0.9)), WITH, ElementState.RENAMED),
        (seen(0), WITH, ElementState.MISSING),
        (seen(0, candidate("Avanti", 0.4)), Baseline(controls=frozenset({OLD})), ElementState.MISSING),
        (seen(0, candidate("Avanti", 0.4), optional=True), WITH, ElementState.OPTIONAL_ABSENT),
        (seen(0, candidate("Accedi ora", 0.8), optional=True), WITH, ElementState.RENAMED),
    ],
)
def test_element_has_the_state_of_what_was_seen(
    one: SeenElement, baseline: Baseline | None, state: ElementState
) -> None:
    """DRF-5: present, missing, ambiguous, renamed or optional and absent; renamed only against a baseline."""
    (check,) = judged(look(one), baseline).elements
    assert check.state is state


def test_what_stood_there_before_is_not_what_an_element_became() -> None:
    """DRF-4: of two candidates the one that is new comes first, however like it the other is."""
    other, new = candidate("Iscriviti", 0.3), candidate("Procedo", 0.2)
    before = Baseline(frozenset({SUBMIT}), frozenset({OLD, Control("button", "iscriviti")}))
    (check,) = judged(look(seen(0, other, new)), before).elements
    assert (check.state, check.candidates) == (ElementState.RENAMED, (new, other))
    (check,) = judged(look(seen(0, other, new)), None).elements
    assert check.candidates == (other, new)


def test_controls_are_new_or_gone_against_the_baseline_only() -> None:
    """Without a baseline nothing is new; a documented name is never new, whatever the baseline says."""
    other = Control("link", "aiuto")
    now = look(controls=frozenset({NEW, Control("link", "rinnova"), Control("button", "rinnovo automatico: attivo")}))
    assert judged(now, None).new == ()
    check = judged(now, Baseline(controls=frozenset({other, OLD})))
    assert (check.new, check.gone) == ((NEW,), (other,))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Rinnova a.b@pec.it", "Rinnova ‹address›"),
        ("Totale 1.234,56 € il 31/12/2026", "Totale ‹amount› il ‹date›"),
        ("Ordine 41000001, 3 anni", "Ordine #, # anni"),
        ("Scade il 31 dicembre 2026", "Scade il ‹date›"),
        ("Benvenuto, Mirto Ginepro", "Benvenuto, ‹personal›"),
    ],
)
def test_what_changes_by_itself_is_masked(text: str, left: str) -> None:
    """Addresses, amounts, dates, numbers and a person's words make no difference."""
    assert normalised(text, ["Mirto Ginepro"]) == left


def test_snapshot_keeps_its_shape() -> None:
    """The level of a heading is no number of anybody's; references of the browser are left out."""
    assert normalised_snapshot('- heading "3 caselle" [level=2] [ref=e12]') == '- heading "# caselle" [level=2]'


def test_address_of_a_step_shows_no_id() -> None:
    """Host, steps and the names of parameters are told; values and ids are not."""
    assert normalised_address("host", "/ordini/41000001/a@b.it/paga", ["casella"]) == "host/ordini/…/…/paga?casella=…"


def test_redacted_look_holds_no_word_of_the_person() -> None:
    """What is known at the end only is masked everywhere."""
    before = PageLook(
        "login",
        (seen(0, candidate("Ciao Mirto", 0.5)),),
        frozenset({Control("link", "mirto")}),
        snapshot='- link "Mirto"',
        observations=(Observation("list", "of Mirto"),),
    )
    assert "mirto" not in str(redacted(before, {"Mirto"})).lower()


controls = st.builds(Control, st.sampled_from(["button", "link"]), st.text(max_size=20))


@given(
    st.frozensets(st.sampled_from(["login.submit", "home.manage"])),
    st.frozensets(controls),
    st.frozensets(controls),
    st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp", "Zs"]), min_size=1, max_size=20)),
)
def test_baseline_is_read_as_it_was_written(
    elements: frozenset[str], own: frozenset[Control], rows: frozenset[Control], lines: list[str]
) -> None:
    """What is kept as text comes back as it was."""
    baseline = Baseline(elements, own, rows, "\n".join(lines))
    assert baseline_from(baseline_text(baseline)) == baseline


@pytest.mark.parametrize("text", ["", "controls:\n", "strange: []\nsnapshot: |2\n", 'elements:\n  - "\nsnapshot: |2\n'])
def test_broken_baseline_is_refused(text: str) -> None:
    """Half a file is not taken for an empty baseline."""
    with pytest.raises(ValueError, match=r".+"):
        baseline_from(text)


def test_new_baseline_keeps_what_rows_had_and_tells_what_it_changes() -> None:
    """Rows come and go: what one had before is not gone."""
    before = Baseline(frozenset({SUBMIT}), frozenset({OLD}), frozenset({Control("link", "paga")}))
    now = baseline_of(look(seen(1), controls=frozenset({NEW})), before)
    assert changes(before, now) == ["+ button «procedo»", "- button «accedi»"]
    assert changes(now, now) == []


CHECKS = (
    AccountCheck(
        "studio",
        (
            judged(
                look(
                    seen(0, candidate("<b>Avanti</b>", 0.7)),
                    seen(2),
                    seen(0, optional=True),
                    controls=frozenset({NEW}),
                    snapshot="- button",
                ),
                Baseline(frozenset({SUBMIT}), frozenset({Control("link", "aiuto")}), snapshot="- link"),
            ),
            not_reached("home", (seen(0),), "nobody got there & back"),
        ),
        ("notice: «Chiudi»",),
    ),
)
RUN = Run(
    "2026-12-01T08-00-00Z-abcd", "check-portal", "dry-run", "https://portal.example",
    datetime(2026, 12, 1, 8, tzinfo=UTC), None, None, (), {}, None,
)  # fmt: skip


def test_junit_counts_cases_failures_and_skips() -> None:
    """A suite for each page and account, a case for each element."""
    root = ET.fromstring(junit(CHECKS))  # noqa: S314 - written a line before
    assert {key: root.get(key) for key in ("tests", "failures", "skipped")} == {
        "tests": "4", "failures": "2", "skipped": "2",
    }  # fmt: skip
    assert [suite.get("name") for suite in root] == ["studio: Accedi", "studio: Home"]
    assert [failure.get("type") for failure in root.iter("failure")] == ["renamed", "ambiguous"]
    assert root[0].findtext("system-out") == "new: button «procedo»\ngone: link «aiuto»"


def test_page_tells_the_line_that_would_take_the_new_name() -> None:
    """DRF-4: the candidate, and the configuration that would choose it."""
    lines = page_lines(CHECKS[0].pages[0])
    assert "login.submit is renamed; documented: «Accedi»" in lines
    assert '    portal.names."login.submit" = ["<b>Avanti</b>"]' in lines
    assert "new: button «procedo»" in lines
    assert summary_line(CHECKS).endswith("2 are not as documented. Controls since the baseline: 1 new, 1 gone.")


def test_html_shows_what_the_portal_says_as_text() -> None:
    """Nothing of the portal's becomes markup of the report."""
    text = html(RUN, CHECKS)
    assert "&lt;b&gt;Avanti" in text
    assert "<b>Avanti" not in text
    assert "nobody got there &amp; back" in text
    assert "+ - button" in text


def test_record_has_an_answer_to_every_question() -> None:
    """What was seen is told; what was not says what would tell it."""
    told = {one.unknown.key: one for one in answers(CHECKS)}
    assert len(UNKNOWNS) == len(told) == 24
    assert told["windows"].seen == ("closed a window with «Chiudi»",)
    assert all(one.seen or one.told_by for one in told.values())
    assert json.loads(record_as_json(RUN, CHECKS))["schema"] == "pec-autorenew/first-live-run/1"
    assert 'portal.names."login.submit" = ["<b>Avanti</b>"]' in record_as_text(RUN, CHECKS)


def test_states_of_a_baseline() -> None:
    """Absent until somebody takes one, then compared."""
    assert judged(look(), None).baseline is BaselineState.ABSENT
    assert judged(look(), Baseline()).baseline is BaselineState.COMPARED
