// What is pressed: buttons, links and submitters turn into one another; the first one stays, hidden, and does the work.
"use strict";
(function () {
  const { chaos } = window;
  const kinds = ["button", "link", "role-link", "submit", "image", "role-div", "bare-span", "bare-div", "element", "element-text"];
  const kindOf = chaos.habit("press", 0.85, kinds);
  const upper = chaos.chance("press upper", 0.2);
  const slow = chaos.chance("slow", 0.3) ? 100 + Math.floor(chaos.roll("slow time") * 400) : 0;
  const looks = ["padding", "border-top", "border-right", "border-bottom", "border-left", "border-radius", "background-color", "color", "font", "text-decoration", "margin", "width", "height", "text-align"];
  const done = new WeakSet();
  const slowed = new Set();

  const caption = (press) => (press instanceof HTMLInputElement ? press.value || press.alt : press.textContent).replace(/[ \n]+/g, " ").trim();
  const disabled = (press) => press.hasAttribute("disabled") || press.getAttribute("aria-disabled") === "true";

  function face(press) {
    const inner = press.shadowRoot?.querySelector("button");
    return inner ?? press;
  }

  function picture(text, color) {
    const width = text.length * 9 + 32;
    const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="34"><rect width="${width}" height="34" rx="4" fill="${color}"/>`
      + `<text x="${width / 2}" y="22" fill="#fff" font-family="Arial" font-weight="bold" font-size="14" text-anchor="middle">${text.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</text></svg>`;
    return `data:image/svg+xml,${encodeURIComponent(drawing)}`;
  }

  function build(kind, text, slot) {
    const { make } = chaos;
    switch (kind) {
      case "button": return make("button", { type: "button" }, slot ?? text);
      case "link": return make("a", { href: "#" }, slot ?? text);
      case "role-link": return make("a", { role: "button", tabindex: "0" }, slot ?? text);
      case "submit": return slot ? make("button", { type: "button" }, slot) : make("input", { type: "button", value: text });
      case "image": return slot ? make("a", { role: "button", tabindex: "0" }, slot)
        : make("input", { type: "image", alt: text, src: picture(text, "#1c5a99") });
      case "role-div": return make("div", { role: "button", tabindex: "0" }, slot ?? text);
      case "bare-span": return make("span", {}, slot ?? text);
      case "bare-div": return make("div", {}, slot ?? text);
      default: {
        const host = make(`${chaos.word(`tag:${chaos.page()}`)}-${chaos.word("tag")}`);
        const inner = make(chaos.pick("inner press", ["button", "span", "div"]));
        if (inner.localName === "button") inner.type = "button";
        inner.style.cssText = "all: inherit; display: inline; width: auto; margin: 0; padding: 0; border: 0; background: none; cursor: pointer;";
        host.attachShadow({ mode: "open" }).append(inner);
        if (kind === "element" || slot) {
          inner.append(make("slot"));
          host.append(slot ?? text);
        } else {
          inner.append(text, make("slot"));
        }
        return host;
      }
    }
  }

  function dress(proxy, press, kind) {
    const worn = getComputedStyle(face(press));
    const plain = kind === "image" ? ["margin"] : looks;
    for (const name of plain) {
      if (name !== "width" && name !== "height") proxy.style.setProperty(name, worn.getPropertyValue(name));
    }
    proxy.style.display = "inline-block";
    proxy.style.cursor = "pointer";
    if (upper && kind !== "image") proxy.style.textTransform = "uppercase";
    for (const name of ["role", "aria-selected", "aria-expanded", "title"]) {
      if (press.hasAttribute(name) && press.getAttribute(name) && name !== "role") proxy.setAttribute(name, press.getAttribute(name));
    }
    if (press.getAttribute("role") === "tab") proxy.setAttribute("role", "tab");
  }

  // The proxy follows the first control: hidden, disabled, expanded, chosen.
  function follow(press, proxy, kind) {
    const show = () => {
      const off = disabled(press) || slowed.has(press);
      proxy.hidden = press.hidden;
      if (press.hidden) proxy.style.setProperty("display", "none");
      else proxy.style.display = "inline-block";
      proxy.style.opacity = off ? "0.45" : "";
      proxy.style.pointerEvents = off ? "none" : "";
      if ("disabled" in proxy) proxy.disabled = off;
      else if (!kind.startsWith("bare")) {
        if (off) proxy.setAttribute("aria-disabled", "true");
        else proxy.removeAttribute("aria-disabled");
      }
      if (press.hasAttribute("aria-expanded")) proxy.setAttribute("aria-expanded", press.getAttribute("aria-expanded"));
    };
    new MutationObserver(show).observe(press, { attributes: true, attributeFilter: ["disabled", "hidden", "aria-disabled", "aria-expanded"] });
    show();
    return show;
  }

  function act(press, proxy) {
    proxy.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopImmediatePropagation(); // what the page hangs on every [role=tab] is meant for the first one alone
      if (!disabled(press) && !slowed.has(press)) press.click();
    });
    proxy.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        event.stopPropagation();
        proxy.click();
      }
    });
  }

  // A submitter without handlers may simply become another submitter.
  function native(press, kind, text) {
    if (!press.matches("input[type=submit]") || press.onclick || press.hasAttribute("formaction") || press.hasAttribute("disabled")) return null;
    if (kind === "button") {
      const other = chaos.retag(press, "button", { keep: ["id", "class", "name", "form"] });
      other.type = "submit";
      if (press.name) other.value = press.defaultValue;
      other.textContent = text;
      return other;
    }
    if (kind === "image" && !press.name) {
      const image = chaos.make("input", { type: "image", alt: text, src: picture(text, "#d07f00") });
      press.replaceWith(image);
      return image;
    }
    return null;
  }

  function turn(press, root) {
    const plain = caption(press);
    const slot = root.host?.matches("mk-button") && press.querySelector("slot");
    const words = slot ? root.host.textContent.trim() : plain;
    if (!words || done.has(press)) return;
    done.add(press);
    const name = `${words}:${chaos.page()}`;
    const own = press.matches("mk-button") && chaos.chance(`inside:${name}`, 0.5);
    const outer = slot && !chaos.chance(`inside:${name}`, 0.5);
    if (own || outer) return; // one of the two levels changes, not both
    const kind = kindOf(name);
    const shown = slot ? words : chaos.caption(plain);
    if (kind === "same") {
      if (press instanceof HTMLInputElement) press.value = shown;
      else if (press.children.length === 0 && press.localName !== "slot") press.textContent = shown;
      if (upper && !slot) press.style.textTransform = "uppercase";
      return;
    }
    const made = native(press, kind, shown);
    if (made) {
      if (upper && kind !== "image") made.style.textTransform = "uppercase";
      done.add(made);
      return;
    }
    const proxy = build(kind, shown, slot || undefined);
    done.add(proxy);
    dress(proxy, press, kind);
    act(press, proxy);
    press.before(proxy);
    chaos.hide(press);
    const show = follow(press, proxy, kind);
    if (slow && !slowed.has(name) && /prosegui|conferma|rinnova|accedi/i.test(words)) {
      slowed.add(name);
      slowed.add(press);
      show();
      chaos.later(slow, () => {
        slowed.delete(press);
        show();
      });
    }
  }

  chaos.steps.push(function presses(root) {
    for (const press of root.querySelectorAll("button, input[type=submit], input[type=button], a[href], [role=button], mk-button")) {
      const running = press.matches("a") && (press.closest("label") || press.parentElement.closest("[role=checkbox]") || press.target === "_blank" || root.host?.matches("mk-check"));
      const own = done.has(press) || getComputedStyle(press).display === "none" || press.querySelector("img");
      if (!running && !own) turn(press, root);
    }
  });
}());
