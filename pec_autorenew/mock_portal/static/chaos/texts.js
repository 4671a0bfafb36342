// Labels in their documented variants, and the ways to print apostrophes, blanks, amounts and days.
"use strict";
(function () {
  const { chaos } = window;
  const families = [
    ["Prosegui e completa l'ordine", "PROSEGUI e completa l'ordine", "PROSEGUI", "Prosegui"],
    ["Conferma e completa l'ordine", "CONFERMA e completa l'ordine", "CONFERMA  e completa l'ordine"],
    ["Accedi", "ACCEDI", "Login", "Entra"],
    ["username o casella PEC", "Username o casella PEC"],
    ["password", "Password"],
    ["non ricordi lo username", "non ricordo lo username"],
    ["non ricordi la password", "non ricordo la password", "Password dimenticata", "Password dimenticata?"],
    ["Gestisci", "GESTISCI"],
    ["Posta certificata", "Posta Certificata", "PEC", "PEC - Posta Elettronica Certificata"],
    ["Rinnova", "RINNOVA"],
    ["Rinnova caselle", "RINNOVA CASELLE", "Rinnova Caselle"],
    ["Gestione caselle PEC", "Gestione Caselle PEC"],
    ["Dati Intestatario", "Dati intestatario", "Dati Titolare", "Profilo titolare"],
    ["DATI FATTURAZIONE", "Dati Fatturazione", "Dati fatturazione", "Dati di fatturazione"],
    ["Identificativo per l'invio della fattura elettronica", "identificativo per l'invio della fattura elettronica"],
    ["Codice Destinatario", "Codice destinatario"],
    ["Nessun identificativo", "Nessun Identificativo"],
    ["Modulo Ordine", "Modulo ordine", "Modulo d'ordine"],
    ["Carta di credito", "Carta di Credito", "carta di credito"],
    ["PayPal", "account PayPal", "Account PayPal"],
    ["Bonifico", "Bonifico bancario", "Bonifico Bancario"],
    ["Bollettino postale", "Bollettino Postale"],
    ["Altre modalità", "Altre Modalità"],
    ["Frequenza di Rinnovo", "Frequenza di rinnovo", "Frequenza di Rinnovo (anni)", "Frequenza di rinnovo (anni)"],
    ["codice Sconto", "codice sconto", "Codice sconto"],
    ["Ordini associati al servizio", "Ordini associati al prodotto", "ordini associati al prodotto"],
    ["Attesa pagamento", "Attesa Pagamento", "attesa pagamento", "In attesa Pagamento"],
    ["Paga", "Paga subito", "Paga Subito"],
    ["Annulla", "Annulla ordine"],
    ["Attivo", "ATTIVO"],
    ["Non attivo", "NON ATTIVO", "Disattivato", "DISATTIVATO"],
    ["STANDARD", "Standard"],
    ["PRO", "Pro"],
    ["PREMIUM", "Premium"],
    ["Scadenza", "Data scadenza", "Data di scadenza"],
    ["Casella", "Casella PEC"],
    ["Totale", "TOTALE", "Totale ordine", "Totale (IVA inclusa)"],
    ["Numero ordine", "Numero Ordine", "N. ordine"],
    ["Stato Ordine", "Stato ordine", "Stato"],
    ["Conferma ordine", "Conferma Ordine"],
  ];
  const family = new Map(families.flatMap((list) => list.map((text) => [chaos.folded(text), list])));
  family.delete("stato"); // a mailbox has one too, and it is not that of an order
  const months = ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre",
    "ottobre", "novembre", "dicembre"];
  const nbsp = "\u00a0";
  const moneyWays = [
    (figures) => `€ ${figures}`, (figures) => `${figures} €`, (figures) => `EUR ${figures}`, (figures) => `${figures} euro`,
    (figures) => `€${nbsp}${figures}`, (figures) => `${figures}${nbsp}€`, (figures) => `${figures}${nbsp}EUR`, (figures) => `€${figures}`,
  ];
  const dayWays = [
    (day, month, year) => `${day}/${month}/${year}`,
    (day, month, year) => `${day}-${month}-${year}`,
    (day, month, year) => `${day}.${month}.${year}`,
    (day, month, year) => `${Number(day)} ${months[month - 1]} ${year}`,
    (day, month, year) => `${Number(day)} ${months[month - 1].slice(0, 3)} ${year}`,
    (day, month, year) => `${Number(day)}/${Number(month)}/${year}`,
  ];
  const printMoney = chaos.chance("money", 0.7) ? chaos.pick("money way", moneyWays) : null;
  const printDay = chaos.chance("day", 0.7) ? chaos.pick("day way", dayWays) : null;
  const labels = chaos.chance("labels", 0.75);
  const apostrophe = chaos.pick("apostrophe", ["'", "'", "’"]);
  const marks = chaos.pick("marks", ["", "", "", " »", " ›", " →", "\u00a0>"]);
  const colon = chaos.pick("colon", ["", "", ":", " :"]);
  const blank = chaos.pick("blank", [" ", " ", " ", "  ", nbsp]);
  const money = /(?:€[\s\u00a0]?(\d[\d.]*,\d\d))|(?:(\d[\d.]*,\d\d)[\s\u00a0]?€)/g;
  const day = /\b(\d\d)\/(\d\d)\/(\d{4})\b/g;

  function label(text) {
    const list = labels ? family.get(chaos.folded(text)) : undefined;
    return list ? chaos.pick(`label:${list[0]}:${chaos.page()}`, list) : text;
  }

  // A sentence: a whole label, perhaps with a star; «name: state»; or running text, where only figures change.
  function text(before) {
    const [, start, core, end] = /^(\s*)([\s\S]*?)(\s*\*?\s*)$/.exec(before);
    const [name, state] = core.split(": ");
    let after = state !== undefined && family.has(chaos.folded(state)) ? `${label(name)}: ${label(state)}` : label(core);
    if (printMoney) after = after.replace(money, (_all, one, other) => printMoney(one ?? other));
    if (printDay) after = after.replace(day, (_all, ...parts) => printDay(...parts));
    if (apostrophe !== "'") after = after.replaceAll("'", apostrophe);
    return `${start}${after}${end}`;
  }

  function each(root, act) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.parentElement?.closest("script, style, noscript, textarea") && node.data.trim()) act(node);
    }
  }

  chaos.steps.push(function texts(root) {
    each(root, (node) => {
      const after = text(node.data);
      if (after !== node.data) node.data = after;
    });
    for (const element of root.querySelectorAll("input[type=submit], input[type=button]")) element.value = text(element.value);
    for (const name of ["aria-label", "label", "heading", "alt", "title"]) {
      for (const element of root.querySelectorAll(`[${name}]`)) {
        const after = text(element.getAttribute(name));
        if (after !== element.getAttribute(name)) element.setAttribute(name, after);
      }
    }
    if (colon) {
      for (const element of root.querySelectorAll("label, td:first-child, dt")) {
        const { lastChild } = element;
        if (lastChild instanceof Text && family.has(chaos.folded(lastChild.data)) && !element.querySelector("input")) lastChild.data = lastChild.data.trimEnd() + colon;
      }
    }
  });

  // How a control that is pressed prints its text.
  chaos.caption = (plain) => {
    const usual = plain.trim();
    if (usual.length < 3) return usual;
    const spaced = blank === " " ? usual : usual.replace(" ", blank);
    return /^(prosegui|conferma|gestisci|rinnova|accedi)/i.test(usual) ? `${spaced}${marks}` : spaced;
  };
}());
