"""Diagrams without Mermaid's library: it would come from somebody else's server, or weigh three megabytes here.

A chart of bars is drawn; any other diagram stays as its text, which can be read as well.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any, Final

from docutils import nodes  # type: ignore[import-untyped]
from sphinxcontrib.mermaid import mermaid  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

_BARS: Final = re.compile(
    r'xychart-beta\s+title "(?P<title>[^"]*)"\s+x-axis \[(?P<names>[^\]]*)\]\s+y-axis .*\s+'
    r"bar \[(?P<values>[^\]]*)\]"
)
_HEIGHT: Final = 28


def drawn(code: str) -> str:
    """Return a diagram as HTML."""
    found = _BARS.fullmatch(code.strip())
    if found is None:
        return f'<pre class="diagram">{escape(code)}</pre>'
    names = [name.strip().strip('"') for name in found["names"].split(",")]
    values = [float(value) for value in found["values"].split(",")]
    bars = []
    for row, (name, value) in enumerate(zip(names, values, strict=True)):
        width, top = 480 * value / max(*values, 1e-9), row * _HEIGHT
        bars.append(
            f'<text x="52" y="{top + 18}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="60" y="{top + 3}" width="{width:.0f}" height="22" rx="2"/>'
            f'<text x="{68 + width:.0f}" y="{top + 18}">{value:g}</text>'
        )
    title = escape(found["title"])
    svg = f'<svg viewBox="0 0 600 {len(bars) * _HEIGHT}" role="img" aria-label="{title}">{"".join(bars)}</svg>'
    return f'<figure class="diagram"><figcaption>{title}</figcaption>{svg}</figure>'


def visit(translator: HTML5Translator, node: mermaid) -> None:
    """Write a diagram."""
    translator.body.append(drawn(node["code"]))
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Take the place of the extension's own way to write a diagram."""
    app.add_node(mermaid, override=True, html=(visit, None))
    return {"parallel_read_safe": True}
