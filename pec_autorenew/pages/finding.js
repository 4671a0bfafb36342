// What a person sees on a page: lines of text and controls with their names, in reading order, through open shadow
// roots and slots. One walk serves everything: finding one control, recognising a page, reading a row.
// It runs twice: as Playwright's selector engine `documented=` (see finding.py) and in `evaluate` for reading.
(() => {
  const fold = (text) => text.normalize('NFKC').replace(/[\u2018\u2019\u02bc\u2032\u00b4`]/g, "'").replace(/\s+/g, ' ').trim().toLowerCase();
  const EDGE = /^[\s:;.,*|\u00ab\u00bb\u2039\u203a<>\u2192\u2190\u25b6\u25ba\u2022\u00b7"\u201c\u201d-]+|[\s:;.,*|\u00ab\u00bb\u2039\u203a<>\u2192\u2190\u25b6\u25ba\u2022\u00b7"\u201c\u201d-]+$/g;
  // A name without the signs around it; a name that is nothing but signs («+») stays as it is.
  const core = (text) => { const folded = fold(text); return folded.replace(EDGE, '') || folded; };
  const ADDRESS = /[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![a-z0-9@-]|\.[a-z0-9])/gi;
  const MONTHS = 'gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic';
  const DATE = new RegExp(`(?<![\\d/.-])(?:\\d{1,2}[/.-]\\d{1,2}[/.-]\\d{4}|\\d{4}-\\d{2}-\\d{2}|\\d{1,2}[\u00b0\u00ba]?\\s+(?:${MONTHS})[a-z]*\\.?\\s+\\d{4})(?![\\d/-])`, 'gi');
  const addresses = (text) => (fold(text).match(ADDRESS) || []);

  // -- the tree as it is rendered ---------------------------------------------------------------------------------
  const kids = (node) => {
    if (node.localName === 'slot' && node.getRootNode() instanceof ShadowRoot) {
      const assigned = node.assignedNodes({ flatten: true });
      return assigned.length ? assigned : [...node.childNodes];
    }
    return [...(node.shadowRoot || node).childNodes];
  };
  const up = (node) => node.assignedSlot || (node.parentNode instanceof ShadowRoot ? node.parentNode.host : node.parentNode);
  const closest = (node, test) => { for (let at = node; at && at.nodeType === 1; at = up(at)) if (test(at)) return at; return null; };
  const inside = (node, box) => { for (let at = node; at; at = up(at)) if (at === box) return true; return false; };
  const shown = (el) => el.checkVisibility({ visibilityProperty: true });
  const sized = (el) => { const box = el.getBoundingClientRect(); return box.width > 1 && box.height > 1; };
  const byId = (el, id) => { const root = el.getRootNode(); return root.getElementById ? root.getElementById(id) : null; };

  // -- controls ---------------------------------------------------------------------------------------------------
  const ROLES = {
    button: 'press', link: 'press', menuitem: 'press', tab: 'press', checkbox: 'check', switch: 'check', menuitemcheckbox: 'check',
    radio: 'radio', menuitemradio: 'radio', option: 'option', textbox: 'field', searchbox: 'field', combobox: 'select',
    listbox: 'select', spinbutton: 'spin',
  };
  const INPUTS = { submit: 'press', button: 'press', image: 'press', reset: 'press', checkbox: 'check', radio: 'radio', number: 'spin', hidden: null, file: null };
  const strong = (el) => {
    const role = (el.getAttribute('role') || '').trim().split(/\s+/)[0].toLowerCase();
    if (el.localName === 'input' && el.type in INPUTS) return INPUTS[el.type];
    if (role in ROLES) return ROLES[role];
    switch (el.localName) {
      case 'input': case 'textarea': return 'field';
      case 'select': return 'select';
      case 'button': case 'summary': case 'area': return 'press';
      case 'a': return el.hasAttribute('href') || el.hasAttribute('onclick') || el.hasAttribute('tabindex') ? 'press' : null;
      default: return el.isContentEditable && !(el.parentElement && el.parentElement.isContentEditable) ? 'field' : null;
    }
  };
  const holdsStrong = (el) => kids(el).some((kid) => kid.nodeType === 1 && (strong(kid) || holdsStrong(kid)));
  // Something without any role that one can press all the same: a handler in the markup, or the hand as its cursor.
  const weak = (el) => {
    if (el.localName === 'label' || el.localName === 'option' || el.localName === 'slot') return null;
    const custom = el.localName.includes('-');
    if (custom && /check-?box|switch|toggle/.test(el.localName) && !holdsStrong(el)) return 'check';
    if (custom && /radio/.test(el.localName) && !/group/.test(el.localName) && !holdsStrong(el)) return 'radio';
    if (el.hasAttribute('onclick')) return holdsStrong(el) ? null : 'press';
    if (getComputedStyle(el).cursor !== 'pointer') return null;
    const parent = closest(up(el), () => true);
    if (parent && getComputedStyle(parent).cursor === 'pointer' && parent.localName !== 'body') return null;
    return holdsStrong(el) || closest(el, (at) => at.localName === 'label') ? null : 'press';
  };

  // -- the walk: lines and controls in reading order ----------------------------------------------------------------
  const walk = (root) => {
    const items = []; let line = null; let bodySize = 0;
    const end = () => { if (line && line.text.trim()) { line.text = line.text.replace(/\s+/g, ' ').trim(); items.push(line); } line = null; };
    const visit = (node, within, hidden) => {
      if (node.nodeType === 3) {
        if (!node.data.trim()) { if (line) line.text += ' '; return; }
        const el = node.parentElement || node.parentNode.host;
        const range = document.createRange(); range.selectNode(node);
        const box = range.getBoundingClientRect();
        if (hidden || box.width <= 1 || box.height <= 1 || !shown(el)) return;
        if (!line) line = { text: '', el, nodes: [], within, control: false };
        line.text += node.data; line.nodes.push(node);
        return;
      }
      if (node.nodeType !== 1) return;
      const tag = node.localName;
      if (tag === 'script' || tag === 'style' || tag === 'template' || tag === 'noscript' || tag === 'head') return;
      if (tag === 'br') { end(); return; }
      const style = getComputedStyle(node);
      if (style.display === 'none') {
        // A hidden native box behind a styled label is still the control that the label sets.
        if (strong(node) === 'check' || strong(node) === 'radio') items.push({ control: true, el: node, kind: strong(node), within, proxy: true });
        return;
      }
      const block = !style.display.startsWith('inline') && style.display !== 'contents';
      const kind = strong(node) || weak(node);
      if (kind) {
        const inlineLink = tag === 'a' && style.display === 'inline';
        if (!inlineLink) end();
        const item = { control: true, el: node, kind, within, strong: Boolean(strong(node)) };
        items.push(item);
        if (tag === 'img' && node.alt) items.push({ text: node.alt, el: node, nodes: [], within, control: false });
        if (tag !== 'select' && tag !== 'textarea' && tag !== 'input') for (const kid of kids(node)) visit(kid, item, hidden);
        if (!inlineLink) end();
        return;
      }
      if (tag === 'img') { if (node.alt && line) line.text += ` ${node.alt} `; return; }
      if (block) end();
      for (const kid of kids(node)) visit(kid, within, hidden);
      if (block) end();
    };
    visit(root.nodeType === 9 ? root.body || root.documentElement : root, null, false);
    end();
    return items.filter((item) => !item.control || !nested(items, item));
  };
  // A weak control around or inside a strong one, or a press inside a radio, is the same thing said twice.
  const nested = (items, item) => !item.strong && !item.proxy && item.within && item.within.control && item.within.kind === item.kind;

  // -- names ------------------------------------------------------------------------------------------------------
  const textOf = (el, loud) => {
    let out = '';
    const visit = (node) => {
      if (node.nodeType === 3) { out += node.data.replace(/\s+/g, ' '); return; }
      if (node.nodeType !== 1) return;
      const tag = node.localName;
      if (tag === 'script' || tag === 'style' || tag === 'template' || tag === 'select' || tag === 'textarea') return;
      if (tag === 'br') { out += '\n'; return; }
      if (tag === 'img' || (tag === 'input' && node.type === 'image')) { out += ` ${node.alt || ''} `; return; }
      if (tag === 'input' && INPUTS[node.type] === 'press') { out += ` ${node.value} `; return; }
      if (!loud && (node.getAttribute('aria-hidden') === 'true' || !shown(node))) return;
      const display = getComputedStyle(node).display;
      const block = !display.startsWith('inline') && display !== 'contents';
      if (block) out += '\n';
      for (const kid of kids(node)) visit(kid);
      if (block) out += '\n'; else if (display !== 'inline') out += ' ';
    };
    for (const kid of kids(el)) visit(kid);
    return out.split('\n').map((part) => part.replace(/ +/g, ' ').trim()).filter(Boolean).join('\n');
  };
  const labelled = (el) => {
    const found = [];
    for (const label of el.labels || []) found.push(label);
    const around = closest(up(el), (at) => at.localName === 'label');
    if (around && !found.includes(around)) found.push(around);
    // The host of a component may be what the label names: <label for="x"><x-field id="x">.
    for (let root = el.getRootNode(); root instanceof ShadowRoot; root = root.host.getRootNode()) {
      const id = root.host.id;
      if (id) for (const label of root.host.getRootNode().querySelectorAll('label')) if (label.htmlFor === id && !found.includes(label)) found.push(label);
      const label = root.host.getAttribute('label');
      if (label) found.push(label);
      if (found.length) break;
    }
    return found;
  };
  const PARTS = new Set(['check', 'radio', 'field', 'select', 'spin', 'option']);
  const splits = (item) => item.control && (PARTS.has(item.kind) || item.el.localName === 'button' || item.el.localName === 'input');
  // The words beside a control that nothing in the markup ties to it: those of its own cell, row or group.
  const beside = (el, kind) => {
    for (let box = up(el); box && box.nodeType === 1 && box !== document.body; box = up(box)) {
      const items = walk(box);
      if (!items.some((item) => !item.control && !(item.within && item.within.el === el))) continue;
      const at = items.findIndex((item) => item.control && item.el === el);
      const take = (step) => {
        const words = [];
        for (let i = at + step; i >= 0 && i < items.length && !splits(items[i]); i += step) {
          if (items[i].control) continue;
          if (step < 0) words.unshift(items[i]); else words.push(items[i]);
        }
        return words;
      };
      const after = take(1); const before = take(-1);
      const alone = !items.some((item) => splits(item) && item.el !== el);
      const order = kind === 'check' || kind === 'radio' ? [after, before] : [before, after];
      const words = alone && (kind === 'check' || kind === 'radio') ? [...before, ...after] : order.find((list) => list.length) || [];
      if (!words.length) continue;
      const texts = words.map((word) => word.text);
      return kind === 'check' || kind === 'radio' ? [texts.join('\n')] : [texts.join('\n'), texts[texts.length - 1], texts[0]];
    }
    return [];
  };
  const namesOf = (item) => {
    const { el, kind } = item; const out = [];
    const ids = (el.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean);
    const referred = ids.map((id) => byId(el, id)).filter(Boolean);
    if (referred.length) out.push(referred.map((at) => textOf(at, true)).join(' '));
    if (el.getAttribute('aria-label')) out.push(el.getAttribute('aria-label'));
    if (kind === 'press' || kind === 'option' || el.localName !== 'input') {
      if (el.localName === 'input') out.push(el.type === 'image' ? el.alt || el.value : el.value || (el.type === 'submit' ? 'Invia' : ''));
      else if (kind !== 'select' && kind !== 'field') { out.push(textOf(el, false)); if (!out.at(-1)) out.push(textOf(el, true)); }
      if (el.localName === 'area') out.push(el.alt);
    }
    if (kind !== 'press' && kind !== 'option') {
      const labels = labelled(el);
      for (const label of labels) out.push(typeof label === 'string' ? label : textOf(label, false) || textOf(label, true));
      if (el.placeholder) out.push(el.placeholder);
      if (!out.some((name) => name.trim())) out.push(...beside(el, kind));
    }
    if (el.title) out.push(el.title);
    return [...new Set(out.map((name) => (name || '').trim()).filter(Boolean))];
  };

  // -- comparing ----------------------------------------------------------------------------------------------------
  const HEAD = /\n|\s[-\u2013\u2014]\s|\s*[(:,;\u2014\u2013]|\.\s/;
  const sameName = (name, wanted) => wanted.includes(core(name.replace(/\n/g, ' '))) || wanted.includes(core(name.split(HEAD)[0]));
  const hasPhrase = (name, wanted) => { const text = ` ${fold(name).replace(/[^\p{L}\p{N}']+/gu, ' ')} `; return wanted.some((phrase) => text.includes(` ${phrase} `)); };
  const matches = (name, query) => (query.has ? hasPhrase(name, query.names) : sameName(name, query.names));

  // -- state --------------------------------------------------------------------------------------------------------
  const stateWords = /(^|[-_])(checked|selected|active|current|on)$/;
  const checked = (el) => {
    if (el.localName === 'input' && (el.type === 'checkbox' || el.type === 'radio')) return el.checked;
    for (const name of ['aria-checked', 'aria-pressed', 'aria-selected']) if (el.hasAttribute(name)) return el.getAttribute(name) === 'true';
    const native = walkFirst(el, (at) => at.localName === 'input' && (at.type === 'checkbox' || at.type === 'radio'));
    if (native) return native.checked;
    for (const name of ['checked', 'selected']) if (el.hasAttribute(name)) return el.getAttribute(name) !== 'false';
    const said = el.getAttribute('data-state') || el.getAttribute('data-checked') || el.getAttribute('data-selected');
    if (said !== null && said !== undefined && said !== '') return /^(checked|on|active|selected|true)$/.test(said);
    const marked = (at) => [...at.classList].some((word) => stateWords.test(word));
    if (marked(el)) return true;
    const peers = el.parentElement ? [...el.parentElement.children].filter((at) => at !== el && at.localName === el.localName) : [];
    return peers.some((at) => marked(at) || at.hasAttribute('checked') || at.hasAttribute('selected')) ? false : el.localName.includes('-') ? false : null;
  };
  const walkFirst = (el, test) => { for (const kid of kids(el)) { if (kid.nodeType !== 1) continue; if (test(kid)) return kid; const deep = walkFirst(kid, test); if (deep) return deep; } return null; };
  const disabled = (el) => Boolean(el.disabled) || el.getAttribute('aria-disabled') === 'true' || Boolean(closest(el, (at) => at.localName === 'fieldset' && at.disabled)) || Boolean(closest(el, (at) => at.localName.includes('-') && at.hasAttribute('disabled')));
  const required = (el) => Boolean(el.required) || el.getAttribute('aria-required') === 'true' || Boolean(closest(el, (at) => at.localName.includes('-') && at.hasAttribute('required')));
  const valueOf = (el) => {
    if (el.localName === 'select') return el.selectedOptions[0] ? el.selectedOptions[0].label.trim() : '';
    if ('value' in el && typeof el.value === 'string') return el.value;
    return el.getAttribute('aria-valuetext') || el.getAttribute('aria-valuenow') || el.getAttribute('value') || textOf(el, false);
  };
  // What a click must meet: the control itself where one sees it, else its label, else the component around it.
  const target = (el) => {
    if (shown(el) && sized(el) && getComputedStyle(el).opacity !== '0') return el;
    const label = labelled(el).find((at) => typeof at !== 'string' && shown(at) && sized(at));
    return label || closest(up(el), (at) => shown(at) && sized(at)) || el;
  };

  // -- queries ------------------------------------------------------------------------------------------------------
  const KINDS = { press: ['press'], check: ['check'], choice: ['radio', 'option', 'press', 'check'], radio: ['radio', 'option'], field: ['field'], select: ['select'], spin: ['spin', 'field'] };
  const isPassword = (el) => el.localName === 'input' && el.type === 'password';
  const visible = (item) => item.proxy ? shown(target(item.el)) && target(item.el) !== item.el : shown(item.el) && (sized(item.el) || target(item.el) !== item.el);
  const controls = (root, query) => {
    if (query.kind === 'password') return walk(root).filter((item) => item.control && isPassword(item.el) && visible(item));
    const kinds = KINDS[query.kind];
    const found = walk(root).filter((item) => item.control && kinds.includes(item.kind) && !isPassword(item.el) && visible(item) && (!query.names.length || namesOf(item).some((name) => matches(name, query))));
    const formal = query.kind === 'choice' && found.some((item) => item.kind !== 'press') ? found.filter((item) => item.kind !== 'press') : found;
    return nearest(root, formal.filter((item) => !found.some((other) => other !== item && formal.includes(other) && inside(other.el, item.el) && (other.strong || !item.strong))), query);
  };
  // Of several with one name, those in the narrowest block around the words beside which it is documented to stand.
  const nearest = (root, found, query) => {
    const best = found.filter((item) => !found.some((other) => other !== item && inside(item.el, other.el)));
    if (!query.near || !query.near.length) return best;
    const kept = new Set();
    for (const line of walk(root).filter((item) => !item.control && sameName(item.text, query.near))) {
      for (let box = line.el; box && box.nodeType === 1; box = up(box)) {
        const here = best.filter((item) => inside(item.el, box));
        if (here.length) { for (const item of here) kept.add(item); break; }
      }
    }
    return best.filter((item) => kept.has(item));
  };
  const level = (el) => {
    if (closest(el, (at) => /^h[1-6]$/.test(at.localName) || at.getAttribute('role') === 'heading' || at.localName === 'legend' || at.localName === 'caption')) return 2;
    if (closest(el, (at) => ['li', 'nav', 'label', 'ol'].includes(at.localName) || ['listitem', 'navigation'].includes(at.getAttribute('role')))) return 0;
    return 1;
  };
  const size = (el) => parseFloat(getComputedStyle(el).fontSize) + (Number(getComputedStyle(el).fontWeight) >= 600 ? 1 : 0);
  const headings = (items, names) => items.filter((item) => !item.control && !(item.within && item.within.strong) && names.includes(core(item.text)))
    .map((item) => ({ el: item.el, rank: [level(item.el), size(item.el)] })).filter((hit) => hit.rank[0] > 0);

  // Rows: the widest block around a key (an address, an order's state) that holds no other key and no fence.
  const common = (line) => line.nodes.reduce((box, node) => { let at = box; while (at && !inside(node, at)) at = up(at); return at; }, line.el);
  const begins = (text, word) => text === word || (text.startsWith(word) && !/[\p{L}\p{N}]/u.test(text[word.length]));
  const rows = (root, keysOf, fences, needed) => {
    const items = walk(root); const keys = new Map(); const fenced = new Set(); const amounts = new Map(); const anchors = [];
    const climb = (el, mark) => { for (let at = el; at && at.nodeType === 1; at = up(at)) mark(at); };
    for (const item of items) {
      if (item.control) continue;
      const found = keysOf(item); const el = common(item);
      for (const key of found) { anchors.push({ key, el }); climb(el, (at) => { if (!keys.has(at)) keys.set(at, new Set()); keys.get(at).add(key); }); }
      const hits = (fold(item.text).match(needed) || []).length;
      if (hits) climb(el, (at) => amounts.set(at, (amounts.get(at) || 0) + hits));
      if (fences.some((fence) => begins(core(item.text), fence))) climb(el, (at) => fenced.add(at));
    }
    const blocks = [];
    for (const anchor of anchors) {
      let row = anchor.el; let count = amounts.get(row) || 0;
      for (let at = up(row); at && at.nodeType === 1 && at.localName !== 'body'; at = up(at)) {
        const more = amounts.get(at) || 0;
        if (keys.get(at).size > 1 || fenced.has(at) || (count && more > count)) break;
        row = at; count = more;
      }
      if (!blocks.some((block) => block.row === row)) blocks.push({ key: anchor.key, row, count });
    }
    return blocks.filter((block) => !blocks.some((other) => other !== block && inside(block.row, other.row)));
  };
  // An order is about mailboxes too: its block begins at its state, and ends before whatever only a mailbox's block says.
  const orderRows = (root, query) => {
    let serial = 0;
    const state = (item) => !(item.within && item.within.strong) && core(item.text).length < 40 && hasPhrase(item.text, query.states)
      && !closest(item.el, (at) => at.localName === 'th' || at.getAttribute('role') === 'columnheader');
    return rows(root, (item) => (state(item) ? [`order ${serial++}`] : []), [...query.orders, ...query.fields], DATE);
  };
  const mailboxRows = (root, query) => {
    const orders = orderRows(root, query);
    return rows(root, (item) => (orders.some((block) => inside(item.el, block.row)) ? [] : addresses(item.text)), query.orders, DATE);
  };

  // -- what is handed to Python -------------------------------------------------------------------------------------
  const headOf = (el) => {
    const cell = closest(el, (at) => at.localName === 'td' || ['cell', 'gridcell'].includes(at.getAttribute('role')));
    const row = cell && closest(up(cell), (at) => at.localName === 'tr' || at.getAttribute('role') === 'row');
    if (!row) return '';
    const table = closest(up(row), (at) => at.localName === 'table' || ['table', 'grid', 'treegrid'].includes(at.getAttribute('role')));
    if (!table) return '';
    const cells = (tr) => kids(tr).filter((at) => at.nodeType === 1 && (['td', 'th'].includes(at.localName) || ['cell', 'gridcell', 'columnheader', 'rowheader'].includes(at.getAttribute('role'))));
    const first = walkFirst(table, (at) => at.localName === 'tr' || at.getAttribute('role') === 'row');
    if (!first || first === row) return '';
    const text = textOf(first, false); const heads = cells(first);
    if (addresses(text).length || text.match(DATE) || heads.length !== cells(row).length) return '';
    const head = fold(textOf(heads[cells(row).indexOf(cell)], false));
    return head.length < 40 ? head : '';
  };
  const isHeader = (el) => Boolean(closest(el, (at) => at.localName === 'th' || at.getAttribute('role') === 'columnheader'));
  const outline = (root) => {
    const items = walk(root); const spoken = new Set(); const numbered = [];
    const rowOf = (el) => {
      const row = closest(el, (at) => ['tr', 'li'].includes(at.localName) || ['row', 'listitem'].includes(at.getAttribute('role')));
      if (row && !numbered.includes(row)) numbered.push(row);
      return numbered.indexOf(row) + 1;
    };
    const out = items.map((item) => {
      if (!item.control) {
        return {
          kind: 'text', text: item.text, head: headOf(item.el), header: isHeader(item.el), heading: level(item.el) === 2, row: rowOf(item.el),
          label: Boolean(closest(item.el, (at) => at.localName === 'label')), within: item.within ? item.within.kind : '',
        };
      }
      const { el, kind } = item;
      if (!visible(item)) return null;
      const names = isPassword(el) ? ['password'] : namesOf(item);
      if (PARTS.has(kind)) for (const name of names) spoken.add(fold(name.replace(/\n/g, ' ')));
      return {
        kind, names, row: rowOf(el), checked: ['check', 'radio', 'option', 'press'].includes(kind) ? checked(el) : null,
        disabled: disabled(el), required: required(el), value: ['field', 'select', 'spin'].includes(kind) && !isPassword(el) ? valueOf(el) : '',
        options: el.localName === 'select' ? [...el.options].map((option) => ({ text: option.label.trim(), disabled: option.disabled })) : [],
      };
    }).filter(Boolean);
    for (const entry of out) if (entry.kind === 'text' && [...spoken].some((name) => name === fold(entry.text))) entry.label = true;
    return out;
  };
  const satisfied = (root, items, query) => {
    switch (query.kind) {
      case 'heading': return headings(items, query.names).length > 0;
      case 'text': return items.some((item) => !item.control && matches(item.text, query));
      case 'mailbox': return mailboxRows(root, query).some((row) => row.count > 0);
      case 'alert': return Boolean(walkFirst(document.documentElement, (at) => (at.getAttribute('role') === 'alert' || at.getAttribute('aria-live') === 'assertive') && shown(at) && textOf(at, false)));
      case 'empty-password': return items.some((item) => item.control && isPassword(item.el) && visible(item) && !item.el.value);
      case 'address': return items.some((item) => !item.control && addresses(item.text).length > 0);
      default: return controls(root, query).length > 0;
    }
  };
  // Which of the described pages stands here: its heading, the controls it must have, those it must not have.
  const recognise = (root, pages) => {
    const items = walk(root); const hits = [];
    for (const [key, ways] of Object.entries(pages)) {
      for (const way of ways) {
        const found = headings(items, way.headings);
        if (way.headings.length && !found.length) continue;
        if (!way.all.every((query) => satisfied(root, items, query)) || way.none.some((query) => satisfied(root, items, query))) continue;
        hits.push({ key, rank: found.map((hit) => hit.rank).sort((one, two) => two[0] - one[0] || two[1] - one[1])[0] || [0, 0] });
        break;
      }
    }
    return hits;
  };
  const busy = () => Boolean(walkFirst(document.documentElement, (at) => at.getAttribute('aria-busy') === 'true' && shown(at)));

  const all = (root, query) => {
    switch (query.kind) {
      case 'mailbox-row': return mailboxRows(root, query).filter((block) => block.key === query.address && (block.count > 0 || !query.dated)).map((block) => block.row);
      case 'heading': return headings(walk(root), query.names).map((hit) => hit.el);
      case 'text': return walk(root).filter((item) => !item.control && matches(item.text, query)).map((item) => item.el);
      default: return controls(root, query).map((item) => target(item.el));
    }
  };
  // The names on this page that are nearest to the one that was looked for: what a person would try next.
  const candidates = (root) => {
    const seen = [];
    for (const item of walk(root)) if (item.control && visible(item) && !isPassword(item.el)) seen.push({ kind: item.kind, names: namesOf(item).map((name) => name.replace(/\n/g, ' ').slice(0, 120)) });
    return seen.slice(0, 400);
  };
  const read = {
    outline: (root) => outline(root),
    candidates: (root) => candidates(root),
    mailboxes: (root, query) => mailboxRows(root, query).map((block) => ({ key: block.key, items: outline(block.row) })),
    orders: (root, query) => orderRows(root, query).map((block) => ({ key: '', items: outline(block.row) })),
    recognise: (root, pages) => ({ hits: recognise(root, pages), busy: busy(), ready: document.readyState !== 'loading' }),
    state: (el) => ({ checked: checked(el), disabled: disabled(el), value: valueOf(el) }),
  };
  return {
    query: (root, selector) => all(root, JSON.parse(selector))[0] || null,
    queryAll: (root, selector) => all(root, JSON.parse(selector)),
    read,
  };
})()
