"""Somebody at a screen: reads what can be seen, points with the mouse, and knows nothing of the markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from playwright.sync_api import Error

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

#: All that can be read, with its place: texts of any tree, words on submitters, pictures; and boxes to type or tick.
SEE: Final = r"""
() => {
  const seen = [];
  const place = (rect) => ({ x: rect.x, y: rect.y, w: rect.width, h: rect.height });
  const shown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const over = (rect) => {
    let top = document.elementFromPoint(rect.x + rect.width / 2, rect.y + rect.height / 2);
    while (top && top.shadowRoot) {
      const inner = top.shadowRoot.elementFromPoint(rect.x + rect.width / 2, rect.y + rect.height / 2);
      if (!inner || inner === top) break;
      top = inner;
    }
    return top;
  };
  const parentOf = (node) => node.assignedSlot ?? node.parentNode ?? node.host;
  const free = (element, rect) => {
    const top = over(rect);
    const within = (inner, outer) => {
      for (let node = inner; node; node = parentOf(node)) if (node === outer) return true;
      return false;
    };
    return top === null || within(top, element) || within(element, top);
  };
  const visit = (root) => {
    for (const node of root.childNodes) {
      if (node instanceof Text && node.data.trim()) {
        const element = node.parentElement ?? root.host;
        const range = document.createRange();
        range.selectNodeContents(node);
        const rect = range.getClientRects()[0];
        if (rect && rect.width > 1 && shown(element)) {
          const dim = getComputedStyle(element).pointerEvents === "none";
          seen.push({ kind: "text", text: node.data, free: free(element, rect), dim, ...place(rect) });
        }
      }
      if (!(node instanceof Element) || /^(script|style|option)$/i.test(node.localName)) continue;
      const rect = node.getBoundingClientRect();
      if (rect.width > 1 && rect.height > 1 && shown(node)) {
        const field = /^(text|password|email)$/.test(node.type) && node.localName === "input";
        const presses = /^(submit|button|image)$/.test(node.type) && node.localName === "input";
        const words = presses ? node.value || node.alt : "";
        const dim = node.disabled === true || getComputedStyle(node).pointerEvents === "none";
        const what = { free: free(node, rect), dim, ...place(rect) };
        if (field) seen.push({ kind: `field ${node.type}`, text: node.value, ...what });
        else if (words) seen.push({ kind: "text", text: words, ...what });
        else if (rect.width >= 11 && rect.width <= 40 && rect.height >= 11 && rect.height <= 26
          && !node.textContent.replace("✓", "").trim() && node.localName !== "img") {
          const filled = getComputedStyle(node).backgroundColor === "rgb(26, 86, 196)";
          const marked = filled || node.textContent.includes("✓");
          const on = node.checked || node.getAttribute("aria-checked") === "true" || marked;
          seen.push({ kind: "box", text: on ? "on" : "", free: true, dim: false, ...place(rect) });
        }
      }
      if (node.shadowRoot) visit(node.shadowRoot);
      visit(node);
    }
  };
  if (document.body) visit(document.body);
  return seen;
}
"""
#: Whether nothing of the page lies over a frame, at each of these points.
ON_FRAME: Final = """
(frame, points) => points.map(([x, y]) => {
  let top = document.elementFromPoint(x, y);
  while (top && top.shadowRoot) {
    const inner = top.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === top) break;
    top = inner;
  }
  return top === null || top === frame;
})
"""
BEHIND: Final = re.compile(r"^(ho capito|capito|chiudi|non ora|ok|accetta tutti)$", re.IGNORECASE)
SCROLL: Final = "y => window.scrollTo({ top: window.scrollY + y, behavior: 'instant' })"


class LostError(AssertionError):
    """A person would not have found the way."""


def _at(thing: dict[str, object], name: str) -> float:
    return float(str(thing[name]))


class Clerk:
    """Looks, points, types; waits for what is still to come, as people do."""

    def __init__(self, page: Page) -> None:
        """Sit down in front of one page."""
        self.page = page

    def see(self) -> list[dict[str, object]]:
        """Read the whole screen, the page and what stands in frames; nothing while it is on its way."""
        try:
            seen: list[dict[str, object]] = self.page.evaluate(SEE)
            for frame in self.page.frames[1:]:
                seen += self._through(frame)
        except Error:
            return []
        for thing in seen:
            folded = re.sub(r"[\s»›→>]+", " ", str(thing["text"])).replace("’", "'").strip()
            thing["text"] = folded
        return seen

    def _through(self, frame: Frame) -> list[dict[str, object]]:
        """Read what stands in a frame, where it stands on the page."""
        element = frame.frame_element()
        place = element.bounding_box()
        if place is None:
            return []
        seen: list[dict[str, object]] = frame.evaluate(SEE)
        for thing in seen:
            thing["x"], thing["y"] = _at(thing, "x") + place["x"], _at(thing, "y") + place["y"]
        middles = [[_at(one, "x") + _at(one, "w") / 2, _at(one, "y") + _at(one, "h") / 2] for one in seen]
        free: list[bool] = element.evaluate(ON_FRAME, middles)
        for thing, is_free in zip(seen, free, strict=True):
            thing["free"] = thing["free"] and is_free
        return seen

    def find(self, pattern: str) -> dict[str, object] | None:
        """Find the first text on the screen that matches."""
        wanted = re.compile(pattern, re.IGNORECASE)
        return next((one for one in self.see() if one["kind"] == "text" and wanted.search(str(one["text"]))), None)

    def appears(self, pattern: str) -> bool:
        """Wait a moment for a text to come up."""
        for _turn in range(20):
            if self.find(pattern):
                return True
            self.page.wait_for_timeout(50)
        return False

    def near(self, pattern: str, to: str) -> dict[str, object] | None:
        """Find the text that matches and stands nearest to another one."""
        middle = self.find(to)
        if middle is None:
            return None
        wanted = re.compile(pattern, re.IGNORECASE)
        found = [one for one in self.see() if one["kind"] == "text" and wanted.search(str(one["text"]))]
        return min(found, key=lambda one: abs(_at(one, "x") - _at(middle, "x")) + abs(_at(one, "y") - _at(middle, "y")))

    def press(self, pattern: str, *, near: str | None = None) -> None:
        """Point at a text and press."""
        self.point(self._ready(pattern, near))

    def choose(self, pattern: str) -> None:
        """Tick the box that stands before a text, or what the text stands on, unless it is ticked."""
        thing = self._ready(pattern)
        box = self._box(thing)
        if box is None or not box["text"]:
            self.point(box or thing)

    def type_into(self, kind: str, text: str) -> None:
        """Type into the first field of a kind."""
        for _turn in range(40):
            field = next((one for one in self.see() if one["kind"] == f"field {kind}"), None)
            if field is not None and field["free"]:
                self.point(field)
                self.page.keyboard.press("Control+A")
                self.page.keyboard.type(text)
                return
            self._clear()
            self.page.wait_for_timeout(50)
        raise LostError(f"no field of kind {kind}")

    def point(self, thing: dict[str, object]) -> None:
        """Press the mouse on the middle of a thing."""
        x, y, width, height = (_at(thing, name) for name in ("x", "y", "w", "h"))
        self.page.mouse.click(x + min(width / 2, 60), y + height / 2)

    def _ready(self, pattern: str, near: str | None = None) -> dict[str, object]:
        """Wait until a text is on the screen, still, and under nothing."""
        before = None
        for _turn in range(60):
            thing = self.find(pattern) if near is None else self.near(pattern, near)
            if thing is not None and not thing["dim"] and not self._scrolled_to(thing):
                if thing["free"] and thing == before:
                    return thing
                before = thing
                if not thing["free"]:
                    self._clear()
            else:
                self._clear()
            self.page.wait_for_timeout(50)
        raise LostError(f"{pattern} is out of reach; there is {[one['text'] for one in self.see()]}")

    def _clear(self) -> None:
        """Close whatever lies over the page."""
        for over in self.see():
            if over["kind"] == "text" and over["free"] and BEHIND.match(str(over["text"])):
                self.point(over)
                return

    def _scrolled_to(self, thing: dict[str, object]) -> bool:
        """Scroll until a thing is well inside the window; say whether that was needed, and possible."""
        height = self.page.viewport_size["height"] if self.page.viewport_size else 720
        if 100 < _at(thing, "y") < height - 140:
            return False
        before = self.page.evaluate("window.scrollY")
        self.page.evaluate(SCROLL, _at(thing, "y") - height / 2)
        return bool(self.page.evaluate("window.scrollY") != before)

    def _box(self, thing: dict[str, object]) -> dict[str, object] | None:
        """Find the nearest box to the left of a text, on its line."""
        x, y, height = (_at(thing, name) for name in ("x", "y", "h"))
        boxes = [
            (x - _at(one, "x"), index, one)
            for index, one in enumerate(self.see())
            if one["kind"] == "box"
            and 0 < x - _at(one, "x") < 120
            and abs(_at(one, "y") + _at(one, "h") / 2 - y - height / 2) < 16
        ]
        return min(boxes)[2] if boxes else None
