// Headings, wrappers, the order of blocks, and what stands around them to distract.
"use strict";
(function () {
  const { chaos } = window;
  const { make, retag } = chaos;
  const headingKind = chaos.habit("headings", 0.75, ["h1", "h2", "h3", "div", "p", "span", "role", "strong"]);
  const wrapKind = chaos.habit("wrappers", 0.7, ["div", "section", "article", "contents", "shadow", "fieldset", "deep"]);
  const blocksMoved = chaos.chance("blocks", 0.5);
  const unboxed = chaos.chance("fieldsets", 0.5);
  const sticky = chaos.chance("sticky", 0.3);
  const smooth = chaos.chance("smooth", 0.3);
  const upperHeads = chaos.chance("upper heads", 0.2);
  const decoys = Object.fromEntries(["copy", "progress", "aside", "buy", "newsletter", "menu"].map((name) => [name, chaos.chance(`decoy:${name}`, 0.35)]));
  const headFont = ["font", "color", "margin", "padding", "border-bottom", "letter-spacing"];
  const stepNames = [["Caselle", /gestione caselle|rinnova la tua casella/i], ["Dati Intestatario", /dati intestatario/i],
    ["Modulo Ordine", /modulo ordine/i], ["Conferma", /^conferma ordine/i]];

  const words = (element) => element.textContent.replace(/\s+/g, " ").trim();

  // Sections that begin with a second heading change places; what stands above them and the last button stay.
  function reorder(root) {
    for (const first of root.querySelectorAll("h2:first-of-type")) {
      const box = first.parentElement ?? root;
      const heads = [...box.children].filter((child) => child.localName === "h2");
      if (heads.length < 2 || box.matches?.("td, section, article")) continue;
      const sections = [];
      let tail = [];
      for (let node = heads[0]; node; node = node.nextElementSibling) {
        if (node.localName === "h2") sections.push([]);
        if (tail.length || node.matches("[role=alert], .mk-avanti, .mk-actions") || node.localName === "script") tail.push(node);
        else sections.at(-1).push(node);
      }
      const moved = chaos.shuffled(`blocks:${chaos.page()}`, sections).flat();
      box.append(...moved, ...tail);
    }
  }

  // The orders, with their heading, above the mailboxes, with theirs.
  function ordersFirst(root) {
    const head = [...root.querySelectorAll("h2")].find((one) => /^ordini associati/i.test(words(one)));
    const title = root.querySelector("h1");
    if (!head || !title || head.parentElement !== title.parentElement || !chaos.chance("orders first", 0.5)) return;
    const list = head.nextElementSibling;
    title.before(head, list);
  }

  function turnHeading(head, level) {
    const kind = headingKind(`${level}:${chaos.page()}`);
    if (upperHeads) head.style.textTransform = "uppercase";
    if (kind === "same" || kind === head.localName) return;
    if (kind === "role") {
      const made = retag(head, "div", { styles: headFont });
      made.setAttribute("role", "heading");
      made.setAttribute("aria-level", String(level));
    } else {
      const made = retag(head, kind, { styles: headFont });
      made.style.display = "block";
      if (!/^h\d$/.test(kind)) made.style.fontWeight = "bold";
    }
  }

  function wrap(block, kind) {
    let host;
    if (kind === "contents") {
      host = make("div");
      host.style.display = "contents";
    } else if (kind === "shadow") {
      host = make(`${chaos.word("block")}-${chaos.word("host")}`);
      host.style.display = "block";
      const inner = make("div", {}, make("slot"));
      host.attachShadow({ mode: "open" }).append(inner);
    } else {
      host = make(kind === "deep" ? "div" : kind);
      if (kind === "fieldset") host.style.cssText = "min-width: 0; margin: 0; padding: 0; border: 0;";
    }
    block.before(host);
    if (kind === "deep") {
      const inner = make("section");
      host.append(make("div"));
      host.firstChild.append(inner);
      inner.append(block);
    } else host.append(block);
  }

  function wraps(root) {
    const blocks = [...root.querySelectorAll("table, form > p, dl, ul, article, [role=radiogroup], [role=table], .mk-actions")]
      .filter((block) => !block.closest("tr, dl dl, ul ul, .mk-larga") && !block.matches("[hidden]"));
    for (const [index, block] of blocks.entries()) {
      const kind = wrapKind(`${index}:${chaos.page()}`);
      if (kind !== "same") wrap(block, kind);
    }
  }

  function unbox(root) {
    for (const box of root.querySelectorAll("fieldset")) {
      if (!box.querySelector("legend")) continue;
      const head = retag(box.querySelector("legend"), "div", { styles: ["color", "font-weight", "padding"] });
      head.style.fontSize = "16px";
      retag(box, "div", { styles: ["border", "margin", "padding"] });
    }
  }

  // Decoys: no person would take them for what they look like in the markup.

  function copies(root) {
    const press = [...root.querySelectorAll("input[type=submit], button, mk-button")].find((one) => /completa l|rinnova/i.test(one.value || words(one)));
    if (!press) return;
    const twin = make("div", {}, make("button", { type: "button" }, press.value || words(press)));
    chaos.hide(twin);
    (root.querySelector("h1") ?? press).before(twin);
  }

  function progress(root) {
    const title = root.querySelector("h1");
    const now = title ? stepNames.findIndex(([, pattern]) => pattern.test(words(title))) : -1;
    if (now < 0) return;
    const tag = chaos.pick("progress", ["ol", "div", "nav"]);
    const strip = make(tag, {}, ...stepNames.map(([name], index) => {
      const step = make(tag === "ol" ? "li" : "span", {}, tag === "ol" ? name : `${index + 1}. ${name}`);
      step.style.cssText = `margin-right: 28px; color: ${index === now ? "#1c3f66" : "#98a2ad"}; font-weight: ${index === now ? "bold" : "normal"};`;
      return step;
    }));
    strip.style.cssText = "display: flex; flex-wrap: wrap; margin: 0 0 18px; padding: 0 0 0 18px; font-size: 12px;";
    title.before(strip);
  }

  function aside(root) {
    const title = root.querySelector("h1");
    if (!title) return;
    const link = (text) => make("li", {}, make("a", { href: "/servizi/aiuto" }, text));
    const menu = make("details", {}, make("summary", {}, "Ti serve AIUTO per questo servizio?"),
      make("ul", {}, link("Come rinnovare una casella PEC"), link("Frequenza di rinnovo e scadenza"), link("Annulla o paga un ordine")));
    const box = make("aside", {}, menu);
    box.style.cssText = "float: right; max-width: 260px; margin: 0 0 12px 16px; padding: 8px 12px; border: 1px solid #d5dbe1; border-radius: 6px; font-size: 12px;";
    title.before(box);
  }

  function buying(root) {
    for (const place of root.querySelectorAll("td, p")) {
      if (/^(\d+ GB|Spazio Casella \d+ GB.*)$/.test(words(place)) && !place.querySelector("input, select")) {
        const link = make("a", { href: "/servizi/spazio" }, chaos.pick("buy", ["Aumenta", "Acquista"]));
        place.append(" ", link);
      }
    }
  }

  function newsletter() {
    const field = make("input", { type: "email", placeholder: "La tua email" });
    const press = make("button", { type: "button" }, "Iscriviti");
    const box = make("div", {}, "Ricevi le novità sui nostri servizi: ", field, " ", press);
    press.onclick = () => { box.textContent = "Grazie!"; };
    box.style.cssText = "padding: 16px; background: #e3e9ef; color: #33414f; font: 13px Arial, sans-serif; text-align: center;";
    document.body.append(box);
  }

  function menu() {
    const links = ["I miei servizi", "Assistenza", "Area download"].map((text) => {
      const link = make("a", { href: "/servizi/aiuto" }, text);
      link.style.cssText = "margin-right: 24px; color: #fff; text-decoration: none;";
      return link;
    });
    const bar = make(chaos.pick("menu", ["nav", "div"]), {}, ...links);
    bar.style.cssText = "padding: 8px 24px; background: #43566b; font: 13px Arial, sans-serif;";
    document.body.prepend(bar);
  }

  function around(root) {
    if (smooth) document.documentElement.style.scrollBehavior = "smooth";
    const header = root.querySelector("header") ?? root.firstElementChild;
    if (root === document.body) {
      if (decoys.newsletter) newsletter();
      if (decoys.menu) menu();
    }
    if (sticky && header) header.style.cssText += "; position: sticky; top: 0; z-index: 20;";
    const foot = root.querySelector("footer, body > div:last-of-type");
    if (sticky && foot && chaos.chance("sticky foot", 0.4)) foot.style.cssText += "; position: sticky; bottom: 0; z-index: 19; background: #f4f6f8; padding: 6px;";
  }

  // First what is found by the plain markup, then (see the order of files) texts, tables, controls; last the headings.
  chaos.steps.unshift(function blocks(root) {
    if (decoys.copy) copies(root);
    if (decoys.progress) progress(root);
    if (decoys.aside) aside(root);
    if (decoys.buy) buying(root);
    if (blocksMoved) {
      reorder(root);
      ordersFirst(root);
    }
    if (root === document.body || root.host?.matches("mk-area")) around(root);
  });
  chaos.steps.push(function shells(root) {
    if (unboxed) unbox(root);
    wraps(root);
    for (const level of [1, 2, 3]) for (const head of root.querySelectorAll(`h${level}`)) turnHeading(head, level);
  });
}());
