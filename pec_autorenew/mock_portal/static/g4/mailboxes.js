// The PEC page: tabs, one card per mailbox, and «Ordini associati al prodotto».
import { Component, ask, day, go, html, money } from "./base.js";

class MailboxCard extends Component {
  connectedCallback() {
    const box = this.mailbox;
    this.paint(html`
      <article class="mk-panel mk-card" aria-label="${box.address}">
        <div class="mk-left">
          <h3>${box.address}</h3>
          <p class="mk-muted">${box.holder}</p>
          <p><span class="mk-badge">${box.type}</span> <span class="mk-badge ${box.state === "Attiva" ? "mk-fine" : "mk-odd"}">${box.state}</span> ${box.on_domain ? html`<span class="mk-badge">PEC su dominio</span>` : ""}</p>
          <p>Spazio Casella ${box.box_gb} GB${box.archive_gb ? html` · Spazio Archivio ${box.archive_gb} GB` : ""}</p>
          <mk-button class="mk-help" skin="link">Ti serve AIUTO per questo servizio?</mk-button>
        </div>
        <div class="mk-right">
          <p class="${box.red ? "mk-red" : ""}">Scadenza ${day(box.expiry)}</p>
          ${box.renewable ? html`<p><mk-button class="mk-renew" skin="primary">Rinnova</mk-button></p>` : ""}
          ${box.state === "Cancellata"
            ? html`<p><mk-button>Acquista di nuovo</mk-button></p>`
            : html`<mk-button class="mk-auto" skin="link">Rinnovo automatico: ${box.auto_renewal ? "Attivo" : "Non attivo"}</mk-button>`}
        </div>
      </article>
      <div class="mk-dialogs"></div>`, `
      :host { margin-bottom: 16px; }
      .mk-card { display: flex; justify-content: space-between; }
      .mk-right { text-align: right; }
      h3 { margin: 0; font-size: 17px; }
      .mk-red { color: #c5221f; font-weight: 600; }
      .mk-badge { padding: 2px 10px; border-radius: 10px; background: #e8ecf3; font-size: 12px; }
      .mk-fine { background: #e3f4e8; }
      .mk-odd { background: #fdecea; }
    `);
    this.find(".mk-renew")?.addEventListener("click", () => go(`/pec/rinnova/${encodeURIComponent(box.address)}/piano`));
    this.find(".mk-auto")?.addEventListener("click", () => this.openAutoRenewal());
  }

  openAutoRenewal() {
    const { address, auto_renewal: active } = this.mailbox;
    const dialogs = this.find(".mk-dialogs");
    const body = html`
      <mk-dialog heading="Rinnovo automatico">
        <p>${active ? "Il rinnovo automatico di questa casella è attivo." : "Scegli il metodo di pagamento salvato: Carta di credito **** 0000."}</p>
        <mk-button class="mk-switch" skin="primary">${active ? "Disattiva" : "Attiva"}</mk-button>
        <mk-button class="mk-close">Chiudi</mk-button>
      </mk-dialog>`;
    dialogs.innerHTML = body.text;
    dialogs.querySelector(".mk-close").onclick = () => { dialogs.innerHTML = ""; };
    dialogs.querySelector(".mk-switch").onclick = async () => {
      await ask(`/api/rinnovo-automatico/${encodeURIComponent(address)}`, {});
      this.tell("ricarica");
    };
  }
}

const orderStates = { awaiting_payment: "Attesa pagamento", paid: "Pagato", cancelled: "Annullato" };

class OrderList extends Component {
  connectedCallback() {
    this.paint(html`
      <section class="mk-panel">
        <h2>Ordini associati al prodotto</h2>
        ${this.orders.length === 0 ? html`<p>Non hai ordini.</p>` : html`<ul>${this.orders.map((order) => this.item(order))}</ul>`}
        <div class="mk-dialogs"></div>
      </section>`, `
      h2 { margin-top: 0; }
      ul { margin: 0; padding: 0; list-style: none; }
      li { display: flex; align-items: center; gap: 20px; padding: 12px 0; border-top: 1px solid #e8ecf3; }
      .mk-what { flex: 1; }
    `);
    for (const button of this.findAll(".mk-pay")) {
      button.onclick = () => go(`/pec/ordini/${button.dataset.number}/paga`);
    }
    for (const button of this.findAll(".mk-cancel")) {
      button.onclick = () => this.confirmCancel(button.dataset.number);
    }
  }

  item(order) {
    return html`
      <li>
        <span class="mk-what">Ordine n. <strong>${order.number}</strong> del ${day(order.date)}<br>
          <span class="mk-muted">Rinnovo ${order.addresses.join(", ")}${order.extras.map((extra) => `, ${extra}`)}</span></span>
        <span>${money(order.gross_cents)}</span>
        <span>${orderStates[order.state]}</span>
        ${order.state === "awaiting_payment" ? html`
          <mk-button class="mk-pay" data-number="${order.number}">Paga</mk-button>
          <mk-button class="mk-cancel" skin="link" data-number="${order.number}">Annulla</mk-button>` : ""}
      </li>`;
  }

  confirmCancel(number) {
    const dialogs = this.find(".mk-dialogs");
    dialogs.innerHTML = html`
      <mk-dialog heading="Annulla ordine">
        <p>Vuoi annullare l'ordine ${number}?</p>
        <mk-button class="mk-yes" skin="primary">Sì, annulla l'ordine</mk-button>
        <mk-button class="mk-no">Chiudi</mk-button>
      </mk-dialog>`.text;
    dialogs.querySelector(".mk-no").onclick = () => { dialogs.innerHTML = ""; };
    dialogs.querySelector(".mk-yes").onclick = async () => {
      await ask(`/api/ordini/${number}/annullamento`, {});
      this.tell("ricarica");
    };
  }
}

class Mailboxes extends Component {
  connectedCallback() {
    this.shown = "own";
    this.turn = 1;
    this.addEventListener("ricarica", () => this.load());
    this.load();
  }

  async load() {
    this.paint(html`<h1>Posta certificata</h1><mk-spinner></mk-spinner>`);
    const [session, content] = await Promise.all([ask("/api/sessione"), ask("/api/caselle")]);
    this.alone = session.mailbox !== null;
    this.content = content;
    if (content.page_kept) this.turn = Number(sessionStorage.getItem("pagina") || 1);
    this.draw();
  }

  draw() {
    const { mailboxes, orders } = this.content;
    const shown = this.alone ? mailboxes : mailboxes.filter((box) => box.tab === this.shown);
    const { page_size: size, paging } = this.content;
    const pages = size ? Math.max(1, Math.ceil(shown.length / size)) : 1;
    const numbers = [...Array(pages).keys()].map((index) => index + 1)
      .filter((number) => number === 1 || number === pages || Math.abs(number - this.turn) <= 2);
    const listed = size ? shown.slice(paging === "more" ? 0 : (this.turn - 1) * size, this.turn * size) : shown;
    this.paint(html`
      <h1>Posta certificata</h1>
      ${this.alone ? "" : html`
        <div class="mk-tabs" role="tablist">
          <button role="tab" type="button" value="own" aria-selected="${this.shown === "own"}">Le mie caselle PEC</button>
          <button role="tab" type="button" value="others" aria-selected="${this.shown === "others"}">PEC di altri titolari</button>
        </div>`}
      <div class="mk-cards" ${this.alone ? "" : html`role="tabpanel"`}>${shown.length === 0 ? html`<p class="mk-panel">${this.content.empty_list}</p>` : ""}</div>
      ${pages === 1 ? "" : html`<p class="mk-pages">${paging === "more"
        ? (this.turn < pages ? html`<mk-button class="mk-page" value="${this.turn + 1}">Mostra altre</mk-button>` : "")
        : html`${numbers.map((number) => (number === this.turn ? html`<b>${number}</b> ` : html`<mk-button class="mk-page" skin="link" value="${number}">${number}</mk-button> `))}
          ${this.turn < pages ? html`<mk-button class="mk-page" skin="link" value="${this.turn + 1}">Successiva »</mk-button>` : ""}`}</p>`}
      <mk-orders></mk-orders>`, `
      .mk-tabs { margin-bottom: 20px; border-bottom: 1px solid #d7dce4; }
      .mk-tabs button { padding: 10px 18px; border: 0; border-bottom: 3px solid transparent; background: none; font: 600 15px "Liberation Sans", Arial, sans-serif; cursor: pointer; }
      .mk-tabs button[aria-selected="true"] { border-color: #1a56c4; color: #1a56c4; }
      .mk-cards { margin-bottom: 28px; }
      .mk-pages { text-align: center; }
    `);
    for (const tab of this.findAll("[role=tab]")) {
      tab.onclick = () => { this.shown = tab.value; this.turn = 1; this.draw(); };
    }
    for (const press of this.findAll(".mk-page")) {
      press.onclick = () => { this.turn = Number(press.getAttribute("value")); sessionStorage.setItem("pagina", this.turn); this.draw(); };
    }
    for (const mailbox of listed) {
      const card = document.createElement("mk-mailbox");
      card.mailbox = mailbox;
      this.find(".mk-cards").append(card);
    }
    const list = document.createElement("mk-order-list");
    list.orders = orders;
    this.find("mk-orders").replaceWith(list);
  }
}

customElements.define("mk-mailbox", MailboxCard);
customElements.define("mk-order-list", OrderList);
customElements.define("mk-mailboxes", Mailboxes);
