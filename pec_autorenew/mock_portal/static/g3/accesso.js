"use strict";
document.querySelector(".mk-eye").addEventListener("click", () => {
  const field = document.querySelector("input[name=password]");
  field.type = field.type === "password" ? "text" : "password";
});
