"use strict";
var frequencies = document.querySelectorAll("#mk-frequenza, .mk-anni");
for (var index = 0; index < frequencies.length; index += 1) {
  frequencies[index].onchange = function () {
    this.form.action = "/modulo-ordine/ricalcola";
    this.form.submit();
  };
}
var others = document.getElementById("mk-altre-modalita");
if (others) {
  others.onclick = function () {
    document.getElementById("mk-modalita-differite").style.display = "";
    return false;
  };
}
var binding = document.getElementById("mk-conferma");
if (binding.dataset.domanda) {
  binding.onclick = function () {
    return window.confirm(this.dataset.domanda);
  };
}
