// What a person sees on a page: lines of text and controls with their names, in reading order, through open shadow
// roots and slots. One walk serves everything: finding one control, recognising a page, reading a row.
// It runs twice: as Playwright's selector engine `documented=` (see finding.py) and in `evaluate` for reading.
(() => {
  // -- memory: while one question is answered the page does not change, so nothing about it is computed twice -----------
  let memory = new Map();
  const once = (work) => {
    const known = new Map();
    return (key, ...more) => {
      if (memory.get(work) !== known) { known.clear(); memory.set(work, known); }
      if (!known.has(key)) known.set(key, work(key, ...more));
      return known.get(key);
    };
  };
  // The nearest element, from here upwards, that passes the test; each step of the way is known for the next who asks.
  const nearby = (test) => { const find = once((el) => (!el || el.nodeType !== 1 ? null : test(el) ? el : find(up(el)))); return find; };
  const afresh = (question) => (...args) => { memory = new Map(); try { return question(...args); } finally { memory = new Map(); } };

  // -- words ----------------------------------------------------------------------------------------------------------
  const fold = once((text) => text.replace(/[\u2018\u2019\u02bc\u2032\u00b4`]/g, "'").normalize('NFKC').replace(/\s+/g, ' ').trim().toLowerCase());
  const EDGE = /^[^\p{L}\p{N}_()+%\u20ac']+|[^\p{L}\p{N}_()+%\u20ac']+$/gu;
  // A name without the signs around it; a name that is nothing but signs («+») stays as it is.
  const core = once((text) => fold(text).replace(EDGE, '') || fold(text));
  const ADDRESS = /[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![a-z0-9@-]|\.[a-z0-9])/gi;
  const MONTHS = 'gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic';
  const DATE = new RegExp(`(?<![\\d/.-])(?:\\d{1,2}[/.-]\\d{1,2}[/.-]\\d{4}|\\d{4}-\\d{2}-\\d{2}|\\d{1,2}[\u00b0\u00ba]?\\s+(?:${MONTHS})[a-z]*\\.?\\s+\\d{4})(?![\\d/-])`, 'gi');
  const FIGURE = /\d,\d\d(?!\d)|\d{5,}/g; // money, or an order's number
  const addresses = once((text) => fold(text).match(ADDRESS) || []);
  const count = (text, pattern) => (text.match(pattern) || []).length;

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
  const first = (el, test) => { for (const kid of kids(el)) { if (kid.nodeType !== 1) continue; if (test(kid)) return kid; const deep = first(kid, test); if (deep) return deep; } return null; };
  const byId = (el, id) => { const root = el.getRootNode(); return root.getElementById ? root.getElementById(id) : null; };
  const hasRole = (el, ...roles) => roles.includes(el.getAttribute('role'));
  const custom = (el) => el.localName.includes('-');
  const outermost = (items) => { const all = new Set(items.map((item) => item.el)); return items.filter((item) => !closest(up(item.el), (at) => all.has(at))); };

  const styleOf = once((el) => getComputedStyle(el));
  const boxOf = once((el) => el.getBoundingClientRect());
  const shown = once((el) => el.checkVisibility({ visibilityProperty: true }) || (styleOf(el).display === 'contents' && up(el).nodeType === 1 && shown(up(el))));
  // How far everything around an element has been scrolled: the page, and any box on it that scrolls by itself.
  const scrolled = once((el) => { if (!el || el.nodeType !== 1) return [0, 0]; const [x, y] = scrolled(up(el)); return [x + el.scrollLeft, y + el.scrollTop]; });
  const sized = (el) => { const box = boxOf(el); const [x, y] = scrolled(up(el)); return box.width > 1 && box.height > 1 && box.right + x > 0 && box.bottom + y > 0; };
  const isBlock = (el) => { const { display } = styleOf(el); return !display.startsWith('inline') && display !== 'contents'; };
  // Words for the ear only: a box of one pixel, or far off the page, that does not let its content show.
  const unseen = once((el) => styleOf(el).display !== 'contents' && styleOf(el).position !== 'static' && !sized(el) && (styleOf(el).overflow !== 'visible' || boxOf(el).right + scrolled(up(el))[0] <= 0));

  // -- controls ---------------------------------------------------------------------------------------------------
  const ROLES = {
    button: 'press', link: 'press', menuitem: 'press', tab: 'press', checkbox: 'check', switch: 'check', menuitemcheckbox: 'check',
    radio: 'radio', menuitemradio: 'radio', option: 'option', textbox: 'field', searchbox: 'field', combobox: 'select',
    listbox: null, spinbutton: 'spin',
  };
  const INPUTS = { submit: 'press', button: 'press', image: 'press', reset: 'press', checkbox: 'check', radio: 'radio', number: 'spin', hidden: null, file: null };
  // The value of a drawn control, kept for the form beside it: nobody sees it, hears of it, or can press it.
  const ghost = (el) => el.getAttribute('aria-hidden') === 'true' && styleOf(el).opacity === '0' && styleOf(el).pointerEvents === 'none' && !(el.labels || []).length;
  const strong = once((el) => {
    if (['input', 'select'].includes(el.localName) && ghost(el)) return null;
    const role = (el.getAttribute('role') || '').trim().split(/\s+/)[0].toLowerCase();
    if (el.localName === 'input' && el.type in INPUTS) return INPUTS[el.type];
    if (el.getAttribute('aria-haspopup') === 'listbox') return 'select';
    if (role in ROLES) return ROLES[role];
    switch (el.localName) {
      case 'input': case 'textarea': return 'field';
      case 'select': return 'select';
      case 'button': case 'summary': case 'area': return 'press';
      case 'a': return el.hasAttribute('href') || el.hasAttribute('onclick') || el.hasAttribute('tabindex') ? 'press' : null;
      default: return el.isContentEditable && !(el.parentElement && el.parentElement.isContentEditable) ? 'field' : null;
    }
  });
  const HAND = ['pointer', 'not-allowed'];
  // An empty frame that is as wide as high is how a check box is drawn; a round one is a radio button.
  const drawn = (el) => {
    const { width, height } = boxOf(el); const style = styleOf(el);
    if (width < 8 || width > 36 || Math.abs(width - height) > 2 || !parseFloat(style.borderTopWidth) || fullText(el)) return null;
    const radius = parseFloat(style.borderTopLeftRadius) / (style.borderTopLeftRadius.endsWith('%') ? 100 : width);
    return radius > 0.3 ? 'radio' : 'check';
  };
  const tickable = (el) => !/group/.test(el.localName) && el.localName.match(/check-?box|switch|toggle|radio/);
  // Something without any role that one can press all the same: a handler in the markup, or the hand as its cursor.
  const weak = once((el) => {
    if (['label', 'option', 'slot', 'body', 'html'].includes(el.localName)) return null;
    const named = custom(el) && tickable(el);
    if (named) return first(el, (at) => ['check', 'radio'].includes(strong(at))) ? null : named[0] === 'radio' ? 'radio' : 'check';
    const parent = up(el);
    const hand = HAND.includes(styleOf(el).cursor) && !(parent && parent.nodeType === 1 && parent.localName !== 'body' && HAND.includes(styleOf(parent).cursor));
    if (!(hand || el.hasAttribute('onclick')) || labelOf(el)) return null;
    const text = textOf(el);
    if (addresses(text).length || count(text, DATE)) return null; // a whole row or card that can be pressed is no control
    const frame = drawn(el) ? el : first(el, drawn);
    if (first(el, (at) => strong(at) && !(frame && at.localName === 'a'))) return null; // a link in a consent's words is no control of its own
    if (frame) return drawn(frame);
    if (text || el.title || el.getAttribute('aria-label') || pictured(el)) return 'press';
    return boxOf(el).width <= 80 && boxOf(el).height <= 60 ? 'check' : null; // a switch is small; a large empty area is no control
  });
  const pictured = (el) => ['svg', 'img', 'canvas'].includes(el.localName) || !['none', 'normal', '""'].includes(getComputedStyle(el, '::before').content)
    || styleOf(el).backgroundImage !== 'none' || kids(el).some((kid) => kid.nodeType === 1 && pictured(kid));

  // -- the walk: lines and controls in reading order ----------------------------------------------------------------
  const SILENT = new Set(['script', 'style', 'template', 'noscript', 'head']);
  const CLOSED = new Set(['select', 'textarea', 'input']); // what stands inside is their value
  const walk = once((root) => {
    const items = []; let line = null;
    const end = () => { if (line && line.text.trim()) { line.text = line.text.replace(/\s+/g, ' ').trim(); items.push(line); } line = null; };
    const write = (node, within) => {
      if (!node.data.trim()) { if (line) line.text += ' '; return; }
      const range = document.createRange(); range.selectNode(node);
      const box = range.getBoundingClientRect(); const el = node.parentElement || node.parentNode.host;
      if (box.width <= 1 || box.height <= 1 || !shown(el)) return;
      line ??= { text: '', el, nodes: [], within, control: false };
      line.text += node.data; line.nodes.push(node);
    };
    const visit = (node, within) => {
      if (node.nodeType === 3) { write(node, within); return; }
      const tag = node.localName;
      if (node.nodeType !== 1 || SILENT.has(tag)) return;
      if (tag === 'br') { end(); return; }
      if (styleOf(node).display === 'none') {
        // A hidden native box behind a styled label is still the control that the label sets.
        if (['check', 'radio'].includes(strong(node)) && labelled(node).length) items.push({ control: true, el: node, kind: strong(node), within, strong: true, proxy: true });
        return;
      }
      const kind = strong(node) || weak(node);
      const item = kind ? { control: true, el: node, kind, within, strong: Boolean(strong(node)) } : within;
      const breaks = kind ? tag !== 'a' || styleOf(node).display !== 'inline' : isBlock(node);
      if (breaks) end();
      if (kind) items.push(item);
      if (tag === 'img' && node.alt && (line || kind || within)) { if (line) line.text += ` ${node.alt} `; else items.push({ text: node.alt, el: node, nodes: [], within: item, control: false }); }
      if (!CLOSED.has(tag) && !unseen(node)) for (const kid of kids(node)) visit(kid, item);
      if (breaks) end();
    };
    const start = root.nodeType === 9 ? root.body || root.documentElement : root;
    if (start) visit(start, null); // a document that has only just begun has neither
    end();
    // A control around another of its kind is the same thing said twice: the inner one is the one that acts.
    const outer = new Set();
    for (const item of items) if (item.control) for (let at = item.within; at; at = at.within) if (at.kind === item.kind) outer.add(at);
    return items.filter((item) => !outer.has(item));
  });

  // -- names ------------------------------------------------------------------------------------------------------
  const spell = (el, all) => {
    let out = '';
    const visit = (node) => {
      if (node.nodeType === 3) { out += node.data.replace(/\s+/g, ' '); return; }
      const tag = node.localName;
      if (node.nodeType !== 1 || SILENT.has(tag) || tag === 'select' || tag === 'textarea') return;
      if (tag === 'br') { out += '\n'; return; }
      if (tag === 'img' || (tag === 'input' && node.type === 'image')) { out += ` ${node.alt || ''} `; return; }
      if (tag === 'input' && INPUTS[node.type] === 'press') { out += ` ${node.value} `; return; }
      if (!all && (node.getAttribute('aria-hidden') === 'true' || !shown(node) || unseen(node))) return;
      const edge = isBlock(node) ? '\n' : '';
      out += edge;
      for (const kid of kids(node)) visit(kid);
      out += edge || (styleOf(node).display === 'inline' ? '' : ' ');
    };
    for (const kid of kids(el)) visit(kid);
    return out.split('\n').map((part) => part.replace(/ +/g, ' ').trim()).filter(Boolean).join('\n');
  };
  const textOf = once((el) => spell(el, false));
  const fullText = once((el) => spell(el, true));
  const labelOf = nearby((at) => at.localName === 'label');
  const labelled = once((el) => {
    const found = new Set(el.labels || []);
    const around = labelOf(up(el));
    if (around) found.add(around);
    // The host of a component may be what the label names: <label for="x"><x-field id="x">.
    for (let root = el.getRootNode(); root instanceof ShadowRoot && !found.size; root = root.host.getRootNode()) {
      const { host } = root;
      if (host.id) for (const label of host.getRootNode().querySelectorAll('label')) if (label.htmlFor === host.id) found.add(label);
      if (host.getAttribute('label')) found.add(host.getAttribute('label'));
    }
    return [...found];
  });
  const PARTS = new Set(['check', 'radio', 'field', 'select', 'spin', 'option']);
  const splits = (item) => item.control && (PARTS.has(item.kind) || item.el.localName === 'button' || item.el.localName === 'input');
  // The words beside a control that nothing in the markup ties to it: those of its own cell, row or group.
  const beside = (el, kind) => {
    const ticked = kind === 'check' || kind === 'radio';
    for (let box = up(el); box && box.nodeType === 1; box = up(box)) {
      const items = walk(box);
      const at = items.findIndex((item) => item.control && item.el === el);
      const take = (step) => {
        const words = [];
        for (let i = at + step; i >= 0 && i < items.length && !splits(items[i]); i += step) if (!items[i].control && !(items[i].within && items[i].within.el === el)) words.push(items[i].text);
        return step < 0 ? words.reverse() : words;
      };
      const before = take(-1); const after = take(1);
      if (!before.length && !after.length) continue;
      const alone = !items.some((item) => splits(item) && item.el !== el);
      if (ticked) return [(alone ? [...before, ...after] : after.length ? after : before).join('\n')];
      const words = before.length ? before : after;
      return [words.join('\n'), words.at(-1), words[0]];
    }
    return [];
  };
  const namesOf = once((item) => {
    const { el, kind } = item; const out = [];
    const referred = (el.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean).map((id) => byId(el, id)).filter(Boolean);
    // What a drop-down or field says of itself there is the value that it shows: «Frequenza di rinnovo 1 anno».
    const own = ['select', 'field', 'spin'].includes(kind) ? referred.filter((at) => !inside(at, el)) : referred;
    if (referred.length) out.push((own.length ? own : referred).map(fullText).join(' '));
    out.push(el.getAttribute('aria-label'));
    if (el.localName === 'input' && kind === 'press') out.push(el.type === 'image' ? el.alt || el.value : el.value || (el.type === 'submit' ? 'Invia' : ''));
    if (el.localName === 'area' || el.localName === 'img') out.push(el.alt);
    const content = () => { if (!CLOSED.has(el.localName) && kind !== 'select' && kind !== 'field') out.push(textOf(el) || fullText(el)); };
    const ticks = ['check', 'radio'].includes(kind) && (el.labels || []).length; // what is in such a box is its tick
    if (!ticks) content();
    if (kind !== 'press' && kind !== 'option') {
      for (const label of labelled(el)) out.push(typeof label === 'string' ? label : textOf(label) || fullText(label));
      if (ticks) content();
      out.push(el.placeholder);
      if (!out.some((name) => name && name.trim())) out.push(...beside(el, kind));
    }
    out.push(el.title);
    return [...new Set(out.map((name) => (name || '').trim()).filter(Boolean))];
  });

  // -- comparing ----------------------------------------------------------------------------------------------------
  const HEAD = /\n|\s[-\u2013\u2014]\s|\s*[(:,;\u2014\u2013]|\.\s/;
  const sameName = (name, wanted) => wanted.includes(core(name.replace(/\n/g, ' '))) || wanted.includes(core(name.split(HEAD)[0]));
  const words = once((text) => ` ${fold(text).replace(/[^\p{L}\p{N}]+/gu, ' ').trim()} `);
  const hasPhrase = (name, wanted) => { const text = words(name); return wanted.some((phrase) => text.includes(words(phrase))); };
  const begins = (text, word) => text === word || (text.startsWith(word) && !/[\p{L}\p{N}]/u.test(text[word.length]));
  const matches = (name, query) => (query.has ? hasPhrase(name, query.names) : sameName(name, query.names));

  // -- state --------------------------------------------------------------------------------------------------------
  const MARK = /(^|[-_])(checked|selected|active|current|on)$/;
  const marked = (el) => [...el.classList].some((word) => MARK.test(word)) || ['checked', 'selected'].some((name) => el.hasAttribute(name) && el.getAttribute(name) !== 'false');
  // A tick, before or behind the text or drawn before it, is what tells the chosen one of tiles that are told apart by nothing else.
  const TICK = /^["'\s]*[\u2713\u2714\u2611\u25cf\u25c9]|[\u2713\u2714\u2611\u25cf\u25c9]["'\s]*$/;
  const ticked = (el) => TICK.test(textOf(el)) || [el, ...kids(el)].some((at) => at.nodeType === 1 && TICK.test(getComputedStyle(at, '::before').content));
  const shape = (el) => `${el.localName} ${[...el.classList].filter((word) => !MARK.test(word)).sort().join(' ')}`;
  const tickedShapes = once((root) => new Set(walk(root).filter((item) => item.control && ticked(item.el)).map((item) => shape(item.el))));
  const markedShapes = once((root) => new Set([...root.querySelectorAll('*')].filter((el) => marked(el) && shown(el)).map(shape)));
  const native = (el) => el.localName === 'input' && (el.type === 'checkbox' || el.type === 'radio');
  // The component that is, or draws, a box to tick: its own property or attribute says how it stands.
  const tickHost = (el) => { for (let at = el; at; at = at.getRootNode().host) if (custom(at) && tickable(at)) return at; return null; };
  // Whether it is chosen; null where that cannot be seen: no control of its shape carries a mark to compare with.
  const checked = (el) => {
    const box = native(el) ? el : first(el, native);
    if (native(el)) return el.checked;
    for (const name of ['aria-checked', 'aria-pressed', 'aria-selected']) if (el.hasAttribute(name)) return el.getAttribute(name) === 'true';
    if (el.hasAttribute('aria-current')) return el.getAttribute('aria-current') !== 'false';
    if (box) return box.checked;
    const said = ['data-state', 'data-checked', 'data-selected'].map((name) => el.getAttribute(name)).find(Boolean);
    if (said) return /^(checked|on|active|selected|true)$/.test(said);
    const host = tickHost(el);
    if (host) return typeof host.checked === 'boolean' ? host.checked : marked(host);
    const parts = [el, drawn(el) ? null : first(el, drawn)].filter(Boolean);
    if (parts.some(marked)) return true;
    if (parts.some(ticked)) return true;
    if (tickedShapes(el.ownerDocument).has(shape(el))) return false;
    return parts.some((at) => markedShapes(at.getRootNode()).has(shape(at))) ? false : null;
  };
  const disabled = (el) => Boolean(el.disabled) || el.getAttribute('aria-disabled') === 'true' || styleOf(el).cursor === 'not-allowed'
    || Boolean(closest(el, (at) => (at.localName === 'fieldset' && at.disabled) || (custom(at) && at.hasAttribute('disabled'))));
  const required = (el) => Boolean(el.required) || el.getAttribute('aria-required') === 'true' || Boolean(closest(el, (at) => custom(at) && at.hasAttribute('required')));
  const valueOf = (el) => {
    if (el.localName === 'select') return el.selectedOptions[0] ? el.selectedOptions[0].label.trim() : '';
    if (el.localName === 'input' || el.localName === 'textarea') return el.value;
    return el.getAttribute('aria-valuetext') || el.getAttribute('aria-valuenow') || textOf(el) || el.getAttribute('value') || (typeof el.value === 'string' ? el.value : '');
  };
  // What a click must meet: the control itself where one sees it; for a box to tick that is drawn by others, its label,
  // or what is around it. A box that is not there at all has a label or nothing.
  const target = (el) => {
    if (!native(el) || (shown(el) && sized(el) && styleOf(el).opacity !== '0')) return el;
    const label = labelled(el).find((at) => typeof at !== 'string' && shown(at) && sized(at));
    return label || (shown(el) && closest(up(el), (at) => shown(at) && sized(at))) || el;
  };

  // -- queries ------------------------------------------------------------------------------------------------------
  const KINDS = { press: ['press'], check: ['check'], choice: ['radio', 'option', 'press', 'check'], radio: ['radio', 'option'], field: ['field'], select: ['select'], spin: ['spin', 'field'] };
  const isPassword = (el) => el.localName === 'input' && el.type === 'password';
  const visible = (item) => (!item.proxy && shown(item.el) && sized(item.el)) || (target(item.el) !== item.el && shown(target(item.el)));
  const controls = (root, query) => {
    const kinds = query.kind === 'password' ? ['field'] : KINDS[query.kind];
    const named = (item) => !query.names.length || namesOf(item).some((name) => matches(name, query));
    const found = part(root, query.above).filter((item) => item.control && kinds.includes(item.kind) && isPassword(item.el) === (query.kind === 'password') && visible(item) && (query.kind === 'password' || named(item)));
    const formal = found.filter((item) => item.kind !== 'press');
    return nearest(root, outermost(query.kind === 'choice' && formal.length ? formal : found), query);
  };
  // Of several with one name, those in the narrowest block around the words beside which it is documented to stand.
  const nearest = (root, found, query) => {
    if (!query.near || !query.near.length) return found;
    const kept = new Set();
    for (const line of walk(root)) {
      if (line.control || !sameName(line.text, query.near)) continue;
      const box = closest(line.el, (at) => found.some((item) => inside(item.el, at)));
      // What stands below another heading of that rank, by itself, belongs to that one.
      const rival = (at) => level(line.el) === 2 && walk(at).some((one) => !one.control && level(one.el) === 2 && size(one.el) >= size(line.el));
      const isOurs = (el) => el === box || closest(up(el), (at) => at === box || rival(at)) === box;
      for (const item of found) if (box && inside(item.el, box) && isOurs(item.el)) kept.add(item);
    }
    return found.filter((item) => kept.has(item));
  };

  // What closes a window that nobody asked for: of a cookie banner the word that agrees to least, of a notice without
  // money, fields or words of another matter the one that closes it.
  const isWindow = (at) => at.localName === 'dialog' || hasRole(at, 'dialog', 'alertdialog') || at.getAttribute('aria-modal') === 'true' || styleOf(at).position === 'fixed';
  const closers = (root, query) => {
    const windows = new Map();
    for (const item of walk(root)) {
      const box = item.control && visible(item) ? closest(item.el, isWindow) : null;
      if (box) windows.set(box, [...(windows.get(box) || []), item]);
    }
    return [...windows].flatMap(([box, items]) => {
      const text = fold(textOf(box));
      const fields = items.some((item) => PARTS.has(item.kind));
      const foreign = count(text, FIGURE) || query.foreign.some((word) => text.includes(word)) || fields;
      const expires = !fields && hasPhrase(text, query.password_notice);
      const close = foreign ? [] : query.close;
      // A banner that leaves no choice is closed like any notice, unless it speaks of another matter too.
      const names = hasPhrase(text, ['cookie', 'cookies']) ? [...query.cookies, ...close] : expires ? query.later : close;
      const found = names.map((name) => items.find((item) => item.kind === 'press' && namesOf(item).some((one) => sameName(one, [name]))));
      return found.filter(Boolean).slice(0, 1);
    });
  };

  // Of several windows the one that lies over the others: only that one can be closed.
  const uppermost = (found) => {
    const open = found.filter((el) => { const { left, top: y, width, height } = boxOf(el); const hit = hitAt(left + width / 2, y + height / 2); return hit && inside(hit, el); });
    return (open.length ? open : found).slice(0, 1);
  };

  // -- headings: how prominent a line is, as [level, size] ---------------------------------------------------------------
  const headingOf = nearby((at) => /^(h[1-6]|legend|caption)$/.test(at.localName) || hasRole(at, 'heading'));
  const listOf = nearby((at) => ['li', 'nav', 'label', 'ol'].includes(at.localName) || hasRole(at, 'listitem', 'navigation'));
  const level = (el) => (headingOf(el) ? 2 : listOf(el) ? 0 : 1);
  const size = (el) => parseFloat(styleOf(el).fontSize) + (Number(styleOf(el).fontWeight) >= 600 ? 1 : 0);
  const above = (one, other) => one[0] - other[0] || one[1] - other[1];
  const headings = (items, names) => items.filter((item) => !item.control && !(item.within && item.within.strong) && names.includes(core(item.text)) && level(item.el));
  const top = (el) => boxOf(el).top + boxOf(el).height / 2;
  // The rank of the most prominent line with one of these names. Names of several pages side by side are a progress
  // strip: such a line ranks below any that stands by itself.
  const STRIP = 0.5;
  const rank = (items, names, every) => {
    const peers = headings(items, every);
    const ranks = headings(items, names).map((item) => {
      const beside = peers.some((peer) => core(peer.text) !== core(item.text) && Math.abs(top(peer.el) - top(item.el)) < 4);
      return [level(item.el) === 1 && beside ? STRIP : level(item.el), size(item.el)];
    });
    return ranks.sort(above).at(-1) || null;
  };

  // -- rows: the block around a key (an address, an order's state) that holds no other key and no fence; of that block the
  // narrowest part that still says all of it ----------------------------------------------------------------------------
  const common = (line) => line.nodes.reduce((box, node) => closest(box, (at) => inside(node, at)) || box, line.el);
  const rows = (items, keysOf, isFence, weigh) => {
    const keys = new Map(); const fenced = new Set(); const weights = new Map(); const anchors = [];
    const climb = (el, mark) => { for (let at = el; at && at.nodeType === 1; at = up(at)) mark(at); };
    for (const item of items) {
      const el = item.control ? item.el : common(item);
      const weight = weigh(item);
      if (weight) climb(el, (at) => weights.set(at, (weights.get(at) || 0) + weight));
      if (item.control) continue;
      for (const key of keysOf(item)) { anchors.push({ key, el }); climb(el, (at) => { if (!keys.has(at)) keys.set(at, new Set()); keys.get(at).add(key); }); }
      if (isFence(item)) climb(el, (at) => fenced.add(at));
    }
    const blocks = new Map();
    for (const { key, el } of anchors) {
      let widest = el;
      for (let at = up(el); at && at.nodeType === 1 && at.localName !== 'body' && keys.get(at).size === 1 && !fenced.has(at);) { widest = at; at = up(at); }
      const row = closest(el, (at) => at === widest || weights.get(at) === weights.get(widest));
      blocks.set(row, { key, el: row });
    }
    return outermost([...blocks.values()]);
  };
  // An order is about mailboxes too: its block begins at its state, and ends before whatever only a mailbox's block says.
  const orderRows = (root, query) => {
    const items = walk(root); let serial = 0;
    const start = items.findIndex((item) => !item.control && query.orders.includes(core(item.text)));
    const before = new Set(start < 0 ? items : items.slice(0, start));
    const isState = (item) => !(item.within && item.within.strong) && core(item.text).length < 40 && hasPhrase(item.text, query.states) && !headerOf(item.el);
    const found = rows(items, (item) => (isState(item) ? [`order ${serial++}`] : []),
      (item) => (before.has(item) ? query.fields : query.orders).some((fence) => begins(core(item.text), fence)),
      (item) => (item.control ? 0 : count(item.text, DATE) + count(item.text, FIGURE) + addresses(item.text).length));
    return found.filter((block) => count(textOf(block.el), DATE) + count(textOf(block.el), FIGURE) > 0);
  };
  const mailboxRows = (root, query) => {
    const orders = new Set(orderRows(root, query).map((block) => block.el));
    const ordered = (item) => orders.size && closest(item.el, (at) => orders.has(at));
    const said = (item) => item.control ? PARTS.has(item.kind) || (item.el.localName === 'input' && namesOf(item).some((name) => sameName(name, query.words))) : count(item.text, DATE) > 0 || hasPhrase(item.text, query.words);
    // An address that is said to be somebody's contact is no mailbox's, unless that is what all of them are called.
    const items = walk(root); const lines = items.filter((item) => !item.control);
    const contact = (line, at) => query.contact.some((word) => begins(core(line.text), word)) || query.contact.includes(core(headOf(line.el)))
      || (at > 0 && !addresses(lines[at - 1].text).length && query.contact.includes(core(lines[at - 1].text)));
    const named = lines.filter((line) => addresses(line.text).length && !ordered(line));
    const contacts = new Set(lines.filter((line, at) => named.includes(line) && contact(line, at)));
    const keys = new Set(contacts.size < named.length ? named.filter((line) => !contacts.has(line)) : named);
    const blocks = rows(items, (item) => (keys.has(item) ? addresses(item.text) : []),
      (item) => query.orders.some((fence) => begins(core(item.text), fence)), (item) => (!ordered(item) && said(item) ? 1 : 0));
    // A mailbox of the list, and not an address by the way, has a date and one thing more: a word, a column or a control.
    const listed = (items) => items.some((item) => !item.control && count(item.text, DATE))
      && items.some((item) => item.control || hasPhrase(item.text, query.words) || query.words.includes(core(headOf(item.el))));
    // A row of a table that says too little by itself goes on in the rows below it, up to the next mailbox's.
    const taken = new Set(); for (const block of blocks) for (let at = rowOf(block.el); at; at = up(at)) taken.add(at);
    const foreign = (at) => taken.has(at) || ordered({ el: at }) || at.querySelector('tr')
      || walk(at).some((item) => !item.control && (addresses(item.text).length || query.orders.some((fence) => begins(core(item.text), fence))));
    return blocks.map((block) => {
      const els = [block.el]; let items = walk(block.el);
      if (listed(items)) return { ...block, els, listed: true };
      for (let at = rowOf(block.el) && rowOf(block.el).nextElementSibling; at && isRow(at) && !foreign(at) && !listed(items); at = at.nextElementSibling) {
        els.push(at); items = [...items, ...walk(at)];
      }
      const whole = listed(items) && items.some((item) => !item.control && hasPhrase(item.text, query.words));
      return whole ? { ...block, els, listed: true } : { ...block, els: [block.el], listed: false };
    });
  };

  // What stands above a heading that ends the list of mailboxes; everything, where mailboxes are listed below it too.
  const part = (root, above) => {
    const items = walk(root);
    const end = above ? items.findIndex((item) => !item.control && above.names.includes(core(item.text))) : -1;
    if (end < 0) return items;
    const listed = mailboxRows(root, above).filter((block) => block.listed).flatMap((block) => block.els);
    return items.slice(end).some((item) => listed.some((el) => inside(item.el, el))) ? items : items.slice(0, end);
  };

  // -- what is handed to Python -------------------------------------------------------------------------------------
  const isCell = (at) => ['td', 'th'].includes(at.localName) || hasRole(at, 'cell', 'gridcell', 'columnheader', 'rowheader');
  const isRow = (at) => at.localName === 'tr' || hasRole(at, 'row');
  const cells = once((row) => kids(row).filter((at) => at.nodeType === 1 && isCell(at)));
  const cellOf = nearby(isCell); const rowOf = nearby(isRow);
  const tableOf = nearby((at) => at.localName === 'table' || hasRole(at, 'table', 'grid', 'treegrid'));
  const lineOf = nearby((at) => isRow(at) || at.localName === 'li' || hasRole(at, 'listitem'));
  // A column's head; a head that stands before its own row's value is that row's label.
  const headerOf = nearby((at) => hasRole(at, 'columnheader') || (at.localName === 'th' && !hasRole(at, 'rowheader') && (!rowOf(at) || cells(rowOf(at)).every((cell) => cell.localName === 'th'))));
  // Rows that only the eye sees: boxes side by side in one band, few and low enough to be read as one line.
  const BAND = 140;
  const laidOut = once((box) => kids(box).flatMap((at) => (at.nodeType !== 1 ? [] : styleOf(at).display === 'contents' ? laidOut(at) : shown(at) && sized(at) ? [at] : [])));
  const places = once((box) => new Map(laidOut(box).map((at, i) => [at, i])));
  const sameBand = (one, other) => { const a = boxOf(one); const b = boxOf(other); return Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5 * Math.min(a.height, b.height); };
  const apart = (one, other) => boxOf(one).right <= boxOf(other).left + 1 || boxOf(other).right <= boxOf(one).left + 1;
  const boxAround = (at) => { let box = up(at); while (box && box.nodeType === 1 && styleOf(box).display === 'contents') box = up(box); return box; };
  const band = once((at) => {
    const box = boxAround(at);
    if (!box || box.nodeType !== 1 || !isBlock(at) && styleOf(at).display === 'inline') return null;
    const all = laidOut(box); const own = places(box).get(at);
    if (own === undefined) return null;
    let first = own; let last = own;
    while (first > 0 && sameBand(all[first - 1], at) && apart(all[first - 1], at)) first -= 1;
    while (last + 1 < all.length && sameBand(all[last + 1], at) && apart(all[last + 1], at)) last += 1;
    const row = all.slice(first, last + 1);
    return row.length > 1 && row.every((one) => boxOf(one).height <= BAND) ? row : null;
  });
  const drawnCell = nearby((at) => at.localName !== 'body' && Boolean(band(at)));
  const drawnRow = (el) => { const cell = drawnCell(el); return cell && band(cell)[0]; };
  // The words at the head of such a column: in a band above of three or more, which holds nothing but words.
  const drawnHeads = once((root) => {
    const bands = new Map();
    for (const item of walk(root)) {
      const row = drawnRow(item.el);
      if (row) bands.set(row, [...(bands.get(row) || []), item]);
    }
    return [...bands.values()].filter((items) => items.length > 2 && items.every((item) => !item.control && !/\d/.test(item.text) && item.text.length < 40)).flat();
  });
  const inLine = (one, other) => Math.abs(one.left - other.left) < 8 || Math.abs(one.right - other.right) < 8 || Math.abs(one.left + one.right - other.left - other.right) < 16;
  const drawnHead = (el) => {
    if (!drawnCell(el)) return '';
    const own = boxOf(drawnCell(el)); const place = (item) => boxOf(drawnCell(item.el));
    const above = drawnHeads(el.ownerDocument).filter((item) => place(item).bottom <= own.top + 2 && inLine(place(item), own));
    return above.length ? fold(above.reduce((low, item) => (place(item).bottom > place(low).bottom ? item : low)).text) : '';
  };
  const isDrawnHead = (item) => drawnHeads(item.el.ownerDocument).includes(item)
    && walk(item.el.ownerDocument).some((line) => !line.control && /\d/.test(line.text) && drawnHead(line.el) === fold(item.text));
  // The column heads of a table: its first row, where that names columns and is not one of the rows.
  const heads = once((table) => {
    const row = first(table, isRow); const text = row ? textOf(row) : '';
    return row && !addresses(text).length && !count(text, DATE) && !count(text, FIGURE) ? { row, texts: cells(row).map((cell) => fold(textOf(cell))) } : { row, texts: [] };
  });
  const headOf = (el) => {
    const cell = cellOf(el); const row = cell && rowOf(up(cell)); const table = row && tableOf(up(row));
    if (!cell) return drawnHead(el);
    if (!table || heads(table).row === row || heads(table).texts.length !== cells(row).length) return '';
    const head = heads(table).texts[cells(row).indexOf(cell)] || '';
    return head.length < 40 ? head : '';
  };
  // Where to press a box or a tile: near its corner, where a label has its box and never a link.
  const spotOf = (el) => [Math.min(boxOf(el).width / 2, 9), Math.min(boxOf(el).height / 2, 12)];
  const BLOWS = ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'];
  // Of words in a slot `elementFromPoint` says that they are the host's; `elementsFromPoint` begins with what is around it.
  const hitAt = (x, y) => {
    let hit = document.elementFromPoint(x, y);
    for (let deeper = hit; deeper && deeper.shadowRoot; hit = deeper) { [deeper] = deeper.shadowRoot.elementsFromPoint(x, y); if (!deeper || deeper === hit) break; }
    return hit;
  };
  // Where to press at this moment: the only match, if the page is complete, it rests, is enabled, and nothing lies over it.
  const aim = (root, { query, spot }) => {
    const found = controls(root, query);
    if (found.length !== 1 || disabled(found[0].el) || document.readyState !== 'complete') return [];
    const el = target(found[0].el);
    if (closest(el, (at) => at.getAnimations().length > 0)) return [];
    const place = () => { const box = el.getBoundingClientRect(); return spot ? [box.left + spot[0], box.top + spot[1]] : [box.left + box.width / 2, box.top + box.height / 2]; };
    const seen = ([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
    if (!seen(place())) el.scrollIntoView({ block: 'center', behavior: 'instant' });
    const [x, y] = place();
    const hit = hitAt(x, y);
    if (!hit || !inside(hit, el)) return [];
    guard(el);
    return [x, y];
  };
  // Why it cannot be pressed: it is disabled, or these words lie over it.
  const hindrance = (el) => {
    const { left, top: y, width, height } = boxOf(el); const hit = hitAt(left + width / 2, y + height / 2);
    const over = hit && !inside(hit, el) && !inside(el, hit) ? textOf(closest(hit, isWindow) || hit).replace(/\n/g, ' ') : '';
    return { disabled: disabled(el), over };
  };
  // Between aiming and pressing, something may come to lie there: then the blow must not reach it.
  let blow = {};
  const guard = (el) => {
    const own = blow = { met: null, rest: () => { for (const type of BLOWS) removeEventListener(type, watch, true); } };
    const watch = (event) => {
      if (own.met === null) own.met = event.composedPath().includes(el);
      if (!own.met) { event.preventDefault(); event.stopImmediatePropagation(); }
      if (event.type === 'click' || own.met) own.rest();
    };
    for (const type of BLOWS) addEventListener(type, watch, true);
  };
  // What a control folds out, while it is folded in; nothing where the markup does not say.
  const folded = (el) => {
    if (el.localName === 'summary') { const box = closest(up(el), (at) => at.localName === 'details'); return box && !box.open ? box : null; }
    return el.getAttribute('aria-expanded') === 'false' && !el.hasAttribute('aria-haspopup') ? byId(el, el.getAttribute('aria-controls')) || el : null;
  };
  const outline = (root, { located = [], above = null } = {}) => {
    const chosen = (el) => located.filter(([, own]) => own.some((at) => inside(el, at) || inside(at, el))).map(([key]) => key);
    const spoken = new Set(); const numbered = new Map();
    const number = (row) => { if (row && !numbered.has(row)) numbered.set(row, numbered.size + 1); return numbered.get(row) || 0; };
    const out = part(root, above).filter((item) => !item.control || visible(item)).map((item) => {
      const { el, kind } = item;
      if (!item.control) {
        return {
          kind: 'text', text: item.text, head: headOf(el), header: Boolean(headerOf(el)) || isDrawnHead(item), heading: level(el) === 2, row: number(lineOf(el) || drawnRow(el)),
          label: Boolean(labelOf(el)), within: item.within ? item.within.kind : '',
        };
      }
      const names = isPassword(el) ? ['password'] : namesOf(item);
      if (PARTS.has(kind)) for (const name of names) spoken.add(fold(name.replace(/\n/g, ' ')));
      const folds = kind === 'press' ? folded(el) : null;
      return {
        kind, names, folded: Boolean(folds), holds_boxes: Boolean(folds && first(folds, (at) => strong(at) === 'check')), group: el.localName === 'input' && el.type === 'radio' ? el.name : '', located: located.length ? chosen(el) : [], head: kind === 'press' ? headOf(el) : '', row: number(lineOf(el) || drawnRow(el)), checked: ['check', 'radio', 'option', 'press'].includes(kind) ? checked(el) : null,
        spot: PARTS.has(kind) || kind === 'press' ? spotOf(target(el)) : [0, 0], disabled: disabled(el), required: required(el), value: ['field', 'select', 'spin'].includes(kind) && !isPassword(el) ? valueOf(el) : '',
        options: el.localName === 'select' ? [...el.options].map((option) => ({ text: option.label.trim(), disabled: option.disabled })) : [],
      };
    });
    for (const entry of out) if (entry.kind === 'text' && spoken.has(fold(entry.text))) entry.label = true;
    return out;
  };

  // -- which page stands here: its heading, what it must show, what it must not ---------------------------------------------
  const satisfied = (root, items, query) => {
    switch (query.kind) {
      case 'located': return query.present; // by the operator's own locator, before this was asked
      case 'text': return items.some((item) => !item.control && matches(item.text, query));
      case 'mailbox': return mailboxRows(root, query).some((row) => row.listed);
      case 'alert': return Boolean(first(document.documentElement, (at) => (hasRole(at, 'alert') || at.getAttribute('aria-live') === 'assertive') && shown(at) && textOf(at)));
      case 'empty-password': return items.some((item) => item.control && isPassword(item.el) && visible(item) && !item.el.value);
      case 'heading': return headings(items, query.names).length > 0;
      case 'address': return items.some((item) => !item.control && addresses(item.text).length > 0);
      default: return controls(root, query).length > 0;
    }
  };
  // Whether something stands there that the page must not show: any heading at least as prominent as its own, or a control.
  const forbids = (root, items, query, every, own) => {
    if (query.kind !== 'heading') return satisfied(root, items, query);
    const other = rank(items, query.names, every);
    return Boolean(own && other) && above(other, own) >= 0;
  };
  const NO_HEADING = [0.75, 0]; // a page without one gives way to any heading but a progress strip's
  const recognise = (root, { pages, headings: every }, isDressed) => {
    const items = walk(root); const hits = []; const highest = rank(items, every, every) || NO_HEADING;
    for (const [key, ways] of Object.entries(pages)) {
      for (const way of ways.filter((one) => isDressed || !one.dressed)) {
        const own = way.headings.length ? rank(items, way.headings, every) : NO_HEADING;
        if (!own || (own[0] === STRIP && above(highest, own) > 0)) continue;
        if (!way.all.every((query) => satisfied(root, items, query)) || way.none.some((query) => forbids(root, items, query, every, own))) continue;
        hits.push({ key, rank: way.headings.length ? own : [0, 0] });
        break;
      }
    }
    hits.sort((one, other) => above(other.rank, one.rank));
    return hits.length && (hits.length === 1 || above(hits[0].rank, hits[1].rank) > 0) ? hits[0].key : null;
  };
  const busy = () => Boolean(first(document.documentElement, (at) => at.getAttribute('aria-busy') === 'true' && shown(at)));
  // Rest until the document has changed, but not less than `least` milliseconds and not more than `most`.
  const changed = (most, least) => new Promise((resume) => {
    const watch = new MutationObserver(() => setTimeout(end, least));
    const end = () => { watch.disconnect(); document.removeEventListener('readystatechange', end); resume(); };
    watch.observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
    document.addEventListener('readystatechange', end);
    setTimeout(end, most);
  });
  // Parsed, and with its style sheets: before them, hidden words show.
  const dressed = () => document.readyState === 'complete' || (document.readyState === 'interactive' && [...document.querySelectorAll('link[rel~=stylesheet]')].every((link) => link.sheet || link.disabled));
  // Look until a page is recognised or the time is over, resting three times as long as looking took.
  const arrive = async (root, { ms, ...wanted }) => {
    const look = afresh(() => (document.body && document.readyState !== 'loading' && !busy() ? recognise(root, wanted, dressed()) : null));
    for (const start = performance.now(); ;) {
      const began = performance.now(); const found = look(); const ended = performance.now();
      if (found || ended - start >= ms) return found;
      await changed(Math.max(40, 3 * (ended - began)), Math.min(4 + ended - start, 40));
    }
  };

  const all = (root, query) => {
    switch (query.kind) {
      case 'mailbox-row': return mailboxRows(root, query).filter((block) => block.key === query.address).flatMap((block) => block.els);
      case 'heading': return headings(walk(root), query.names).map((item) => item.el);
      case 'notice': return uppermost(closers(root, query).map((item) => target(item.el)));
      case 'text': return walk(root).filter((item) => !item.control && matches(item.text, query)).map((item) => item.el);
      default: return controls(root, query).map((item) => target(item.el));
    }
  };
  // -- what stands on the page, for an error that says what is nearest to the element that was looked for ---------------
  const ASIDE = ['banner', 'contentinfo', 'navigation', 'complementary'];
  const aside = nearby((at) => ['header', 'footer', 'nav', 'aside'].includes(at.localName) || hasRole(at, ...ASIDE));
  const CLEAR = /^transparent$|, 0\)$/;
  const paint = (el) => (CLEAR.test(styleOf(el).backgroundColor) ? '' : styleOf(el).backgroundColor);
  const painted = nearby((at) => Boolean(paint(at)));
  // Whether it stands out from what is behind it, as the button that goes on does.
  const filled = (el) => { const behind = painted(up(el)); return Boolean(paint(el)) && paint(el) !== (behind ? paint(behind) : 'rgb(255, 255, 255)'); };
  const ROLE_OF = { check: 'checkbox', radio: 'radio', option: 'option', field: 'textbox', select: 'combobox', spin: 'spinbutton' };
  const roleOf = ({ el, kind, control }) => {
    if (!control) return level(el) === 2 ? 'heading' : 'text';
    if (kind !== 'press') return isPassword(el) ? 'password' : ROLE_OF[kind];
    return hasRole(el, 'tab', 'menuitem') ? el.getAttribute('role') : ['a', 'area'].includes(el.localName) || hasRole(el, 'link') ? 'link' : 'button';
  };
  const submits = (el) => Boolean(el.form) && ['submit', 'image'].includes(el.type) && [...el.form.elements].some((at) => at !== el && shown(at) && PARTS.has(strong(at)));
  const describe = (items, kept) => {
    let under = ''; const out = [];
    items.forEach((item, at) => {
      const { el } = item; const role = roleOf(item);
      if (role === 'heading') under = item.text;
      if (!kept(item)) return;
      const next = items.slice(at + 1, at + 5).filter((one) => one.control && ['press', 'radio', 'option'].includes(one.kind)).flatMap(namesOf);
      out.push({
        item, role, kind: item.control ? (isPassword(el) ? 'password' : item.kind) : 'text', names: item.control ? namesOf(item).map((name) => name.replace(/\n/g, ' ')) : [item.text],
        under: role === 'heading' ? '' : under, aside: Boolean(aside(el)), inner: Boolean(item.within), submits: item.control && submits(el), filled: item.control && filled(target(el)), steps: next.some((name) => name === '+' || /^\d+ ann[oi]$/.test(name)),
        marks: Object.fromEntries(['data-testid', 'data-test', 'data-qa', 'name', 'id'].map((name) => [name, el.getAttribute(name)]).filter(([, value]) => value)),
      });
    });
    return out;
  };
  // Those that the query finds, in its own order, and all others that one can see; in a mailbox's row where it asks for that.
  const suspects = (root, { query, row }) => {
    const scope = row ? all(root, row)[0] || root : root;
    const items = walk(scope).slice(0, 2000);
    const seen = describe(items, (item) => !item.control || visible(item));
    const own = all(scope, query);
    const standing = (item) => (item.control ? target(item.el) : item.el);
    const close = query.near && query.near.length ? nearest(scope, items.filter((item) => item.control && item.kind === 'press' && visible(item)), query) : [];
    const told = ({ item, ...facts }) => ({ ...facts, close: close.includes(item) });
    return [{
      found: own.map((el) => seen.find(({ item }) => standing(item) === el)).map((one) => (one ? told(one) : { role: '', kind: '', names: [], under: '', aside: false, inner: false, submits: false, filled: false, steps: false, close: false, marks: {} })),
      others: seen.filter(({ item }) => !own.includes(standing(item))).map(told),
    }];
  };
  // For each way in which a page may be recognised: what of it is there, and what forbids it.
  const lacking = (root, { pages, headings: every }) => {
    const items = walk(root);
    return Object.entries(pages).map(([key, ways]) => [key, ways.map((way) => {
      const own = way.headings.length ? rank(items, way.headings, every) : NO_HEADING;
      return { heading: Boolean(own), all: way.all.map((query) => satisfied(root, items, query)), none: way.none.map((query) => forbids(root, items, query, every, own)) };
    })]);
  };
  const counted = (root, query) => (query.kind === 'located' ? Number(query.present) : all(root, query).length);
  const list = (blocks) => blocks.map((block) => ({ key: block.key, listed: Boolean(block.listed), items: (block.els || [block.el]).flatMap((el) => outline(el)) }));
  const NEARLY = 150; // pixels: what loads more may wait below the last row
  // Bring the end of the list into view, for one that goes on when it is reached; nothing where a person would not scroll.
  const onward = (root, query) => {
    const last = mailboxRows(root, query).filter((block) => block.listed).at(-1)?.el;
    const scrolls = (at) => at.nodeType === 1 && at.scrollHeight > at.clientHeight + 1 && ['auto', 'scroll'].includes(styleOf(at).overflowY);
    const hidden = Boolean(last) && (boxOf(last).bottom + NEARLY > innerHeight || Boolean(closest(last, scrolls)));
    if (hidden) last.scrollIntoView({ block: 'start', behavior: 'instant' });
    return [hidden];
  };
  const queryAll = afresh((root, selector) => all(root, JSON.parse(selector)));
  return {
    query: (root, selector) => queryAll(root, selector)[0] || null,
    queryAll,
    read: {
      outline: afresh((root, arg) => outline(root, arg || {})),
      suspects: afresh(suspects),
      lacking: afresh(lacking),
      counts: afresh((root, { queries }) => queries.map((query) => counted(root, query))),
      aim: afresh(aim),
      met: () => { blow.rest?.(); return [blow.met !== false]; },
      enabled: afresh((root, { query }) => [!controls(root, query).some((item) => disabled(item.el))]),
      chosen: afresh((root, { query }) => { const found = controls(root, query); return [found.length === 1 && checked(found[0].el) === true]; }),
      pressable: afresh((root, { query }) => { const found = controls(root, query); return [found.length, found.length === 1 && !disabled(found[0].el)]; }),
      sees: afresh((root, { queries }) => queries.map((query) => satisfied(root, walk(root), query))),
      born: () => [performance.timeOrigin],
      dressed: () => [dressed()],
      addresses: afresh((root, query) => mailboxRows(root, query).filter((block) => block.listed).map((block) => block.key)),
      onward: afresh(onward),
      mailboxes: afresh((root, query) => list(mailboxRows(root, query))),
      orders: afresh((root, query) => list(orderRows(root, query))),
      hindrance: afresh(hindrance),
      state: afresh((el) => ({ checked: checked(el), disabled: disabled(el) })),
      arrive,
    },
  };
})()
