// What is ticked, chosen or typed: how a box is made, and how its label belongs to it.
"use strict";
(function () {
  const { chaos } = window;
  const boxKind = chaos.habit("boxes", 0.85, ["for", "wrap", "none", "labelledby", "styled", "role", "switch"]);
  const squareKind = chaos.habit("squares", 0.75, ["native", "wrap", "switch", "unnamed"]);
  const tileKind = chaos.habit("tiles", 0.6, ["native", "pressed", "plain"]);
  const fieldKind = chaos.habit("fields", 0.6, ["none", "wrap", "aria-label", "labelledby", "placeholder"]);
  const done = new WeakSet();
  const shows = new Set();

  // All copies show what the hidden boxes hold, whoever changed them.
  const showAll = () => { for (const show of shows) show(); };
  for (const name of ["change", "click", "reset"]) document.addEventListener(name, () => setTimeout(showAll), true);

  const held = (text) => text.replace(/\s+/g, " ").trim();

  function nextCell(input) {
    const cell = input.closest("td");
    const next = cell && cell.childElementCount === 1 && !held(cell.textContent) ? cell.nextElementSibling : null;
    return next && held(next.textContent) && !next.querySelector("input, select") ? next : null;
  }

  function labelOf(input, root) {
    return input.closest("label") ?? (input.id ? root.querySelector(`label[for="${CSS.escape(input.id)}"]`) : null);
  }

  // The element that holds the text: a label, or the neighbouring cell's own span.
  function textOf(input, root) {
    const label = labelOf(input, root);
    if (label) return label;
    const cell = nextCell(input);
    if (!cell) return null;
    const span = chaos.make("span");
    span.append(...cell.childNodes);
    cell.append(span);
    return span;
  }

  function asLabel(holder, input) {
    const label = holder.localName === "label" ? holder : chaos.retag(holder, "label");
    input.id ||= chaos.id("box");
    if (!label.contains(input)) label.htmlFor = input.id;
    return label;
  }

  // The words of a label, without the control that may stand among them.
  function wordsOf(holder, input) {
    if (!holder.contains(input)) return holder;
    const others = [...holder.childNodes].filter((node) => !node.contains(input) && held(node.textContent));
    if (others.length === 1 && others[0] instanceof Element) return others[0];
    const span = chaos.make("span");
    (others[0] ?? input).before(span);
    span.append(...others);
    return span;
  }

  const asSpan = (holder) => (holder.localName === "label" ? chaos.retag(holder, "span") : holder);

  function drawnBox(round) {
    const box = chaos.make("span");
    box.style.cssText = `display: inline-block; flex: none; width: 16px; height: 16px; border: 2px solid #55606c; border-radius: ${round ? "50%" : "3px"};`
      + " font: bold 13px/16px Arial, sans-serif; text-align: center; vertical-align: middle; cursor: pointer; background: #fff; color: #1a56c4;";
    return box;
  }

  const tick = chaos.pick("tick", ["✓", ""]);

  function fill(box, on) {
    box.textContent = on ? tick : "";
    box.style.background = on && !tick ? "#1a56c4" : "#fff";
  }

  function drawnSwitch() {
    const box = chaos.make("button", { type: "button", role: "switch" });
    box.style.cssText = "width: 36px; height: 20px; padding: 0; border: 0; border-radius: 10px; text-align: left; vertical-align: middle; cursor: pointer;";
    const knob = chaos.make("span");
    knob.style.cssText = "display: inline-block; width: 16px; height: 16px; margin: 2px; border-radius: 50%; background: #fff;";
    box.append(knob);
    return box;
  }

  // A drawn copy with a role drives the hidden native box.
  function copy(input, holder, kind) {
    const round = input.type === "radio";
    const switched = kind === "switch" && !round;
    const box = switched ? drawnSwitch() : drawnBox(round);
    if (!switched) {
      box.setAttribute("role", input.type);
      box.tabIndex = 0;
    }
    const text = wordsOf(holder, input);
    text.id ||= chaos.id("text");
    box.setAttribute("aria-labelledby", text.id);
    const show = () => {
      box.setAttribute("aria-checked", String(input.checked));
      if (switched) {
        box.style.background = input.checked ? "#1a8a4a" : "#9aa4ae";
        box.style.textAlign = input.checked ? "right" : "left";
      } else fill(box, input.checked);
    };
    box.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      input.click();
      showAll();
    });
    box.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); box.click(); } });
    input.before(box);
    chaos.hide(input);
    shows.add(show);
    show();
  }

  function styled(input, holder) {
    const label = asLabel(holder, input);
    input.style.cssText += "; position: absolute; width: 1px; height: 1px; margin: 0; opacity: 0; pointer-events: none;";
    const box = drawnBox(input.type === "radio");
    box.style.marginRight = "6px";
    label.prepend(box);
    label.style.cursor = "pointer";
    const show = () => fill(box, input.checked);
    input.addEventListener("change", showAll);
    shows.add(show);
    show();
  }

  function turnBox(input, root) {
    const holder = textOf(input, root);
    const kind = boxKind(`${input.name}:${chaos.page()}`);
    if (!holder || kind === "same") return;
    if (kind === "for") asLabel(holder, input);
    else if (kind === "none") asSpan(holder);
    else if (kind === "labelledby") {
      const span = wordsOf(asSpan(holder), input);
      span.id ||= chaos.id("text");
      input.setAttribute("aria-labelledby", span.id);
    } else if (kind === "wrap") {
      const label = asLabel(holder, input);
      label.removeAttribute("for");
      label.prepend(input, " ");
    } else if (kind === "styled") styled(input, holder);
    else copy(input, asSpan(holder), kind);
  }

  // A drawn check box (role=checkbox) becomes a native one; the drawn one stays, hidden, and does the work.
  function turnSquare(square, root) {
    const name = square.getAttribute("aria-labelledby");
    const holder = name && root.getElementById?.(name);
    const kind = holder ? squareKind(`square:${chaos.page()}`) : "same";
    if (kind === "same") return;
    if (kind === "unnamed") square.removeAttribute("aria-labelledby");
    else if (kind === "switch") square.setAttribute("role", "switch");
    else {
      const input = chaos.make("input", { type: "checkbox", id: chaos.id("box") });
      const show = () => { input.checked = square.getAttribute("aria-checked") === "true"; };
      input.addEventListener("click", (event) => {
        event.stopPropagation();
        square.click();
        setTimeout(show);
      });
      new MutationObserver(show).observe(square, { attributes: true });
      const label = chaos.retag(holder, "label");
      if (kind === "wrap") label.prepend(input, " ");
      else {
        label.htmlFor = input.id;
        square.before(input);
      }
      chaos.hide(square);
    }
  }

  // A tile whose host is a radio: a native radio inside, a pressed button, or nothing but a tick mark.
  function turnTile(root) {
    const { host } = root;
    const kind = tileKind(`tile:${chaos.page()}`);
    const slot = root.querySelector("slot");
    if (kind === "same" || !slot) return;
    const chosen = () => host.hasAttribute("chosen");
    const observe = (show) => {
      new MutationObserver(show).observe(host, { attributes: true, attributeFilter: ["chosen"] });
      show();
    };
    const drop = () => {
      host.removeAttribute("role");
      host.removeAttribute("aria-checked");
      host.removeAttribute("tabindex");
    };
    if (kind === "native") {
      const input = chaos.make("input", { type: "radio", name: "scelta" });
      const label = chaos.make("label");
      slot.before(label);
      label.append(input, " ", slot);
      observe(() => { drop(); input.checked = chosen(); });
    } else if (kind === "pressed") {
      const button = chaos.make("button", { type: "button" });
      button.style.cssText = "width: 100%; padding: 0; border: 0; background: none; font: inherit; text-align: left; cursor: pointer;";
      slot.before(button);
      button.append(slot);
      observe(() => { drop(); button.setAttribute("aria-pressed", String(chosen())); });
    } else {
      const mark = chaos.make("span");
      mark.style.cssText = "float: right; color: #1a56c4; font-weight: bold;";
      slot.before(mark);
      observe(() => { drop(); mark.textContent = chosen() ? "✓" : ""; });
    }
  }

  function turnField(field, root) {
    const label = labelOf(field, root);
    const kind = fieldKind(`${field.name || field.type}:${chaos.page()}`);
    if (!label || kind === "same") return;
    if (kind === "wrap") {
      if (label.contains(field)) return;
      const cell = field.closest("td");
      if (cell && !cell.contains(label)) return;
      const whole = chaos.make("label");
      const box = field.closest("span") ?? field;
      const span = chaos.retag(label, "span", { keep: ["class"] });
      span.before(whole);
      whole.append(span, " ", box);
      return;
    }
    const span = wordsOf(asSpan(label), field);
    const words = held(span.textContent);
    if (kind === "aria-label") field.setAttribute("aria-label", words);
    else if (kind === "labelledby") {
      span.id ||= chaos.id("text");
      field.setAttribute("aria-labelledby", span.id);
    } else if (kind === "placeholder" && field.matches("input") && !field.value) {
      field.placeholder = words;
      chaos.hide(span);
    }
  }

  chaos.steps.push(function choices(root) {
    for (const input of root.querySelectorAll("input[type=checkbox], input[type=radio]")) {
      if (done.has(input) || getComputedStyle(input).display === "none") continue;
      done.add(input);
      turnBox(input, root);
    }
    for (const square of root.querySelectorAll("[role=checkbox]")) if (root instanceof ShadowRoot) turnSquare(square, root);
    if (root.host?.getAttribute("role") === "radio") turnTile(root);
    for (const field of root.querySelectorAll("input[type=text], input[type=password], select")) {
      if (!done.has(field)) turnField(field, root);
      done.add(field);
    }
  });
}());
