"""Chaos by seed: the same portal drawn by another hand, so that no client depends on how this one was drawn.

The scripts in `static/chaos` change every page before anybody sees it, and every shadow root when it is drawn.
What they change is how a thing looks in the markup, never what may be ordered.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pec_autorenew.mock_portal.options import Layout

HERE = Path(__file__).parent / "static" / "chaos"
SCRIPTS = (*("seed.js", "texts.js", "tables.js", "presses.js", "choices.js", "blocks.js", "intrusions.js", "start.js"),)

#: The knobs that a seed may turn: none of them changes what is right to order.
CHOICES: Mapping[str, tuple[object, ...]] = {
    "kit": ("absent", "offered", "preselected"),
    "preselected_flags": ("none", "all", "clicked"),
    "methods_hidden": (True, False),
    "show_line_amounts": (True, True, False),
    "frequency": ("select", "radio", "stepper"),
    "page_size": (0, 0, 3),
    "paging": ("pages", "more"),
    "billing": ("inline", "separate"),
}
TURNED = 0.5


def chosen_options(seed: int, layout: Layout) -> dict[str, object]:
    """Turn some of the knobs by the seed; the others stay as the layout has them."""
    dice = Random(f"{seed}:{layout}")  # noqa: S311 (no secret)
    turned = {name: (dice.random() < TURNED, dice.choice(values)) for name, values in CHOICES.items()}
    return {name: value for name, (is_turned, value) in turned.items() if is_turned}


def stir(text: str, seed: int) -> str:
    """Put the scripts at the end of a page, and hide it until they have done their work."""
    parts = "\n".join((HERE / name).read_text("utf-8") for name in SCRIPTS)
    script = f"<script>window.chaos = {{ seed: {seed} }};\n{parts}</script>\n"
    head, end, rest = text.rpartition("</body>")
    return head.replace("<body", '<body style="visibility: hidden"', 1) + script + end + rest
