// What nobody asked for: a banner about cookies, a window with news, a pane that swallows clicks, a slow page.
"use strict";
(function () {
  const { chaos } = window;
  const { make } = chaos;
  const cookies = chaos.chance("cookies", 0.45);
  const news = chaos.chance("news", 0.45);
  const pane = chaos.chance("pane", 0.4);
  const veil = chaos.chance("veil", 0.3);
  let asked = false;
  const texts = [
    ["Novità", "Da oggi puoi gestire le tue caselle anche dalla nuova app."],
    ["Novità nella tua Area Clienti", "Abbiamo reso più chiare le pagine dedicate ai tuoi servizi."],
    ["Lo sapevi?", "L'assistenza risponde anche il sabato mattina."],
  ];

  const seen = (name) => sessionStorage.getItem(`visto-${name}`) !== null;
  const remember = (name) => sessionStorage.setItem(`visto-${name}`, "1");
  const signIn = () => /^\/(login|accesso|recupero|auth.*)?$/.test(location.pathname);

  function press(text, act, strong) {
    const kind = chaos.pick(`press:${text}`, ["button", "button", "a", "div"]);
    const button = make(kind, kind === "a" ? { href: "#" } : kind === "div" ? { role: "button", tabindex: "0" } : { type: "button" }, text);
    button.style.cssText = `display: inline-block; margin-left: 10px; padding: 8px 16px; border: 1px solid #1c5a99; border-radius: 4px; background: ${strong ? "#1c5a99" : "#fff"};`
      + ` color: ${strong ? "#fff" : "#1c5a99"}; font: bold 13px Arial, sans-serif; text-decoration: none; cursor: pointer;`;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      act();
    });
    return button;
  }

  function cookieBanner() {
    if (!cookies || asked || seen("cookie")) return;
    asked = true;
    chaos.later(Math.floor(chaos.roll(`cookies:${chaos.page()}`) * 900), () => {
      const role = chaos.chance("cookie role", 0.5) ? "dialog" : undefined;
      const banner = make("div", { role, "aria-label": role && "Cookie" });
      const close = () => { remember("cookie"); banner.remove(); };
      const less = chaos.pick("cookie less", ["Rifiuta", "Solo necessari", "Rifiuta tutti", "Continua senza accettare"]);
      banner.append(make("span", {}, "Questo sito usa cookie tecnici e, con il tuo consenso, cookie di misurazione."), press(less, close, false), press("Accetta tutti", close, true));
      banner.style.cssText = "position: fixed; right: 0; bottom: 0; left: 0; z-index: 60; padding: 18px 24px; background: #fff; box-shadow: 0 -2px 12px rgb(0 0 0 / 25%);"
        + " color: #333; font: 13px Arial, sans-serif; text-align: center;";
      document.body.append(banner);
    });
  }

  function newsWindow() {
    if (!news || signIn() || seen("news") || !chaos.chance(`news:${chaos.page()}`, 0.5)) return;
    remember("news");
    const wait = chaos.chance("news late", 0.5) ? Math.floor(chaos.roll("news wait") * 1000) : 0;
    chaos.later(wait, () => {
      const [title, text] = chaos.pick("news text", texts);
      const kind = chaos.pick("news kind", ["dialog", "native", "plain"]);
      const box = make("div", kind === "dialog" ? { role: "dialog", "aria-modal": "true" } : {});
      const cover = make(kind === "native" ? "dialog" : "div", {}, box);
      const close = press(chaos.pick("news close", ["Ho capito", "Chiudi", "Non ora", "Capito", "Ok"]), () => cover.remove(), true);
      const head = make(chaos.pick("news head", ["h2", "div", "strong"]), {}, title);
      head.style.cssText = "display: block; margin: 0 0 10px; font: bold 18px Arial, sans-serif;";
      box.append(head, make("p", {}, text), make("p", {}, close));
      box.style.cssText = "max-width: 420px; padding: 24px 28px; border-radius: 8px; background: #fff; color: #333; font: 14px Arial, sans-serif;";
      cover.style.cssText = kind === "native" ? "border: 0; padding: 0; border-radius: 8px;"
        : "position: fixed; inset: 0; z-index: 50; display: flex; align-items: center; justify-content: center; background: rgb(20 30 50 / 45%);";
      document.body.append(cover);
      if (kind === "native") cover.showModal();
    });
  }

  function swallow() {
    if (!pane || !chaos.chance(`pane:${chaos.page()}`, 0.7)) return;
    const grey = chaos.chance("pane grey", 0.5);
    const glass = make("div");
    glass.style.cssText = `position: fixed; inset: 0; z-index: 70; background: ${grey ? "rgb(255 255 255 / 60%)" : "transparent"};`;
    document.body.append(glass);
    chaos.later(200 + Math.floor(chaos.roll(`pane time:${chaos.page()}`) * 500), () => glass.remove());
  }

  // The page is there, but nobody sees it yet.
  chaos.unveil = () => {
    const { body } = document;
    if (!veil) {
      body.style.visibility = "";
      return;
    }
    const wheel = make("div", { role: "status", "aria-label": "Caricamento in corso" }, "Caricamento in corso…");
    wheel.style.cssText = "position: fixed; top: 40%; left: 0; right: 0; visibility: visible; color: #55606c; font: 16px Arial, sans-serif; text-align: center;";
    body.append(wheel);
    chaos.later(80 + Math.floor(chaos.roll(`veil:${chaos.page()}`) * 420), () => {
      wheel.remove();
      body.style.visibility = "";
    });
  };

  chaos.intrude = () => {
    cookieBanner();
    newsWindow();
    swallow();
  };
}());
