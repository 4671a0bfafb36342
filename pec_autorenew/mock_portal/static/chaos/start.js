// All of it on this page, now; and on every shadow root that says it has been drawn.
"use strict";
(function () {
  const { chaos } = window;
  chaos.shape = (root) => {
    for (const step of chaos.steps) step(root);
  };
  chaos.shape(document.body);
  chaos.unveil();
  if (window.top === window) {
    chaos.intrude();
    window.addEventListener("indirizzo", () => chaos.intrude());
  }
}());
