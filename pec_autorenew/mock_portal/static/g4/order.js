// «Modulo Ordine», the confirmation, and «Paga».
import { Component, Refusal, ask, day, go, html, money } from "./base.js";
import { Step, forgetDraft, step } from "./renewal.js";

const methodNames = { carta: "Carta di credito", paypal: "PayPal", bonifico: "Bonifico", bollettino: "Bollettino postale" };
const documents = {
  "Condizioni generali di contratto": "/documenti/condizioni",
  "clausole vessatorie": "/documenti/clausole",
  "informativa relativa al trattamento dei dati": "/documenti/informativa",
};

function linked(text) {
  for (const [name, address] of Object.entries(documents)) {
    const [before, ...after] = text.split(name);
    if (after.length) return html`${before}<a href="${address}" target="_blank">${name}</a>${after.join(name)}`;
  }
  return html`${text}`;
}

class Totals extends Component {
  async load(request) {
    this.setAttribute("aria-busy", "true");
    this.paint(html`<mk-spinner></mk-spinner>`);
    const turn = Symbol("turn");
    this.turn = turn;
    const quote = await ask("/api/preventivo", request);
    if (this.turn !== turn) return;
    this.draw(quote);
    this.setAttribute("aria-busy", "false");
    this.tell("prezzo");
  }

  draw(quote) {
    const amount = (line) => (this.showLines ? html`<span>${money(line.net_cents)}</span>` : "");
    const years = (count) => `${count} ${count === 1 ? "anno" : "anni"}`;
    this.paint(html`
      <ul>
        ${quote.lines.map((line) => html`<li><span>Rinnovo <strong>${line.address}</strong>, ${line.type}, ${years(line.years)}${line.extra_gb ? `, ${line.extra_gb} GB aggiuntivi` : ""}</span>${amount(line)}</li>`)}
        ${quote.extras.map((line) => html`<li><span>${line.text}</span>${amount(line)}</li>`)}
      </ul>
      <dl>
        <div><dt>Imponibile</dt><dd>${money(quote.net_cents)}</dd></div>
        <div><dt>IVA 22%</dt><dd>${money(quote.vat_cents)}</dd></div>
        <div class="mk-total"><dt>Totale</dt><dd>${money(quote.gross_cents)}</dd></div>
      </dl>`, `
      ul { margin: 0; padding: 0; list-style: none; }
      li, dl div { display: flex; justify-content: space-between; padding: 6px 0; }
      li { border-bottom: 1px solid #e8ecf3; }
      dl { width: 280px; margin: 12px 0 0 auto; }
      dd { margin: 0; }
      .mk-total { font-size: 19px; font-weight: 700; }
    `);
  }
}

class OrderForm extends Step {
  draw() {
    const { offer } = this.draft;
    const soon = offer.methods.filter((method) => method === "carta" || method === "paypal");
    const later = offer.methods.filter((method) => method !== "carta" && method !== "paypal");
    const tile = (method) => html`<mk-tile value="${method}" ${method === this.draft.method ? html`chosen` : ""}>${methodNames[method]}</mk-tile>`;
    this.paint(html`
      <div class="mk-panel">
        <h1>Modulo Ordine</h1>
        <mk-totals></mk-totals>
        <mk-button class="mk-change" skin="link">Modifica il tuo ordine</mk-button>
        <h2>Modalità di pagamento</h2>
        <div class="mk-methods" role="radiogroup" aria-label="Modalità di pagamento">
          <div class="mk-tiles">${soon.map(tile)}</div>
          ${offer.methods_hidden ? html`<button class="mk-others" type="button" aria-expanded="false">Altre modalità</button>` : ""}
          <div class="mk-tiles mk-later" ${offer.methods_hidden ? html`hidden` : ""}>${later.map(tile)}</div>
        </div>
        <h2>Durata e sconti</h2>
        ${this.frequency(offer)}
        <p></p>
        <mk-field class="mk-discount" label="codice sconto"></mk-field>
        <h2>Condizioni</h2>
        <div class="mk-consents"></div>
        <p class="mk-alert" role="alert" hidden></p>
        <div class="mk-actions"><mk-button class="mk-confirm" skin="primary">Conferma e completa l'ordine</mk-button></div>
      </div>`, `
      .mk-tiles { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; margin-bottom: 14px; }
      .mk-others { margin-bottom: 14px; padding: 0; border: 0; background: none; color: #1a56c4; font: 600 14px "Liberation Sans", Arial, sans-serif; cursor: pointer; }
      .mk-discount { max-width: 240px; }
    `);
    this.addConsents(offer.consents);
    this.listen();
    this.totals = this.find("mk-totals");
    this.totals.showLines = offer.show_line_amounts;
    this.totals.load(this.request());
  }

  // «Frequenza di rinnovo»: a stepper, a drop-down or a choice of radios.
  frequency(offer) {
    const years = [...Array(offer.max_years).keys()].map((index) => index + 1);
    const name = (count) => `${count} ${count === 1 ? "anno" : "anni"}`;
    const now = (count, word) => (count === this.draft.years ? html`${word}` : "");
    if (offer.frequency === "select") {
      return html`<p><label for="mk-years">Frequenza di rinnovo</label><br>
        <select id="mk-years">${years.map((count) => html`<option value="${count}" ${now(count, "selected")}>${name(count)}</option>`)}</select></p>`;
    }
    if (offer.frequency === "radio") {
      return html`<fieldset><legend>Frequenza di rinnovo</legend>${years.map((count) => html`
        <label><input type="radio" name="anni" value="${count}" ${now(count, "checked")}> ${name(count)}</label> `)}</fieldset>`;
    }
    return html`<mk-stepper label="Frequenza di rinnovo (anni)" min="1" max="${offer.max_years}" value="${this.draft.years}"></mk-stepper>`;
  }

  addConsents(consents) {
    for (const consent of consents) {
      const check = document.createElement("mk-check");
      check.consent = consent.text;
      check.text = html`${linked(consent.text)}${consent.required ? " *" : ""}`;
      if (consent.preticked) check.setAttribute("checked", "");
      this.find(".mk-consents").append(check);
    }
  }

  listen() {
    const confirm = this.find(".mk-confirm");
    this.find(".mk-change").onclick = () => go(step(this.address, "piano"));
    this.find(".mk-methods").addEventListener("scelta", (event) => this.chooseMethod(event.detail));
    const take = (years) => {
      this.draft.years = years;
      confirm.setAttribute("disabled", "");
      this.totals.load(this.request());
    };
    this.find("mk-stepper")?.addEventListener("passo", (event) => take(event.detail));
    for (const choice of this.findAll("#mk-years, [name=anni]")) {
      choice.addEventListener("change", () => take(Number(choice.value)));
    }
    this.find("mk-totals").addEventListener("prezzo", () => confirm.removeAttribute("disabled"));
    confirm.setAttribute("disabled", "");
    confirm.onclick = () => {
      const { question } = this.draft.offer;
      if (!confirm.hasAttribute("disabled") && (!question || window.confirm(question))) this.confirm();
    };
    const others = this.find(".mk-others");
    if (others) {
      others.onclick = () => {
        const later = this.find(".mk-later");
        later.hidden = !later.hidden;
        others.setAttribute("aria-expanded", String(!later.hidden));
      };
    }
  }

  chooseMethod(method) {
    this.draft.method = method;
    for (const tile of this.findAll("mk-tile")) tile.toggleAttribute("chosen", tile.getAttribute("value") === method);
  }

  request() {
    const { address, type, extra_gb, years, kit } = this.draft;
    return { address, type, extra_gb, years, kit: kit === true };
  }

  async confirm() {
    const alert = this.find(".mk-alert");
    const button = this.find(".mk-confirm");
    const consents = this.findAll("mk-check").filter((check) => check.checked).map((check) => check.consent);
    alert.hidden = true;
    button.setAttribute("disabled", "");
    try {
      const { identifier } = this.draft;
      const body = { ...this.request(), identifier, method: this.draft.method, consents, discount: this.find(".mk-discount").value };
      const { number } = await ask("/api/ordini", body);
      forgetDraft();
      go(number ? `/pec/ordini/${number}/conferma` : "/pec");
    } catch (error) {
      alert.textContent = error instanceof Refusal ? error.message : "Si è verificato un errore di rete.";
      alert.hidden = false;
      button.removeAttribute("disabled");
    }
  }
}

class OrderPage extends Component {
  async connectedCallback() {
    this.paint(html`<mk-spinner></mk-spinner>`);
    this.order = await ask(`/api/ordini/${this.number}`);
    this.draw();
    this.find(".mk-pay")?.addEventListener("click", () => this.pay());
    this.find(".mk-back")?.addEventListener("click", () => go("/pec"));
  }

  async pay() {
    const method = this.order.method === "paypal" ? "paypal" : "carta";
    await ask(`/api/ordini/${this.order.number}/pagamento`, { method });
    go("/pec");
  }
}

class Confirmation extends OrderPage {
  draw() {
    const { order } = this;
    const payNow = order.state === "awaiting_payment" && (order.method === "carta" || order.method === "paypal");
    this.paint(html`
      <div class="mk-panel">
        <h1>Conferma ordine</h1>
        <p>Grazie! Abbiamo ricevuto il tuo ordine.</p>
        <p>Numero ordine: <strong>${order.number}</strong></p>
        <p>Importo: <strong>${money(order.gross_cents)}</strong></p>
        <p>Modalità di pagamento: <strong>${methodNames[order.method]}</strong></p>
        <p class="mk-muted">Ti abbiamo inviato una email di Conferma ordine a ${order.email}. Il rinnovo sarà completato dopo la registrazione del pagamento.</p>
        <div class="mk-actions">
          ${payNow ? html`<mk-button class="mk-pay" skin="primary">${order.method === "carta" ? "Paga ora su portale Banca Sella" : "PAGA CON PAYPAL"}</mk-button>` : ""}
          <mk-button class="mk-back">Torna alle tue caselle</mk-button>
        </div>
      </div>`);
  }
}

class PayPage extends OrderPage {
  draw() {
    const { order } = this;
    this.paint(html`
      <div class="mk-panel">
        <h1>Riepilogo ordine</h1>
        <p>Ordine n. <strong>${order.number}</strong> del ${day(order.date)}, ${money(order.gross_cents)}</p>
        <div class="mk-actions">
          <mk-button class="mk-pay" skin="primary">Paga ora su portale Banca Sella</mk-button>
          <mk-button class="mk-back">Torna alle tue caselle</mk-button>
        </div>
      </div>`);
  }
}

customElements.define("mk-totals", Totals);
customElements.define("mk-order-form", OrderForm);
customElements.define("mk-confirmation", Confirmation);
customElements.define("mk-pay-page", PayPage);
