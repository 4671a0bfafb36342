// The frame of the area: header, and the view that the address asks for.
import { Component, ask, go, html } from "./base.js";
import "./controls.js";
import "./access.js";
import "./hurdles.js";
import "./mailboxes.js";
import "./renewal.js";
import "./order.js";

const routes = [
  [/^\/accesso$/, "mk-login"],
  [/^\/verifica$/, "mk-second-step"],
  [/^\/codice$/, "mk-code"],
  [/^\/cambio-password$/, "mk-new-password"],
  [/^\/nuove-condizioni$/, "mk-new-terms"],
  [/^\/home$/, "mk-home"],
  [/^\/pec$/, "mk-mailboxes"],
  [/^\/servizi\/.+$/, "mk-other-service"],
  [/^\/documenti\/.+$/, "mk-legal-document"],
  [/^\/pec\/rinnova\/(?<address>[^/]+)\/piano$/, "mk-plan"],
  [/^\/pec\/rinnova\/(?<address>[^/]+)\/kit$/, "mk-kit"],
  [/^\/pec\/rinnova\/(?<address>[^/]+)\/intestatario$/, "mk-holder"],
  [/^\/pec\/rinnova\/(?<address>[^/]+)\/fatturazione$/, "mk-billing"],
  [/^\/pec\/rinnova\/(?<address>[^/]+)\/modulo$/, "mk-order-form"],
  [/^\/pec\/ordini\/(?<number>\d+)\/conferma$/, "mk-confirmation"],
  [/^\/pec\/ordini\/(?<number>\d+)\/paga$/, "mk-pay-page"],
];
const open = new Set(["mk-login", "mk-legal-document", "mk-second-step", "mk-code", "mk-new-password", "mk-new-terms"]);

class Area extends Component {
  connectedCallback() {
    this.paint(html`
      <header>
        <span class="mk-brand">posta<b>certificata</b></span>
        <span class="mk-user" hidden><span class="mk-greeting"></span> <mk-button class="mk-leave" skin="link">Esci</mk-button></span>
      </header>
      <main></main>
      <footer>Portale di prova: nulla di ciò che si vede è reale.</footer>`, `
      header { display: flex; align-items: center; justify-content: space-between; padding: 14px 40px; background: #fff; box-shadow: 0 1px 3px rgb(20 30 50 / 15%); }
      .mk-brand { color: #1a56c4; font-size: 22px; letter-spacing: -.5px; }
      .mk-greeting { margin-right: 12px; }
      main { max-width: 880px; min-height: 460px; margin: 32px auto; padding: 0 24px; }
      footer { padding: 24px; color: #6b7280; font-size: 12px; text-align: center; }
    `);
    this.find(".mk-leave").onclick = async () => {
      await ask("/api/uscita", {});
      go("/accesso");
    };
    const show = () => this.show();
    window.addEventListener("indirizzo", show);
    window.addEventListener("popstate", show);
    this.show();
  }

  async show() {
    const main = this.find("main");
    const turn = Symbol("turn");
    this.turn = turn;
    const [match, view] = this.match();
    this.find(".mk-user").hidden = true;
    main.innerHTML = "<mk-spinner></mk-spinner>";
    let noticeDays = null;
    if (!open.has(view)) {
      const session = await ask("/api/sessione").catch(() => null);
      if (session === null || this.turn !== turn) return;
      noticeDays = session.notice_days;
      this.find(".mk-greeting").textContent = session.greeting;
      this.find(".mk-user").hidden = false;
      if (view === undefined || (view === "mk-home" && session.mailbox)) {
        go(session.mailbox ? "/pec" : "/home");
        return;
      }
    }
    const element = document.createElement(view);
    const parts = match?.groups ?? {};
    for (const [name, value] of Object.entries(parts)) element[name] = decodeURIComponent(value);
    main.replaceChildren(element);
    if (noticeDays !== null) main.append(Object.assign(document.createElement("mk-password-notice"), { days: noticeDays }));
  }

  match() {
    for (const [pattern, view] of routes) {
      const match = pattern.exec(location.pathname);
      if (match) return [match, view];
    }
    return [null, undefined];
  }
}

customElements.define("mk-area", Area);
