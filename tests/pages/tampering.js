// Changes the live page as a portal's new release might: whatever bears one of the labels is renamed, doubled or removed,
// by itself or with the whole row (component, table row) in which a field or box stands with its words.
([labels, how, name]) => {
  const fold = (text) => text.replace(/[‘’´`]/g, "'").replace(/\s+/g, ' ').trim().toLowerCase().replace(/[ *:.]+$/, '');
  const wanted = labels.map(fold);
  const found = [];
  const isPress = (el) => el.localName === 'input' && ['submit', 'button'].includes(el.type);
  const textOf = (el) => fold(el.textContent);
  const walk = (node) => {
    if (node.nodeType === 3 ? !node.parentElement?.matches('a *') && wanted.includes(fold(node.data)) : isPress(node) && wanted.includes(fold(node.value))) found.push(node);
    // Words with a link among them: the narrowest element that holds all of them.
    else if (node.nodeType === 1 && node.children.length && !node.querySelector('input') && wanted.includes(textOf(node)) && ![...node.children].some((kid) => wanted.includes(textOf(kid)))) found.push(node);
    if (node.nodeType !== 1 || ['SCRIPT', 'STYLE', 'OPTION'].includes(node.tagName)) return;
    for (const kid of [...(node.shadowRoot ? node.shadowRoot.childNodes : []), ...node.childNodes]) walk(kid);
  };
  walk(document.body);
  const element = (node) => (node.nodeType === 3 ? node.parentNode : node);
  const control = (node) => { const el = element(node); return el.closest('a, button, input, [role=button]') || el; };
  // The words' own line with the field or box in it.
  const holding = (el) => { for (let at = el; at && at.localName !== 'form'; at = at.parentElement) if (at.querySelector('input, select')) return at; return null; };
  const row = (node) => { const el = element(node); const { host } = el.getRootNode(); return el.closest('tr') || (host && host.localName.includes('-') && !el.closest('form') ? host : holding(el) || el.closest('p, li') || el); };
  const rename = (node) => { if (node.nodeType === 3) node.data = name; else if (isPress(node)) node.value = name; else node.textContent = name; };
  const parts = (of) => [...new Set(found.map(of))];
  switch (how) {
    case 'rename': case 'rename-all': found.forEach(rename); break;
    case 'double': parts(control).forEach((el) => el.after(el.cloneNode(true))); break;
    case 'double-row': parts(row).forEach((el) => {
      const twin = el.cloneNode(true);
      for (const own of Object.keys(el)) twin[own] = el[own]; // what a component was given
      el.after(twin);
    }); break;
    case 'remove': parts(control).forEach((el) => el.remove()); break;
    case 'remove-row': parts(row).forEach((el) => el.remove()); break;
  }
  return found.length;
}
