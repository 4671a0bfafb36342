// A page as it stands drawn, for a recording: what can be seen and what can be pressed, and nothing that runs or loads.
// Answers a tree: a text, or [tag, attributes, children, children of its shadow root or null, how it looks, number of
// its frame or -1]. What may be told of the texts is not decided here; what no recording may hold is not even read.
([frames, located]) => {
  // Neither read nor told: programs, pictures, what is loaded, what no one sees.
  const GONE = new Set(['script', 'style', 'link', 'meta', 'noscript', 'template', 'base', 'object', 'embed', 'source', 'track', 'param', 'audio', 'video', 'title']);
  const HOLLOW = new Set(['svg', 'canvas', 'img', 'picture', 'iframe', 'frame', 'textarea', 'map']);
  const ATTRIBUTES = new Set(['type', 'role', 'title', 'alt', 'placeholder', 'label', 'for', 'id', 'name', 'form', 'headers', 'list', 'disabled', 'readonly', 'required',
    'multiple', 'colspan', 'rowspan', 'scope', 'lang', 'dir', 'tabindex', 'hidden', 'open', 'contenteditable', 'autocomplete', 'inputmode', 'slot', 'inert', 'class', 'checked', 'selected', 'data-state', 'data-checked', 'data-selected', 'min', 'max', 'step', 'start', 'reversed']);
  const TYPED = new Set(['checkbox', 'radio', 'submit', 'button', 'reset', 'image', 'password', 'hidden', 'file']);
  const PLAIN = { visibility: 'visible', cursor: 'auto', 'text-transform': 'none', 'white-space': 'normal', 'font-size': '16px', 'font-weight': '400' }; // inherited
  const SIZED = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'b', 'strong', 'th', 'small', 'big', 'button', 'input', 'select', 'textarea']); // by the browser itself
  const INITIAL = { opacity: '1', float: 'none', 'flex-direction': 'row', 'flex-wrap': 'nowrap', 'justify-content': 'normal', 'align-items': 'normal', 'column-gap': 'normal', 'row-gap': 'normal', padding: '0px', 'grid-template-columns': 'none' };
  const BLOCKS = new Set(['html', 'body', 'div', 'p', 'section', 'article', 'main', 'header', 'footer', 'nav', 'aside', 'form', 'fieldset', 'ul', 'ol', 'dl', 'dt', 'dd', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'legend', 'details', 'hr', 'figure']);
  const OWN = { li: 'list-item', table: 'table', tr: 'table-row', td: 'table-cell', th: 'table-cell', thead: 'table-header-group', tbody: 'table-row-group', tfoot: 'table-footer-group',
    caption: 'table-caption', button: 'inline-block', select: 'inline-block', input: 'inline-block', textarea: 'inline-block', slot: 'contents', summary: 'block', option: 'block', optgroup: 'block' };
  const usual = (tag) => OWN[tag] || (BLOCKS.has(tag) ? 'block' : 'inline');
  const PADDED = new Set(['button', 'input', 'select', 'textarea', 'td', 'th', 'ul', 'ol', 'fieldset', 'legend']); // by the browser itself
  const DRAWN = 36; // what is as small may be a box that is drawn, and its size says so
  const parentOf = (el) => el.assignedSlot || (el.parentNode instanceof ShadowRoot ? el.parentNode.host : el.parentElement);

  const fillsLine = (el, box) => {
    const line = parentOf(el); const style = line && getComputedStyle(line);
    return Boolean(line && line.clientWidth) && box.width >= 0.95 * (line.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight));
  };

  const looks = (el, tag) => {
    const style = getComputedStyle(el); const above = parentOf(el) && getComputedStyle(parentOf(el)); const told = {};
    if (style.display !== usual(tag)) told.display = style.display;
    if (style.display === 'none' || ['option', 'optgroup'].includes(tag)) return told;
    for (const [name, plain] of Object.entries(PLAIN)) {
      const value = style.getPropertyValue(name); const given = above ? above.getPropertyValue(name) : plain;
      const hand = name === 'cursor' && value === 'pointer' && ['a', 'button', 'select', 'summary'].includes(tag) || name === 'cursor' && ['text', 'default'].includes(value);
      if ((value !== given || (name.startsWith('font') && SIZED.has(tag))) && !hand && !(name.startsWith('white') && ['input', 'select', 'textarea'].includes(tag))) told[name] = value;
    }
    for (const [name, plain] of Object.entries(INITIAL)) {
      const value = style.getPropertyValue(name);
      if (value && value !== plain && !(name === 'padding' && PADDED.has(tag))) told[name] = value;
    }
    const box = el.getBoundingClientRect(); const inline = style.display === 'inline' || style.display === 'contents';
    if (style.position === 'fixed') Object.assign(told, { position: 'fixed', top: `${box.top}px`, left: `${box.left}px`, width: `${box.width}px` });
    const away = style.position !== 'static' && (box.width <= 1 || box.height <= 1 || box.right + scrollX <= 0 || box.bottom + scrollY <= 0);
    if (away) Object.assign(told, { position: 'absolute', overflow: 'hidden', width: '1px', height: '1px' });
    else if (!inline && box.width <= DRAWN && box.height <= DRAWN && !['tr', 'td', 'th', 'option'].includes(tag)) {
      Object.assign(told, { width: `${box.width}px`, height: `${box.height}px`, 'box-sizing': 'border-box' });
      if (parseFloat(style.borderTopWidth)) Object.assign(told, { border: `${style.borderTopWidth} solid`, 'border-radius': style.borderTopLeftRadius });
    }
    // What has a line to itself keeps it, though what stood before it on its own may be shorter now.
    if (style.display.startsWith('inline-') && box.width > DRAWN && fillsLine(el, box)) Object.assign(told, { width: '100%', 'box-sizing': 'border-box' });
    if (tag === 'iframe' || tag === 'frame') Object.assign(told, { width: `${box.width}px`, height: `${box.height}px` });
    if (style.backgroundImage !== 'none') told['background-image'] = 'linear-gradient(#0000, #0000)';
    const before = getComputedStyle(el, '::before').content;
    if (!['none', 'normal', '""'].includes(before)) told['::before'] = before;
    return told;
  };

  const attributes = (el, tag) => {
    const told = {};
    for (const { name, value } of el.attributes) if (ATTRIBUTES.has(name) || name.startsWith('aria-')) told[name] = value;
    if (['input', 'option'].includes(tag)) { delete told.checked; delete told.selected; } // how it stands now is told below
    for (const name of ['href', 'onclick']) if (el.hasAttribute(name)) told[name] = '';
    if (tag === 'input') {
      if (!TYPED.has(el.type)) told.value = el.value;
      else if (el.hasAttribute('value') && ['submit', 'button', 'reset'].includes(el.type)) told.value = el.value;
      else if (['checkbox', 'radio'].includes(el.type)) told.value = el.value;
      if (el.checked) told.checked = '';
    }
    if (tag === 'option') { told.value = el.value; if (el.selected) told.selected = ''; }
    const keys = located.filter(([, found]) => found.includes(el)).map(([key]) => key);
    if (keys.length) told['data-located'] = keys.join(' ');
    return told;
  };

  const frozen = (node) => {
    if (node.nodeType === 3) return node.data.trim() ? node.data : ' ';
    if (node.nodeType !== 1) return null;
    const tag = node.localName;
    if (GONE.has(tag) || (tag === 'input' && ['hidden', 'file'].includes(node.type))) return null;
    const all = (kids) => [...kids].map(frozen).filter((one) => one !== null);
    let children = HOLLOW.has(tag) ? [] : all(node.childNodes);
    if (tag === 'textarea') children = [node.value];
    const shadow = node.shadowRoot ? all(node.shadowRoot.childNodes) : null;
    return [tag, attributes(node, tag), children, shadow, looks(node, tag), frames.indexOf(node)];
  };
  return frozen(document.body || document.documentElement);
}
