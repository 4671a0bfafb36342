// From the card of a mailbox to the order form: plan, kit (rarely), holder.
import { Component, Refusal, ask, go, html, money } from "./base.js";

// The order in the making lives in this tab only; reloading the page starts again from the plan.
let draft = null;

export const currentDraft = (address) => {
  draft ??= JSON.parse(sessionStorage.getItem("ordine"));
  return draft?.address === address ? draft : null;
};

export const forgetDraft = () => {
  draft = null;
  sessionStorage.removeItem("ordine");
};

export const step = (address, name) => `/pec/rinnova/${encodeURIComponent(address)}/${name}`;

// The form may open in a window of its own, which inherits the draft.
function openForm(address) {
  if (!draft.offer.new_window) {
    go(step(address, "modulo"));
    return;
  }
  sessionStorage.setItem("ordine", JSON.stringify(draft));
  window.open(step(address, "modulo"), "_blank");
  sessionStorage.removeItem("ordine");
}

export class Step extends Component {
  connectedCallback() {
    this.draft = currentDraft(this.address);
    if (this.draft) this.draw();
    else go(step(this.address, "piano"));
  }
}

class Plan extends Component {
  async connectedCallback() {
    this.paint(html`<mk-spinner></mk-spinner>`);
    try {
      const offer = await ask(`/api/rinnovo/${encodeURIComponent(this.address)}`);
      draft = currentDraft(this.address) ?? {
        address: this.address,
        type: offer.selected_type,
        extra_gb: offer.selected_extra_gb,
        kit: offer.kit === "preselected" ? true : null,
        years: offer.years,
        method: offer.default_method,
      };
      draft.offer = offer;
      this.draw();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.paint(html`<div class="mk-panel"><p class="mk-alert" role="alert">${error.message}</p></div>`);
    }
  }

  draw() {
    const { offer } = draft;
    this.paint(html`
      <div class="mk-panel">
        <h1>Rinnova la tua casella</h1>
        <p>Stai rinnovando <strong>${draft.address}</strong>. Conferma il tuo piano tariffario o scegline un altro.</p>
        <div class="mk-plans" role="radiogroup" aria-label="Piano tariffario">
          ${offer.plans.map((plan) => html`
            <mk-tile value="${plan.type}" ${plan.type === draft.type ? html`chosen` : ""}>
              <strong>${plan.type}</strong><br>
              <small>${plan.box_gb} GB di casella${plan.archive_gb ? `, ${plan.archive_gb} GB di archivio` : ""}<br>${money(plan.net_cents)} + IVA/anno</small>
            </mk-tile>`)}
        </div>
        <h2>Spazio</h2>
        <mk-stepper label="GB aggiuntivi Casella" min="0" max="5" value="${draft.extra_gb}"></mk-stepper>
        <h2>Prima di proseguire</h2>
        <p class="mk-notice">Se passi a un piano inferiore l'archivio viene disattivato e i messaggi archiviati vengono eliminati.
          Se non fai modifiche, la casella viene rinnovata così com'è.</p>
        ${offer.notices.map((notice) => html`<p class="mk-notice">${notice}</p>`)}
        <div class="mk-actions"><mk-button class="mk-next" skin="primary">Prosegui e completa l'ordine</mk-button></div>
      </div>`, ".mk-plans { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px; }");
    this.find(".mk-plans").addEventListener("scelta", (event) => { draft.type = event.detail; this.draw(); });
    this.find("mk-stepper").addEventListener("passo", (event) => { draft.extra_gb = event.detail; });
    this.find(".mk-next").onclick = () => go(step(draft.address, offer.kit === "absent" ? "intestatario" : "kit"));
  }
}

class Kit extends Step {
  draw(message = "") {
    this.paint(html`
      <div class="mk-panel">
        <h1>Aggiungi al tuo ordine un kit di Firma Digitale</h1>
        <p class="mk-alert" role="alert" ${message ? "" : html`hidden`}>${message}</p>
        <div class="mk-plans" role="radiogroup" aria-label="Dispositivo di Firma Digitale">
          <mk-tile value="si" ${this.draft.kit === true ? html`chosen` : ""}>Sì, aggiungi un Dispositivo di Firma Digitale (${money(this.draft.offer.kit_gross_cents)})</mk-tile>
          <mk-tile value="no" ${this.draft.kit === false ? html`chosen` : ""}>No, non aggiungere il Dispositivo di Firma Digitale</mk-tile>
        </div>
        <div class="mk-actions"><mk-button class="mk-next" skin="primary">Prosegui e completa l'ordine</mk-button></div>
      </div>`, ".mk-plans { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; }");
    this.find(".mk-plans").addEventListener("scelta", (event) => { this.draft.kit = event.detail === "si"; this.draw(); });
    this.find(".mk-next").onclick = () => {
      if (this.draft.kit === null) this.draw("Indica se vuoi acquistare anche un Dispositivo di Firma Digitale.");
      else go(step(this.address, "intestatario"));
    };
  }
}

class Holder extends Step {
  draw() {
    const { holder } = this.draft.offer;
    this.paint(html`
      <div class="mk-panel">
        <h1>Dati Intestatario</h1>
        <p>Controlla i tuoi dati: invieremo la conferma dell'ordine a questo indirizzo email.</p>
        <dl>
          <dt>Intestatario</dt><dd>${holder.name}</dd>
          <dt>Codice fiscale / Partita IVA</dt><dd>${holder.tax_code}</dd>
          <dt>Indirizzo</dt><dd>${holder.street}</dd>
          <dt>Email</dt><dd>${holder.email}</dd>
        </dl>
        ${this.draft.offer.billing === "inline" ? html`<h2>DATI FATTURAZIONE</h2><mk-identifier></mk-identifier>` : html`<p class="mk-muted">Per la fattura usiamo i dati del tuo account.</p>`}
        <div class="mk-actions"><mk-button class="mk-next" skin="primary">Prosegui e completa l'ordine</mk-button></div>
      </div>`, `
      dl { display: grid; grid-template-columns: 240px 1fr; gap: 10px; }
      dt { color: #6b7280; }
      dd { margin: 0; font-weight: 600; }
    `);
    this.find(".mk-next").onclick = async () => {
      const { billing } = this.draft.offer;
      if (billing === "separate") go(step(this.address, "fatturazione"));
      else if (billing === "none" || await this.find("mk-identifier").accepted()) openForm(this.address);
    };
  }
}

// «Identificativo per l'invio della fattura elettronica», inside the holder's page or on its own.
class InvoiceIdentifier extends Component {
  connectedCallback() {
    const { identifier } = draft.offer;
    const kinds = { "": "Seleziona", "codice-destinatario": "Codice Destinatario", "casella-pec": "Casella PEC", nessuno: "Nessun identificativo" };
    const option = ([kind, name]) => html`<option value="${kind}" ${kind === (identifier?.kind ?? "") ? html`selected` : ""}>${name}</option>`;
    this.paint(html`
      <p class="mk-alert" role="alert" hidden></p>
      <p><label for="mk-kind">Identificativo per l'invio della fattura elettronica</label><br>
        <select id="mk-kind">${Object.entries(kinds).map(option)}</select></p>
      <p><label for="mk-code">Valore dell'identificativo</label><br>
        <input id="mk-code" type="text" value="${identifier?.value ?? ""}"></p>`, `
      select, input { width: 320px; padding: 8px 10px; border: 1px solid #b6bcc6; border-radius: 8px; font: inherit; box-sizing: border-box; }
    `);
  }

  async accepted() {
    const kind = this.find("#mk-kind").value;
    const answer = { kind, value: kind === "nessuno" ? "" : this.find("#mk-code").value.trim() };
    try {
      await ask("/api/identificativo", answer);
      draft.identifier = answer;
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.find(".mk-alert").textContent = error.message;
      this.find(".mk-alert").hidden = false;
      return false;
    }
  }
}

class Billing extends Step {
  draw() {
    this.paint(html`
      <div class="mk-panel">
        <h1>Dati fatturazione</h1>
        <p>La fattura sarà emessa con i dati anagrafici del tuo account.</p>
        <mk-identifier></mk-identifier>
        <div class="mk-actions"><mk-button class="mk-next" skin="primary">Prosegui e completa l'ordine</mk-button></div>
      </div>`);
    this.find(".mk-next").onclick = async () => {
      if (await this.find("mk-identifier").accepted()) openForm(this.address);
    };
  }
}

customElements.define("mk-plan", Plan);
customElements.define("mk-kit", Kit);
customElements.define("mk-holder", Holder);
customElements.define("mk-identifier", InvoiceIdentifier);
customElements.define("mk-billing", Billing);
