// What may stand between the right password and the area: a device, a code, a password, new conditions; and a notice.
import { Component, Refusal, ask, go, html } from "./base.js";

const onward = ({ mailbox }) => go(mailbox ? "/pec" : "/home");

// A page with a sentence for what was refused.
class Hurdle extends Component {
  async send(address, body) {
    try {
      onward(await ask(address, body));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.find(".mk-alert").textContent = error.message;
      this.find(".mk-alert").hidden = false;
    }
  }
}

const TURNED_AWAY = {
  denied: "La richiesta di accesso è stata respinta dall'app.",
  expired: "La notifica è scaduta senza risposta.",
};

class SecondStep extends Hurdle {
  connectedCallback() {
    this.paint(html`
      <div class="mk-panel">
        <h1>Verifica in 2 passaggi</h1>
        <p>Abbiamo inviato una notifica al tuo dispositivo: apri l'app e autorizza l'accesso per proseguire.</p>
        <mk-button class="mk-again" skin="link">Non hai ricevuto la notifica? Invia di nuovo</mk-button>
      </div>`);
    this.find(".mk-again").onclick = () => ask("/api/verifica", {});
    this.asking = setInterval(() => this.look(), 300);
  }

  disconnectedCallback() {
    clearInterval(this.asking);
  }

  async look() {
    const { go_on: goOn, push, mailbox } = await ask("/api/verifica");
    if (!goOn && push === "waiting") return;
    clearInterval(this.asking);
    if (goOn) onward({ mailbox });
    else this.turnAway(TURNED_AWAY[push]);
  }

  turnAway(words) {
    this.paint(html`
      <div class="mk-panel">
        <h1>Accesso non riuscito</h1>
        <p class="mk-alert" role="alert">${words}</p>
        <mk-button class="mk-back" skin="primary">Torna all'accesso</mk-button>
      </div>`);
    this.find(".mk-back").onclick = async () => {
      await ask("/api/uscita", {});
      go("/accesso");
    };
  }
}

class Code extends Hurdle {
  connectedCallback() {
    this.paint(html`
      <div class="mk-panel mk-narrow">
        <h1>Conferma la tua identità</h1>
        <p>Abbiamo inviato un codice temporaneo al tuo indirizzo email. Digitalo qui sotto entro 10 minuti.</p>
        <p class="mk-alert" role="alert" hidden></p>
        <mk-field class="mk-code" label="Codice temporaneo"></mk-field>
        <p><mk-button class="mk-send" skin="primary">Continua</mk-button></p>
      </div>`, ".mk-narrow { max-width: 360px; margin: 40px auto; }");
    this.find(".mk-send").onclick = () => this.send("/api/codice", { code: this.find(".mk-code").value });
  }
}

class NewPassword extends Hurdle {
  connectedCallback() {
    this.paint(html`
      <div class="mk-panel">
        <h1>Cambio password</h1>
        <p class="mk-expired" hidden>La tua password è scaduta: scegli una nuova password.</p>
        <p class="mk-alert" role="alert" hidden></p>
        <mk-field class="mk-first" label="Nuova password" secret complete="new-password"></mk-field>
        <mk-field class="mk-second" label="Ripeti la nuova password" secret complete="new-password"></mk-field>
        <mk-button class="mk-save" skin="primary">Salva</mk-button>
      </div>`);
    this.find(".mk-expired").hidden = new URLSearchParams(location.search).has("scelta");
    this.find(".mk-save").onclick = () => this.send("/api/nuova-password", {
      new: this.find(".mk-first").value,
      again: this.find(".mk-second").value,
    });
  }
}

class NewTerms extends Hurdle {
  connectedCallback() {
    this.paint(html`
      <div class="mk-panel">
        <h1>Aggiornamento delle condizioni contrattuali</h1>
        <p>Abbiamo aggiornato le condizioni del servizio PEC. Per usare l'area clienti devi accettarle.
          <a href="/documenti/condizioni" target="_blank">Condizioni aggiornate</a></p>
        <p class="mk-alert" role="alert" hidden></p>
        <div class="mk-consent"></div>
        <mk-button class="mk-accept" skin="primary">Accetta e continua</mk-button>
      </div>`);
    const check = document.createElement("mk-check");
    check.text = "Ho letto e accetto le condizioni aggiornate";
    this.find(".mk-consent").append(check);
    this.find(".mk-accept").onclick = () => this.send("/api/nuove-condizioni", { accepted: check.checked });
  }
}

// A window over whatever page comes first, until it is put off.
class PasswordNotice extends Hurdle {
  connectedCallback() {
    this.paint(html`
      <mk-dialog heading="La password sta per scadere">
        <p>Mancano ${this.days} giorni alla scadenza della tua password.</p>
        <p class="mk-alert" role="alert" hidden></p>
        <div class="mk-actions">
          <mk-button class="mk-later">Più tardi</mk-button>
          <mk-button class="mk-change" skin="primary">Cambia ora</mk-button>
        </div>
      </mk-dialog>`);
    this.find(".mk-later").onclick = async () => {
      await ask("/api/avviso-password", {});
      this.remove();
    };
    this.find(".mk-change").onclick = () => go("/cambio-password?scelta");
  }
}

customElements.define("mk-second-step", SecondStep);
customElements.define("mk-code", Code);
customElements.define("mk-new-password", NewPassword);
customElements.define("mk-new-terms", NewTerms);
customElements.define("mk-password-notice", PasswordNotice);
