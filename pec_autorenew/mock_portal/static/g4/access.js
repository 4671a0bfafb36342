// «Accedi», with the box for robots, and the home with one card per service.
import { Component, Refusal, ask, go, html } from "./base.js";

const narrow = ".mk-narrow { max-width: 360px; margin: 40px auto; }";

function frameOf(address, title) {
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: address, title, width: 304, height: 78 });
  frame.style.border = "0";
  return frame;
}

// Somebody else's element, under the name that they gave it.
class Altcha extends HTMLElement {
  connectedCallback() {
    if (!this.shadowRoot) this.attachShadow({ mode: "open" }).append(frameOf(this.getAttribute("challengeurl"), ""));
  }
}

function robotBox(kind, stranger) {
  if (kind === "frame") return frameOf(`${stranger}recaptcha/api2/anchor`, "reCAPTCHA");
  if (kind === "widget") {
    const widget = document.createElement("altcha-widget");
    widget.setAttribute("challengeurl", `${stranger}widget/v1/altcha`);
    return widget;
  }
  const check = document.createElement("mk-check");
  check.text = "Non sono un robot";
  return check;
}

class Login extends Component {
  async connectedCallback() {
    const { leave_for: leaveFor, frame, send_to: sendTo, next, captcha, stranger } = await this.entrance();
    if (leaveFor) {
      location.replace(leaveFor);
      return;
    }
    this.sendTo = sendTo ?? "/api/accesso";
    this.next = next;
    if (next) history.replaceState(null, "", `/accesso?next=${encodeURIComponent(next)}`);
    if (frame) this.paint(html`<div class="mk-panel mk-narrow"><h1>Accedi alla tua area clienti</h1></div>`, narrow);
    else this.showForm();
    if (frame) this.find(".mk-panel").append(Object.assign(frameOf(frame, ""), { width: 360, height: 460 }));
    else if (captcha) this.find(".mk-robot").replaceChildren(robotBox(captcha, stranger));
  }

  async entrance() {
    try {
      return await ask("/api/accesso");
    } catch (error) {
      this.paint(html`<div class="mk-panel mk-narrow"><p class="mk-alert" role="alert">${error.message}</p></div>`, narrow);
      throw error;
    }
  }

  showForm() {
    const ended = new URLSearchParams(location.search).has("sessione");
    this.paint(html`
      <div class="mk-panel mk-narrow">
        <h1>Accedi alla tua area clienti</h1>
        <p class="mk-alert" role="alert" ${ended ? "" : html`hidden`}>La tua sessione è scaduta: accedi di nuovo.</p>
        <mk-field class="mk-user" label="username o casella PEC" complete="username"></mk-field>
        <mk-field class="mk-secret" label="password" secret complete="current-password"></mk-field>
        <div class="mk-robot"></div>
        <p><mk-button class="mk-enter" skin="primary">Accedi</mk-button></p>
        <p class="mk-muted"><a href="/accesso">non ricordi lo username</a> · <a href="/accesso">non ricordi la password</a></p>
      </div>`, narrow);
    this.find(".mk-enter").onclick = () => this.enter();
    this.onkeydown = (event) => { if (event.key === "Enter") this.enter(); };
  }

  async askForRobots() {
    const { captcha, stranger } = await ask("/api/accesso");
    if (captcha) this.find(".mk-robot").replaceChildren(robotBox(captcha, stranger));
  }

  async enter() {
    const alert = this.find(".mk-alert");
    const button = this.find(".mk-enter");
    alert.hidden = true;
    button.setAttribute("disabled", "");
    try {
      const credentials = { username: this.find(".mk-user").value, password: this.find(".mk-secret").value };
      const { mailbox } = await ask(this.sendTo, credentials);
      if (this.next) location.assign(this.next);
      else go(mailbox ? "/pec" : "/home");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      alert.textContent = error.message;
      alert.hidden = false;
      button.removeAttribute("disabled");
      if (!this.find(".mk-robot").childElementCount) this.askForRobots();
    }
  }
}

class ServiceCard extends Component {
  connectedCallback() {
    this.paint(html`
      <section class="mk-panel" aria-label="${this.getAttribute("heading")}">
        <h2>${this.getAttribute("heading")}</h2>
        <p class="mk-muted"><slot></slot></p>
        <mk-button>Gestisci</mk-button>
      </section>`, "h2 { margin-top: 0; }");
    this.find("mk-button").onclick = () => go(this.getAttribute("address"));
  }
}

class Home extends Component {
  connectedCallback() {
    this.paint(html`
      <h1>I tuoi servizi</h1>
      <div class="mk-grid">
        <mk-service heading="Firma Digitale" address="/servizi/firma-digitale">Dispositivi, certificati e firma remota.</mk-service>
        <mk-service heading="Posta certificata" address="/pec">Le tue caselle PEC, i rinnovi e gli ordini.</mk-service>
        <mk-service heading="Fatturazione Elettronica" address="/servizi/fatturazione-elettronica">Invia, ricevi e conserva le tue fatture.</mk-service>
        <mk-service heading="SPID" address="/servizi/spid">La tua identità digitale.</mk-service>
      </div>`, ".mk-grid { display: grid; grid-template-columns: 1fr 1fr; gap: 20px; }");
  }
}

class OtherService extends Component {
  connectedCallback() {
    this.paint(html`<div class="mk-panel"><h1>Nessun servizio attivo</h1><p>Non hai servizi di questo tipo.</p></div>`);
  }
}

class LegalDocument extends Component {
  connectedCallback() {
    this.paint(html`<div class="mk-panel"><h1>Documento di prova</h1><p>Qui il portale vero pubblica il testo del documento.</p></div>`);
  }
}

customElements.define("mk-login", Login);
customElements.define("mk-service", ServiceCard);
customElements.define("mk-home", Home);
customElements.define("altcha-widget", Altcha);
customElements.define("mk-other-service", OtherService);
customElements.define("mk-legal-document", LegalDocument);
