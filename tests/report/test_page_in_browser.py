"""The page of a run as a browser shows it: on any screen, in either scheme, on paper, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.errors import ElementMissing
from pec_autorenew.qa.accessibility import barriers_by_axe, barriers_by_tab
from pec_autorenew.report.checking import html
from tests.engine.office import account
from tests.report.pages import PNG, html_with, page_of
from tests.unit.test_checks import CHECKS, RUN

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.engine.office import Office

#: WCAG 2.2, level AA: text against what is behind it.
_READABLE: Final = 4.5
#: Text, and what is behind it: the nearest ancestor that is painted.
_CONTRASTS: Final = """
() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => rgb(text).slice(0, 3)
    .map((one) => one / 255).map((one) => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgb(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = {};
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!own || node.closest('svg, .unseen')) continue;
    const pair = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
    const name = node.tagName.toLowerCase() + (node.className ? '.' + node.className : '');
    found[name] = Math.min(found[name] ?? 99, (pair[0] + 0.05) / (pair[1] + 0.05));
  }
  return found;
}
"""


@pytest.fixture
def page_file(office: Office, tmp_path: Path) -> Path:
    """Write the page of a run that has a bit of everything, with names that are hard to break."""
    office.truth.flags = True
    office.configure(account("studio"), account("x" * 60))
    office.truth.add(f"{'amministrazione.' * 4}@{'sorbo-ingrosso.' * 3}example", 10)
    office.truth.add("b@pec.it", 4)
    office.truth.add("c@pec.it", 12, "x" * 60)
    office.truth.add("far@pec.it", 300, "x" * 60)
    office.truth.thanks = f"IBAN {'0' * 90}"
    office.truth.script["prepare"] += [lambda: None, ElementMissing(f"«{'Prosegui' * 20}» is missing")]
    office.configure(renewal={"approval": "above:20.00"}, limits={"max_per_mailbox": "40.00"})
    office.run()
    office.configure(renewal={"approval": "none"})
    run_id = office.run().run_id
    place = page_of(office, run_id).folder / "drift-01"
    place.mkdir(parents=True)
    (place / "page.png").write_bytes(PNG)
    file = tmp_path / "report.html"
    file.write_text(html_with(office, run_id, evidence=[str(place / "page.png")]), encoding="utf-8")
    return file


def test_page_fits_every_screen_and_asks_for_nothing(browser: Browser, page_file: Path) -> None:
    """Issue 6, item 6: from a telephone up nothing is wider than the screen; nothing but the file itself is loaded."""
    with browser.new_context() as context:
        asked: list[str] = []
        complaints: list[str] = []
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(page_file.as_uri())
        assert page.evaluate("document.images.length > 0 && [...document.images].every((one) => one.naturalWidth)")
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for width in (320, 360, 390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [url for url in asked if not url.startswith("data:")] == [page_file.as_uri()]
        assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_readable_in_either_scheme(browser: Browser, page_file: Path, scheme: str) -> None:
    """Issue 6, item 6: dark where the system is dark; every text stands out from what is behind it."""
    with browser.new_context(color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(page_file.as_uri())
        shades = [int(one) for one in page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)")]
        assert (sum(shades) < 3 * 40) if scheme == "dark" else (sum(shades) > 3 * 230)
        found = page.evaluate(_CONTRASTS)
        assert len(found) > 20
        assert {name: round(ratio, 2) for name, ratio in found.items() if ratio < _READABLE} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_of_a_run_is_for_everybody(browser: Browser, page_file: Path, scheme: str) -> None:
    """Issue 8, 2: names, labels, colours, and all that unfolds within reach of the Tab key, by the rules of WCAG AA."""
    assert barriers_on(browser, page_file, scheme) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_of_a_portal_check_is_for_everybody(browser: Browser, tmp_path: Path, scheme: str) -> None:
    """Issue 8, 2: likewise the page that `check-portal --html` writes."""
    file = tmp_path / "check.html"
    file.write_text(html(RUN, CHECKS), encoding="utf-8")
    assert barriers_on(browser, file, scheme) == []


def barriers_on(browser: Browser, file: Path, scheme: str) -> list[str]:
    """Return what is in the way of who cannot see the page or uses no mouse, folded and unfolded."""
    with browser.new_context(color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(file.as_uri())
        found = [*barriers_by_axe(page), *barriers_by_tab(page)]
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        return [str(one) for one in dict.fromkeys([*found, *barriers_by_axe(page)])]


def test_page_on_paper_is_light_and_whole(browser: Browser, page_file: Path) -> None:
    """Issue 6, item 6: a print of a dark screen has a white ground, and shows what is folded."""
    with browser.new_context(color_scheme="dark") as context:
        page = context.new_page()
        page.goto(page_file.as_uri())
        folded = "[...document.querySelectorAll('details table')].filter((one) => !one.checkVisibility({})).length"
        assert page.evaluate(folded) > 0
        page.emulate_media(media="print")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate(folded) == 0
