// A field for each digit: typing one goes on to the next.
"use strict";
const digits = [...document.querySelectorAll(".mk-digits input")];
digits.forEach((field, index) => {
  field.addEventListener("input", () => {
    if (field.value) digits[index + 1]?.focus();
  });
});
