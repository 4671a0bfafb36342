"use strict";
// Another frequency goes to the server and back, inside the frame.
for (const year of document.querySelectorAll("input[name=frequenza]")) {
  year.addEventListener("change", () => {
    year.form.action = "/modulo-ordine/riquadro/ricalcola";
    year.form.submit();
  });
}
