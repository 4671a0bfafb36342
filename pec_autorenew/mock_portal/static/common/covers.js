// A banner about cookies at the foot, and once after signing in a window with a notice over the page.
"use strict";
(function () {
  const { cookies, notice } = document.currentScript.dataset;

  function part(tag, style, ...children) {
    const element = document.createElement(tag);
    element.style.cssText = style;
    element.append(...children);
    return element;
  }

  function button(text, act) {
    const made = part("button", "margin-left: 12px; padding: 8px 16px; cursor: pointer;", text);
    made.type = "button";
    made.onclick = act;
    return made;
  }

  function banner() {
    const done = () => {
      localStorage.setItem("cookie", "visti");
      box.remove();
    };
    const box = part("div", "position: fixed; right: 0; bottom: 0; left: 0; z-index: 40; padding: 16px; background: #fff; box-shadow: 0 0 12px rgb(0 0 0 / 30%); font: 13px Arial, sans-serif; text-align: center;",
      "Usiamo cookie tecnici e, con il tuo consenso, di misurazione.", button("Solo necessari", done), button("Accetta tutti", done));
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-label", "Cookie");
    document.body.append(box);
  }

  function tell() {
    if (/^\/(login|accesso|recupero|auth.*)?$/.test(location.pathname) || sessionStorage.getItem("avviso")) return;
    sessionStorage.setItem("avviso", "visto");
    const box = part("div", "max-width: 420px; padding: 24px; border-radius: 6px; background: #fff; font: 14px Arial, sans-serif;",
      part("p", "margin: 0 0 16px;", notice));
    const cover = part("div", "position: fixed; inset: 0; z-index: 50; display: flex; align-items: center; justify-content: center; background: rgb(0 0 0 / 45%);", box);
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-modal", "true");
    box.append(button("Ho capito", () => cover.remove()));
    document.body.append(cover);
  }

  if (window.top !== window) return; // the page around a frame is covered, not the frame
  if (cookies && !localStorage.getItem("cookie")) banner();
  if (notice) {
    tell();
    window.addEventListener("indirizzo", tell);
  }
}());
