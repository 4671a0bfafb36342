"""A portal that prints its labels otherwise: every text, button and picture that holds a label shows another one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import BrowserContext


@dataclass(frozen=True, slots=True)
class Label:
    """One documented element: how the mock prints it, in whatever layout, and how guides print it."""

    #: «page.element» of `names.py`.
    key: str
    printed: tuple[str, ...]
    variants: tuple[str, ...]

    def variant(self, turn: int) -> str:
        """Return one variant after the other, from the first again after the last."""
        return self.variants[turn % len(self.variants)]


#: Rewrites whole texts, or what stands before or behind a colon in them, at once and whenever a page draws itself anew;
#: through shadow roots, and in frames as every document has it. A label matches in whatever case and blanks.
_SCRIPT: Final = r"""([rules, style]) => {
  const fold = (text) => text.replace(/\s+/g, ' ').trim().toLowerCase();
  const others = new Map(rules.map(([from, to]) => [fold(from), to]));
  const words = rules.map(([from]) => from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '\\s+')).join('|');
  const label = new RegExp(`(^\\s*|:\\s+)(${words})(?=[\\s.:*»]*$|:\\s)`, 'gi');
  const written = new WeakMap();
  const spell = (node, place, text, write) => {
    const known = written.get(node) || new Map();
    if (!text || known.get(place) === text) return;
    const next = text.replace(label, (_, before, word) => before + others.get(fold(word)));
    written.set(node, known.set(place, next));
    if (next !== text) write(next);
  };
  const rewrite = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const silent = node.parentElement && ['SCRIPT', 'STYLE'].includes(node.parentElement.tagName);
      if (!silent) spell(node, '', node.data, (text) => { node.data = text; });
      return;
    }
    if (node.nodeType === Node.ELEMENT_NODE) {
      const places = ['alt', 'placeholder', 'aria-label', 'title'];
      if (node.tagName === 'INPUT' && ['submit', 'button', 'image'].includes(node.type)) places.push('value');
      for (const at of places) spell(node, at, node.getAttribute(at), (text) => node.setAttribute(at, text));
    }
    for (const child of node.childNodes) rewrite(child);
  };
  const watch = (root) => {
    new MutationObserver((changes) => {
      for (const { type, target, addedNodes } of changes) {
        if (type === 'childList') addedNodes.forEach(rewrite); else rewrite(target);
      }
    }).observe(root, { childList: true, subtree: true, characterData: true, attributes: true });
    if (style) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(style);
      root.adoptedStyleSheets = [sheet];
    }
  };
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function attachShadow(options) {
    const root = attach.call(this, options);
    watch(root);
    return root;
  };
  watch(document);
}"""


def relabel(context: BrowserContext, rules: Iterable[tuple[str, str]], style: str = "") -> None:
    """From now on every page of this context prints the second label of a rule where it would print the first."""
    context.add_init_script(f"({_SCRIPT})({json.dumps([list(rules), style])})")
