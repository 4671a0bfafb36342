// The small controls of the component library.
import { Component, html } from "./base.js";

class Button extends Component {
  static observedAttributes = ["disabled"];

  connectedCallback() {
    this.paint(html`<button class="mk-inner" type="button"><slot></slot></button>`, `
      :host { display: inline-block; }
      .mk-inner { padding: 10px 20px; border: 1px solid #1a56c4; border-radius: 24px; background: #fff; color: #1a56c4;
        font: 600 14px "Liberation Sans", Arial, sans-serif; cursor: pointer; }
      :host([skin="primary"]) .mk-inner { background: #1a56c4; color: #fff; }
      :host([skin="link"]) .mk-inner { padding: 2px 0; border: 0; background: none; text-decoration: underline; }
      .mk-inner:disabled { opacity: .5; cursor: default; }
    `);
    this.attributeChangedCallback();
  }

  attributeChangedCallback() {
    const inner = this.find(".mk-inner");
    if (inner) inner.disabled = this.hasAttribute("disabled");
  }
}

class Field extends Component {
  connectedCallback() {
    const secret = this.hasAttribute("secret");
    this.paint(html`
      <label class="mk-label" for="mk-input">${this.getAttribute("label")}</label>
      <span class="mk-box">
        <input id="mk-input" type="${secret ? "password" : "text"}" autocomplete="${this.getAttribute("complete") ?? "off"}">
        ${secret ? html`<button class="mk-eye" type="button" title="Mostra in chiaro"><img src="/static/g4/eye.svg" alt=""></button>` : ""}
      </span>`, `
      :host { margin-bottom: 16px; }
      .mk-label { display: block; margin-bottom: 4px; font-size: 13px; font-weight: 600; }
      .mk-box { position: relative; display: block; }
      input { box-sizing: border-box; width: 100%; padding: 10px 12px; border: 1px solid #b6bcc6; border-radius: 8px; font: inherit; }
      .mk-eye { position: absolute; right: 6px; top: 6px; min-height: 24px; border: 0; background: none; font-size: 16px; cursor: pointer; }
    `);
    if (secret) {
      this.find(".mk-eye").onclick = () => {
        const input = this.find("#mk-input");
        input.type = input.type === "password" ? "text" : "password";
      };
    }
  }

  get value() { return this.find("#mk-input").value; }
}

class Spinner extends Component {
  connectedCallback() {
    this.paint(html`<span class="mk-wheel" role="status" aria-label="Caricamento in corso"></span>`, `
      :host { padding: 12px; text-align: center; }
      .mk-wheel { display: inline-block; width: 28px; height: 28px; border: 3px solid #d7dce4; border-top-color: #1a56c4;
        border-radius: 50%; animation: mk-turn 1s linear infinite; }
      @keyframes mk-turn { to { transform: rotate(360deg); } }
    `);
  }
}

// A tile of a radio group: the host itself is the radio.
class Tile extends Component {
  static observedAttributes = ["chosen"];

  connectedCallback() {
    this.setAttribute("role", "radio");
    this.tabIndex = 0;
    this.attributeChangedCallback();
    this.paint(html`<span class="mk-face"><slot></slot></span>`, `
      :host { cursor: pointer; }
      .mk-face { display: block; height: 100%; box-sizing: border-box; padding: 16px 18px; border: 2px solid #d7dce4; border-radius: 10px; background: #fff; }
      :host([chosen]) .mk-face { border-color: #1a56c4; background: #eef4ff; }
    `);
    this.onclick = () => this.tell("scelta", this.getAttribute("value"));
    this.onkeydown = (event) => { if (event.key === " ") this.click(); };
  }

  attributeChangedCallback() { this.setAttribute("aria-checked", String(this.hasAttribute("chosen"))); }
}

class Check extends Component {
  connectedCallback() {
    this.paint(html`
      <span class="mk-square" role="checkbox" tabindex="0" aria-labelledby="mk-text"></span>
      <span id="mk-text">${this.text}</span>`, `
      :host { display: flex; gap: 10px; margin-bottom: 12px; }
      .mk-square { flex: none; width: 18px; height: 18px; margin-top: 2px; border: 2px solid #6b7280; border-radius: 4px; cursor: pointer; }
      .mk-square[aria-checked="true"] { border-color: #1a56c4; background: #1a56c4; box-shadow: inset 0 0 0 3px #fff; }
    `);
    const square = this.find(".mk-square");
    square.onclick = () => { this.checked = !this.checked; };
    square.onkeydown = (event) => { if (event.key === " ") square.click(); };
    this.checked = this.hasAttribute("checked");
  }

  get checked() { return this.find(".mk-square").getAttribute("aria-checked") === "true"; }

  set checked(value) { this.find(".mk-square").setAttribute("aria-checked", String(value)); }
}

class Stepper extends Component {
  connectedCallback() {
    this.paint(html`
      <div class="mk-row" role="group" aria-labelledby="mk-name">
        <span id="mk-name">${this.getAttribute("label")}</span>
        <button class="mk-less" type="button">-</button>
        <output class="mk-value" aria-live="polite"></output>
        <button class="mk-more" type="button">+</button>
      </div>`, `
      .mk-row { display: flex; align-items: center; gap: 12px; }
      button { width: 32px; height: 32px; border: 1px solid #1a56c4; border-radius: 50%; background: #fff; color: #1a56c4; font-size: 18px; cursor: pointer; }
      button:disabled { border-color: #d7dce4; color: #b6bcc6; cursor: default; }
      .mk-value { min-width: 24px; font-weight: 600; text-align: center; }
    `);
    this.find(".mk-less").onclick = () => this.step(-1);
    this.find(".mk-more").onclick = () => this.step(1);
    this.show(Number(this.getAttribute("value")));
  }

  step(by) {
    this.show(this.value + by);
    this.tell("passo", this.value);
  }

  show(value) {
    this.value = value;
    this.find(".mk-value").textContent = String(value);
    this.find(".mk-less").disabled = value <= Number(this.getAttribute("min"));
    this.find(".mk-more").disabled = value >= Number(this.getAttribute("max"));
  }
}

class Dialog extends Component {
  connectedCallback() {
    this.paint(html`
      <dialog class="mk-window" aria-labelledby="mk-title">
        <h2 id="mk-title">${this.getAttribute("heading")}</h2>
        <slot></slot>
      </dialog>`, `
      .mk-window { max-width: 440px; padding: 24px 28px; border: 0; border-radius: 12px; box-shadow: 0 8px 40px rgb(20 30 50 / 35%); }
      .mk-window::backdrop { background: rgb(20 30 50 / 45%); }
      h2 { margin-top: 0; }
    `);
    this.find("dialog").showModal();
  }
}

customElements.define("mk-button", Button);
customElements.define("mk-field", Field);
customElements.define("mk-spinner", Spinner);
customElements.define("mk-tile", Tile);
customElements.define("mk-check", Check);
customElements.define("mk-stepper", Stepper);
customElements.define("mk-dialog", Dialog);
