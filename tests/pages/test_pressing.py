"""A press reaches what was meant, or is repeated when it did not: never what came to lie over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pec_autorenew.pages.elements import Element

if TYPE_CHECKING:
    from tests.pages.conftest import Show

RENEW = Element("press", "home.renew_mailboxes")

#: A cover that comes at the moment in which the pointer arrives, takes what is pressed, and goes away again.
COVERED = """
<button onclick="document.title += ' pressed'">Rinnova caselle</button>
<script>
  document.querySelector('button').addEventListener('mousemove', () => {
    const cover = document.createElement('div');
    cover.style.cssText = 'position: fixed; inset: 0; background: #0003';
    cover.onclick = () => { document.title += ' cover'; };
    document.body.append(cover);
    setTimeout(() => cover.remove(), 300);
  }, { once: true });
</script>"""


@pytest.mark.parametrize("carefully", [False, True])
def test_press_goes_to_the_control_though_a_cover_comes_between(show: Show, *, carefully: bool) -> None:
    """What comes to lie over a control between aiming and pressing is not pressed; the control is, once."""
    screen = show(COVERED)
    screen.press(RENEW, carefully=carefully)
    assert screen.page.title() == "pressed"


#: A component that draws its button around words that it is given.
SLOTTED = """
<x-press onclick="document.title += ' pressed'">Rinnova caselle</x-press>
<script>
  customElements.define('x-press', class extends HTMLElement {
    connectedCallback() { this.attachShadow({ mode: 'open' }).innerHTML = '<button><slot></slot></button>'; }
  });
</script>"""


def test_press_on_words_in_a_slot_meets_their_button(show: Show) -> None:
    """DRF-2: where the middle of a button is a word that stands outside of it, it is the button that is met."""
    screen = show(SLOTTED)
    assert screen._struck(RENEW.key, screen._query(RENEW))
    assert screen.page.title() == "pressed"
