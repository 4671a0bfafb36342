"""Baselines as files: written or compared, never both; where they are, and what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.pages.gestione_caselle import GestioneCasellePage
from pec_autorenew.pages.ordini import OrdiniSection
from pec_autorenew.qa.snapshots import AriaBaselines, LooksChanged, names_of

if TYPE_CHECKING:
    from pathlib import Path

PAGE = '- heading "Home" [level=1]\n- button "Gestisci"\n'
RENAMED = PAGE.replace("Gestisci", "Vai")


def test_missing_baseline_fails_and_says_the_option(tmp_path: Path) -> None:
    """Issue 8, 2: nothing is compared with nothing, and nothing is written unasked."""
    with pytest.raises(LooksChanged, match=r"has no baseline .*home\.yaml.*--pec-update-baselines"):
        AriaBaselines(tmp_path / "g3").check("home", PAGE, "Home")
    assert not list(tmp_path.rglob("*"))


def test_update_writes_and_a_later_run_compares(tmp_path: Path) -> None:
    """Issue 8, 2: one option writes; the run after it compares, and names page, element and change."""
    lines: list[str] = []
    AriaBaselines(tmp_path / "g3", updating=True, tell=lines.append).check("home", PAGE)
    assert lines == [f"{tmp_path / 'g3' / 'home.yaml'}: new"]
    AriaBaselines(tmp_path / "g3").check("home", PAGE)
    with pytest.raises(LooksChanged) as changed:
        AriaBaselines(tmp_path / "g3").check("home", RENAMED, "Home")
    assert (
        str(changed.value)
        == f"""\
«Home» (home) on g3 is not as its baseline says:
  button «Gestisci» is renamed to «Vai» (the documented home.manage)
  for the client to take the new name: portal.names."home.manage" = ["Vai"]
by lines, - in the baseline, + now:
  @@ -1,2 +1,2 @@
   - heading "Home" [level=1]
  -- button "Gestisci"
  +- button "Vai"
baseline: {tmp_path / "g3" / "home.yaml"}; if the page is right as it is: pytest --pec-update-baselines"""
    )


def test_comparing_leaves_the_baseline_as_it_was(tmp_path: Path) -> None:
    """A baseline is never written in the run in which it is compared, whatever comes of that."""
    AriaBaselines(tmp_path, updating=True).check("home", PAGE)
    with pytest.raises(LooksChanged):
        AriaBaselines(tmp_path).check("home", RENAMED)
    assert AriaBaselines(tmp_path).path("home").read_text(encoding="utf-8") == PAGE


def test_update_tells_what_it_changes(tmp_path: Path) -> None:
    """Who updates reads in the summary what was accepted by it."""
    lines: list[str] = []
    AriaBaselines(tmp_path, updating=True).check("home", PAGE)
    AriaBaselines(tmp_path, updating=True, tell=lines.append).check("home", RENAMED)
    assert lines[0].endswith("home.yaml: button «Gestisci» is renamed to «Vai» (the documented home.manage)")


def test_two_looks_under_one_name_are_refused(tmp_path: Path) -> None:
    """Two tests that see one page in two states would overwrite each other's baseline."""
    baselines = AriaBaselines(tmp_path, updating=True)
    baselines.check("home", PAGE)
    with pytest.raises(LooksChanged, match=r"another name\n.*(?s:.)*«Gestisci» is renamed"):
        baselines.check("home", RENAMED)
    assert baselines.path("home").read_text(encoding="utf-8") == PAGE


def test_page_without_a_snapshot_is_no_look(tmp_path: Path) -> None:
    """SEC-4: where a password stands no snapshot is taken; that is no empty page, and no baseline."""
    with pytest.raises(LooksChanged, match="a password stands in its field"):
        AriaBaselines(tmp_path, updating=True).check("login", "")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "../home", "/home", "a/b", "Home"])
def test_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """A baseline stands in its folder."""
    with pytest.raises(ValueError, match="no name of a baseline"):
        AriaBaselines(tmp_path).path(name)


def test_page_is_known_by_its_documented_class() -> None:
    """A page that the kit has made careful keeps its name; what is no page needs one."""

    class Guarded(GestioneCasellePage):
        pass

    assert names_of(Guarded.__new__(Guarded)) == ("gestione_caselle", "Gestione caselle PEC")
    assert names_of(OrdiniSection.__new__(OrdiniSection))[0] == "ordini"
    assert names_of(Guarded.__new__(Guarded), "cart.empty")[0] == "cart.empty"
    with pytest.raises(ValueError, match="a name is needed"):
        names_of(object())
