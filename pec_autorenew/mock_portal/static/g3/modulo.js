"use strict";
// Another frequency goes to the server and back, inside the frame.
for (const years of document.querySelectorAll("input[type=radio][name=frequenza], select[name=frequenza]")) {
  years.addEventListener("change", () => {
    years.form.action = "/modulo-ordine/riquadro/ricalcola";
    years.form.submit();
  });
}
const binding = document.querySelector(".mk-confirm");
if (binding.dataset.domanda) {
  binding.addEventListener("click", (event) => {
    if (!window.confirm(binding.dataset.domanda)) event.preventDefault();
  });
}
