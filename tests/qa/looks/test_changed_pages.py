"""What becomes of a page is told in words: a renamed button, a moved field, a field without a label, a wrong order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from pec_autorenew.qa.accessibility import Accessibility, NotAccessible, barriers_by_axe, barriers_by_tab
from pec_autorenew.qa.snapshots import AriaBaselines, LooksChanged

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from pec_autorenew.pages.base import PortalPage
    from tests.pages.conftest import Show
    from tests.qa.looks.conftest import Visit

_RENAME: Final = "(el) => { if (el.localName === 'input') el.value = 'Vai'; else el.textContent = 'Vai'; }"
_UNLABEL: Final = """(el) => {
  [...(el.labels || [])].forEach((one) => { one.replaceWith(...[...one.children]); });
  for (const name of ['aria-label', 'aria-labelledby', 'title', 'placeholder']) el.removeAttribute(name);
}"""
#: Puts the field's row behind everything else in the form, whatever a row is.
_MOVE_DOWN: Final = """(field) => {
  const above = (el) => el.parentElement || el.getRootNode().host;
  const buttons = (el) => el.querySelector('button, [type=submit]');
  let row = field;
  while (!buttons(above(row))) row = above(row);
  above(row).append(row);
}"""


def stands(visit: Visit) -> PortalPage:
    """Return the sign-in form, or the first of its two pages."""
    here = visit.at_the_door().here
    assert here is not None
    return here


def element(page: PortalPage, key: str) -> Locator:
    """Return one of its documented elements."""
    return page.screen.locate(next(one for one in page.elements if one.key in key.split("|")))


def told(page: PortalPage, folder: Path, change: tuple[Locator, str]) -> str:
    """Take a baseline, change the page, and return what is told then."""
    AriaBaselines(folder, updating=True)(page)
    AriaBaselines(folder)(page)
    place, script = change
    place.evaluate(script)
    with pytest.raises(LooksChanged) as changed:
        AriaBaselines(folder)(page)
    return str(changed.value)


@pytest.mark.one_layout
def test_renamed_button_is_told_with_page_and_both_names(visit: Visit, tmp_path: Path) -> None:
    """Issue 8, 2: page, element and change, and the line that would take the new name."""
    page = stands(visit)
    text = told(page, tmp_path, (element(page, "login.submit|login.next"), _RENAME))
    assert text.startswith(f"«{page.name}» (login")
    assert re.search(r"button «(Accedi|Avanti|Continua)» is renamed to «Vai» \(the documented login\.\w+\)", text), text
    assert re.search(r'portal\.names\."login\.\w+" = \["Vai"\]', text)


@pytest.mark.parametrize("visit", ["g2", "g3"], indirect=True)
def test_moved_field_is_told_with_both_places(visit: Visit, tmp_path: Path) -> None:
    """Issue 8, 2: neither gone nor new: elsewhere."""
    page = stands(visit)
    text = told(page, tmp_path, (element(page, "login.username"), _MOVE_DOWN))
    first, *_ = [line for line in text.splitlines() if " moved: " in line]
    assert re.search(r"«[^»]+» moved: it stood .*, and stands after ", first), text
    assert not re.search(r"(textbox|button) «[^»]+» is (gone|new)", text), text


@pytest.mark.one_layout
def test_field_without_a_label_is_told_by_both_checks(visit: Visit, tmp_path: Path) -> None:
    """Issue 8, 2: the baseline tells that it had a name, and the rule that it needs one."""
    page = stands(visit)
    text = told(page, tmp_path, (element(page, "login.username"), _UNLABEL))
    assert re.search(r"textbox «[^»]+» has no name any more", text), text
    with pytest.raises(NotAccessible, match=r"label \(critical\): textbox without a name: form elements must have lab"):
        Accessibility().names(page, accept=["color-contrast"])


@pytest.mark.parametrize("visit", ["g2", "g3"], indirect=True)
def test_wrong_tab_order_is_told_with_both_neighbours(visit: Visit) -> None:
    """Issue 8, 2: a button that Tab reaches before the fields that are read before it."""
    page = stands(visit)
    Accessibility().keyboard(page)
    element(page, "login.submit|login.next").evaluate("(el) => { el.tabIndex = 1; }")
    with pytest.raises(NotAccessible) as found:
        Accessibility().keyboard(page)
    why = r"tab-order: button «\w+»: Tab leads to it first, and on the page it stands after \w+ «[^»]+»"
    assert re.search(why, str(found.value)), found.value


@pytest.mark.one_layout
def test_field_that_tab_passes_over_is_told_as_needed(visit: Visit) -> None:
    """Issue 8, 2: what the flow needs has to be reached without a mouse."""
    page = stands(visit)
    element(page, "login.username").evaluate("(el) => { el.tabIndex = -1; }")
    with pytest.raises(NotAccessible, match=r"the flow needs it \(login\.username\), and Tab does not lead to it"):
        Accessibility().keyboard(page)


def test_thing_to_press_that_cannot_have_the_focus_is_told(show: Show) -> None:
    """A picture or a block that listens for the mouse alone is nothing for a keyboard."""
    from pec_autorenew.pages.home import HomePage

    screen = show(
        "<!doctype html><html lang=it><title>x</title><section><h2>Posta certificata</h2>"
        "<a onclick='0' style='cursor: pointer'>Gestisci</a></section>"
    )
    with pytest.raises(NotAccessible, match=r"tab-focus: .*Gestisci.*the flow needs it \(home\.manage\)"):
        Accessibility().keyboard(HomePage(screen))


@pytest.mark.parametrize(
    ("markup", "rule", "element_told"),
    [
        ("<p tabindex=0 style='opacity: 0'>Avviso</p><button>A</button>", "tab-visible", "p «Avviso»"),
        (
            "<input aria-label=A onkeydown='event.preventDefault()'><button>B</button>",
            *("tab-trap", "textbox «A»"),
        ),
        ("<div style='display: flex; direction: rtl'><button>A</button><button tabindex=3>B</button></div>",
         *("tab-order", "button «B»")),
        (
            "<div><template shadowrootmode=open><button>A</button><button tabindex=3>B</button></template></div>",
            *("tab-order", "button «B»"),
        ),
    ],
    ids=["unseen", "trap", "order", "shadow root"],
)  # fmt: skip
def test_tab_that_goes_wrong_is_told(page: Page, markup: str, rule: str, element_told: str) -> None:
    """WCAG 2.1.2, 2.4.3, 2.4.7: a focus that cannot be seen, or left, or that jumps."""
    page.set_content(markup)
    assert (rule, element_told) in {(one.rule, one.named) for one in barriers_by_tab(page)}


_SOUND: Final = """<!doctype html><html lang="it"><title>x</title><main><h1>x</h1>
<fieldset><legend>Modo</legend><label><input type=radio name=a>uno</label><label><input type=radio name=a>due</label>
</fieldset><div role=tablist aria-label=Schede><button role=tab aria-selected=true>A</button>
<button role=tab tabindex=-1 aria-selected=false>B</button></div>
<label>nome <input></label><button disabled>no</button><a href="#">avanti</a><div hidden><button>mai</button></div>
<iframe title="dentro" srcdoc="<html lang=it><title>y</title><button>X</button><button>Y</button>"></iframe>
<mk-slot id=host><button>slotted</button></mk-slot><button>fine</button></main><script>
host.attachShadow({mode: 'open'}).innerHTML = '<button>prima</button><slot></slot><button>dopo</button>';
</script></html>"""


def test_sound_page_passes_with_groups_frames_and_shadow_roots(page: Page) -> None:
    """What has a way of its own is no barrier: radio buttons, tabs, frames, slots, what is off or hidden."""
    page.set_content(_SOUND)
    assert [str(one) for one in (*barriers_by_axe(page), *barriers_by_tab(page))] == []


def test_barrier_in_a_frame_is_found(page: Page) -> None:
    """The form may stand in a frame, of another origin even: each is asked by itself."""
    page.set_content("<html lang=it><title>x</title><iframe title=y srcdoc='<button></button>'></iframe>")
    page.frame_locator("iframe").locator("button").wait_for()
    assert "button-name" in {one.rule for one in barriers_by_axe(page)}


def test_page_that_lets_no_script_in_is_checked(page: Page) -> None:
    """A portal's Content-Security-Policy keeps strangers' scripts out, and axe-core is none that is loaded."""
    markup = "<!doctype html><html lang=it><title>x</title><button></button><a href='#'>avanti</a></html>"
    policy = {"Content-Security-Policy": "default-src 'none'; require-trusted-types-for 'script'"}
    page.route("**/*", lambda route: route.fulfill(body=markup, content_type="text/html", headers=policy))
    page.goto("https://portal.example/")
    assert "button-name" in {one.rule for one in barriers_by_axe(page)}
    assert barriers_by_tab(page) == ()
