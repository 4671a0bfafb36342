"""Is a page as it was, and for everybody? Baselines are in `baselines`; how to write them: docs/qa-baselines.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pec_autorenew.pages.caselle import CasellePage
    from pec_autorenew.pages.login import LoginPage
    from pec_autorenew.pages.modulo_ordine import ModuloOrdinePage
    from pec_autorenew.qa.accessibility import Accessibility
    from pec_autorenew.qa.snapshots import AriaBaselines


def test_door_is_as_it_was(login: LoginPage, aria_baseline: AriaBaselines) -> None:
    """What a screen reader says of «Accedi» is what was kept."""
    aria_baseline(login)


def test_list_is_as_it_was(caselle: CasellePage, aria_baseline: AriaBaselines) -> None:
    """Rows come and go, and what they are about: the list and what it offers stay."""
    aria_baseline(caselle)


def test_form_is_as_it_was_and_for_everybody(
    modulo_ordine: ModuloOrdinePage, aria_baseline: AriaBaselines, accessibility: Accessibility
) -> None:
    """Names, labels, colours and the way of the Tab key, up to the button that orders, which stays unpressed."""
    aria_baseline(modulo_ordine)
    accessibility(modulo_ordine)
