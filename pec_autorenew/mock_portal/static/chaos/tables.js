// Tables into grids, cards, lines and definition lists, and back; the same cells, moved, never copied.
"use strict";
(function () {
  const { chaos } = window;
  const headedKind = chaos.habit("headed tables", 0.75, ["aria", "plain", "grid", "cards"]);
  const pairKind = chaos.habit("tables of pairs", 0.7, ["aria", "plain", "definitions", "lines"]);
  const choiceKind = chaos.habit("tables of choices", 0.6, ["plain", "lines", "list"]);
  const listKind = chaos.habit("lists", 0.6, ["divs", "table"]);
  const definitionKind = chaos.habit("definitions", 0.6, ["table", "lines", "aria"]);
  const columns = chaos.chance("columns", 0.4);
  const worn = ["padding", "text-align", "font-weight", "font-size", "color", "background-color", "border-bottom", "border-top", "white-space", "vertical-align"];
  const { make, retag } = chaos;

  const words = (cell) => cell.textContent.replace(/\s+/g, " ").trim();
  const cells = (row) => [...row.cells];
  const isHead = (row) => cells(row).length > 1 && cells(row).every((cell) => cell.localName === "th");

  function permute(rows) {
    const count = rows[0].cells.length;
    if (rows.some((row) => row.cells.length !== count || cells(row).some((cell) => cell.colSpan > 1))) return;
    const order = chaos.shuffled(`columns:${chaos.page()}:${cells(rows[0]).map(words).join()}`, [...cells(rows[0]).keys()]);
    const free = order.filter((index) => words(rows[0].cells[index]));
    const bound = [...cells(rows[0]).keys()].filter((index) => !words(rows[0].cells[index]));
    const first = bound.filter((index) => index === 0);
    const last = bound.filter((index) => index !== 0);
    for (const row of rows) {
      const before = cells(row);
      row.append(...[...first, ...free, ...last].map((index) => before[index]));
    }
  }

  // Boxes that look like a table; with roles, or without.
  function boxes(table, rows, kind) {
    const heads = isHead(rows[0]) ? cells(rows[0]).length : 0;
    const whole = table.offsetWidth >= (table.parentElement ?? table.getRootNode().host).clientWidth * 0.95;
    const { margin } = getComputedStyle(table);
    const made = rows.map((row) => {
      const made_ = cells(row).map((cell) => {
        const role = cell.localName === "th" ? "columnheader" : "cell";
        const box = retag(cell, "div", { styles: worn });
        box.style.display = kind === "grid" && heads ? "block" : "table-cell";
        if (kind === "aria") box.setAttribute("role", role);
        return box;
      });
      const box = make("div", { class: row.getAttribute("class") ?? undefined, role: kind === "aria" ? "row" : undefined }, ...made_);
      box.style.display = kind === "grid" && heads ? "contents" : "table-row";
      return box;
    });
    const box = make("div", { id: table.id || undefined, class: table.getAttribute("class") ?? undefined, role: kind === "aria" ? "table" : undefined }, ...made);
    const style = box.style;
    style.margin = margin;
    if (kind === "grid" && heads) {
      style.display = "grid";
      style.gridTemplateColumns = `repeat(${heads}, auto)`;
    } else style.display = "table";
    if (whole) style.width = "100%";
    if (table.style.display === "none") style.display = "none";
    table.replaceWith(box);
  }

  function cards(table, rows) {
    const heads = cells(rows[0]).map(words);
    const list = chaos.chance("cards list", 0.5);
    const made = rows.slice(1).map((row) => {
      const lines = cells(row).map((cell, index) => {
        const value = retag(cell, "span", { keep: ["class"] });
        value.style.textAlign = "left";
        const name = value.hasAttribute("colspan") || row.cells.length === 0 ? "" : heads[index];
        const empty = !words(value) && !value.querySelector("input, select, button, a");
        if (empty) return "";
        const head = make("span", {}, name ? `${name}: ` : "");
        head.style.color = "#66707c";
        const line = name ? make("div", {}, head, value) : make("div", {}, value);
        line.style.cssText = "padding: 3px 0; text-align: left;";
        return line;
      });
      const card = make(list ? "li" : "div", {}, ...lines);
      card.style.cssText = "margin: 0 0 12px; padding: 12px 16px; border: 1px solid #d0d7de; border-radius: 6px; list-style: none; background: #fff;";
      return card;
    });
    const box = make(list ? "ul" : "div", { id: table.id || undefined }, ...made);
    box.style.cssText = "margin: 12px 0; padding: 0;";
    if (table.style.display === "none") box.style.display = "none";
    table.replaceWith(box);
  }

  // Two columns, the name and the value.
  function pairs(table, rows, kind) {
    const definitions = kind === "definitions";
    const box = make(definitions ? "dl" : "div", { id: table.id || undefined });
    box.style.margin = getComputedStyle(table).margin;
    if (table.style.display === "none") box.style.display = "none";
    for (const row of rows) {
      const group = make("div", { class: row.getAttribute("class") ?? undefined });
      group.style.cssText = "display: flex; gap: 14px; justify-content: flex-start; align-items: baseline; padding: 4px 0;";
      const [name, ...values] = cells(row).map((cell, index) => {
        const tag = definitions ? ["dt", "dd"][Math.min(index, 1)] : "span";
        const made = retag(cell, tag, { keep: ["id", "class"], styles: ["font-weight", "font-size", "color"] });
        made.style.margin = "0";
        return made;
      });
      name.style.minWidth = "150px";
      group.append(name, ...values);
      box.append(group);
    }
    table.replaceWith(box);
  }

  // A box and its text on each line.
  function lines(table, rows, kind) {
    const box = make(kind === "list" ? "ul" : "div", { id: table.id || undefined, class: table.getAttribute("class") ?? undefined });
    box.style.cssText = "margin: 0; padding: 4px; list-style: none;";
    if (table.style.display === "none") box.style.display = "none";
    for (const row of rows) {
      const line = make(kind === "list" ? "li" : "div");
      line.style.cssText = "display: flex; gap: 8px; padding: 4px 0;";
      line.append(...cells(row).map((cell) => retag(cell, "span", { keep: ["id", "class"] })));
      box.append(line);
    }
    table.replaceWith(box);
  }

  function turnTable(table) {
    const rows = [...table.rows];
    if (!rows.length || table.querySelector("table")) return;
    const name = `${chaos.page()}:${words(rows[0])}`;
    if (isHead(rows[0])) {
      if (columns) permute(rows);
      const kind = headedKind(name);
      const whole = rows.every((row) => row.cells.length === rows[0].cells.length);
      if (kind === "cards" && whole) cards(table, rows);
      else if (kind === "grid" && !whole) boxes(table, rows, "plain");
      else if (kind !== "same" && kind !== "cards") boxes(table, rows, kind);
    } else if (rows.every((row) => row.cells[0]?.querySelector("input[type=radio], input[type=checkbox]"))) {
      const kind = choiceKind(name);
      if (kind === "plain") boxes(table, rows, kind);
      else if (kind !== "same") lines(table, rows, kind);
    } else if (rows.every((row) => row.cells.length === 2 && words(row.cells[0]) && !row.cells[0].querySelector("h2, a, input"))) {
      const kind = pairKind(name);
      if (kind === "definitions" || kind === "lines") pairs(table, rows, kind);
      else if (kind !== "same") boxes(table, rows, kind);
    }
  }

  function turnDefinitions(list) {
    const kind = definitionKind(`${chaos.page()}:${words(list)}`);
    if (kind === "same") return;
    const names = [...list.querySelectorAll("dt")];
    const rows = names.map((name) => {
      const group = name.parentElement === list ? null : name.parentElement;
      const value = name.nextElementSibling;
      const table = kind === "table";
      const row = make(table ? "tr" : "div", { class: group?.getAttribute("class") ?? undefined, role: kind === "aria" ? "row" : undefined },
        retag(name, table ? chaos.pick("row head", ["th", "td"]) : "span", { styles: ["color", "font-weight"] }),
        " ",
        retag(value, table ? "td" : "span", { styles: ["font-weight"] }));
      if (!table) row.style.cssText = "display: flex; gap: 16px; justify-content: space-between; padding: 5px 0;";
      for (const cell of row.children) {
        if (kind === "aria") cell.setAttribute("role", "cell");
        if (table) cell.style.cssText += "; padding: 5px 16px 5px 0; text-align: left;";
      }
      return row;
    });
    const box = make(kind === "table" ? "table" : "div", { role: kind === "aria" ? "table" : undefined }, ...rows);
    if (kind !== "table") box.style.cssText = "max-width: 560px; margin: 12px 0 0 auto;";
    else box.style.cssText = "margin: 12px 0;";
    list.replaceWith(box);
  }

  function turnList(list) {
    const items = [...list.children];
    const kind = items.length && items.every((item) => item.childElementCount > 1) ? listKind(`${chaos.page()}:list`) : "same";
    const text = (item) => [...item.childNodes].some((node) => node instanceof Text && node.data.trim());
    if (kind === "divs" || (kind === "table" && items.some(text))) {
      for (const item of items) retag(item, "div", { styles: ["display", "justify-content", "align-items", "gap", "padding", "border-top", "border-bottom"] });
      retag(list, "div");
    } else if (kind === "table") {
      const rows = items.map((item) => make("tr", {}, ...[...item.children].map((child) => {
        const cell = make("td", {}, child);
        cell.style.cssText = "padding: 10px 12px 10px 0; border-top: 1px solid #e8ecf3;";
        return cell;
      })));
      const table = make("table", {}, ...rows);
      table.style.width = "100%";
      list.replaceWith(table);
    }
  }

  chaos.steps.push(function tables(root) {
    for (const list of root.querySelectorAll("dl")) turnDefinitions(list);
    for (const list of root.querySelectorAll("ul")) turnList(list);
    for (const table of root.querySelectorAll("table")) turnTable(table);
  });
}());
