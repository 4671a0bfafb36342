// Asked by `accessibility.py` of one frame: what can be focused in reading order, where the focus is, what is named how.
// Names and roles are axe-core's, which has to stand in the frame.
(() => {
  const INTERACTIVE = 'a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex], '
    + '[contenteditable=""], [contenteditable=true], [role=button], [role=link], [role=checkbox], [role=radio], [role=tab], '
    + '[role=switch], [role=menuitem], [role=option], [role=textbox], [role=combobox], [role=spinbutton], [role=slider]';
  const WIDGETS = '[role=radiogroup], [role=tablist], [role=listbox], [role=menu], [role=menubar], [role=toolbar], [role=tree], [role=grid]';
  let stops = [];
  // As a screen reader reads: through open shadow roots, what is slotted where its slot is.
  const whole = function* whole(el) {
    yield el;
    const slotted = el.localName === 'slot' ? el.assignedElements() : [];
    if (slotted.length) for (const one of slotted) yield* whole(one);
    else yield* inOrder(el.shadowRoot || el);
  };
  const inOrder = function* inOrder(node) { for (const el of node.children) yield* whole(el); };
  const above = (el) => el.assignedSlot || el.parentElement || (el.getRootNode() instanceof ShadowRoot ? el.getRootNode().host : null);
  const within = (el, what) => { for (let at = el; at; at = above(at)) if (at.matches(what)) return at; return null; };
  const hasBox = (el) => {
    const box = el.getBoundingClientRect();
    return el.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1;
  };
  const isSeen = (el) => {
    const see = (one) => hasBox(one) && one.checkVisibility({ opacityProperty: true });
    return see(el) || [...(el.labels || [])].some(see);
  };
  const isOff = (el) => el.matches(':disabled, [aria-disabled=true]') || Boolean(within(el, '[inert]'));
  const active = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at;
  };
  const named = (el) => {
    const { aria, text } = axe.commons;
    try {
      return { role: aria.getRole(el) || el.localName, name: text.accessibleText(el) || '' };
    } catch {
      return { role: el.localName, name: '' };  // drawn since
    }
  };
  // Of these the keyboard stops at one, and its arrows lead to the others.
  const group = (el) => {
    if (el.localName === 'input' && el.type === 'radio' && el.name) {
      return stops.findIndex((one) => one.type === 'radio' && one.name === el.name && one.form === el.form && one.getRootNode() === el.getRootNode());
    }
    const widget = el.tabIndex < 0 ? within(el, WIDGETS) : null;
    return widget ? stops.findIndex((one) => one.tabIndex >= 0 && within(one, WIDGETS) === widget) : -1;
  };
  const describe = (el, index) => ({ ...named(el), index, group: group(el), tabbable: el.tabIndex >= 0 });
  const withNames = (ask) => {
    axe.setup(document.documentElement);
    try { return ask(); } finally { axe.teardown(); }
  };
  return {
    begin: () => {
      stops = [...new Set(inOrder(document))].filter((el) => el.matches(INTERACTIVE) && !isOff(el) && isSeen(el));
      const start = document.createElement('span');
      start.tabIndex = -1;
      document.body.append(start);
      start.focus({ preventScroll: true });
      start.remove();  // the next Tab leaves the page, and the one after it comes in from the beginning
      return withNames(() => stops.map(describe));
    },
    where: () => {
      const el = active();
      if (!document.hasFocus() || !el || el === document.body || el === document.documentElement) return null;
      const index = stops.indexOf(el);
      const known = { index, seen: isSeen(el), frame: el.localName === 'iframe' };
      return index < 0 ? { ...known, ...withNames(() => named(el)) } : known;
    },
    // Which of the stops is the control that a documented element is, stands in, or holds.
    stop: (el) => {
      const own = [el, el.control, within(el, 'label')?.control, within(el, 'a[href], button, summary, [role=button]')].filter(Boolean);
      const index = [...own, ...inOrder(el.shadowRoot || el)].map((one) => stops.indexOf(one)).find((at) => at >= 0) ?? -1;
      return { ...withNames(() => named(el)), index, off: own.some(isOff) };
    },
    end: () => active()?.blur?.(),
  };
})()
