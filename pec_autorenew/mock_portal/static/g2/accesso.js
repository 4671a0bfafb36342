"use strict";
document.getElementById("mk-occhio").onclick = function () {
  var field = document.getElementById("mk-password");
  field.type = field.type === "password" ? "text" : "password";
};
