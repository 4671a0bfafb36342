// Keeps a test from pressing the binding click: what is done to it ends here, before the page hears of it.
// `names` are the documented names of the control, folded; origins where it may be pressed are set beside this script.
(names) => {
  const allowed = () => (globalThis[Symbol.for('pec_autorenew.qa.allowed')] || []).includes(location.origin);
  const fold = (text) =>
    (text || '').normalize('NFKC').toLowerCase().replace(/[’‘`´]/g, "'").replace(/\s+/g, ' ')
      .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
  const binds = (el) =>
    el instanceof Element &&
    [el.textContent, el.value, el.getAttribute('aria-label'), el.title].some(
      (text) => typeof text === 'string' && text.length < 200 && names.includes(fold(text)));
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
