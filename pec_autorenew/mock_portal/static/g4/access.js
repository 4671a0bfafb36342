// «Accedi», and the home with one card per service.
import { Component, Refusal, ask, go, html } from "./base.js";

class Login extends Component {
  connectedCallback() {
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
      </div>`, ".mk-narrow { max-width: 360px; margin: 40px auto; }");
    this.find(".mk-enter").onclick = () => this.enter();
    this.onkeydown = (event) => { if (event.key === "Enter") this.enter(); };
    this.askForRobots();
  }

  async askForRobots() {
    const { captcha } = await ask("/api/accesso");
    if (!captcha) return;
    const check = document.createElement("mk-check");
    check.text = "Non sono un robot";
    this.find(".mk-robot").append(check);
  }

  async enter() {
    const alert = this.find(".mk-alert");
    const button = this.find(".mk-enter");
    alert.hidden = true;
    button.setAttribute("disabled", "");
    try {
      const credentials = { username: this.find(".mk-user").value, password: this.find(".mk-secret").value };
      const { mailbox } = await ask("/api/accesso", credentials);
      go(mailbox ? "/pec" : "/home");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      alert.textContent = error.message;
      alert.hidden = false;
      button.removeAttribute("disabled");
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

class SecondStep extends Component {
  connectedCallback() {
    this.paint(html`
      <div class="mk-panel">
        <h1>Verifica in 2 passaggi</h1>
        <p>Abbiamo inviato una notifica al tuo dispositivo: apri l'app e autorizza l'accesso per proseguire.</p>
        <mk-button class="mk-again" skin="link">Non hai ricevuto la notifica? Invia di nuovo</mk-button>
      </div>`);
    this.find(".mk-again").onclick = () => go("/verifica");
    this.asking = setInterval(() => this.look(), 300);
  }

  disconnectedCallback() {
    clearInterval(this.asking);
  }

  async look() {
    const { go_on: goOn, mailbox } = await ask("/api/verifica");
    if (goOn) go(mailbox ? "/pec" : "/home");
  }
}

class NewPassword extends Component {
  connectedCallback() {
    this.paint(html`
      <div class="mk-panel">
        <h1>Cambio password</h1>
        <p>La tua password è scaduta: scegli una nuova password.</p>
        <p class="mk-alert" role="alert" hidden></p>
        <mk-field class="mk-first" label="Nuova password" secret complete="new-password"></mk-field>
        <mk-field class="mk-second" label="Ripeti la nuova password" secret complete="new-password"></mk-field>
        <mk-button class="mk-save" skin="primary">Salva</mk-button>
      </div>`);
    this.find(".mk-save").onclick = () => this.save();
  }

  async save() {
    try {
      await ask("/api/nuova-password", { new: this.find(".mk-first").value, again: this.find(".mk-second").value });
      go("/pec");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.find(".mk-alert").textContent = error.message;
      this.find(".mk-alert").hidden = false;
    }
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
customElements.define("mk-second-step", SecondStep);
customElements.define("mk-new-password", NewPassword);
customElements.define("mk-other-service", OtherService);
customElements.define("mk-legal-document", LegalDocument);
