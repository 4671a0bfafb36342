"""Every page of every layout of the mock: as its baseline says, and for everybody."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.qa.accessibility import Accessibility
from pec_autorenew.qa.barriers import accepted_in
from pec_autorenew.qa.snapshots import AriaBaselines, LooksChanged, names_of
from tests.markers import HOLDERS
from tests.qa.looks.conftest import walk

if TYPE_CHECKING:
    from tests.qa.looks.conftest import Visit

#: Kept where those who learn from the examples look for them; written by `--pec-update-baselines`.
EXAMPLES: Final = Path(__file__).parents[3] / "examples" / "qa" / "baselines"


@pytest.mark.every_layout
def test_every_page_is_as_its_baseline_says_and_for_everybody(visit: Visit, request: pytest.FixtureRequest) -> None:
    """Issue 8, 2: each page has its baseline, names and labels, and a way for Tab; what is not so is accepted."""
    layout = visit.portal.truth.layout
    folder = EXAMPLES / f"mock-demo-{layout}"
    baseline = AriaBaselines(folder, bool(request.config.getoption("--pec-update-baselines")))
    accessible = Accessibility(accepted_in(folder / "accepted.txt"))
    seen = []
    for page in walk(visit):
        baseline(page)
        accessible(page)
        seen.append(names_of(page)[0])
    assert visit.portal.truth.confirm_posts == 0  # Tab came past the button that orders, and pressed nothing
    assert {path.stem for path in folder.glob("*.yaml")} == set(seen)
    assert {"home", "caselle", "gestione_caselle", "dati_intestatario", "modulo_ordine"} < set(seen)


def test_no_baseline_names_anybody() -> None:
    """SEC-4: what is kept beside the tests, and goes into somebody's repository, holds no customer's data."""
    kept = [path.read_text(encoding="utf-8") for path in EXAMPLES.rglob("*.yaml")]
    assert len(kept) > 15
    assert [name for name in HOLDERS for text in kept if name in text] == []
    assert [text for text in kept if "@" in text] == []


def test_page_with_a_typed_password_has_no_baseline(visit: Visit, tmp_path: Path) -> None:
    """SEC-4: no snapshot of what is being typed."""
    pages = visit.at_the_door()
    if pages.here is pages.login_username:
        pages.login_username.enter_username("nobody@pec.it")
        pages.login_username.proceed()
        pages.arrive(pages.login_password)
    form = pages.login_password if pages.here is pages.login_password else pages.login
    form.enter_password("S3gret0-typed")
    with pytest.raises(LooksChanged, match="a password stands in its field"):
        AriaBaselines(tmp_path, updating=True)(form)
