"""How a page differs from its baseline, told by elements; what a baseline leaves out."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pec_autorenew.checks import PartChangeKind, changes_between, kept_snapshot, lines_between, parts_of

FORM = """\
- main:
  - heading "Modulo Ordine" [level=1]
  - term: "Totale"
  - definition: "‹amount›"
  - group "Modalità di pagamento":
    - radio "Carta di credito"
    - radio "PayPal"
  - text: "codice sconto"
  - textbox "codice sconto"
  - text: "note"
  - textbox "note"
  - checkbox "Dichiaro di accettare le Condizioni generali di contratto. *"
  - button "Conferma e completa l'ordine"
"""


def told(was: str, now: str, page: str = "modulo_ordine") -> list[str]:
    """Return what is told where the form has `now` in the place of `was`."""
    assert was in FORM
    return [str(one) for one in changes_between(FORM, FORM.replace(was, now), page)]


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        (
            '"Conferma e completa l\'ordine"',
            '"Invia"',
            "button «Conferma e completa l'ordine» is renamed to «Invia» (the documented modulo_ordine.confirm)",
        ),
        (
            '  - checkbox "Dichiaro di accettare le Condizioni generali di contratto. *"\n',
            "",
            (
                "checkbox «Dichiaro di accettare le Condizioni generali di contratto. *» is gone; "
                "it stood after textbox «note» (the documented modulo_ordine.terms)"
            ),
        ),
        (
            '  - text: "note"\n',
            '  - text: "Fax"\n  - textbox "Fax"\n  - text: "note"\n',
            "textbox «Fax» is new, after textbox «codice sconto»",
        ),
        (
            'radio "PayPal"',
            'radio "PayPal" [checked]',
            "radio «PayPal» is checked now (the documented modulo_ordine.paypal)",
        ),
        ('textbox "note"', "textbox", "textbox «note» has no name any more"),
        (
            'button "Conferma',
            'link "Conferma',
            "button «Conferma e completa l'ordine» is a link now (the documented modulo_ordine.confirm)",
        ),
        (
            'definition: "‹amount›"',
            'definition: "EUR #"',
            "definition «‹amount›» after term «Totale» reads «EUR #» now",
        ),
        ("- main:\n", "- main:\n  - region:\n", "region without a name is new, at the beginning"),
    ],
    ids=["renamed", "gone", "new", "state", "unlabelled", "role", "total format", "structure"],
)
def test_change_is_told_by_element(was: str, now: str, sentence: str) -> None:
    """Issue 8, 2: a difference names the element by role and name, and what became of it, and nothing else."""
    assert told(was, now) == [sentence]


def test_moved_field_is_told_once_with_both_places() -> None:
    """What stands elsewhere is neither gone nor new, and its label is not told besides."""
    lines = '  - text: "note"\n  - textbox "note"\n'
    elsewhere = FORM.replace(lines, "").replace("  - term", f"{lines}  - term")
    assert [str(one) for one in changes_between(FORM, elsewhere)] == [
        "textbox «note» moved: it stood after textbox «codice sconto», and stands after heading «Modulo Ordine» now"
    ]


def test_renamed_documented_element_has_the_line_that_takes_the_new_name() -> None:
    """DRF-3: the line for the configuration; none for what is in no guide."""
    now = FORM.replace("Conferma e completa", "Invia").replace('textbox "note"', 'textbox "annotazioni"')
    remedies = {one.part.role: one.remedy for one in changes_between(FORM, now, "modulo_ordine")}
    assert remedies["button"] == 'portal.names."modulo_ordine.confirm" = ["Invia l\'ordine"]'
    assert remedies["textbox"] == ""


def test_lines_that_differ_are_shown_with_their_neighbours() -> None:
    """By lines as well, as `diff -u` does."""
    assert lines_between(FORM, FORM.replace('radio "PayPal"', 'radio "Satispay"')) == (
        "@@ -6,3 +6,3 @@",
        '     - radio "Carta di credito"',
        '-    - radio "PayPal"',
        '+    - radio "Satispay"',
        '   - text: "codice sconto"',
    )


ROWS = """\
- table:
  - rowgroup:
    - row "a.b@pec.it 31/12/2026 Attiva Rinnova":
      - cell "a…@pec.it"
      - cell "31/12/2026"
      - cell "Attiva Rinnova":
        - text: "Attiva"
        - link "Rinnova":
    - row "c.d@pec.it 01/02/2027 Attiva Rinnova":
      - cell "c…@….example"
      - cell "01/02/2027"
      - cell "Attiva Rinnova":
        - text: "Attiva"
        - link "Rinnova":
    - row "e.f@pec.it 01/02/2027 Scaduta":
      - cell "e…@pec.it"
      - cell "1 febbraio 2027"
      - cell "Scaduta"
- list:
  - listitem:
    - link "Ordini"
  - listitem:
    - link "Ordini"
"""


def test_kept_snapshot_holds_no_value_and_each_kind_of_row_once() -> None:
    """Dates, amounts, addresses and what rows repeat of them make no difference; an entry that is there twice does."""
    assert (
        kept_snapshot(ROWS)
        == """\
- table:
  - rowgroup:
    - row:
      - cell "‹address›"
      - cell "‹date›"
      - cell:
        - text: "Attiva"
        - link "Rinnova"
    - row:
      - cell "‹address›"
      - cell "‹date›"
      - cell "Scaduta"
- list:
  - listitem:
    - link "Ordini"
  - listitem:
    - link "Ordini"
"""
    )


def test_kept_snapshot_holds_no_personal_word() -> None:
    """SEC-4: a name that somebody says is personal stands in no baseline."""
    assert "Mirto" not in kept_snapshot('- button "Profilo di Mirto Ginepro"', ["Mirto Ginepro"])


@pytest.mark.parametrize(
    "line", ["- 'link \"a: b\" [disabled]': \"it''s: #\"", '- radio "x \\"y\\"" [checked]', "- text: …"]
)
def test_line_is_read_as_the_browser_writes_it(line: str) -> None:
    """Quoted or not: role, name, states and text."""
    (part,) = parts_of(line)
    (again,) = parts_of(part.line)
    assert again == part
    assert part.says.strip('"')


names = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=12)
pages = st.lists(
    st.tuples(st.sampled_from(["button", "link", "textbox", "list"]), names, st.integers(0, 2)), max_size=12
).map(lambda rows: "".join(f"{'  ' * depth}- {role} {json.dumps(name)}\n" for role, name, depth in rows))


@settings(max_examples=50)
@given(pages, pages)
def test_every_difference_is_told_and_nothing_else(before: str, now: str) -> None:
    """Whatever two pages are: no change is told of the same page, and one at least of two that differ in a line."""
    was, becomes = kept_snapshot(before), kept_snapshot(now)
    assert kept_snapshot(was) == was
    assert changes_between(was, was) == ()
    differ = [one.key for one in parts_of(was)] != [one.key for one in parts_of(becomes)]
    assert bool(changes_between(was, becomes)) == differ
    assert {one.kind for one in changes_between(was, "")} <= {PartChangeKind.GONE}
