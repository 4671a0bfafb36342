// Keeps a test from pressing the binding click: what is done to it ends here, before the page hears of it.
// `names` are the documented names of the control, folded; origins where it may be pressed are set beside this script.
(names) => {
  const allowed = () => (globalThis[Symbol.for('pec_autorenew.qa.allowed')] || []).includes(location.origin);
  // As `names.fold`, and without any blank: how the words are put together makes no difference.
  const fold = (text) =>
    (text || '').replace(/[\u2018\u2019\u02bc\u2032\u00b4`]/g, "'").normalize('NFKC').toLowerCase().replace(/\s+/g, '')
      .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
  const wanted = names.map(fold);
  const LONGEST = 200;
  // What an element says: its words as they are drawn, through shadow roots and slots, and those of its pictures.
  const said = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    const slotted = node.localName === 'slot' ? node.assignedNodes() : [];
    const kids = node.shadowRoot?.childNodes ?? (slotted.length ? slotted : node.childNodes);
    let text = typeof node.alt === 'string' ? node.alt : '';
    for (const kid of kids) if (text.length < LONGEST && kid.localName !== 'style') text += said(kid);
    return text;
  };
  const labels = (el) => (el.getAttribute('aria-labelledby') || '').split(/\s+/).map((id) => id && el.getRootNode().getElementById?.(id)?.textContent);
  const binds = (el) =>
    el instanceof Element &&
    [el.textContent, said(el), el.value, el.getAttribute('aria-label'), labels(el).join(''), el.title].some(
      (text) => typeof text === 'string' && text.length < LONGEST && wanted.includes(fold(text)));
  const tell = (how) => globalThis.pecAutorenewPressed?.(`${how} on ${location.href.split('?')[0]}`);
  const stop = (event) => {
    const key = event.type.startsWith('key');
    if (key && !['Enter', ' '].includes(event.key)) return;
    const met = event.composedPath().some(binds) ||
      (event.type === 'submit' && binds(event.submitter));
    if (!met || allowed()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (['click', 'submit', 'keydown'].includes(event.type)) tell(event.type);
  };
  const types = ['pointerdown', 'pointerup', 'mousedown', 'mouseup', 'touchstart', 'touchend', 'keydown', 'keyup'];
  for (const type of [...types, 'click', 'submit']) addEventListener(type, stop, { capture: true, passive: false });
}
