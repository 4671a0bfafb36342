// What every component shares: a shadow root, escaped markup, requests, navigation.

class Markup {
  constructor(text) { this.text = text; }
}

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function toText(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(toText).join("");
  if (value === null || value === undefined || value === false) return "";
  return String(value).replace(/[&<>"']/g, (character) => escapes[character]);
}

export function html(parts, ...values) {
  return new Markup(parts.reduce((text, part, index) => text + toText(values[index - 1]) + part));
}

const sharedStyle = `
  :host { display: block; color: #2b2f36; font: 15px/1.5 "Liberation Sans", Arial, sans-serif; }
  :host([hidden]), [hidden] { display: none !important; }
  h1 { margin: 0 0 20px; font-size: 26px; font-weight: 600; }
  h2 { margin: 28px 0 12px; font-size: 18px; font-weight: 600; }
  p { margin: 0 0 12px; }
  a { color: #1a56c4; }
  .mk-panel { padding: 28px 32px; border-radius: 12px; background: #fff; box-shadow: 0 1px 4px rgb(20 30 50 / 12%); }
  .mk-alert { padding: 12px 16px; border-radius: 8px; background: #fdecea; color: #a31515; }
  .mk-notice { padding: 12px 16px; border-left: 4px solid #f0a500; border-radius: 4px; background: #fff8e6; }
  .mk-muted { color: #6b7280; font-size: 13px; }
  .mk-actions { display: flex; justify-content: flex-end; gap: 12px; margin-top: 28px; }
`;

export class Component extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" });
  }

  paint(markup, style = "") {
    this.shadowRoot.innerHTML = `<style>${sharedStyle}${style}</style>${toText(markup)}`;
    window.chaos?.shape(this.shadowRoot);
  }

  find(selector) { return this.shadowRoot.querySelector(selector); }

  findAll(selector) { return [...this.shadowRoot.querySelectorAll(selector)]; }

  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true })); }
}

const moneyFormat = new Intl.NumberFormat("it-IT", { style: "currency", currency: "EUR", useGrouping: "always" });

export const money = (cents) => moneyFormat.format(cents / 100);

export const day = (iso) => iso.split("-").reverse().join("/");

export function go(address) {
  history.pushState(null, "", address);
  window.dispatchEvent(new Event("indirizzo"));
}

export class Refusal extends Error {}

export async function ask(address, body) {
  const options = body === undefined
    ? {}
    : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(address, options);
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401 && address !== "/api/accesso") {
    go(answer.ended ? "/accesso?sessione=scaduta" : "/accesso");
    throw new Refusal("");
  }
  if (answer.held_at) {
    go(answer.held_at);
    throw new Refusal("");
  }
  if (!response.ok) throw new Refusal(answer.message ?? "Si è verificato un errore. Riprova più tardi.");
  return answer;
}
