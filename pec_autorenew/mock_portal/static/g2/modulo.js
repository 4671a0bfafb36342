"use strict";
document.getElementById("mk-frequenza").onchange = function () {
  this.form.action = "/modulo-ordine/ricalcola";
  this.form.submit();
};
var others = document.getElementById("mk-altre-modalita");
if (others) {
  others.onclick = function () {
    document.getElementById("mk-modalita-differite").style.display = "";
    return false;
  };
}
